"""Where the numbers are: ink in parts, parts in lines, lines in numbers."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink
from tenfold.reading.ruled import SOLID, erase_long_rules, erase_rules

SMALLEST: Final = 6
"""Height of a digit, at least, in pixels."""

TALLEST: Final = 2.2
SHORTEST: Final = 0.45
WIDEST: Final = 4.0
SPECK: Final = 0.12
"""Of digits, and of strokes that may be part of one, in heights of the usual digit."""

LEVEL: Final = 0.4
"""How much the parts of a line overlap from one to the next, of the lower one's height."""

ABOVE: Final = 0.6
"""How much parts of a digit overlap that lie above each other, of the narrower one's width."""

NEAR: Final = 0.15
"""How far from a digit a stroke of it may be, of its height."""

LOWEST: Final = 0.7
"""How far below a digit's top a stroke of it begins, at most, of its height: commas begin lower."""

APART: Final = 1.2
"""Gap that parts two numbers, at least, in heights of their digits."""

WIDER: Final = 2.2
"""How much wider it is than the usual gap of its line, at least."""

Boxes = NDArray[np.int64]
"""Of shape (n, 4): left, top, right, bottom."""


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
    """

    ink: Ink
    labels: NDArray[np.int32]
    boxes: Boxes
    areas: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Run:
    """Pieces of ink from left to right that may form one number.

    Attributes
    ----------
    pieces : tuple of ndarray of shape (n_parts,), dtype=int64
        The positions in `Parts` of each piece's parts: a 5 and its bar are one piece.
    boxes : ndarray of shape (n_pieces, 4), dtype=int64
        Left, top, right, bottom of each piece.
    height : float
        Of its digits, in pixels.
    line : int
        Which line of the picture it stands in, from 0.
    """

    pieces: tuple[NDArray[np.int64], ...]
    boxes: Boxes
    height: float
    line: int


def find_parts(ink: Ink) -> Parts:
    """Find the connected parts of ink, without the rules around them.

    Parameters
    ----------
    ink : ndarray of shape (rows, columns), dtype=uint8
        0 paper … 255 ink.
    """
    height = _typical_height(_connect(erase_long_rules(ink)), ink.shape)
    return _connect(erase_rules(ink, height))


def _connect(ink: Ink) -> Parts:
    import cv2

    mask = (ink > SOLID).astype(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, high, areas = statistics[1:].T.astype(np.int64)
    boxes = np.stack([left, top, left + wide, top + high], axis=1)
    return Parts(ink, np.asarray(labels, np.int32), boxes, areas)


def _typical_height(parts: Parts, shape: tuple[int, ...]) -> float:
    """Return the height of most digits: of parts that are no specks, lines or frames."""
    wide, high = _sides(parts.boxes)
    is_speck = (high < SMALLEST) | (np.maximum(wide, high) < 0.02 * min(shape))
    is_large = (wide > 2 * high) | (high > 0.5 * shape[0])
    is_frame = is_large & (parts.areas < 0.15 * wide * high)
    is_line = np.maximum(wide / high, high / wide) > 4
    heights = high[~(is_speck | is_frame | is_line)]
    if not len(heights):
        return max(float(SMALLEST), 0.5 * min(shape))
    ordered = np.sort(heights)
    return float(ordered[np.searchsorted(np.cumsum(ordered), 0.6 * ordered.sum())])


def _sides(boxes: Boxes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return widths and heights."""
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]


def find_runs(parts: Parts) -> list[Run]:
    """Find what may be numbers, from top to bottom and from left to right.

    Parameters
    ----------
    parts : Parts
        Of a picture, as `find_parts` returns them.
    """
    height = _typical_height(parts, parts.ink.shape)
    wide, high = _sides(parts.boxes)
    is_frame = (high > TALLEST * height) | ((wide > WIDEST * height) & (parts.areas < 0.15 * wide * high))
    digits = np.flatnonzero((high >= SHORTEST * height) & ~is_frame)
    lines = _group_lines(parts.boxes, digits)
    strokes = np.flatnonzero((high < SHORTEST * height) & (np.maximum(wide, high) >= SPECK * height))
    return [
        run
        for number, line in enumerate(lines)
        for run in _split_line(
            parts.boxes, _attach(parts.boxes, _join(parts.boxes, line), strokes), line=number
        )
    ]


