"""Boxes and grids on paper: what stands in them, and which of their cells belong together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.reading.locate import Parts

NEAR: Final = 1.3
"""How far above or below digits the side of their box is, at most, in heights of a digit."""

WIDE: Final = 8.0
"""How far to the left or right of a number a side of its box is, at most, in heights of a digit."""

BOXED: Final = 0.7
COVERED: Final = 0.85
"""Share of the sides of a box, and of the sides of cells between two digits, that must be there."""

Edges = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def is_boxed(parts: Parts, hull: Edges, height: float) -> bool:
    """Tell whether a number stands in a box or in a row of cells.

    Parameters
    ----------
    parts : Parts
        Of the picture, with the rules that were erased.
    hull : tuple of int
        Left, top, right, bottom of the number.
    height : float
        Of its digits.
    """
    left, top, right, bottom = hull
    reach = round(WIDE * height)
    sides = (
        _find_upright(parts.upright[top:bottom, max(0, left - reach) : left])[-1:],
        _find_upright(parts.upright[top:bottom, right : right + reach])[:1],
    )
    if not (len(sides[0]) and len(sides[1])):
        return False
    start, end = max(0, left - reach) + int(sides[0][0]), right + int(sides[1][0])
    around = start, top, end, bottom
    return min(_cover(parts, around, height, above=above) for above in (True, False)) >= BOXED


def share_a_row(parts: Parts, gap: Edges, height: float) -> bool:
    """Tell whether what lies left and right of a gap stands in cells of one grid.

    Parameters
    ----------
    parts : Parts
        Of the picture, with the rules that were erased.
    gap : tuple of int
        Left, top, right, bottom of the paper between two digits.
    height : float
        Of the digits.
    """
    left, top, right, bottom = gap
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
