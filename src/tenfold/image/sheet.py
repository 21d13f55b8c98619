"""The sheet of paper in a photo, told from what lies around it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink
from tenfold.image.ink import shrink_to

COARSE: Final = 128
"""Smaller side of the picture in which the sheet is looked for."""

LIGHT: Final = 0.9
"""Share of the pixels that are darker than paper, or as dark."""

DARK: Final = 0.45
"""Lightness of what is no paper, at most, as a share of the paper's. Shadows on it are lighter."""

STROKES: Final = 0.1
"""Width of ink on a sheet, at most, of the picture's smaller side."""

LEAST: Final = 0.2
MOST: Final = 0.97
"""Share of the picture that the sheet has."""

STEP: Final = 0.6
NEAR: Final = 7
"""Lightness beside a sheet, at most, as a share of the sheet's at its edge; and how near, in small pixels."""

CONVEX: Final = 0.9
"""Share of its convex hull that a sheet fills, at least."""


def without_surroundings(grey: Ink) -> Ink:
    """Continue a sheet of paper beyond its edges, where it lies on something much darker.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        The array that was given, where no sheet is found that has something else around it.
    """
    import cv2

    small = shrink_to(grey, COARSE)
    around = _find_surroundings(small)
    if not around.any():
        return grey
    blurred_edge = np.asarray(cv2.dilate(around, np.ones((5, 5), np.uint8)), np.uint8)
    paper = cv2.inpaint(small, blurred_edge, 3, cv2.INPAINT_TELEA)
    size = grey.shape[::-1]
    is_around = cv2.resize(blurred_edge, size, interpolation=cv2.INTER_NEAREST) > 0
    return np.where(is_around, cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR), grey).astype(np.uint8)


def _find_surroundings(small: Ink) -> NDArray[np.uint8]:
    """Return 1 where there is no sheet but what it lies on, else 0; nowhere 1, if there is no such sheet."""
    import cv2

    none = np.zeros_like(small)
    is_light = (small > DARK * np.quantile(small, LIGHT)).view(np.uint8)
    side = round(STROKES * min(small.shape)) | 1
    closed = cv2.morphologyEx(is_light, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return none
    outline = max(contours, key=cv2.contourArea)
    sheet = np.asarray(cv2.drawContours(none.copy(), [outline], 0, 1, cv2.FILLED), np.uint8)
    hull = np.asarray(cv2.fillConvexPoly(none.copy(), cv2.convexHull(outline), 1), np.uint8)
    is_sheet = LEAST <= sheet.mean() <= MOST and sheet.sum() >= CONVEX * hull.sum()
    return 1 - sheet if is_sheet and _has_edge(small, sheet) else none


def _has_edge(small: Ink, sheet: NDArray[np.uint8]) -> bool:
    """Tell whether a sheet ends at once, and does not fade."""
    import cv2

    near = np.ones((NEAR, NEAR), np.uint8)
    inside, outside = sheet - cv2.erode(sheet, near), cv2.dilate(sheet, near) - sheet
    return bool(small[outside > 0].mean() < STEP * small[inside > 0].mean())
