"""What is ink in a grey picture, and what is paper."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Box, Ink
from tenfold.image.isolate import SMALLEST

NOISE: Final = 20
"""Darkness, of 255, that most strokes reach where there is ink."""

APART: Final = 3.6
"""Standard deviations within ink and within paper that lie between their means, at least. (Between the halves
of a slope of light lie 3.5, between those of Gaussian noise 2.7.)"""

BORDER: Final = 0.75
"""How much a picture's border counts beside the whole, where it is asked which shades are paper."""

SURROUNDINGS: Final = 0.6
"""Side of the neighborhood whose lightest part is paper, of the picture's smaller side."""

WIDER: Final = 0.75
"""The same of a picture that is a digit and nothing else: its strokes take more of it."""

DEEPEST: Final = 0.6
"""Darkness of a shadow amid paper, of the darkest ink's, beyond which it is ink, however wide."""

_COARSE: Final = 32
"""Smaller side of the picture on which paper is estimated: it has no detail."""

_LEVELS: Final = np.arange(256)


def extract_ink(grey: Ink) -> Ink:
    """Turn a grey picture, dark on light or light on dark, into ink.

    Ink has the rarer shades, paper the others. Paper may be lit unevenly: at each place it is as light as the
    lightest part around. Ink is darker than that, by more than the paper's texture, and is stretched so that
    strokes are full: at least a quarter of it is 255.

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
    paper = estimate_paper(light, surroundings=WIDER if min(light.shape) < SMALLEST else SURROUNDINGS)
    return _stretch(np.asarray(cv2.subtract(paper, light), np.uint8))


def _has_dark_paper(grey: Ink) -> bool:
    """Tell whether the rarer shades are light: by the skewness, which noise and slopes of light lack."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    shares = count_levels(grey) / grey.size + BORDER * count_levels(border) / border.size
    return bool(shares @ (_LEVELS - _mean(shares)) ** 3 > 0)


def estimate_paper(light: Ink, *, surroundings: float = SURROUNDINGS, coarse: int = _COARSE) -> Ink:
    """Return the paper below the ink of a picture that is dark on light.

    Parameters
    ----------
    light : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white.
    surroundings : float
        Side of the neighborhood whose lightest part is paper, of the picture's smaller side. Ink that is
        wider is taken for paper.
    coarse : int
        Smaller side of the picture on which paper is estimated.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        How light the paper is at each place.
    """
    import cv2

    small = shrink_to(light, coarse)
    side = max(3, int(surroundings * min(small.shape))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    filled = _fill_spots(cv2.dilate(small, kernel).astype(np.float32), darkest=int(small.min()))
    reach = side // 2
    beyond = _continue(filled, reach)  # a slope of light goes on outside
    closed = cv2.GaussianBlur(cv2.erode(beyond, kernel), (0, 0), side / 6)[reach:-reach, reach:-reach]
    paper = cv2.resize(closed, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(paper, 0, 255).round().astype(np.uint8)


def shrink_to(grey: Ink, side: int) -> Box:
    """Make a picture smaller, so that its smaller side has so many pixels; as it is where it has no more."""
    import cv2

    scale = min(1.0, side / min(grey.shape))
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fill_spots(field: AnyArray, *, darkest: int) -> AnyArray:
    """Make what is about as dark as ink, and does not reach an edge, as light as what is around it.

    Source: the filling of holes by reconstruction, as in P. Soille, "Morphological image analysis", 2003.
    """
    import cv2

    deep = DEEPEST * (field.max() - darkest)
    if field.min() > field.max() - deep:
        return field
    around, before = np.full_like(field, field.max()), None
    around[[0, -1]], around[:, [0, -1]] = field[[0, -1]], field[:, [0, -1]]
    while before is None or (around != before).any():
        before, around = around, np.maximum(cv2.erode(around, np.ones((3, 3), np.uint8)), field)
    return np.where(around - field > deep, around, field)


def _continue(field: AnyArray, reach: int) -> AnyArray:
    """Continue a field beyond its edges, turned about each: as `np.pad`, which takes longer than the rest."""
    if reach >= min(field.shape):
        return np.pad(field, reach, mode="reflect", reflect_type="odd")
    for _ in range(2):
        above, below = 2 * field[:1] - field[reach:0:-1], 2 * field[-1:] - field[-2 : -reach - 2 : -1]
        field = np.ascontiguousarray(np.concatenate([above, field, below]).T)
    return field


def _stretch(darkness: Ink) -> Ink:
    """Make the paper's texture 0 and full strokes 255."""
    import cv2

    threshold = int(cv2.threshold(darkness, 0, 255, cv2.THRESH_OTSU)[0])
    counts, is_ink = count_levels(darkness), threshold < _LEVELS
    of_paper, of_ink = counts * ~is_ink, counts * is_ink
    if not _are_apart(of_paper, of_ink):
        return np.zeros_like(darkness)
    texture = min(find_quantile(of_paper, 0.9), 0.8 * threshold)
    full = find_quantile(of_ink, 0.75)
    if full < NOISE:
        return np.zeros_like(darkness)
    levels = np.clip((_LEVELS - texture) * (255 / (full - texture)), 0, 255)
    return np.asarray(cv2.LUT(darkness, levels.round().astype(np.uint8)), np.uint8)


def _are_apart(*kinds: NDArray[np.int64]) -> bool:
    """Tell whether paper and ink, as counts of each level, are two kinds rather than halves of one."""
    if not all(kind.any() for kind in kinds):
        return False
    means = [_mean(kind) for kind in kinds]
    squares = sum(kind @ (_LEVELS - mean) ** 2 for kind, mean in zip(kinds, means, strict=True))
    return bool(means[1] - means[0] >= APART * np.sqrt(squares / sum(kind.sum() for kind in kinds)))


def _mean(shares: AnyArray) -> float:
    """Return the mean of all levels by their shares or counts: `np.average`, at a quarter of its time."""
    return float((_LEVELS * shares).sum() / shares.sum())


def count_levels(pixels: AnyArray, *, where: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Return how many pixels there are of each level, of all or where that is said."""
    if where is None:
        return np.bincount(pixels.ravel(), minlength=256)
    import cv2

    counts = cv2.calcHist([np.ascontiguousarray(pixels)], [0], where.view(np.uint8), [256], [0, 256])
    return counts.ravel().astype(np.int64)


def find_quantile(counts: NDArray[np.int64], share: float) -> int:
    """Return the level that so large a share of the counted pixels does not exceed."""
    below = counts.cumsum()
    return int(below.searchsorted(share * below[-1]))


def find_median(counts: NDArray[np.int64], *, levels: AnyArray = _LEVELS) -> float:
    """Return the median of the counted pixels, of which there must be one; levels are in ascending order."""
    below = counts.cumsum()
    lower, upper = levels[below.searchsorted([(below[-1] + 1) // 2, below[-1] // 2 + 1])].tolist()
    return float((lower + upper) / 2)
