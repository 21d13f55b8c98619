"""From a picture to what may be numbers in it, before it is decided which."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tenfold.arrays import Ink
from tenfold.errors import EmptyImageError
from tenfold.image import extract_ink, extract_page_ink, picture_to_digit_image
from tenfold.reading.diagnose import diagnose
from tenfold.reading.group import find_runs
from tenfold.reading.lattice import Lattice
from tenfold.reading.locate import Parts, connect, without_rules
from tenfold.reading.reading import BLANK, NOT_A_DIGIT
from tenfold.reading.segment import make_lattice
from tenfold.reading.sift import split_at_nondigits
from tenfold.reading.single import locate_sign, shows_one_sign
from tenfold.recognizer import NONE, Recognizer

SMALL: Final = 300
"""Smaller side of a picture, in pixels, below which it is a crop of a number rather than a page."""


@dataclass(frozen=True, eq=False)
class Found:
    """What may be numbers.

    Attributes
    ----------
    lattices : tuple of Lattice
        One for each number, from top to bottom and from left to right.
    lines : tuple of int
        For each, which line of the picture it stands in.
    reason : str or None
        Why there is none: `blank` or `not a digit`.
    diagnosis : tuple of str
        What is unusual about the picture, in words.
    """

    lattices: tuple[Lattice, ...] = ()
    lines: tuple[int, ...] = ()
    reason: str | None = None
    diagnosis: tuple[str, ...] = ()


def find_numbers(grey: Ink, reader: Recognizer) -> Found:
    """Find what may be numbers in a grey picture.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, upright.
    reader : Recognizer
        Reads what may be digits.
    """
    ink = extract_ink(grey) if min(grey.shape) < SMALL else np.zeros_like(grey)
    ink = ink if ink.any() else extract_page_ink(grey)
    if not ink.any():
        return Found(reason=BLANK)
    whole = connect(ink)
    if shows_one_sign(whole):
        return replace(_find_digit(grey, whole, reader), diagnosis=diagnose(grey, whole))
    parts = without_rules(whole)
    runs = find_runs(parts, is_page=min(grey.shape) >= SMALL)
    words = diagnose(grey, parts, runs)
    found = [
        (lattice, run.line)
        for run in runs
        for lattice in split_at_nondigits(make_lattice(parts, run, reader))
    ]
    if not found:
        return Found(reason=NOT_A_DIGIT, diagnosis=words)
    lattices, lines = zip(*found, strict=True)
    return Found(lattices, lines, diagnosis=words)


def _find_digit(grey: Ink, parts: Parts, reader: Recognizer) -> Found:
    """Return a picture of a single digit as a number of one digit."""
    try:
        image = picture_to_digit_image(grey)
    except EmptyImageError:
        return Found(reason=BLANK)
    probabilities = reader.predict_proba(image[None])
    if probabilities[0].argmax() == NONE:
        return Found(reason=NOT_A_DIGIT)
    box = np.array([locate_sign(parts)])
    ends = np.zeros(1, np.int64), np.ones(1, np.int64)
    return Found((Lattice(2, *ends, probabilities, np.zeros(1), box),), (0,))
