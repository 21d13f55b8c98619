"""What a person says an answer should have been, and what it may hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tenfold.data.folders import DARK
from tenfold.data.splits import N_CLASSES
from tenfold.errors import InputError
from tenfold.image import SIDE

N_BYTES: Final = SIDE * SIDE

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Correction:
    """What a person says of an answer.

    Attributes
    ----------
    image : bytes
        The digit image, 784 bytes row by row, 0 paper … 255 ink.
    label : int or None
        What it is: 0–9, or None for "not a digit".
    predicted : int or None
        What was answered: 0–9, or None for "not a digit", or where there was no answer.
    model : str
        The sha256 of the model file that answered, in lower-case hexadecimal.
    """

    image: bytes
    label: int | None
    predicted: int | None
    model: str


def check_correction(correction: Correction) -> None:
    """Raise one error that names all that is wrong with a correction.

    Raises
    ------
    InputError
        The image is no digit image or blank, a label is out of range, or the model is no sha256.
    """
    problems = [
        *_image_problems(correction.image),
        *_label_problems("label", correction.label),
        *_label_problems("predicted", correction.predicted),
    ]
    if not _SHA256.fullmatch(correction.model):
        problems.append(
            f"model must be a sha256, 64 characters of 0–9 and a–f. Got {correction.model[:70]!r}."
        )
    if problems:
        raise InputError(" ".join(problems))


def _label_problems(name: str, label: int | None) -> Iterator[str]:
    if label is not None and not 0 <= label < N_CLASSES:
        yield f"{name} must be 0–9, or none for what is no digit. Got {label}."


def _image_problems(image: bytes) -> Iterator[str]:
    """Say why no model was shown this image: in a data set it would spoil the others."""
    if len(image) != N_BYTES:
        yield f"image must be {N_BYTES} bytes, {SIDE}×{SIDE}. Got {len(image)}."
        return
    rows = np.frombuffer(image, np.uint8).reshape(SIDE, SIDE)
    edge = rows[[0, -1]].mean()
    if not rows.any():
        yield "image must have ink. Got a blank one."
    elif edge >= DARK:
        yield (
            "image must be 0 where there is paper and 255 where there is ink. Got a mean of "
            f"{edge:.0f} in the top and bottom rows. Invert it."
        )
