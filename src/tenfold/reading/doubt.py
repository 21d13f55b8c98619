"""Digits whose pieces leave doubt, read again as a whole."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from tenfold.arrays import Ink
from tenfold.image.line import AROUND, BESIDE, cut_line
from tenfold.line_recognizer import LineRecognizer
from tenfold.reading.decode import decode
from tenfold.reading.lattice import Lattice
from tenfold.reading.line_reader import columns_to_lattice
from tenfold.reading.sift import Stretch, path_confidences
from tenfold.recognizer import NONE

DOUBT: Final = 0.9
"""Certainty of a stretch below which it is read again."""

DROPPED: Final = 0.5
"""How certain a stretch is, at most, for each piece of its ink that was taken for no digit."""


def read_again(light: Ink, stretch: Stretch, lines: LineRecognizer) -> list[Lattice]:
    """Return the lattices of a stretch of digits: those of its pieces, or that of its line if that is surer.

    Parameters
    ----------
    light : ndarray of shape (height, width), dtype=uint8
        The picture, dark ink on light paper.
    stretch : Stretch
        Its lattices, by pieces.
    lines : LineRecognizer
        Reads the whole.
    """
    if stretch.is_sure or (not stretch.n_dropped and _are_all_sure(stretch.lattices)):
        return stretch.lattices
    certainty = _certainty(stretch.lattices) * DROPPED**stretch.n_dropped
    left, top, right, bottom = stretch.hull
    if certainty >= DOUBT or right - left < bottom - top:
        return stretch.lattices
    aside, over = BESIDE * (bottom - top), AROUND * (bottom - top)
    line = cut_line(light, (left - aside, top - over, right - left + 2 * aside, bottom - top + 2 * over))
    lattice = columns_to_lattice(lines.read_line(line.ink), line)
    return [lattice] if len(lattice) and _certainty([lattice]) > certainty else stretch.lattices


def _are_all_sure(lattices: Sequence[Lattice]) -> bool:
    """Tell at little cost whether the digits along the best paths leave no doubt."""
    confidences = [path_confidences(lattice) for lattice in lattices]
    return bool(confidences) and float(np.prod(np.concatenate(confidences))) >= DOUBT


def _certainty(lattices: Sequence[Lattice]) -> float:
    """Return the probability that the best texts of all lattices are right, and all digits."""
    certainty = 1.0 if lattices else 0.0
    for lattice in lattices:
        best = decode(lattice, top=1)
        if not best:
            return 0.0
        are_digits = 1 - lattice.probabilities[list(best[0].edges), NONE]
        certainty *= best[0].probability * float(are_digits.prod())
    return certainty
