"""How paper is ruled, and whether anything is written on it."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink
from tenfold.image.ruled import count_lines, find_level
from tenfold.reading.locate import SMALLEST, Parts, sides

SPREAD: Final = 0.4
"""Sides of a grid, or of the outline of a sheet, at least, of the picture's; also how long its lines are."""

SPARSE: Final = 0.03
"""How much of its box such an outline fills, at most."""

RIM: Final = 0.1
"""How near to its edges an outline is, of its sides, but for as much of its ink."""

FLAT: Final = 10
LONG: Final = 0.2
MANY: Final = 3
"""Width of a ruled line, at least, in its heights and of the picture's width; and how many there are."""

THICKER: Final = 2.5
"""Thickness of a line anywhere, at most, in what most of it has; more is written on it."""

EDGE: Final = 0.05
"""Of the picture's side, along an edge, where remains of lines are."""

THIN: Final = 0.02
"""Thickness of its lines, at most, of the picture's smaller side."""

SQUARES: Final = 20
FEWEST: Final = 6
"""Pieces of paper that such a grid encloses, and a blank one, at least; no digit encloses so many."""

HOLE: Final = 0.015
"""Their sides, at least, of the picture's smaller side: smaller ones are strokes', or holes of a dry pen."""

AROUND: Final = 0.9
"""Sides of paper that lies around a grid, at least, of the picture's."""

MERGED: Final = 1.5
"""Sides of a piece at the picture's edge, at most, in those of most; larger ones are several, not parted."""

COVERED: Final = 0.6
"""Share of a grid's box that its pieces have, at least, but for those."""

FINEST: Final = 3
"""Sides of a piece, at least, in pixels; a line may have smaller holes."""

SPECK: Final = 0.2
"""Size of what is written, at least, in sides of a piece."""

DEEP: Final = 0.12
"""How far a stroke reaches into a piece, at least, in the same. (Where lines bend it is 0.07 at most.)"""


class Ruling(Enum):
    """What `tell_ruling` tells."""

    NONE = auto()
    RULED = auto()
    BLANK = auto()


@dataclass(frozen=True, eq=False)
class _Piece:
    """A piece of paper, cut to its box, and whether that is at the picture's edge."""

    mask: Ink
    is_aside: bool


def tell_ruling(parts: Parts, *, is_page: bool = True) -> Ruling:
    """Tell whether a picture shows ruled paper, and whether anything is written on it.

    Parameters
    ----------
    parts : Parts
        Of the picture, with its rules.
    is_page : bool
        Whether it may be more than a few digits, which are asked for no lines.

    Returns
    -------
    Ruling
        `BLANK` if ink is nothing but ruled lines, a grid or the outline of a sheet, or there is none;
        `RULED` if a page has lines or a grid, with whatever hangs on them; else `NONE`.
    """
    if not len(parts.areas):
        return Ruling.BLANK
    wide, high = sides(parts.boxes)
    is_line, is_aside = _are_lines(parts), _are_at_edges(parts)
    lengths = np.maximum(wide, high) * ~(is_line | is_aside)
    has_lines = bool(is_line.sum() >= MANY)
    if has_lines and lengths.max() < SMALLEST:
        return Ruling.BLANK
    ruled = Ruling.RULED if has_lines and is_page else Ruling.NONE
    largest = int((wide * high).argmax())
    if not _spans(parts, largest):
        return ruled
    beside = float(np.delete(lengths, largest).max(initial=0))
    if beside < SMALLEST and _is_outline(parts, largest):
        return Ruling.BLANK
    pieces = _find_pieces(parts.labels != largest + 1)
    if _is_blank_grid(parts, pieces, largest, beside):
        return Ruling.BLANK
    return Ruling.RULED if is_page and _is_grid(parts, pieces, largest) else ruled


