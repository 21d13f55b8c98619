"""Ruled lines, boxes and grids: found and erased, without the strokes that cross them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Ink

SOLID: Final = 96
"""Ink, of 255, that holds strokes together."""

LONG: Final = 1.45
"""Length of a rule, at least, in heights of a digit."""

THIN: Final = 0.22
"""Thickness of a rule, at most, in heights of a digit."""

ALONG: Final = 0.95
"""Length of a grid line at an edge, at least, of the picture's smaller side."""

THICKEST: Final = 0.12
"""Thickness of such a line, at most, of the same."""

NEAR: Final = 0.22
"""How far from the edge it is, at most, of the same."""

SLOPES: Final = np.linspace(-0.12, 0.12, 25)
"""Of rules that are level in a picture that is not."""

MOST_POINTS: Final = 20_000
"""Pixels of ink that are looked at to find the slope."""

_AT_ONCE: Final = 20_000
"""Pixels, counted for each slope, that are looked at in one step: few enough for the processor's cache."""

Mask = NDArray[np.uint8]


def erase_rules(ink: Ink, height: float, *, slope: float | None = None) -> tuple[Ink, Mask, Mask]:
    """Erase lines that are straight, long, thin, and level or upright.

    Parameters
    ----------
    ink : ndarray of shape (rows, columns), dtype=uint8
        0 paper … 255 ink.
    height : float
        Of a digit, in pixels, about.
    slope : float, optional
        That of level lines, by `find_slope`, where it is known.

    Returns
    -------
    ink : ndarray of shape (rows, columns), dtype=uint8
        Strokes that cross a rule stay whole. The array that was given, if there are no rules.
    level, upright : ndarray of shape (rows, columns), dtype=uint8
        1 where there was such a rule, else 0.
    """
    mask = (ink > SOLID).view(np.uint8)
    level = find_level(mask, length=LONG * height, thickness=THIN * height, slope=slope)
    upright = find_level(mask.T, length=LONG * height, thickness=THIN * height).T
    return erase_lines(ink, mask, level=level, upright=upright, gap=THIN * height), level, upright


def erase_long_rules(ink: Ink, *, slope: float | None = None) -> Ink:
    """Erase lines that run through at least half of the picture, whatever the height of its digits.

    Parameters
    ----------
    ink : ndarray of shape (rows, columns), dtype=uint8
        0 paper … 255 ink.
    slope : float, optional
        That of level lines, by `find_slope`, where it is known.
    """
    mask = (ink > SOLID).view(np.uint8)
    thickness = 0.1 * len(mask)
    level = find_level(mask, length=0.5 * mask.shape[1], thickness=thickness, slope=slope)
    return erase_lines(ink, mask, level=level, upright=np.zeros_like(mask), gap=thickness)


def erase_edge_rules(mask: Mask) -> Mask:
    """Erase the grid lines along the edges of a mask of a single digit.

    Parameters
    ----------
    mask : ndarray of shape (rows, columns), dtype=uint8
        1 where there is ink, else 0.

    Returns
    -------
    ndarray of shape (rows, columns), dtype=uint8
        The array that was given, if there are no such lines.
    """
    side = min(mask.shape)
    sizes = {"length": ALONG * side, "thickness": THICKEST * side}
    level, upright = find_level(mask, **sizes), find_level(mask.T, **sizes).T
    depth = max(1, round(NEAR * side))
    level[depth:-depth] = 0
    upright[:, depth:-depth] = 0
    return erase_lines(mask, mask, level=level, upright=upright, gap=THICKEST * side)


def erase_lines(ink: Ink, mask: Mask, *, level: Mask, upright: Mask, gap: float) -> Ink:
    """Erase lines that were found, but for the strokes that cross them.

    Parameters
    ----------
    ink : ndarray of shape (rows, columns), dtype=uint8
        0 paper … 255 ink.
    mask : ndarray of shape (rows, columns), dtype=uint8
        1 where that is solid, else 0.
    level, upright : ndarray of shape (rows, columns), dtype=uint8
        1 where there is such a line, else 0.
    gap : float
        Thickness of the lines, at most, in pixels.

    Returns
    -------
    ndarray of shape (rows, columns), dtype=uint8
        The array that was given, if there are no lines.
    """
    rules = level | upright
    if not rules.any():
        return ink
    strokes = mask & ~rules
    strokes |= _crossings(mask, strokes, level, gap) | _crossings(mask.T, strokes.T, upright.T, gap).T
    return ink * (widen(strokes) & ~(rules & ~strokes))


