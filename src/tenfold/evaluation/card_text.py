"""A model card to publish, in Markdown, made of what the model file says of itself."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tenfold.evaluation.front_matter import SplitFigures, make_front_matter
from tenfold.model_file import LINES, Card, ModelFile

_FIGURES: Final = ("n", "errors", "accuracy", "accuracy_low", "accuracy_high")

_MOST: Final = 1e12

_DIGITS_USE: Final = """\
It reads one digit in each image of 28×28 pixels: ink from 0 (paper) to 255, scaled into 20×20 with its aspect
kept, its center of mass on pixel (14, 14), as MNIST's digits are. `tenfold` makes such images of photos,
scans and drawings."""

_LINES_USE: Final = """\
It reads one run of digits in each line: ink from 0 (paper) to 255, 32 rows high and 16 to 1024 columns wide,
with the boxes, rules and texture that are there. `tenfold` cuts such lines out of photos and scans. For each
column of four pixels it gives the probability of each digit and of none; the texts are spelled by CTC."""

_LIMITS: Final = """\
The figures below hold for images like those that they were measured on. Other hands, pens, papers and cameras
give other figures: measure on your own before you rely on it."""


def make_card_text(model: ModelFile, results: Sequence[SplitFigures] = ()) -> str:
    """Return a model card in Markdown, with front matter for model hubs.

    Parameters
    ----------
    model : ModelFile
        An inspected model file of either kind. What is said comes from its card and its bytes.
    results : sequence of SplitFigures
        Figures of evaluations made now, besides those in the card.

    Returns
    -------
    str
        The same for the same file and figures. Text of the card is quoted, so that it stays text.
    """
    card = model.card
    listed = [*_recorded(card), *results]
    sections = [
        f"{make_front_matter(card, listed)}\n\n# {_prose(card.recipe.get('name'))}",
        _description(model),
        _use(card),
        _training_data(card),
        _evaluation(card, listed),
        _reproduction(card),
        _file(model),
    ]
    return "\n\n".join(sections) + "\n"


def _recorded(card: Card) -> list[SplitFigures]:
    """Return the figures in a card, those of them that are figures."""
    return [
        SplitFigures(str(card.data.get("name")), str(split), figures)
        for split, figures in card.metrics.items()
        if isinstance(figures, dict) and all(_is_number(figures.get(key)) for key in _FIGURES)
    ]


def _is_number(value: object) -> bool:
    """Tell whether a value of a card can be printed as a count or a share: it may be anything."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST


def _description(model: ModelFile) -> str:
    card = model.card
    fields = {key: value for key, value in card.recipe.items() if key not in {"name", "summary"}}
    return (
        f"## Model description\n\nA reader of handwritten {'numbers' if card.kind == LINES else 'digits'}: "
        f"{_prose(card.recipe.get('summary'))}. It has {model.n_weights:,} weights. tenfold "
        f"{_prose(card.tenfold_version)} trained it from seed {card.seed}, by the recipe "
        f"{_code(card.recipe.get('name'))}:\n\n"
        f"{_table(('field', 'value'), [(_code(key), _code(value)) for key, value in fields.items()])}"
    )


def _use(card: Card) -> str:
    if card.kind == LINES:
        parts = [_LINES_USE, "Classes: the digits 0 to 9. It knows no letters, signs or points."]
    else:
        parts = [_DIGITS_USE, _classes(card)]
    return "\n\n".join(["## Intended use and limits", *parts, _thresholds(card), _LIMITS])


def _classes(card: Card) -> str:
    if card.recipe.get("none_share"):
        return 'Classes: the digits 0 to 9, and `none`, "not a digit", which it was trained on.'
    return (
        'Classes: the digits 0 to 9. The probability of `none`, "not a digit", is 0: it was not trained on '
        "such images, and takes whatever it is shown for a digit."
    )


def _thresholds(card: Card) -> str:
    if not card.thresholds:
        return "It has no threshold: it was not calibrated, so its confidences are not to be relied on."
    rows = [(_code(name), _code(value)) for name, value in card.thresholds.items()]
    return (
        "Its confidences are calibrated on images kept from training. Below a threshold it abstains:\n\n"
        + _table(("threshold", "confidence"), rows)
    )


def _training_data(card: Card) -> str:
    data = card.data
    rows = [(_code(name), _code(sha256)) for name, sha256 in _items(data.get("sha256"))]
    return (
        f"## Training data\n\n{_code(data.get('name'))}, {_count(data.get('n_train'))} training images. "
        f"License: {_prose(data.get('license'))}. The sha256 of each array, as an uncompressed IDX file:\n\n"
        f"{_table(('array', 'sha256'), rows)}"
    )


def _items(value: object) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _count(value: object) -> str:
    return f"{value:,}" if _is_number(value) else _prose(value)


def _evaluation(card: Card, results: Sequence[SplitFigures]) -> str:
    counted, share = (
        ("strings composed of its images", "read without any error")
        if card.kind == LINES
        else ("images", "accuracy")
    )
    rows = [_figures_row(result) for result in results]
    heading = ("dataset", "split", "n", "errors", share, "95 % interval", "ECE", "measured")
    return (
        f"## Evaluation\n\nOf the finished file, on n {counted}; Wilson intervals; ECE is the expected "
        f"calibration error, where it was measured.\n\n{_table(heading, rows)}"
    )


def _figures_row(result: SplitFigures) -> tuple[str, ...]:
    figures = result.figures
    ece = figures.get("ece")
    return (
        _code(result.dataset),
        _code(result.split),
        f"{figures['n']:,}",
        f"{figures['errors']:,}",
        f"{figures['accuracy']:.2%}",
        f"{figures['accuracy_low']:.2%} to {figures['accuracy_high']:.2%}",
        f"{ece:.2%}" if _is_number(ece) else "",
        "for this card" if result.is_new else "after training",
    )


def _reproduction(card: Card) -> str:
    return (
        f"## How to reproduce\n\nWith tenfold {_prose(card.tenfold_version)}, and its extra `train`:\n\n"
        f"{_block(card.command)}"
    )


def _file(model: ModelFile) -> str:
    is_of_lines = model.card.kind == LINES
    rows = [
        ("sha256", f"`{model.sha256}`"),
        ("bytes", f"{len(model.data):,}"),
        ("format", f"ONNX, with its card inside, format {model.card.format}"),
    ]
    if is_of_lines:
        rows += [
            ("input", "`lines`, uint8 (n, 32, width)"),
            ("output", "`probabilities`, float32 (n, columns, 11)"),
        ]
    else:
        rows += [
            ("input", "`images`, uint8 (n, 28, 28)"),
            ("output", "`probabilities`, float32 (n, 11)"),
            ("output", f"`embedding`, float32 (n, {model.n_embedding})"),
        ]
    return f"## File\n\n{_table(('', ''), rows)}"


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "None are in the card."
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _line(value: object) -> str:
    """Return a value as one line of characters that can be printed."""
    words = " ".join(str(value).split())
    return "".join(character if character.isprintable() else "�" for character in words)


def _prose(value: object) -> str:
    """Return a value as text in which Markdown and HTML mean nothing."""
    return re.sub(r"([\\`*_\[\]<>|#&~!])", r"\\\1", _line(value))


def _code(value: object) -> str:
    """Return a value as code in the line, in a cell of a table too."""
    text = _line(value if isinstance(value, str) else json.dumps(value)).replace("|", "\\|") or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _block(value: object) -> str:
    """Return a value as a block of code."""
    text = _line(value)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}sh\n{text}\n{fence}"
