"""A picture of one run of digits as one line of ink, its rows those of the digits."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Ink, LineInk
from tenfold.image.ink import count_levels, estimate_paper, find_quantile, shrink_to

ROWS: Final = 32
"""Height of a line, in pixels."""

NARROWEST, WIDEST = 16, 1024
"""Widths of lines, in pixels. Longer runs are squeezed."""

AROUND: Final = 0.2
"""Paper above and below the digits, of their height."""

BESIDE: Final = 0.35
"""Paper before and after them, of their height."""

PALEST: Final = 6
"""Darkness, of 255, to which the darkest strokes come at least where there is ink."""

PALE: Final = 0.33
"""Darkness of pale ink, of the darkest."""

SPECK: Final = 0.04
"""Area of a speck, of the part's with most ink."""

CUT: Final = 0.15
"""Share of all ink that may lie beyond the digits' rows, above as below."""

STROKE, STROKE_SHARE = 12, 0.12
"""Width of the widest strokes that are looked for: in pixels, or of the picture's height. Wider is shadow."""

LOCAL: Final = 0.4
"""Side of the surroundings that strokes are darker than, of the picture's smaller side."""

_COARSE: Final = 128
"""Smaller side of the picture in which dark paper is told from light, in pixels."""

_FINDING: Final = 200_000
"""Most pixels of the picture in which the digits are looked for."""


@dataclass(frozen=True, eq=False)
class Line:
    """A run of digits, as the line reader takes it.

    Attributes
    ----------
    ink : ndarray of shape (32, width), dtype=uint8
        0 paper … 255 the darkest ink; texture and rules are stretched with it, not cut.
    box : tuple of float
        Left, top, width and height of what it shows, in pixels of the picture; may reach beyond its edges.
    """

    ink: LineInk
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class _Parts:
    """Connected parts of a mask: rows of left, top, right, bottom, and their areas."""

    boxes: NDArray[np.int64]
    areas: NDArray[np.int64]


def picture_to_line(grey: Ink) -> Line:
    """Cut a picture loosely to the rows of its digits, and normalize its contrast.

    Rules, boxes, texture and neighbors stay in the line: nothing is cleaned that a reader could tell better.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, dark on light or light on dark; one run of digits from left to right.

    Returns
    -------
    Line
        32 rows high, with the aspect of the picture unless it would be wider than 1024.
    """
    light = np.ascontiguousarray(255 - grey if _is_light_on_dark(grey) else grey)
    return cut_line(light, find_run(light))


