"""`tenfold explain`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from tenfold.atomic import check_writable
from tenfold.cli.draw import half_blocks
from tenfold.cli.options import DATASET_HELP, JsonOption, ModelArgument, OfflineOption, trained_on
from tenfold.cli.progress import count_bar, download_bar
from tenfold.errors import EmptyImageError, InputError

if TYPE_CHECKING:
    from tenfold.arrays import DigitImage, Ink
    from tenfold.data import Dataset, Split
    from tenfold.explain import Explanation, NeighborIndex
    from tenfold.reading import Reader

LEAST_FALL = 0.05
"""Of the answer's probability, from which on a piece of ink counts."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """The digit of a picture that is explained.

    `position` counts from 1, and is 0 of what was read as none. `read_as` is its label in the picture, where
    the line as a whole may have spoken for another answer than the digit alone does.
    """

    image: "DigitImage"
    position: int
    n_digits: int
    read_as: int | None
    text: str
    diagnosis: tuple[str, ...]


def explain(
    model: ModelArgument,
    picture: Annotated[Path, typer.Argument(help="A picture of a digit or a number.", show_default=False)],
    digit: Annotated[int, typer.Option(help="Which digit of the picture, from 1.")] = 1,
    dataset: Annotated[
        str | None,
        typer.Option(
            help=f"Where neighbors are sought: {DATASET_HELP} Without it where the model was trained.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Also draw all of it into this PNG picture.", show_default=False)
    ] = None,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a model reads a digit as it does.

    Shows what the model sees, the ink that its answer rests on, the five training digits that look most like
    it to the model, and what would have to change for the second-best answer.

    The first time with a model and a dataset it takes seconds, while the model looks at all training digits.
    What it makes of them is kept in the cache.

    Examples:

    - `tenfold explain robust-cnn photo.jpg`
    - `tenfold explain model.onnx photo.jpg --out why.png`
    - `tenfold explain tiny-cnn number.png --digit 3 --json`
    """
    from tenfold import reading
    from tenfold.explain import ExplanationDisplay, name_answer
    from tenfold.explain import explain as explain_image
    from tenfold.pictures import as_picture

    if out:
        check_writable(out)
    reader = reading.load(model)
    grey = as_picture(picture)
    chosen = _choose(grey, reader, digit, picture.name)
    loaded = _load(dataset or trained_on(reader.card), offline=offline)
    result = explain_image(reader, chosen.image, open_index(reader, loaded.train))
    if out:
        ExplanationDisplay(result, f"{model.name} on {picture.name}: {name_answer(result.label)}").save(out)
    if as_json:
        print(json.dumps(_to_json(model, picture, loaded.name, chosen, result)))
    else:
        _print(chosen, loaded.name, result)
        if out:
            print(f"Wrote {out}.")


def _load(dataset: str, *, offline: bool | None) -> "Dataset":
    from tenfold.data import load_dataset

    with download_bar() as on_progress:
        return load_dataset(dataset, offline=offline, on_progress=on_progress)