def find_level(mask: Mask, *, length: float, thickness: float, slope: float | None = None) -> Mask:
    """Find lines that are level, but for the slope that most of them share.

    Parameters
    ----------
    mask : ndarray of shape (rows, columns), dtype=uint8
        1 where there is ink, else 0.
    length, thickness : float
        Of a line, at least and at most, in pixels. No longer than 97 % of a row is asked for.
    slope : float, optional
        That of the lines, by `find_slope`, where it is known.

    Returns
    -------
    ndarray of shape (rows, columns), dtype=uint8
        1 where there is such a line, else 0.
    """
    import cv2

    mask = np.ascontiguousarray(mask)
    n_columns = max(3, min(round(length), round(0.97 * mask.shape[1])))
    if not _find_long(cv2.reduce(mask, 0, cv2.REDUCE_MAX), n_columns).any():  # too short at any slope
        return np.zeros_like(mask)
    slope = find_slope(mask) if slope is None else slope
    straight = _shear(mask, -slope)
    long = _find_long(cv2.dilate(straight, np.ones((3, 1), np.uint8)), n_columns)  # aslant it is a staircase
    thin = long & ~_open(long, (max(4, round(thickness) + 2), 1)) & straight
    return _shear(thin, slope) & mask if thin.any() else thin


def _find_long(mask: AnyArray, n_columns: int) -> Mask:
    """Return where rows of a mask have lines so long, perhaps with gaps."""
    import cv2

    whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, max(3, n_columns // 8)), np.uint8))
    return _open(np.asarray(whole, np.uint8), (1, n_columns))


def find_slope(mask: Mask, *, most_points: int = MOST_POINTS) -> float:
    """Return the slope, in rows per column, along which the ink gathers most in lines.

    Parameters
    ----------
    mask : ndarray of shape (rows, columns), dtype=uint8
        1 where there is ink, else 0.
    most_points : int
        Pixels of ink that are looked at.
    """
    import cv2

    if not mask.any():
        return 0.0
    points = np.asarray(cv2.findNonZero(np.ascontiguousarray(mask)))
    step = len(points) // most_points + 1 if len(points) > most_points else 1
    points = points.reshape(-1, 2)[::step]
    columns, rows = np.ascontiguousarray(points.T, np.float64)
    reach = round(SLOPES[-1] * mask.shape[1]) + 1
    n_lines, at_once = len(mask) + 2 * reach, max(1, _AT_ONCE // len(points))
    squares: list[int] = []
    for slopes in (SLOPES[start : start + at_once] for start in range(0, len(SLOPES), at_once)):
        firsts = reach + n_lines * np.arange(len(slopes))
        lines = np.rint(rows - slopes[:, None] * columns).astype(np.int64) + firsts[:, None]
        gathered = np.bincount(lines.ravel(), minlength=n_lines * len(slopes)).reshape(len(slopes), n_lines)
        squares += (gathered**2).sum(axis=1).tolist()
    return float(SLOPES[np.argmax(squares)])


def _shear(mask: Mask, slope: float) -> Mask:
    """Move each column down by the slope times its place."""
    import cv2

    if not slope:
        return np.ascontiguousarray(mask)
    matrix = np.array([[1.0, 0.0, 0.0], [slope, 1.0, 0.0]])
    sheared = cv2.warpAffine(np.ascontiguousarray(mask), matrix, mask.shape[::-1], flags=cv2.INTER_NEAREST)
    return np.asarray(sheared, np.uint8)


def _crossings(mask: Mask, strokes: Mask, rules: Mask, gap: float) -> Mask:
    """Return the parts of level rules that are strokes: with ink above and below, or thick."""
    import cv2

    if not rules.any():
        return np.zeros_like(rules)
    thick = _open(mask, (round(1.5 * thickness_of(rules)) + 1, 1))
    reach = round(gap) + 4
    bordered = np.pad(strokes, ((reach, reach), (0, 0)))
    closed = cv2.morphologyEx(bordered, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    return np.asarray(closed[reach:-reach], np.uint8) & rules | thick & rules


def count_lines(level: Mask) -> int:
    """Return how many level lines most columns cross."""
    counts = np.count_nonzero(level[1:] > level[:-1], axis=0) + level[0]
    return int(np.partition(counts, len(counts) // 2)[len(counts) // 2])


def thickness_of(rules: Mask) -> float:
    """Return the median thickness of level rules, in pixels."""
    steps = np.diff(np.pad(rules, ((1, 1), (0, 0))).astype(np.int8), axis=0).T
    return float(np.median(np.nonzero(steps == -1)[1] - np.nonzero(steps == 1)[1]))


def _open(mask: Mask, sides: tuple[int, int]) -> Mask:
    """Keep what a rectangle fits into; there is nothing beyond the edges."""
    import cv2

    kernel = np.ones(sides, np.uint8)
    opened = cv2.morphologyEx(
        np.ascontiguousarray(mask), cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(opened, np.uint8)


def widen(mask: Mask) -> Mask:
    """Return a mask with the soft edges around it."""
    import cv2

    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)
