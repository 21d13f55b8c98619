"""Which of the ink is the digit: not the grid around it, not its neighbors, not specks."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink
from tenfold.image.ruled import SOLID, erase_edge_rules

SMALLEST: Final = 24
"""Side of a picture, in pixels, below which it is a digit and nothing else."""

SPECK: Final = 0.01
"""Size of a part, of the digit's, below which it is a speck."""

REACH: Final = 0.25
"""How far from the digit's box its other parts may be, of the box's larger side."""

N_STEPS: Final = 3
"""How often it is asked which parts are near to those found before: a digit may be in pieces."""

CENTRAL: Final = 6.0
"""By how much the logarithm of its weight falls as a part is away from the picture's center: times the square
of the distance, in sides of the picture."""

MARGIN: Final = 0.15
"""Of a picture's side, at each edge: where what is left of a grid is."""


@dataclass(frozen=True)
class _Parts:
    """The connected parts of a mask, from the most likely digit to the least.

    `numbers` are those in `labels`; `boxes` are rows of left, top, right, bottom; `inside` counts the pixels
    that are not in the picture's margin.
    """

    labels: NDArray[np.int32]
    numbers: NDArray[np.int64]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]
    inside: NDArray[np.int64]
    touches: NDArray[np.bool_]


def isolate_digit(ink: Ink) -> Ink:
    """Keep the digit, and erase remains of grid lines, neighbors and specks.

    The digit is the part with most ink inside of the margin, the more so the nearer to the center, and what
    is close to it. Where it is joined to a line along an edge, the line is erased.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        A picture of one digit, 0 paper … 255 ink. If a side has under 24 pixels, it comes back as it is.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        A new array.
    """
    import cv2

    mask = (ink > SOLID).view(np.uint8)
    if min(ink.shape) < SMALLEST or not mask.any():
        return ink.copy()
    parts = _find_parts(mask)
    if parts.touches[0]:
        parts = _free_from_lines(mask, parts)
    is_kept = np.zeros(len(parts.numbers) + 1, np.uint8)
    is_kept[parts.numbers[_belong(parts)]] = 1
    kept = is_kept[parts.labels]
    widened = cv2.dilate(kept, np.ones((3, 3), np.uint8))  # by the soft edges of its strokes
    return ink * np.asarray(widened, np.uint8)


def _find_parts(mask: Ink) -> _Parts:
    import cv2

    height, width = mask.shape
    _, labels, statistics, centers = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, high, areas = statistics[1:].T
    touches = (left == 0) | (top == 0) | (left + wide == width) | (top + high == height)
    down, right = max(1, int(MARGIN * height)), max(1, int(MARGIN * width))
    inner = labels[down : height - down, right : width - right]
    inside = np.bincount(inner.ravel(), minlength=len(statistics))[1:]
    distance = ((centers[1:] / (width, height) - 0.5) ** 2).sum(axis=1)
    likely = (inside + 0.01 * areas) * np.exp(-CENTRAL * distance) * np.where(touches, 0.5, 1.0)
    order = np.argsort(-likely, kind="stable")
    boxes = np.stack([left, top, left + wide, top + high], axis=1)
    return _Parts(
        np.asarray(labels, np.int32), order + 1, boxes[order], areas[order], inside[order], touches[order]
    )


def _free_from_lines(mask: Ink, parts: _Parts) -> _Parts:
    """Return the parts that there are without the lines that the first is joined to; else those given."""
    joined = (parts.labels == parts.numbers[0]).view(np.uint8)
    rest = erase_edge_rules(joined)
    if rest is joined or not rest.any():
        return parts
    freed = _find_parts(rest)
    if freed.areas[0] <= MARGIN * parts.areas[0]:
        return parts
    return _find_parts(mask & ~joined | rest)


def _belong(parts: _Parts) -> NDArray[np.bool_]:
    """Tell which parts are the digit's: the first, and what is near it that is no speck and no remains."""
    if len(parts.areas) == 1:
        return np.ones(1, np.bool_)
    is_intruder = parts.touches & (~parts.touches[0] | _is_line(parts))
    may_belong = (parts.areas >= SPECK * parts.areas[0]) & ~is_intruder
    belongs = np.arange(len(parts.areas)) == 0
    for _ in range(N_STEPS):
        if not (may_belong & ~belongs).any():
            break
        start, end = parts.boxes[belongs, :2].min(axis=0), parts.boxes[belongs, 2:].max(axis=0)
        gaps = np.maximum(parts.boxes[:, :2] - end, start - parts.boxes[:, 2:]).max(axis=1)
        belongs |= may_belong & (gaps <= REACH * (end - start).max())
    return np.asarray(belongs, np.bool_)


def _is_line(parts: _Parts) -> NDArray[np.bool_]:
    """Tell which parts run along an edge: long, and four fifths of them in the margin."""
    height, width = parts.labels.shape
    sides = (parts.boxes[:, 2:] - parts.boxes[:, :2]) / (width, height)
    return np.asarray((parts.inside < 0.2 * parts.areas) & (sides.max(axis=1) > 0.5), np.bool_)