def open_index(reader: "Reader", samples: "Split") -> "NeighborIndex":
    """Open the index of training digits, or build it behind a bar."""
    from tenfold.explain import load_index
    from tenfold.explain.neighbors import STEP

    with count_bar("Looking at the training digits", -(-len(samples) // STEP)) as advance:
        return load_index(reader, samples, on_progress=advance)


def _choose(grey: "Ink", reader: "Reader", digit: int, name: str) -> Chosen:
    """Return the digit image that is explained: of one digit, or of ink that is none."""
    from tenfold.image import picture_to_digit_image
    from tenfold.reading import BLANK, cut_digit

    reading = reader.read(grey)
    if reading.reason == BLANK:
        raise EmptyImageError(
            f"{name} must show a digit. Got no ink on it. `tenfold read` says what is read."
        )
    digits = [one for number in reading.numbers for one in number.digits]
    if not 1 <= digit <= max(1, len(digits)):
        raise InputError(f"--digit must be 1 to {max(1, len(digits))} for {name}. Got {digit}.")
    image = cut_digit(grey, reading, digits[digit - 1], reader) if digits else picture_to_digit_image(grey)
    label = digits[digit - 1].label if digits else None
    return Chosen(image, digit if digits else 0, len(digits), label, reading.text, reading.diagnosis)


def _to_json(
    model: Path, picture: Path, dataset: str, chosen: Chosen, result: "Explanation"
) -> dict[str, Any]:
    return {
        "model": str(model),
        "path": str(picture),
        "dataset": dataset,
        "text": chosen.text,
        "digit": chosen.position,
        "n_digits": chosen.n_digits,
        "read_as": chosen.read_as,
        "diagnosis": list(chosen.diagnosis),
        **result.to_dict(),
    }


def _print(chosen: Chosen, dataset: str, result: "Explanation") -> None:
    """Print the images and, in words, all that is known."""
    console = Console()
    if chosen.n_digits > 1:
        text = " ".join(chosen.text.split())
        print(f"Read as {text}. This is digit {chosen.position} of {chosen.n_digits}; --digit takes another.")
    if chosen.read_as not in {None, result.label}:
        print(
            f"In the picture it was read as {chosen.read_as}, as part of a line. Alone it is another answer:"
        )
    if chosen.diagnosis:
        print(f"Of the picture: {'; '.join(chosen.diagnosis)}.")
    console.print(_draw(result, console), soft_wrap=True)
    for line in (_verdict(result), _foundation(result), _neighbors(result, dataset), _alternative(result)):
        console.print(line, highlight=False, soft_wrap=True)


def _draw(result: "Explanation", console: Console) -> Text:
    """Draw what the model sees and, beside it, what it would answer otherwise."""
    import numpy as np

    ink = result.image
    if result.counterfactual and (not console.is_terminal or console.width >= 2 * ink.shape[1] + 4):
        ink = np.concatenate([ink, np.zeros((28, 4), np.uint8), result.counterfactual.image], axis=1)
    return half_blocks(ink, shades=console.color_system in {"256", "truecolor"})


def _verdict(result: "Explanation") -> str:
    """Say what the model answers, and the next two answers."""
    from tenfold.explain import name_answer

    first, *others = (
        f"{name_answer(label)} ({result.probabilities[label]:.2%})" for label in result.most_probable()
    )
    return f"The model says {first}, then {', '.join(others)}."


def _foundation(result: "Explanation") -> str:
    """Say which ink counts most, if any does."""
    from tenfold.explain import name_answer

    row, column = divmod(int(result.relevance.argmax()), result.relevance.shape[1])
    probability, fall = float(result.probabilities[result.label]), float(result.relevance[row, column])
    answer = name_answer(result.label)
    if fall < LEAST_FALL:
        return f"No piece of the ink counts alone: whichever is erased, {answer} loses at most {fall:.1%}."
    return (
        f"The ink {_place(row, column)} counts most: without it {answer} falls from {probability:.1%} to "
        f"{probability - fall:.1%}."
    )


def _place(row: int, column: int) -> str:
    """Say in words where in a digit image a pixel is: its strokes are in the 20 pixels of the middle."""
    down = ("at the top", "", "at the bottom")[(row >= 11) + (row >= 17)]
    across = ("left", "", "right")[(column >= 11) + (column >= 17)]
    if down:
        return f"{down} {across}".rstrip()
    return f"on the {across}" if across else "in the middle"


def _neighbors(result: "Explanation", dataset: str) -> str:
    """List the nearest training digits."""
    listed = (f"{one.label} (index {one.position}, {one.distance:.2f})" for one in result.neighbors)
    return f"Nearest in {dataset}, with their distances: {', '.join(listed)}."


def _alternative(result: "Explanation") -> str:
    """Say what would make it the second answer."""
    from tenfold.explain import name_answer

    changed = result.counterfactual
    answer = name_answer(result.second)
    if changed is None:
        return f"No small change was found that would make it {answer}."
    parts = [
        f"{count} {'pixel' if count == 1 else 'pixels'} {verb}"
        for count, verb in ((changed.n_erased, "erased"), (changed.n_inked, "inked"))
        if count
    ]
    return f"It would be {answer} ({changed.probability:.1%}) with {' and '.join(parts)}: drawn on the right."
