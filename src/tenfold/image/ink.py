"""What is ink in a grey picture, and what is paper."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink

NOISE: Final = 20
"""Darkness, of 255, that no ink stays below."""

CLEARER: Final = 2.3
"""By how much the ink's darkness exceeds that of the paper's texture, at least."""

SURROUNDINGS: Final = 0.6
"""Side of the neighborhood whose lightest part is paper, of the picture's smaller side."""

_COARSE: Final = 64
"""Side of the picture on which paper is estimated: it has no detail."""


def extract_ink(grey: Ink) -> Ink:
    """Turn a grey picture, dark on light or light on dark, into ink.

    Paper is the shade that most of the picture has, its border counted twice. Its light may be uneven: at
    each place it is as light as the lightest part around. Ink is darker than that by more than the paper's
    texture, and stretched so that strokes are full.

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
    The paper is a morphological closing, which leaves slopes of light as they are and fills whatever is
    narrower than its kernel. Source: the usual black top-hat, as in J. Serra, "Image analysis and
    mathematical morphology", 1982. Ink and paper are told apart by N. Otsu, "A threshold selection method
    from gray-level histograms", 1979.
    """
    import cv2

    if not grey.size:
        return np.zeros_like(grey)
    light = 255 - grey if _has_dark_paper(grey) else np.ascontiguousarray(grey)
    darkness: Ink = cv2.subtract(_estimate_paper(light), light)
    return _stretch(darkness)


def _threshold(grey: Ink) -> int:
    """Return the level up to which a pixel is of the darker of two kinds."""
    import cv2

    return int(cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[0])


def _has_dark_paper(grey: Ink) -> bool:
    """Tell whether most of a picture is of its darker kind."""
    is_dark = grey <= _threshold(grey)
    border = np.concatenate([is_dark[0], is_dark[-1], is_dark[:, 0], is_dark[:, -1]])
    return bool(border.mean() + is_dark.mean() > 1)


def _estimate_paper(light: Ink) -> Ink:
    """Return the paper below the ink of a picture that is dark on light."""
    import cv2

    height, width = light.shape
    scale = min(1.0, _COARSE / max(height, width))
    coarse = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(light, coarse, interpolation=cv2.INTER_AREA)
    side = max(3, int(SURROUNDINGS * min(coarse))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), side / 6)
    paper: Ink = cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR)
    return paper


def _stretch(darkness: Ink) -> Ink:
    """Make the paper's texture 0 and full strokes 255."""
    threshold = _threshold(darkness)
    counts = np.bincount(darkness.ravel(), minlength=256)
    texture = min(_quantile(counts[: threshold + 1], 0.9), 0.8 * threshold)
    full = threshold + 1 + _quantile(counts[threshold + 1 :], 0.75)
    if full < NOISE or full < CLEARER * texture:
        return np.zeros_like(darkness)
    levels = np.clip((np.arange(256) - texture) * (255 / (full - texture)), 0, 255)
    stretched: Ink = levels.round().astype(np.uint8)[darkness]
    return stretched


def _quantile(counts: NDArray[np.int64], share: float) -> int:
    """Return the level that so large a share of the counted pixels does not exceed."""
    return int(np.searchsorted(np.cumsum(counts), share * counts.sum()))
