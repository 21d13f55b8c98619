"""Parts in lines from left to right, and lines in numbers."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.reading.boxes import are_left_of_rules, find_tables, is_boxed, part_by_cells
from tenfold.reading.cells import Boxes
from tenfold.reading.locate import Parts, median, sides, typical_height
from tenfold.reading.marks import FLAT, drop_amount_mark, find_commas, is_dash, is_point
from tenfold.reading.single import is_bar

TALLEST: Final = 2.2
SHORTEST: Final = 0.45
WIDEST: Final = 4.0
SPECK: Final = 0.12
"""Of digits, and of strokes that may be part of one, in heights of the usual digit."""

SLIVER: Final = 0.15
"""Width of what is at the edge of a crop and left of a line, at most, in heights of the usual digit."""

LEVEL: Final = 0.3
"""How much a digit overlaps with the line before it, at least, of the lower one's height."""

NEIGHBORS: Final = 3
"""Digits of a line that are looked at to see at which level it is."""

ABOVE: Final = 0.6
"""How much parts of a digit overlap that lie above each other, of the narrower one's width."""

NEAR: Final = 0.15
"""How far from a digit a stroke of it may be, of its height."""

LOWEST: Final = 0.7
"""How far below a digit's top a stroke of it begins, at most, of its height: commas begin lower."""

BAR: Final = 0.4
"""How far below a 5's top the bar beside it ends, at most, of its height."""

APART: Final = 1.2
"""Gap that parts two numbers, at least, in heights of their digits, where the page does not tell."""

LEAST_APART: Final = 0.6
CLOSE: Final = 0.15
JUMP: Final = 1.8
OFTEN: Final = 8
"""Where its gaps are of two kinds: the least of the wider ones, what narrower ones count as, how much wider
the next one is, at least, and how many there are of each kind."""

WIDER: Final = 2.2
"""How much wider it is than the usual gap of its line, at least."""

WIDEST_GAP: Final = 2.5
"""Gap within a number, at most, in heights of its digits, where they stand in no cells."""