def _is_blank_grid(parts: Parts, pieces: list[_Piece], grid: int, beside: float) -> bool:
    """Tell whether a part is a grid whose pieces of paper nothing reaches into, nor stands in."""
    least = HOLE * min(parts.ink.shape)
    sizes = np.array([piece.mask.shape for piece in pieces if min(piece.mask.shape) >= least])
    if len(sizes) < FEWEST:
        return False
    usual = np.median(sizes, axis=0)
    side = float(usual.min())
    if beside >= max(SMALLEST, SPECK * side):
        return False
    pieces = [piece for piece in pieces if not piece.is_aside or (piece.mask.shape <= MERGED * usual).all()]
    width, height = (parts.boxes[grid, 2:] - parts.boxes[grid, :2]).tolist()
    if sum(int(piece.mask.sum()) for piece in pieces) < COVERED * width * height:
        return False
    has_holes = any(min(piece.mask.shape) < least and not piece.is_aside for piece in pieces)
    return not has_holes and not any(_reaches_into(piece.mask, DEEP * side) for piece in pieces)


def _is_grid(parts: Parts, pieces: list[_Piece], part: int) -> bool:
    """Tell whether a part is a grid over much of the page."""
    least = HOLE * min(parts.ink.shape)
    if sum(min(piece.mask.shape) >= least and not piece.is_aside for piece in pieces) > SQUARES:
        return True
    mask = (parts.labels == part + 1).view(np.uint8)
    level = find_level(mask, length=SPREAD * mask.shape[1], thickness=THIN * min(mask.shape))
    return count_lines(level) >= MANY


def _are_lines(parts: Parts) -> NDArray[np.bool_]:
    """Tell which parts are ruled lines, perhaps bent, with nothing that hangs on them."""
    wide, high = sides(parts.boxes)
    may_be = (wide >= FLAT * high) & (wide >= LONG * parts.ink.shape[1])
    for part in np.flatnonzero(may_be).tolist():
        left, top, right, bottom = parts.boxes[part].tolist()
        thickness = (parts.labels[top:bottom, left:right] == part + 1).sum(axis=0)
        may_be[part] = thickness.max() <= THICKER * np.median(thickness)
    return np.asarray(may_be, np.bool_)


def _spans(parts: Parts, part: int) -> bool:
    """Tell whether a part reaches over much of the picture, across and down."""
    size = parts.boxes[part, 2:] - parts.boxes[part, :2]
    return bool((size >= SPREAD * np.array(parts.ink.shape[::-1])).all())


def _is_outline(parts: Parts, part: int) -> bool:
    """Tell whether a part is the outline of a sheet: too thin for a digit, and hollow."""
    left, top, right, bottom = parts.boxes[part].tolist()
    wide, high = right - left, bottom - top
    across, down = round(RIM * wide), round(RIM * high)
    inner = parts.labels[top + down : bottom - down, left + across : right - across] == part + 1
    return bool(parts.areas[part] <= SPARSE * wide * high and inner.sum() <= RIM * parts.areas[part])


def _are_at_edges(parts: Parts) -> NDArray[np.bool_]:
    """Tell which parts run along an edge."""
    height, width = parts.ink.shape
    left, top, right, bottom = parts.boxes.T
    is_aside = (right <= EDGE * width) | (left >= (1 - EDGE) * width)
    return np.asarray(is_aside | (bottom <= EDGE * height) | (top >= (1 - EDGE) * height), np.bool_)


def _find_pieces(is_paper: NDArray[np.bool_]) -> list[_Piece]:
    """Return the pieces that paper is parted into, but for what lies around a grid."""
    import cv2

    _, labels, statistics, _ = cv2.connectedComponentsWithStats(is_paper.view(np.uint8), connectivity=4)
    rows, columns = is_paper.shape
    pieces = []
    for number, (left, top, wide, high, _) in enumerate(statistics[1:].tolist(), 1):
        if min(wide, high) < FINEST or wide > AROUND * columns or high > AROUND * rows:
            continue
        mask = (labels[top : top + high, left : left + wide] == number).view(np.uint8)
        is_aside = min(left, columns - left - wide) < EDGE * columns
        is_aside |= min(top, rows - top - high) < EDGE * rows
        pieces.append(_Piece(mask, is_aside))
    return pieces


def _reaches_into(piece: Ink, depth: float) -> bool:
    """Tell whether a stroke reaches so far into a piece of paper, which would be convex else."""
    import cv2

    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.fillConvexPoly(np.zeros_like(piece), cv2.convexHull(outlines[0]), 1)
    inwards = cv2.distanceTransform(np.pad(np.asarray(hull, np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return bool((inwards * (1 - piece)).max() > depth)
