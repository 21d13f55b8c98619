"""Squared paper seen from near by: its lines run through the whole picture, from edge to edge."""

from typing import Final

import numpy as np

from tenfold.arrays import Ink
from tenfold.image.ruled import (
    SOLID,
    Mask,
    count_lines,
    erase_lines,
    find_level,
    find_slope,
    thickness_of,
    widen,
)
from tenfold.image.strokes import stroke_width

SMALLEST: Final = 48
"""Side of a picture, in pixels, below which no lines can be told from strokes."""

WIDEST: Final = 4.0
"""Longer side of a picture, of its shorter, beyond which lines are those of boxes with a digit in each."""

PALE: Final = 64
"""Ink, of 255, of a line, at least."""

THROUGH: Final = 0.9
"""Length of a line, at least, of the picture's side along it."""

THIN: Final = 0.06
"""Its thickness, at most, of the picture's smaller side."""

MOST_POINTS: Final = 2_000
"""Pixels of ink that are looked at to find the slope of lines so long."""

FEWEST: Final = 3
"""Lines, at least, level and upright together, unless they are thinner than strokes: a plus sign has two."""

FINE: Final = 0.6
"""Thickness of such thin lines, at most, of what else there is."""

DOT: Final = 3.0
"""Size of what is left of two lines where they cross, at most, in thicknesses of a line."""

SIDE: Final = 2.5
"""Thickness of what is left of a line along an edge, at most, in the same."""

LEAST: Final = 0.1
"""Longer side of the largest stroke, at least, of the picture's smaller side."""


def erase_squares(ink: Ink) -> Ink:
    """Erase the lines of squared paper in a picture of a few digits.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        0 paper … 255 ink.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        What is written, without specks; all zero where nothing is. Strokes that cross a line stay whole. The
        array that was given, if it shows no squared paper.
    """
    mask = (ink > PALE).view(np.uint8)
    shorter, longer = sorted(mask.shape)
    if shorter < SMALLEST or longer > WIDEST * shorter or not _reaches_all_edges(mask):
        return ink
    thickest = THIN * shorter
    level = _find_through(mask, thickest)
    if not (n_level := count_lines(level)):
        return ink
    upright = _find_through(mask.T, thickest).T
    if not (n_upright := count_lines(upright.T)):
        return ink
    written = erase_lines(ink, mask, level=level, upright=upright, gap=thickest)
    thickness = max(thickness_of(level), thickness_of(upright.T))
    left = written * _without_remains(written, thickness)
    is_fine = bool(left.any()) and thickness <= FINE * stroke_width(left)
    return left if n_level + n_upright >= FEWEST or is_fine else ink


def _reaches_all_edges(mask: Mask) -> bool:
    """Tell whether there is ink along each edge: a quick way to see that no lines run through."""
    down, right = (max(1, int((1 - THROUGH) * side)) for side in mask.shape)
    return all(edge.any() for edge in (mask[:down], mask[-down:], mask[:, :right], mask[:, -right:]))


def _find_through(mask: Mask, thickness: float) -> Mask:
    """Return where lines run through a mask from left to right."""
    slope = find_slope(mask, most_points=MOST_POINTS)
    return find_level(mask, length=THROUGH * mask.shape[1], thickness=thickness, slope=slope)


def _without_remains(ink: Ink, thickness: float) -> Mask:
    """Return 1 where there is more than remains of lines: dots, and what is thin along an edge."""
    import cv2

    mask = (ink > SOLID).view(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, high, _ = statistics.T
    rows, columns = mask.shape
    is_along = ((left == 0) | (left + wide == columns)) & (wide <= SIDE * thickness)
    is_along |= ((top == 0) | (top + high == rows)) & (high <= SIDE * thickness)
    is_kept = ~is_along & (np.maximum(wide, high) > DOT * thickness)
    is_kept[0] = False
    if (np.maximum(wide, high) * is_kept).max() < LEAST * min(mask.shape):
        return np.zeros_like(mask)
    return widen(is_kept[labels].view(np.uint8))