def _group_lines(boxes: Boxes, members: NDArray[np.int64]) -> list[list[int]]:
    """Group parts into lines: each joins the line whose nearest part to its left is at its level."""
    lines: list[list[int]] = []
    for member in members[np.argsort(boxes[members, 0], kind="stable")].tolist():
        fitting = [line for line in lines if _overlap(boxes[line[-1]], boxes[member], axis=1) > LEVEL]
        if fitting:
            max(fitting, key=lambda line: int(boxes[line[-1], 2])).append(member)
        else:
            lines.append([member])
    return sorted(lines, key=lambda line: float(boxes[line, 1].mean()))


def _overlap(first: NDArray[np.int64], second: NDArray[np.int64], *, axis: int) -> float:
    """Return how much two boxes overlap along an axis, as a share of the smaller."""
    shared = min(first[axis + 2], second[axis + 2]) - max(first[axis], second[axis])
    return float(shared / min(first[axis + 2] - first[axis], second[axis + 2] - second[axis]))


def _join(boxes: Boxes, line: list[int]) -> list[list[int]]:
    """Join the parts of a line that lie above each other."""
    pieces: list[list[int]] = []
    for member in line:
        if pieces and max(_overlap(boxes[other], boxes[member], axis=0) for other in pieces[-1]) > ABOVE:
            pieces[-1].append(member)
        else:
            pieces.append([member])
    return pieces


def _attach(boxes: Boxes, pieces: list[list[int]], strokes: NDArray[np.int64]) -> list[list[int]]:
    """Add the short strokes to the pieces that they are near to and within the height of: bars of 5s."""
    hulls = np.array([_hull(boxes, piece) for piece in pieces])
    attached = [list(piece) for piece in pieces]
    for stroke in strokes.tolist():
        left, top, right, bottom = boxes[stroke].tolist()
        reach = NEAR * (hulls[:, 3] - hulls[:, 1])
        gaps = np.maximum(hulls[:, 0] - right, left - hulls[:, 2])
        lowest = hulls[:, 1] + LOWEST * (hulls[:, 3] - hulls[:, 1])
        is_near = (gaps < reach) & (bottom > hulls[:, 1] - reach) & (top < lowest)
        if is_near.any():
            attached[int(np.argmin(np.where(is_near, gaps, np.inf)))].append(stroke)
    return attached


def _hull(boxes: Boxes, members: list[int]) -> NDArray[np.int64]:
    """Return the box around some boxes."""
    return np.concatenate([boxes[members, :2].min(axis=0), boxes[members, 2:].max(axis=0)])


def _split_line(boxes: Boxes, pieces: list[list[int]], *, line: int) -> list[Run]:
    """Split a line where a gap is much wider than usual in it."""
    hulls = np.array([_hull(boxes, piece) for piece in pieces])
    height = float(np.median(hulls[:, 3] - hulls[:, 1]))
    gaps = hulls[1:, 0] - np.maximum.accumulate(hulls[:, 2])[:-1]
    limit = max(APART * height, WIDER * float(np.median(gaps))) if len(gaps) > 1 else 2 * APART * height
    ends = [*(np.flatnonzero(gaps > limit) + 1).tolist(), len(pieces)]
    runs = []
    for start, end in zip([0, *ends], ends, strict=False):
        members = tuple(np.array(piece, np.int64) for piece in pieces[start:end])
        runs.append(Run(members, hulls[start:end], height, line))
    return runs
