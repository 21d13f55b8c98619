"""The connected parts of the ink, without the rules around them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink
from tenfold.image.ruled import SOLID, erase_long_rules, erase_rules, find_slope
from tenfold.reading.cells import Boxes, Cells, find_cells

SMALLEST: Final = 6
"""Height of a digit, at least, in pixels."""

LARGE: Final = 2.0
"""Of what is too large for a digit, in heights of one."""

USUAL: Final = 0.07

SENSIBLE: Final = 0.25
"""Height of digits on squared paper, about and at most, of the picture's smaller side."""

SHORTER: Final = 0.7
"""How long lines are in there, as a share of what they are elsewhere."""


THICKER: Final = 1.5
ASLANT: Final = 0.3
"""Thickness of what is left of a rule, at most, in that of rules; and its width, of its length."""

DOT: Final = 3.0
"""Size of what is left of rules where they cross, at most, in the same."""

NEAR: Final = 3
"""How near to it the rule goes on, in pixels, where it does not cross another."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The connected parts of the ink.

    Attributes
    ----------
    ink : ndarray of shape (rows, columns), dtype=uint8
        0 paper … 255 ink, without rules.
    labels : ndarray of shape (rows, columns), dtype=int32
        For each pixel the number of its part, counted from 1; 0 where there is none.
    boxes : ndarray of shape (n_parts, 4), dtype=int64
        Left, top, right, bottom of each part.
    areas : ndarray of shape (n_parts,), dtype=int64
        Pixels of each part.
    level, upright : ndarray of shape (rows, columns), dtype=uint8
        1 where a rule was erased, else 0.
    cells : Cells or None
        What the rules enclose; None where there are none.
    """

    ink: Ink
    labels: NDArray[np.int32]
    boxes: Boxes
    areas: NDArray[np.int64]
    level: Ink
    upright: Ink
    cells: Cells | None = None


def connect(ink: Ink) -> Parts:
    """Find the connected parts of ink.

    Parameters
    ----------
    ink : ndarray of shape (rows, columns), dtype=uint8
        0 paper … 255 ink.
    """
    import cv2

    mask = (ink > SOLID).view(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes, areas = statistics[1:, :4].astype(np.int64), statistics[1:, 4].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    none = np.zeros_like(ink)
    return Parts(ink, np.asarray(labels, np.int32), boxes, areas, none, none)


def without_rules(parts: Parts, *, is_ruled: bool = False) -> Parts:
    """Find the connected parts of the same ink without ruled lines and boxes.

    Parameters
    ----------
    parts : Parts
        Of a picture.
    is_ruled : bool
        Whether it is a page on whose lines its digits may hang, all of them.
    """
    slope = find_slope((parts.ink > SOLID).view(np.uint8))
    rough = erase_long_rules(parts.ink, slope=slope)
    height = typical_height(parts if rough is parts.ink else connect(rough))
    usual, sensible = USUAL * min(parts.ink.shape), SENSIBLE * min(parts.ink.shape)
    if is_ruled and height > sensible:
        height = typical_height(connect(erase_rules(parts.ink, usual, slope=slope)[0]))
        height = height if height <= sensible else usual
    cleaned, level, upright = erase_rules(parts.ink, height, slope=slope)
    if cleaned is parts.ink:
        return parts
    left = connect(cleaned)
    is_large = np.concatenate([[False], (left.boxes[:, 2:] - left.boxes[:, :2] > LARGE * height).any(axis=1)])
    joined = is_large[left.labels]
    if joined.any():  # digits that hang on what is left of a grid: shorter pieces of line are erased there
        freed, more_level, more_upright = erase_rules(cleaned * joined, SHORTER * height)
        cleaned, level, upright = np.where(joined, freed, cleaned), level | more_level, upright | more_upright
        left = connect(cleaned)
    left = _without_remains(replace(left, level=level, upright=upright))
    cells = find_cells(parts.ink, typical_height(left))
    return replace(left, cells=cells)


def _without_remains(parts: Parts) -> Parts:
    """Leave out what is as thin as a rule and goes on as one: where pages bend, some of it is left."""
    is_left = _continue_rules(parts.boxes, parts.areas, parts.upright)
    is_left |= _continue_rules(parts.boxes[:, [1, 0, 3, 2]], parts.areas, parts.level.T)
    if not is_left.any():
        return parts
    numbers = np.concatenate([[0], np.where(is_left, 0, np.cumsum(~is_left))]).astype(np.int32)
    labels = numbers[parts.labels]
    ink = parts.ink * ((labels > 0) | (parts.labels == 0))
    return replace(parts, ink=ink, labels=labels, boxes=parts.boxes[~is_left], areas=parts.areas[~is_left])


def _continue_rules(boxes: Boxes, areas: NDArray[np.int64], upright: Ink) -> NDArray[np.bool_]:
    """Tell which parts are as thin as upright rules, with such a rule above or below, or dots beside them."""
    wide, high = sides(boxes)
    is_left = np.zeros(len(boxes), np.bool_)
    thickness = measure_thickness(upright)
    reach = round(THICKER * thickness) + NEAR
    is_thin = (areas <= THICKER * thickness * high) & (wide <= np.maximum(thickness, ASLANT * high))
    is_dot = np.maximum(wide, high) <= DOT * thickness
    for part in np.flatnonzero(is_thin | is_dot).tolist():
        left, top, right, bottom = boxes[part].tolist()
        around = slice(max(0, left - NEAR), right + NEAR)
        above, below = slice(max(0, top - reach), top), slice(bottom, bottom + reach)
        is_left[part] = any(upright[rows, around].any() for rows in (above, below))
    return is_left


def measure_thickness(upright: Ink) -> float:
    """Return the mean thickness of upright rules, in pixels; 0 where there are none."""
    n_starts = np.count_nonzero(upright[:, 1:] > upright[:, :-1])
    return np.count_nonzero(upright) / n_starts if n_starts else 0.0


def typical_height(parts: Parts) -> float:
    """Return the height of most digits, in pixels: of parts that are no specks, lines or frames."""
    shape = parts.ink.shape
    wide, high = sides(parts.boxes)
    is_speck = (high < SMALLEST) | (np.maximum(wide, high) < 0.02 * min(shape))
    is_large = (wide > 2 * high) | (high > 0.5 * shape[0])
    is_frame = is_large & (parts.areas < 0.15 * wide * high)
    is_line = np.maximum(wide / high, high / wide) > 4
    heights = high[~(is_speck | is_frame | is_line)]
    if not len(heights):
        return float(max(SMALLEST, 0.5 * min(shape)))
    heights.sort()
    below = heights.cumsum()
    return float(heights[below.searchsorted(0.6 * below[-1])])


def median(values: Sequence[float] | Sequence[int]) -> float:
    """Return the median of a few numbers: `np.median`, which takes twenty times as long."""
    ordered, middle = sorted(values), len(values) // 2
    return float(ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def sides(boxes: Boxes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return widths and heights."""
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
