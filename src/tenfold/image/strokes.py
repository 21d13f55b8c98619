"""Strokes as MNIST has them: how thick they are, thin ones made thicker, those of few pixels smooth."""

from typing import Final

import numpy as np

from tenfold.arrays import Box, Ink
from tenfold.image.digit_image import BOX

THINNEST: Final = 2.1
"""Width of strokes, in pixels of the digit image, below which they are thickened."""

THICKENED: Final = 2.7
"""What they are then. (Of MNIST's training digits, by the same measure, 98 % have 2.8 to 5.7.)"""

COARSE: Final = 1.2
"""Times that ink becomes larger in the digit image, from which on its pixels are seen as steps."""

SOFT: Final = 0.1
"""Share of its pixels that are neither paper nor full, from which on ink has soft edges."""

_FINER: Final = 4
"""How many pixels there are, along each side, to one of the digit image while strokes are thickened."""


def even_strokes(ink: Ink) -> Box:
    """Widen strokes that would be thinner in the digit image than any of MNIST's, and smooth steps.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        One digit and nothing else, 0 paper … 255 ink.

    Returns
    -------
    ndarray of another shape, dtype=uint8
        The digit alone, perhaps at another scale; the array as it was where strokes need nothing.
    """
    return smooth_steps(thicken(ink))


def smooth_steps(ink: Ink) -> Box:
    """Blur black and white ink of so few pixels that they would be seen as steps, which MNIST's never are.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        One digit and nothing else, 0 paper … 255 ink.

    Returns
    -------
    ndarray of another shape, dtype=uint8
        The digit alone; each pixel has given an eighth of its ink to each neighbor across, and then down. The
        array as it was where there are pixels enough, or its edges are soft.
    """
    box = _cut_to_box(ink)
    if not box.size or COARSE * max(box.shape) > BOX:
        return ink
    if np.count_nonzero((box > 0) & (box < 255)) >= SOFT * np.count_nonzero(box):
        return ink
    padded = np.pad(box.astype(np.int32), 1)
    across = padded[:, :-2] + 6 * padded[:, 1:-1] + padded[:, 2:]
    down = across[:-2] + 6 * across[1:-1] + across[2:]
    return np.asarray((down + 32) // 64, np.uint8)


def thicken(ink: Ink) -> Box:
    """Widen strokes that would be thinner in the digit image than any of MNIST's.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        One digit and nothing else, 0 paper … 255 ink.

    Returns
    -------
    ndarray of another shape, dtype=uint8
        The digit alone, at another scale; the array as it was where strokes are wide enough.
    """
    import cv2

    box = _cut_to_box(ink)
    if not box.size or stroke_width(box) * BOX / max(box.shape) >= THINNEST:
        return ink
    scale = _FINER * BOX / max(box.shape)
    height, width = (max(1, round(side * scale)) for side in box.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    fine = np.asarray(cv2.resize(box, (width, height), interpolation=method), np.uint8)
    full = 255 / max(1, int(fine.max()))
    fine = np.asarray(cv2.convertScaleAbs(fine, alpha=full), np.uint8)  # hairlines have paled
    missing = max(0, round(THICKENED * _FINER - stroke_width(fine)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
    around = (missing,) * 4
    bordered = cv2.copyMakeBorder(fine, *around, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.dilate(bordered, kernel), np.uint8)


def _cut_to_box(ink: Ink) -> Box:
    """Return the part of a picture that holds all its ink; without ink, no pixels."""
    import cv2

    left, top, wide, high = cv2.boundingRect(ink)
    return ink[top : top + high, left : left + wide]


def stroke_width(ink: Ink) -> float:
    """Return the mean width of the strokes, in pixels: within one, of strokes wider than one.

    A bar's pixels are a quarter of its width away from its edge, on average.
    """
    import cv2

    solid = (ink > 127).view(np.uint8)
    mask = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    distances = cv2.distanceTransform(mask, cv2.DIST_L2, 3)[mask.view(np.bool_)]
    return float(4 * distances.mean() - 1) if distances.size else 1.0
