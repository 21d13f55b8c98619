"""`tenfold card`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tenfold.atomic import check_writable, write_atomically
from tenfold.cli.options import DATASET_HELP, OfflineOption
from tenfold.cli.progress import count_bar, download_bar
from tenfold.data import Split, load_dataset
from tenfold.errors import ModelFileError

if TYPE_CHECKING:
    from tenfold.evaluation import Evaluation, SplitFigures, TextEvaluation
    from tenfold.model_file import Card, ModelFile

MOST_STRINGS: Final = 100_000
"""That are composed to evaluate a model of lines: minutes of work."""


def card(
    model: Annotated[
        Path,
        typer.Argument(
            help="A model file that tenfold wrote, or one that comes with it: robust-cnn, tiny-cnn or "
            "number-reader.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write it into this file instead of printing it.", show_default=False)
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help=f"Also evaluate the model now, on the test split of {DATASET_HELP} Without it the figures "
            "are those of the card in the file.",
            show_default=False,
        ),
    ] = None,
    offline: OfflineOption = None,
) -> None:
    """Write a model card to publish with a model: Markdown, with the front matter that model hubs read.

    All of it comes from the model file: what it was trained by and on, its figures with their intervals, its
    checksum. The same command gives the same bytes.

    Examples:

    - `tenfold card robust-cnn`
    - `tenfold card model.onnx --out README.md`
    - `tenfold card model.onnx --dataset my-digits/ --out README.md`
    """
    from tenfold import model_file
    from tenfold.evaluation import make_card_text

    if out:
        check_writable(out)
    loaded = model_file.load(model)
    results = [] if dataset is None else [_evaluate_now(loaded, dataset, offline=offline)]
    text = make_card_text(loaded, results)
    if out is None:
        print(text, end="")
        return
    with write_atomically(out) as file:
        file.write(text.encode())
    print(f"Wrote {out}.")


def _evaluate_now(model: "ModelFile", name: str, *, offline: bool | None) -> "SplitFigures":
    from tenfold.evaluation import SplitFigures, evaluate
    from tenfold.model_file import LINES
    from tenfold.recognizer import Recognizer

    with download_bar() as on_progress:
        loaded = load_dataset(name, offline=offline, on_progress=on_progress)
    evaluation: Evaluation | TextEvaluation
    if model.card.kind == LINES:
        evaluation = _evaluate_lines(model, loaded.test)
    else:
        evaluation = evaluate(Recognizer(model).predict_proba, loaded.test.images, loaded.test.labels)
    return SplitFigures(loaded.name, "test", evaluation.figures(), is_new=True)


def _evaluate_lines(model: "ModelFile", samples: Split) -> "TextEvaluation":
    """Evaluate a model of lines as after its training: on strings composed of test images, from its seed."""
    from tenfold.ctc import find_texts
    from tenfold.evaluation import evaluate_texts
    from tenfold.line_recognizer import LineRecognizer
    from tenfold.training.strings import compose_strings

    _check_strings(model.card)
    reader = LineRecognizer(model, threads=1)
    strings = compose_strings(model.card.recipe["test_strings"], samples, seed=model.card.seed)
    texts = []
    with count_bar("Reading", len(strings)) as advance:
        for line in strings.lines:
            texts.append(find_texts(reader.read_line(line))[0])
            advance()
    return evaluate_texts(texts, [tuple(labels.tolist()) for labels in strings.labels])


def _check_strings(card: "Card") -> None:
    """Refuse a card that does not say how many strings to compose, or from which seed."""
    n = card.recipe.get("test_strings")
    if type(n) is not int or not 0 < n <= MOST_STRINGS or card.seed < 0:
        raise ModelFileError(
            f"The card's recipe must have test_strings, 1 to {MOST_STRINGS}, and its seed be 0 or more. "
            f"Got {n!r:.60} and {card.seed!r:.60}."
        )
