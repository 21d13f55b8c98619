"""From a digit that was read back to the digit image that it was read from."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import numpy as np

from tenfold.arrays import Box, DigitImage, Ink
from tenfold.errors import EmptyImageError
from tenfold.image import picture_to_digit_image
from tenfold.reading.reading import Digit, Reading
from tenfold.reading.turn import quarters_turned, shrink
from tenfold.recognizer import Recognizer

MARGINS: Final = (0.06, 0.15, 0.3)
"""Of paper around the box that is cut out, in sides of the box: as much as neighbors leave."""

SAME: Final = 0.01
"""Difference of all probabilities up to which a digit image is the one that was read."""


def cut_digit(grey: Ink, reading: Reading, digit: Digit, recognizer: Recognizer) -> DigitImage:
    """Return the digit image of one digit of a reading.

    What was read may have been a piece of a run, freed from its neighbors. So the picture is cut in several
    ways around the digit, and the one whose probabilities are nearest to those that were read counts.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        The picture that was read, upright.
    reading : Reading
        Of the picture.
    digit : Digit
        One of it.
    recognizer : Recognizer
        The model that read it.

    Raises
    ------
    EmptyImageError
        There is no ink in the digit's box.
    """
    nearest, smallest = None, np.inf
    for image in _make_images(grey, reading, digit):
        gap = float(np.abs(recognizer.predict_proba(image[None])[0] - digit.probabilities).sum())
        if gap < smallest:
            nearest, smallest = image, gap
        if gap < SAME:
            break
    if nearest is None:
        raise EmptyImageError(f"The picture must show a digit in the box {digit.box}. Got no ink there.")
    return nearest


def _make_images(grey: Ink, reading: Reading, digit: Digit) -> Iterator[DigitImage]:
    """Yield the digit images that the digit may have been read from."""
    n_digits = sum(len(number.digits) for number in reading.numbers)
    crops = ([grey] if n_digits == 1 else []) + [_crop(grey, digit, margin) for margin in MARGINS]
    quarters = quarters_turned(reading.diagnosis)
    for crop in crops:
        with suppress(EmptyImageError):
            yield picture_to_digit_image(np.ascontiguousarray(np.rot90(shrink(crop), quarters)))


def _crop(grey: Ink, digit: Digit, margin: float) -> Box:
    """Cut out a digit with paper around it; on a page the paper between digits is wide enough."""
    left, top, width, height = digit.box
    around = max(1, round(margin * max(width, height)))
    return grey[max(0, top - around) : top + height + around, max(0, left - around) : left + width + around]
