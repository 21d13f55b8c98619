"""Boxes and grids on paper: what stands in them, and which of their cells belong together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.reading.cells import DIGITS, SQUARES, TABLE, Box, Boxes
from tenfold.reading.locate import Parts, measure_thickness, sides

NEAR: Final = 1.3
"""How far above or below digits the side of their box is, at most, in heights of a digit."""

WIDE: Final = 8.0
"""How far to the left or right of a number a side of its box is, at most, in heights of a digit."""

BOXED: Final = 0.7
COVERED: Final = 0.85
"""Share of the sides of a box, and of the sides of cells between two digits, that must be there."""

THIN: Final = 0.25
"""Width of what is left of a rule between two cells, at most, in heights of a digit or of its length."""

THICKER: Final = 2.0
"""Its thickness, at most, in that of rules."""

MOST: Final = 0.5
"""Share of the pieces of a number that stand in cells, at least, where it is boxed."""

Edges = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def is_boxed(parts: Parts, boxes: Boxes, height: float) -> bool:
    """Tell whether a number stands in a box or in a row of cells. Those of a table may be open at one side.

    Parameters
    ----------
    parts : Parts
        Of the picture, with the rules that were erased.
    boxes : ndarray of shape (n_pieces, 4), dtype=int64
        Left, top, right, bottom of each of its pieces.
    height : float
        Of its digits.
    """
    found = _find_cells(parts, boxes)
    if parts.cells and np.mean([cell > 0 and parts.cells.kinds[cell] != SQUARES for cell in found]) > MOST:
        return True
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    reach = round(WIDE * height)
    before = _find_upright(parts.upright[top:bottom, max(0, left - reach) : left])
    after = _find_upright(parts.upright[top:bottom, right : right + reach])
    if parts.cells and parts.cells.has_table() and (len(before) or len(after)):
        return parts.cells.cover(np.array([left, top, right, bottom]), NEAR * height) >= BOXED
    if not (len(before) and len(after)):
        return False
    around = max(0, left - reach) + int(before[-1]), top, right + int(after[0]), bottom
    return min(_cover(parts, around, height, above=above) for above in (True, False)) >= BOXED


def are_left_of_rules(parts: Parts, height: float) -> NDArray[np.bool_]:
    """Tell which parts are what is left of a rule: between two cells, or two pieces of rule that were erased.

    Parameters
    ----------
    parts : Parts
        Of the picture.
    height : float
        Of its digits.
    """
    wide, high = sides(parts.boxes)
    longer = np.maximum(wide, high)
    if parts.cells is None:
        return np.zeros(len(wide), bool)
    thickness = max(measure_thickness(parts.upright), measure_thickness(parts.level.T))
    is_thin = (np.minimum(wide, high) < THIN * np.maximum(height, longer)) & (
        parts.areas <= THICKER * thickness * longer
    )
    are_left = is_thin & parts.cells.part(parts.boxes)
    for at in np.flatnonzero(is_thin & ~are_left & (longer > THIN * height)):
        are_left[at] = _continues(parts, parts.boxes[at], round(THIN * height))
    return are_left


def _continues(parts: Parts, box: Box, reach: int) -> bool:
    """Tell whether a rule was erased at both ends of a thin thing."""
    left, top, right, bottom = box.tolist()
    if bottom - top > right - left:
        ends = (
            parts.upright[max(0, top - reach) : top, left:right],
            parts.upright[bottom:, left:right][:reach],
        )
    else:
        ends = (
            parts.level[top:bottom, max(0, left - reach) : left],
            parts.level[top:bottom, right:][:, :reach],
        )
    return all(end.any() for end in ends)


def find_tables(parts: Parts, boxes: Boxes, height: float) -> Parts:
    """Find out which grids hold a number in each cell, which a digit, and which are squared paper.

    Parameters
    ----------
    parts : Parts
        Of the picture.
    boxes : ndarray of shape (n, 4), dtype=int64
        What may be digits.
    height : float
        Of a digit.
    """
    return replace(parts, cells=parts.cells and parts.cells.with_digits(boxes, height))


def part_by_cells(parts: Parts, hulls: Boxes, ends: Sequence[int], height: float) -> list[int]:
    """Find where the numbers of a line end that stands in boxes, in a table or in cells for a digit each.

    Parameters
    ----------
    parts : Parts
        Of the picture.
    hulls : ndarray of shape (n_pieces, 4), dtype=int64
        Left, top, right, bottom of each piece of the line.
    ends : sequence of int
        Before which pieces numbers begin, as far as the gaps tell.
    height : float
        Of its digits.
    """
    found = _find_cells(parts, hulls)
    kinds = [parts.cells.kinds[cell] if parts.cells and cell else DIGITS for cell in found]
    return [
        at
        for at in range(1, len(hulls))
        if (TABLE in kinds[at - 1 : at + 1] and _is_border(parts, found[at - 1], found[at]))
        or (at in ends and SQUARES in kinds[at - 1 : at + 1])
        or (at in ends and not _share_a_row(parts, hulls[at - 1], hulls[at], height))
    ]


def _is_border(parts: Parts, before: int, after: int) -> bool:
    """Tell whether two things of a table stand in different cells, of which one may be open at its side."""
    return before != after and bool((before and after) or (parts.cells and parts.cells.has_table()))


def _find_cells(parts: Parts, boxes: Boxes) -> list[int]:
    """Return in which cell each thing stands; 0 for none."""
    return [parts.cells.find(box) if parts.cells else 0 for box in boxes]


def _share_a_row(parts: Parts, before: Box, after: Box, height: float) -> bool:
    """Tell whether two pieces stand in cells for a digit each of one row."""
    if parts.cells and parts.cells.join(before, after):
        return True
    left, top = int(before[2]), int(min(before[1], after[1]))
    right, bottom = int(after[0]), int(max(before[3], after[3]))
    gap = left, top, right, bottom
    if not len(_find_upright(parts.upright[top:bottom, left:right])):
        return False
    return max(_cover(parts, gap, height, above=above) for above in (True, False)) >= COVERED


def _find_upright(rules: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the columns through which a rule runs, over half of the rows at least."""
    if not rules.size:
        return np.zeros(0, np.int64)
    near = rules.copy()
    near[:, 1:] |= rules[:, :-1]
    near[:, :-1] |= rules[:, 1:]
    return np.flatnonzero(near.mean(axis=0) >= 0.5)


def _cover(parts: Parts, edges: Edges, height: float, *, above: bool) -> float:
    """Return the share of the columns that have a level rule above, or below."""
    left, top, right, bottom = edges
    reach = round(NEAR * height)
    inner = round(0.2 * height)  # digits run into rules
    rows = slice(max(0, top - reach), top + inner) if above else slice(bottom - inner, bottom + reach)
    return float(parts.level[rows, left:right].any(axis=0).mean()) if right > left else 0.0