FORM: Final = 3
"""Numbers in boxes, at least, on a form, where what stands outside of them is printed."""


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

    @property
    def hull(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of all pieces."""
        left, top = self.boxes[:, :2].min(axis=0).tolist()
        right, bottom = self.boxes[:, 2:].max(axis=0).tolist()
        return left, top, right, bottom


@dataclass(frozen=True, eq=False)
class _Line:
    """The pieces of a line, as `Run` has them, and the columns of dashes and of commas or points between."""

    pieces: list[list[int]]
    hulls: Boxes
    height: float
    dashes: list[float]
    joints: list[float]

    @property
    def gaps(self) -> NDArray[np.int64]:
        """Return the columns of paper between each piece and what is left of the next."""
        return np.asarray(self.hulls[1:, 0] - np.maximum.accumulate(self.hulls[:, 2])[:-1])


def find_runs(parts: Parts, *, is_page: bool) -> list[Run]:
    """Find what may be numbers, from top to bottom and from left to right.

    Parameters
    ----------
    parts : Parts
        Of a picture.
    is_page : bool
        Whether what touches the edges of the picture is no part of a number.
    """
    boxes, height = parts.boxes, typical_height(parts)
    wide, high = sides(boxes)
    is_frame = (high > TALLEST * height) | ((wide > WIDEST * height) & (parts.areas < 0.15 * wide * high))
    at_edge = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == parts.ink.shape[::-1]).any(axis=1)
    is_frame |= at_edge if is_page else at_edge & (wide < SLIVER * height)
    is_frame |= are_left_of_rules(parts, height)
    is_flat = is_bar(boxes, parts.areas)
    is_digit = (high >= SHORTEST * height) & ~is_frame & ~is_flat
    parts = find_tables(parts, boxes[is_digit], height)
    lines = _group_lines(boxes, np.flatnonzero(is_digit))
    is_stroke = (
        ((high < SHORTEST * height) | is_flat) & (np.maximum(wide, high) >= SPECK * height) & ~is_frame
    )
    strokes = np.flatnonzero(is_stroke).tolist()
    found = [_find_in_line(parts, line, strokes) for line in lines]
    apart = _find_apart([line.gaps / line.height for line in found])
    runs = [run for number, line in enumerate(found) for run in _split(parts, line, number, apart)]
    boxed = [run for run in runs if is_boxed(parts, run.boxes, run.height)]
    return boxed if len(boxed) >= FORM else runs


def _find_in_line(parts: Parts, line: list[int], strokes: list[int]) -> _Line:
    """Return the pieces of one line."""
    boxes = parts.boxes
    line, strokes = drop_amount_mark(parts, line, strokes)
    joined = _join(boxes, line)
    hulls = np.array([_hull(boxes, piece) for piece in joined])
    is_comma = find_commas(hulls)
    digits = [piece for piece, comma in zip(joined, is_comma.tolist(), strict=True) if not comma]
    pieces, loose = _attach(boxes, digits, strokes)
    commas, hulls = hulls[is_comma], np.array([_hull(boxes, piece) for piece in pieces])
    height = median((hulls[:, 3] - hulls[:, 1]).tolist())
    dashes = [boxes[stroke] for stroke in loose if is_dash(boxes[stroke], hulls, height)]
    joints = [*commas, *(boxes[stroke] for stroke in loose if is_point(boxes[stroke], hulls, height))]
    return _Line(pieces, hulls, height, _middles(dashes), _middles(joints))


def _split(parts: Parts, line: _Line, number: int, apart: float) -> list[Run]:
    """Return the runs of one line."""
    ends = part_by_cells(parts, line.hulls, _find_ends(line, apart), line.height)
    runs = []
    for start, end in zip([0, *ends], [*ends, len(line.pieces)], strict=True):
        members = tuple(np.array(piece, np.int64) for piece in line.pieces[start:end])
        runs.append(Run(members, line.hulls[start:end], line.height, number))
    return runs


def _find_apart(gaps: list[NDArray[np.float64]]) -> float:
    """Return the gap, in heights, between the two kinds that a page has; 0 where it has no two kinds."""
    ordered = np.sort(np.concatenate([*gaps, [0.0]]))
    low, high = np.maximum(ordered[:-1], CLOSE), ordered[1:]
    jumps = np.where((high >= LEAST_APART) & (low < APART), high / low, 0)
    jumps[:OFTEN] = jumps[max(0, len(jumps) - OFTEN) :] = 0
    at = int(jumps.argmax()) if len(jumps) else 0
    return float(np.sqrt(low[at] * high[at])) if len(jumps) and jumps[at] >= JUMP else 0.0


def _group_lines(boxes: Boxes, members: NDArray[np.int64]) -> list[list[int]]:
    """Group parts into lines: each joins the line whose end to its left is at its level."""
    lines: list[list[int]] = []
    edges = boxes.tolist()
    for member in members[np.argsort(boxes[members, 0], kind="stable")].tolist():
        fitting = [line for line in lines if _overlap(_end(edges, line), edges[member], axis=1) > LEVEL]
        if fitting:
            max(fitting, key=lambda line: edges[line[-1]][2]).append(member)
        else:
            lines.append([member])
    return sorted(lines, key=lambda line: sum(edges[member][1] for member in line) / len(line))


def _end(edges: list[list[int]], line: list[int]) -> list[int]:
    """Return the box around the last digits of a line."""
    lefts, tops, rights, bottoms = zip(*(edges[member] for member in line[-NEIGHBORS:]), strict=True)
    return [min(lefts), min(tops), max(rights), max(bottoms)]


def _overlap(first: list[int], second: list[int], *, axis: int) -> float:
    """Return how much two boxes overlap along an axis, as a share of the smaller."""
    shared = min(first[axis + 2], second[axis + 2]) - max(first[axis], second[axis])
    return shared / min(first[axis + 2] - first[axis], second[axis + 2] - second[axis])


def _join(boxes: Boxes, line: list[int]) -> list[list[int]]:
    """Join the parts of a line that lie above each other."""
    pieces: list[list[int]] = []
    edges = {member: boxes[member].tolist() for member in line}
    for member in line:
        if pieces and max(_overlap(edges[other], edges[member], axis=0) for other in pieces[-1]) > ABOVE:
            pieces[-1].append(member)
        else:
            pieces.append([member])
    return pieces


def _attach(boxes: Boxes, pieces: list[list[int]], strokes: list[int]) -> tuple[list[list[int]], list[int]]:
    """Add short strokes to the pieces that they are near to, as bars of 5s are; return those left as well."""
    if not strokes:
        return pieces, []
    hulls = np.array([_hull(boxes, piece) for piece in pieces])
    heights = hulls[:, 3] - hulls[:, 1]
    attached, loose = [list(piece) for piece in pieces], []
    for stroke in strokes:
        left, top, right, bottom = boxes[stroke].tolist()
        gaps = np.maximum(hulls[:, 0] - right, left - hulls[:, 2])
        is_near = (gaps < NEAR * heights) & (bottom > hulls[:, 1] - NEAR * heights)
        is_near &= top < hulls[:, 1] + LOWEST * heights
        if right - left >= FLAT * (bottom - top):  # a dash, unless it is above or below, or a 5's bar
            is_near &= (gaps < 0) | (bottom < hulls[:, 1] + BAR * heights)
        if is_near.any():
            attached[int(np.argmin(np.where(is_near, gaps, np.inf)))].append(stroke)
        else:
            loose.append(stroke)
    return attached, loose


def _hull(boxes: Boxes, members: list[int]) -> NDArray[np.int64]:
    """Return the box around some boxes."""
    if len(members) == 1:
        return np.asarray(boxes[members[0]])
    return np.concatenate([boxes[members, :2].min(axis=0), boxes[members, 2:].max(axis=0)])


def _middles(boxes: list[NDArray[np.int64]]) -> list[float]:
    """Return the middle column of each box."""
    return [float(box[0] + box[2]) / 2 for box in boxes]


def _find_ends(line: _Line, apart: float) -> list[int]:
    """Return before which pieces a number begins: after a dash, or a gap much wider than is usual.

    No number ends where there is a comma or a point.
    """
    gaps, hulls = line.gaps, line.hulls
    limit = apart * line.height if apart else _find_widest(np.sort(gaps).tolist(), line.height)
    is_end = gaps > limit
    for position, (before, after) in enumerate(zip(hulls[:-1, 2], hulls[1:, 0], strict=True)):
        has_joint, has_dash = (
            any(before < at < after for at in marks) for marks in (line.joints, line.dashes)
        )
        is_end[position] = has_dash or gaps[position] > (2 * limit if has_joint else limit)
    ends: list[int] = (np.flatnonzero(is_end) + 1).tolist()
    return ends


def _find_widest(gaps: list[float], height: float) -> float:
    """Return how wide a gap within a number may be, by the gaps of its line in ascending order."""
    least = APART * height
    narrow = next((one for one, other in pairwise(gaps) if other > max(least, WIDER * one)), None)
    if narrow is None:  # all are alike; of two the narrower counts, or the wider would hide itself
        narrow = gaps[(len(gaps) - 1) // 2] if len(gaps) > 1 else 2 * least / WIDER
    return min(max(least, WIDER * narrow), WIDEST_GAP * height)
