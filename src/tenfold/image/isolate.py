"""Which of the ink is the digit: not the grid around it, not its neighbors, not specks."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink

SOLID: Final = 96
"""Ink, of 255, that holds parts together."""

SMALLEST: Final = 24
"""Side of a picture, in pixels, below which it is a digit and nothing else."""

SPECK: Final = 0.01
"""Size of a part, of the digit's, below which it is a speck."""

REACH: Final = 0.25
"""How far from the digit's box its other parts may be, of the box's larger side."""

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
    is close to it. Where it is joined to a line along an edge, the line is cut off, if a part remains that
    touches no edge.

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

    mask = (ink > SOLID).astype(np.uint8)
    if min(ink.shape) < SMALLEST or not mask.any():
        return ink.copy()
    parts = _find_parts(mask)
    if parts.touches[0]:
        joined = parts.labels == parts.numbers[0]
        rest = _cut_lines(joined)
        freed = _find_parts(rest.astype(np.uint8)) if rest.any() else parts
        if not freed.touches[0] and freed.areas[0] > MARGIN * parts.areas[0]:
            parts = _find_parts(mask * (~joined | rest))
    kept = np.isin(parts.labels, parts.numbers[_belong(parts)]).astype(np.uint8)
    digit: Ink = ink * cv2.dilate(kept, np.ones((3, 3), np.uint8))  # with the soft edges of its strokes
    return digit


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
    likely = (inside + 0.01 * areas) * np.exp(-6 * distance) * np.where(touches, 0.5, 1.0)
    order = np.argsort(-likely, kind="stable")
    boxes = np.stack([left, top, left + wide, top + high], axis=1)
    return _Parts(labels, order + 1, boxes[order], areas[order], inside[order], touches[order])


def _cut_lines(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Erase, from each edge, up to the last row near it that is nearly full."""
    rest = mask.copy()
    for view in (rest, rest[::-1], rest.T, rest.T[::-1]):
        depth = max(1, len(view) // 5)
        near = view[: depth + 1].copy()
        near[:-1] |= near[1:]  # a line may be a little aslant
        full = np.flatnonzero(near[:depth].mean(axis=1) > 1 - MARGIN)
        if full.size:
            view[: full[-1] + 2] = False
    return rest


def _belong(parts: _Parts) -> NDArray[np.bool_]:
    """Tell which parts are the digit's: the first, and those near it that are no speck and no remains."""
    digit = parts.boxes[0]
    gaps = np.maximum(parts.boxes[:, :2] - digit[2:], digit[:2] - parts.boxes[:, 2:]).max(axis=1)
    is_near = gaps <= REACH * (digit[2:] - digit[:2]).max()
    is_intruder = parts.touches & (~parts.touches[0] | _is_line(parts))
    belongs = is_near & (parts.areas >= SPECK * parts.areas[0]) & ~is_intruder
    belongs[0] = True
    return np.asarray(belongs, np.bool_)


def _is_line(parts: _Parts) -> NDArray[np.bool_]:
    """Tell which parts run along an edge: long, and four fifths of them in the margin."""
    height, width = parts.labels.shape
    sides = (parts.boxes[:, 2:] - parts.boxes[:, :2]) / (width, height)
    return np.asarray((parts.inside < 0.2 * parts.areas) & (sides.max(axis=1) > 0.5), np.bool_)
