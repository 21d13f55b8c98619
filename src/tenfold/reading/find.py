"""From a picture to what may be numbers in it, before it is decided which."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tenfold.arrays import Ink
from tenfold.image import extract_ink, extract_page_ink, isolate_digit, thicken, to_digit_image
from tenfold.line_recognizer import LineRecognizer
from tenfold.reading.diagnose import diagnose
from tenfold.reading.doubt import read_again
from tenfold.reading.group import Run, find_runs
from tenfold.reading.lattice import Lattice
from tenfold.reading.locate import Parts, connect, without_rules
from tenfold.reading.reading import BLANK, NOT_A_DIGIT
from tenfold.reading.segment import make_lattice
from tenfold.reading.sift import split_at_signs
from tenfold.reading.single import shows_one_sign
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


def find_upright(grey: Ink, reader: Recognizer, lines: LineRecognizer | None = None) -> Found:
    """Find what may be numbers in a grey picture, as it lies.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, upright.
    reader : Recognizer
        Reads what may be digits.
    lines : LineRecognizer, optional
        Reads what touches.
    """
    is_small = min(grey.shape) < SMALL
    near = extract_ink(grey) if is_small else np.zeros_like(grey)
    ink = near if near.any() else extract_page_ink(grey)
    if not ink.any():
        return Found(reason=BLANK)
    whole = connect(ink)
    if shows_one_sign(whole):
        near = near if is_small else extract_ink(grey)
        return replace(_read_sign(near if near.any() else ink, reader), diagnosis=diagnose(grey, whole))
    parts = without_rules(whole)
    runs = find_runs(parts, is_page=not is_small)
    words = diagnose(grey, parts, runs)
    found = [(lattice, run.line) for run in runs for lattice in _read_run(parts, run, reader, lines)]
    if not found:
        return Found(reason=NOT_A_DIGIT, diagnosis=words)
    lattices, at = zip(*found, strict=True)
    return Found(lattices, at, diagnosis=words)


def _read_run(parts: Parts, run: Run, reader: Recognizer, lines: LineRecognizer | None) -> list[Lattice]:
    """Return the lattices of a run, by its pieces or, where they leave doubt, as a line."""
    stretches = split_at_signs(make_lattice(parts, run, reader), run.height)
    light = 255 - parts.ink
    return [
        lattice
        for stretch in stretches
        for lattice in (stretch.lattices if lines is None else read_again(light, stretch, lines))
    ]


def _read_sign(ink: Ink, reader: Recognizer) -> Found:
    """Return the ink of one sign as a number of one digit, if it is one."""
    alone = isolate_digit(ink)
    rows, columns = np.flatnonzero(alone.any(axis=1)), np.flatnonzero(alone.any(axis=0))
    if not len(rows):
        return Found(reason=BLANK)
    probabilities = reader.predict_proba(to_digit_image(thicken(alone))[None])
    if probabilities[0].argmax() == NONE:
        return Found(reason=NOT_A_DIGIT)
    box = np.array([[columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]])
    ends = np.zeros(1, np.int64), np.ones(1, np.int64)
    return Found((Lattice(2, *ends, probabilities, np.zeros(1), box),), (0,))
