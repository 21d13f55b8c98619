"""`tenfold compare`."""

import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tenfold.cli.evaluate import Samples, choose_samples
from tenfold.cli.options import DATASET_HELP, JsonOption, OfflineOption, trained_on
from tenfold.cli.progress import count_bar, download_bar
from tenfold.cli.tables import new_table
from tenfold.data import Split, load_dataset
from tenfold.errors import InputError, ModelFileError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenfold.arrays import Images, Labels
    from tenfold.evaluation import Accuracy, Comparison
    from tenfold.recognizer import Recognizer

Named = tuple[str, "Comparison"]
"""A comparison, with the dataset as it was asked for."""


def _parse_points(points: float | None) -> float | None:
    """Refuse what no difference can exceed: a gate that never fails is a mistake."""
    if points is not None and not 0 <= points < 100:
        raise typer.BadParameter(f"It must be percentage points, 0 to below 100. Got {points}.")
    return points


def compare(
    model_a: Annotated[
        Path,
        typer.Argument(
            metavar="A", help="A model file, or one that comes with tenfold: what is now.", show_default=False
        ),
    ],
    model_b: Annotated[
        Path, typer.Argument(metavar="B", help="Another: what may take its place.", show_default=False)
    ],
    dataset: Annotated[
        str | None,
        typer.Option(
            help=f"{DATASET_HELP} Without it the one that both models were trained on.", show_default=False
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            help="A further dataset, as --dataset takes it: your own handwriting, for example. Repeatable; "
            "each is compared by itself.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        Samples,
        typer.Option(
            help="The split to compare on. Of data without a test split, test is a fifth; where neither "
            "model was trained on it, take all."
        ),
    ] = Samples.test,
    fail_if_worse: Annotated[
        float | None,
        typer.Option(
            metavar="POINTS",
            callback=_parse_points,
            help="Exit with 1 if B's accuracy is lower than A's by more than so many percentage points, on "
            "any of the datasets: 0.05 is 5 images of 10,000. The measured difference counts, whether it is "
            "more than chance or not; the message says which.",
            show_default=False,
        ),
    ] = None,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which of two models is better, and whether the images can tell.

    Both read the same images, so only those count that one of them alone gets right: an exact McNemar test
    says how often chance would divide them as unevenly. For single classes p is corrected for their number
    (Holm).

    Examples:

    - `tenfold compare tiny-cnn robust-cnn`
    - `tenfold compare old.onnx new.onnx --dataset mnist --also my-digits/`
    - `tenfold compare old.onnx new.onnx --fail-if-worse 0.05`
    """
    a, b = _open(model_a), _open(model_b)
    names = [dataset or _trained_on_both(a, b), *(also or [])]
    comparisons = _compare(a, b, _load(names, split, offline=offline))
    worse = [
        (name, result)
        for name, result in comparisons
        if fail_if_worse is not None and result.is_worse_by_more_than(fail_if_worse)
    ]
    if as_json:
        summary = {
            "model_a": str(model_a),
            "model_b": str(model_b),
            "split": split.value,
            "comparisons": [{"dataset": name, **result.figures()} for name, result in comparisons],
            "fail_if_worse": fail_if_worse,
            "worse_on": [name for name, _ in worse],
        }
        print(json.dumps(summary, indent=2))
    else:
        _print(str(model_a), str(model_b), split, comparisons)
    if worse:
        listed = "; ".join(_describe_failure(name, result) for name, result in worse)
        print(
            f"tenfold: {model_b} must not be worse than {model_a} by more than {fail_if_worse} points. "
            f"Got {listed}.",
            file=sys.stderr,
        )
        raise typer.Exit(1)


def _open(path: Path) -> "Recognizer":
    """Open a model of digits; of another kind it has no answer to each image that could be compared."""
    from tenfold import model_file
    from tenfold.recognizer import Recognizer

    model = model_file.load(path)
    if model.card.kind != model_file.DIGITS:
        raise ModelFileError(
            f"Both models must be of the kind {model_file.DIGITS}. Got {path}, of the kind {model.card.kind}."
        )
    return Recognizer(model)


def _trained_on_both(a: "Recognizer", b: "Recognizer") -> str:
    names = [trained_on(reader.card) for reader in (a, b)]
    if len(set(names)) > 1:
        raise InputError(
            f"The models were trained on {' and '.join(names)}. Say on which images to compare them: "
            "--dataset PATH."
        )
    return names[0]


def _load(names: list[str], part: Samples, *, offline: bool | None) -> list[tuple[str, Split]]:
    """Load what each dataset is compared on, before anything is read."""
    with download_bar() as on_progress:
        return [
            (name, choose_samples(load_dataset(name, offline=offline, on_progress=on_progress), part))
            for name in names
        ]


def _compare(a: "Recognizer", b: "Recognizer", parts: list[tuple[str, Split]]) -> list[Named]:
    from tenfold.evaluation import compare as compare_models

    with count_bar("Reading", 2 * len(parts)) as advance:

        def counted(reader: "Recognizer") -> "Callable[[Images], Labels]":
            def predict(images: "Images") -> "Labels":
                answers = reader.predict(images)
                advance()
                return answers

            return predict

        return [
            (name, compare_models(counted(a), counted(b), samples.images, samples.labels))
            for name, samples in parts
        ]


def _describe_failure(name: str, result: "Comparison") -> str:
    chance = "more than chance" if result.is_significant else "which may be chance"
    return f"{-result.points:.4g} points on {name} ({chance}, p = {result.p:.2g})"


def _print(model_a: str, model_b: str, part: Samples, comparisons: list[Named]) -> None:
    console = Console()
    say = functools.partial(console.print, highlight=False, markup=False, soft_wrap=True)
    say(f"A: {model_a}\nB: {model_b}")
    for name, result in comparisons:
        say(f"\non {name} ({part}, {result.n:,} images)\n")
        console.print(_counts_table(result))
        say(f"\n{_accuracy_line('A', result.accuracy_a)}\n{_accuracy_line('B', result.accuracy_b)}")
        say(_verdict(result))
        if result.only_a or result.only_b:
            say()
            console.print(_class_table(result))


def _accuracy_line(letter: str, accuracy: "Accuracy") -> str:
    return f"{letter} {accuracy.share:.2%} right (95 % interval {accuracy.low:.2%} to {accuracy.high:.2%})"


def _verdict(result: "Comparison") -> str:
    """Say in words what the figures say, and no more than they do."""
    if not result.unlike:
        return "the two answer alike on every image"
    difference = (
        f"B less A {result.points:+.2f} points (95 % interval {result.points_low:+.2f} to "
        f"{result.points_high:+.2f}), p = {result.p:.2g}\n"
    )
    if not result.is_significant:
        return difference + "no difference that this test set can show"
    return difference + f"B is {'better' if result.points > 0 else 'worse'}, by more than chance"


def _counts_table(result: "Comparison") -> Table:
    table = new_table("images", "B right", "B wrong")
    table.add_row("A right", f"{result.both:,}", f"{result.only_a:,}")
    table.add_row("A wrong", f"{result.only_b:,}", f"{result.neither:,}")
    return table


def _class_table(result: "Comparison") -> Table:
    from tenfold.evaluation import CLASS_NAMES

    table = new_table("class", "images", "only A right", "only B right", "p, corrected")
    for row in result.per_class:
        counts = (f"{count}" if count else "·" for count in (row.only_a, row.only_b))
        table.add_row(CLASS_NAMES[row.label], str(row.n), *counts, f"{row.p:.2g}")
    return table