def _is_light_on_dark(grey: Ink) -> bool:
    """Tell whether strokes are lighter than what is around them: by the skewness of the difference.

    Around are pixels as far as the digits are wide, about, so that neither light nor shadow counts.
    """
    import cv2

    step = max(1, min(grey.shape) // (2 * _COARSE))
    small = shrink_to(np.ascontiguousarray(grey[::step, ::step]), _COARSE).astype(np.float32)
    side = max(3, int(LOCAL * min(small.shape))) | 1
    residual = small - np.asarray(cv2.blur(small, (side, side)), np.float32)
    return bool(((residual - residual.mean()) ** 3).sum() > 0)


def cut_line(light: Ink, box: tuple[float, float, float, float]) -> Line:
    """Cut a box out of a picture that is dark on light, as a line.

    Parameters
    ----------
    light : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white.
    box : tuple of float
        Left, top, width and height, in pixels; beyond the picture there is paper.
    """
    import cv2

    left, top, wide, high = box
    width = int(np.clip(round(wide * ROWS / high), NARROWEST, WIDEST))
    first, last = max(0, int(left)), min(light.shape[1], int(np.ceil(left + wide)))
    upper, lower = max(0, int(top)), min(light.shape[0], int(np.ceil(top + high)))
    part = np.ascontiguousarray(light[upper:lower, first:last])
    across, down = width / wide, ROWS / high
    size = max(1, round(part.shape[1] * across)), max(1, round(part.shape[0] * down))
    method = cv2.INTER_AREA if down < 1 else cv2.INTER_LINEAR
    darkness = cv2.resize(cv2.subtract(estimate_paper(part), part), size, interpolation=method)
    ink = np.zeros((ROWS, width), np.uint8)
    row, column = max(0, round((upper - top) * down)), max(0, round((first - left) * across))
    kept = darkness[: ROWS - row, : width - column]
    ink[row : row + kept.shape[0], column : column + kept.shape[1]] = _normalize(np.asarray(kept, np.uint8))
    return Line(ink, box)


def _normalize(darkness: AnyArray) -> AnyArray:
    """Stretch darkness so that dark strokes become full."""
    counts = count_levels(darkness)
    full = max(PALEST, _dark_level(counts))
    levels = np.clip(np.arange(256) * (255 / full), 0, 255).round().astype(np.uint8)
    return np.asarray(levels[darkness], np.uint8)


def _dark_level(counts: NDArray[np.int64]) -> int:
    """Return the darkness of dark strokes: what a fifth of the ink exceeds, ink being half as dark as it."""
    levels = np.arange(256)
    darkest = find_quantile(counts, 0.995)
    inked = counts * (levels > darkest // 2)
    return find_quantile(inked, 0.7) if inked.any() else darkest


def find_run(light: Ink) -> tuple[float, float, float, float]:
    """Find the box around a run of digits, with some paper on all sides.

    Parameters
    ----------
    light : ndarray of shape (height, width), dtype=uint8
        Dark on light.

    Returns
    -------
    tuple of float
        Left, top, width and height in pixels; the whole picture where there is no ink.
    """
    small, scale = _shrink(light)
    mask = _find_ink(small)
    everything = _find_parts(mask)
    parts = _find_parts(without_lines(mask))
    if not len(parts.areas):
        return 0.0, 0.0, float(light.shape[1]), float(light.shape[0])
    top, bottom = _find_rows(parts, len(small))
    is_near = (everything.boxes[:, 3] > top) & (everything.boxes[:, 1] < bottom)
    near = everything.boxes[is_near & (everything.areas >= SPECK * parts.areas.max())]
    high = float(bottom - top)
    left, right = float(near[:, 0].min(initial=small.shape[1])), float(near[:, 2].max(initial=0))
    if right <= left:
        left, right = 0.0, float(small.shape[1])
    left, right = left - BESIDE * high, right + BESIDE * high
    upper, lower = top - AROUND * high, bottom + AROUND * high
    return left / scale, upper / scale, (right - left) / scale, (lower - upper) / scale


def _shrink(light: Ink) -> tuple[AnyArray, float]:
    """Return a picture small enough to search, with its thin strokes kept, and its scale."""
    import cv2

    scale = min(1.0, float(np.sqrt(_FINDING / light.size)))
    if scale == 1:
        return light, 1.0
    side = max(1, int(1 / scale))
    darkened = cv2.erode(light, np.ones((side, side), np.uint8))
    size = max(1, round(light.shape[1] * scale)), max(1, round(light.shape[0] * scale))
    return np.asarray(cv2.resize(darkened, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _find_ink(light: AnyArray) -> AnyArray:
    """Return 1 where it is darker than paper's texture, and not much paler than the darkest."""
    import cv2

    stroke = min(0.6, max(STROKE_SHARE, STROKE / min(light.shape)))
    darkness = np.asarray(cv2.subtract(estimate_paper(light, surroundings=stroke), light), np.uint8)
    counts = count_levels(darkness)
    middle = find_quantile(counts, 0.5)
    spread = find_quantile(np.bincount(np.abs(darkness.astype(np.int16) - middle).ravel()), 0.5)
    threshold = max(PALEST, middle + 5 * spread, PALE * find_quantile(counts, 0.998))
    return (darkness > threshold).astype(np.uint8)


def without_lines(mask: AnyArray) -> AnyArray:
    """Erase what is as long as no stroke of a digit: rules, and sides of boxes.

    Parameters
    ----------
    mask : ndarray of shape (height, width), dtype=uint8
        1 where there is ink.
    """
    import cv2

    height, width = mask.shape
    long = max(12, int(min(1.2 * height, 0.7 * width))), max(12, int(0.9 * height))
    lines = np.zeros_like(mask)
    for kernel, widening in (((long[0], 1), (1, 3)), ((1, long[1]), (3, 1))):
        widened = cv2.dilate(mask, np.ones(widening[::-1], np.uint8))
        lines |= np.asarray(cv2.morphologyEx(widened, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8)))
    return mask & ~lines


def _find_parts(mask: AnyArray) -> _Parts:
    import cv2

    statistics = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:].astype(np.int64)
    left, top, wide, high, areas = statistics.T
    return _Parts(np.stack([left, top, left + wide, top + high], axis=1), areas)


def _find_rows(parts: _Parts, height: int) -> tuple[int, int]:
    """Return the first and the last row of the digits: those of most of the ink, and of whole parts near."""
    is_solid = parts.areas >= SPECK * parts.areas.max()
    boxes, areas = parts.boxes[is_solid], parts.areas[is_solid]
    top, bottom = _weighted(boxes[:, 1], areas, CUT), _weighted(boxes[:, 3], areas, 1 - CUT)
    high = bottom - top
    is_whole = (boxes[:, 1] > 0) & (boxes[:, 3] < height)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    belongs = (is_whole & (boxes[:, 1] > top - high) & (boxes[:, 3] < bottom + high)) | (
        (middles > top) & (middles < bottom)
    )
    return int(min(top, boxes[belongs, 1].min(initial=top))), int(
        max(bottom, boxes[belongs, 3].max(initial=bottom))
    )


def _weighted(values: NDArray[np.int64], weights: NDArray[np.int64], share: float) -> int:
    """Return a weighted quantile."""
    order = np.argsort(values)
    return int(values[order][np.searchsorted(np.cumsum(weights[order]), share * weights.sum())])
