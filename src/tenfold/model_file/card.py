"""What a model says of itself: where it comes from, what it reached, under which licence."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from tenfold.errors import ModelFileError

FORMAT: Final = 1
CARD_KEY: Final = "tenfold"

DIGITS, LINES = "digits", "lines"
"""Kinds of models: of digit images, and of lines with a run of digits."""

JSON = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Card:
    """The card of a model, kept as JSON in the file's metadata.

    Attributes
    ----------
    recipe : dict
        ``name`` and the value of every field of the recipe.
    data : dict
        ``name``, ``license``, ``n_train``, and ``sha256`` of each array as an IDX file.
    seed : int
        Of the training run.
    metrics : dict
        By split (``test``): ``n``, ``errors``, ``accuracy``, and the 95 % interval ``accuracy_low``,
        ``accuracy_high``.
    thresholds : dict
        Confidences below which the model abstains, by name; empty where it never does.
    license : str
        Of the model.
    tenfold_version : str
        Of the tenfold that wrote the file.
    command : str
        What makes the model again.
    sha256 : str
        Of the graph's bytes and the card, as `seal` computes it. Whatever changes in the file afterwards is
        noticed.
    format : int
        Of the file. This tenfold writes 1 and reads 1.
    kind : str
        ``digits`` or ``lines``: what it reads, and so which contract its graph keeps. It is left out where it
        is ``digits``, as in files older than lines.
    """

    recipe: JSON
    data: JSON
    seed: int
    metrics: JSON
    thresholds: JSON
    license: str
    tenfold_version: str
    command: str = ""
    sha256: str = ""
    format: int = FORMAT
    kind: str = DIGITS


def card_to_json(card: Card) -> str:
    """Return the card as JSON; the same card gives the same text."""
    values = dataclasses.asdict(card)
    if card.kind == DIGITS:
        del values["kind"]
    return json.dumps(values, sort_keys=True, allow_nan=False)


def seal(graph: bytes, card: Card) -> str:
    """Return the sha256 of a graph's bytes followed by the card as JSON with an empty `sha256`."""
    unsealed = dataclasses.replace(card, sha256="")
    return hashlib.sha256(graph + card_to_json(unsealed).encode()).hexdigest()


def read_card(metadata: dict[str, list[str]]) -> Card:
    """Return the card that stands in a model's metadata.

    Parameters
    ----------
    metadata : dict of str to list of str
        Every value of each key.

    Raises
    ------
    ModelFileError
        There is no card or more than one, it is no JSON, its format is unknown, or a field is missing,
        unknown or of another type.
    """
    texts = metadata.get(CARD_KEY, [])
    if len(texts) != 1:
        raise ModelFileError(
            f"The metadata must hold one tenfold card. Got {len(texts)}. `tenfold train` writes it."
        )
    try:
        values = json.loads(texts[0])
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"The card must be JSON. {error}.") from error
    if not isinstance(values, dict):
        raise ModelFileError(f"The card must be a JSON object. Got {type(values).__name__}.")
    _check_format(values.get("format"))
    _check_fields(values)
    return Card(**values)


def _check_format(value: object) -> None:
    if type(value) is not int or value < 1:
        raise ModelFileError(f"The card must have a format number. Got {value!r}.")
    if value > FORMAT:
        raise ModelFileError(
            f"This tenfold reads model format {FORMAT}. Got format {value}, of a newer one. Upgrade tenfold."
        )


def _check_fields(values: JSON) -> None:
    fields = dataclasses.fields(Card)
    kinds: dict[str, Any] = {field.name: dict if field.type == JSON else field.type for field in fields}
    missing = sorted(kinds.keys() - values.keys() - {"kind"})
    unknown = sorted(values.keys() - kinds.keys())
    if missing or unknown:
        raise ModelFileError(
            f"The card must have the fields {', '.join(kinds)}. Missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(unknown) or 'none'}."
        )
    for name, value in values.items():
        if type(value) is not kinds[name]:
            raise ModelFileError(f"The card's {name} must be {kinds[name].__name__}. Got {value!r:.60}.")
    if values.get("kind") not in {None, LINES}:  # that of digits is left out
        raise ModelFileError(f"The card's kind must be {LINES}, or left out. Got {values['kind']!r:.60}.")
