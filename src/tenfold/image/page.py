"""What is ink on a page: many small strokes under changing light."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink
from tenfold.image.ink import count_levels, estimate_paper, find_median, shrink_to
from tenfold.image.sheet import without_surroundings

SURROUNDINGS: Final = 0.2
"""As `tenfold.image.ink.SURROUNDINGS`, for strokes that are small beside the page."""

COARSE: Final = 128
"""Smaller side of the page on which paper is estimated: shadows have edges."""

EDGES: Final = 0.03
"""Share of a page's pixels that are looked at as the edges of strokes."""

FINE: Final = 0.08
"""Width of the surroundings from which ink stands out, of the page's smaller side."""

FAINTEST: Final = 10
"""Darkness, of 255, below which nothing is ink."""

ABOVE_NOISE: Final = 1.8
"""Darkness of ink, at least, in what little of the paper exceeds. (The edges of noise have 0.6 to 1.5.)"""


def extract_page_ink(grey: Ink) -> Ink:
    """Turn a grey page, dark on light or light on dark, into ink.

    Unlike `extract_ink` it expects strokes that are small beside the page, and few of them. Darkness is
    measured as a share of the light that the paper has around, so that ink in a shadow is as dark as any.
    What is ink is decided by the pixels along edges, where ink and paper are equally frequent.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 paper … 255 ink. All zero where nothing stands out from the paper.

    Notes
    -----
    Source: B. Su, S. Lu, C. L. Tan, "Binarization of historical document images using the local maximum and
    minimum", DAS 2010, for a threshold from the pixels along edges alone.
    """
    import cv2

    if not grey.size:
        return np.zeros_like(grey)
    grey = without_surroundings(grey)
    light = 255 - grey if _has_light_ink(grey) else grey
    paper = np.maximum(estimate_paper(light, surroundings=SURROUNDINGS, coarse=COARSE), 1)
    darkness = np.asarray(255 - cv2.divide(light, paper, scale=255), np.uint8)
    is_edge = _find_edges(darkness)
    if not is_edge.any() or is_edge.all():
        return np.zeros_like(grey)
    threshold = float(cv2.threshold(darkness[is_edge], 0, 255, cv2.THRESH_OTSU)[0])
    is_ink = is_edge & (darkness > threshold)
    full = float(np.quantile(darkness[is_ink], 0.75)) if is_ink.any() else 0.0
    texture = min(_measure_level_texture(count_levels(darkness, where=~is_edge)), 0.8 * threshold)
    noise = _measure_texture(255 * (1 - light[~is_edge] / paper[~is_edge].astype(np.float64)))
    if full < max(FAINTEST, 2 * texture, ABOVE_NOISE * noise):
        return np.zeros_like(grey)
    levels = np.clip((np.arange(256) - texture) * (255 / (full - texture)), 0, 255)
    return np.asarray(cv2.LUT(darkness, levels.round().astype(np.uint8)), np.uint8)


def _has_light_ink(grey: Ink) -> bool:
    """Tell whether what stands out from its surroundings is lighter, by the skewness of the difference."""
    import cv2

    small = shrink_to(grey, 300).astype(np.float32)
    difference = small - cv2.GaussianBlur(small, (0, 0), max(1.0, FINE * min(small.shape)))
    return bool((difference**3).mean() > 0)


def _find_edges(darkness: Ink) -> NDArray[np.bool_]:
    """Return where the strongest edges are, and their surroundings."""
    import cv2

    smooth = cv2.GaussianBlur(darkness, (0, 0), 1.0)
    across, down = (np.abs(cv2.Sobel(smooth, cv2.CV_16S, 1 - axis, axis)) for axis in (0, 1))
    slope = across + down
    limit = max(1.0, float(np.quantile(slope[::2, ::2], 1 - EDGES)))
    return np.asarray(cv2.dilate((slope > limit).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _measure_level_texture(counts: NDArray[np.int64]) -> float:
    """Return the same as `_measure_texture`, of paper whose levels were counted."""
    middle = find_median(counts)
    deviations = np.abs(np.arange(256) - middle)
    order = deviations.argsort()
    return middle + 2 * 1.4826 * find_median(counts[order], levels=deviations[order])


def _measure_texture(paper: NDArray[np.float64]) -> float:
    """Return the darkness that little of the paper exceeds: two standard deviations, without outliers."""
    middle = float(np.median(paper))
    return middle + 2 * 1.4826 * float(np.median(np.abs(paper - middle)))
