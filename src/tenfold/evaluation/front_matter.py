"""What stands in front of a model card, for machines: YAML, in the form that model hubs read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tenfold.model_file import LINES, Card

TAGS: Final = ("handwritten-digits", "digit-recognition", "ocr", "onnx", "tenfold")

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


@dataclass(frozen=True)
class SplitFigures:
    """The figures of a model on one split of a dataset.

    Attributes
    ----------
    dataset, split : str
        On what.
    figures : dict
        As `Evaluation.figures` or `TextEvaluation.figures` gives them: ``n``, ``errors``, ``accuracy``,
        ``accuracy_low``, ``accuracy_high``, and ``ece`` for lines.
    is_new : bool
        Whether it was made now; else the figures are those of the card, from when the model was trained.
    """

    dataset: str
    split: str
    figures: dict[str, Any]
    is_new: bool = False


def make_front_matter(card: Card, results: Sequence[SplitFigures]) -> str:
    """Return the front matter of a model card, between its two rules.

    Parameters
    ----------
    card : Card
        Of the model.
    results : sequence of SplitFigures
        Its figures. Of several on the same split the last is listed.

    Notes
    -----
    Source of the fields: "Model Cards", the Hugging Face Hub's documentation, and its ``modelcard.md``.
    """
    is_of_lines = card.kind == LINES
    latest = {(result.dataset, result.split): result for result in results}
    values = {
        **_license(card.license),
        "library_name": "tenfold",
        "pipeline_tag": "image-to-text" if is_of_lines else "image-classification",
        "tags": list(TAGS),
        "datasets": [str(card.data.get("name"))],
        "metrics": ["exact_match" if is_of_lines else "accuracy"],
        "model-index": [
            {
                "name": str(card.recipe.get("name")),
                "results": [_describe(result, is_of_lines=is_of_lines) for result in latest.values()],
            }
        ],
    }
    return "\n".join(["---", *_to_yaml(values), "---"])


def _license(name: str) -> dict[str, str]:
    """Return an SPDX name in lower case, as hubs have it; any other text as what they call other."""
    if re.fullmatch(r"[A-Za-z0-9.+-]+", name):
        return {"license": name.lower()}
    return {"license": "other", "license_name": name}


def _describe(result: SplitFigures, *, is_of_lines: bool) -> dict[str, Any]:
    kind, what = ("exact_match", "strings") if is_of_lines else ("accuracy", "images")
    figures = result.figures
    name = (
        f"{kind} ({figures['n']:,} {what}, 95 % interval {figures['accuracy_low']:.4f} to "
        f"{figures['accuracy_high']:.4f})"
    )
    return {
        "task": {"type": "image-to-text" if is_of_lines else "image-classification"},
        "dataset": {"name": result.dataset, "type": result.dataset, "split": result.split},
        "metrics": [{"type": kind, "value": figures["accuracy"], "name": name}],
    }


def _to_yaml(values: dict[str, Any], *, indent: int = 0) -> list[str]:
    """Return the lines of a mapping; of a list in it each item is a text or a mapping."""
    lines = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"{key}:", *_to_yaml(value, indent=2)]
        elif isinstance(value, list):
            lines += [f"{key}:" if value else f"{key}: []", *_items(value)]
        else:
            lines.append(f"{key}: {quote(value) if isinstance(value, str) else value}")
    return [" " * indent + line for line in lines]


def _items(items: list[Any]) -> list[str]:
    lines = []
    for item in items:
        first, *rest = _to_yaml(item) if isinstance(item, dict) else [quote(item)]
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
    return lines


def quote(text: str) -> str:
    """Return a text as a double-quoted YAML scalar, whatever is in it.

    It is JSON too, but for characters beyond 16 bits that cannot be printed: YAML writes those its own way.
    Half of a pair of surrogates, as in names of files that are no UTF-8, becomes a question mark.
    """
    whole = text.encode("utf-8", "replace").decode()
    return '"' + "".join(map(_escape, whole)) + '"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
