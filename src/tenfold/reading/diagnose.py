"""What is unusual about a picture, in words that help to make a better one."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink
from tenfold.image import BOX, THINNEST, stroke_width
from tenfold.image.ink import count_levels, find_median
from tenfold.image.ruled import SOLID
from tenfold.reading.group import Run
from tenfold.reading.locate import Parts, median, typical_height
from tenfold.reading.single import SQUARE, is_thumbnail

INVERTED: Final = "ink is light on dark: inverted"
THIN: Final = "strokes are thin: thickened"
BLURRED: Final = "blurred"
PALE: Final = "ink is pale"
LINE: Final = "nothing but a line"
SMALL: Final = "digits are small"
NEIGHBORS: Final = "several digits in a small picture: the middle one is read"
LEFT_OUT: Final = "left out: a letter, a sign, or digits that touch"

SOFT: Final = 0.18
"""Width of the edges of blurred strokes, at least, in heights of a digit. Of numbers written by code half are
read right at this width; nearly all real ones are sharper."""

CONTRAST: Final = 40
"""Grey levels between paper and ink, of 255, from which on ink is not pale."""

LOWEST: Final = 14
"""Height of digits, in pixels, from which on they are not small."""

FLAT: Final = 4.0
"""Width by height of a line."""


def diagnose(grey: Ink, parts: Parts, runs: Sequence[Run] = ()) -> tuple[str, ...]:
    """Say what is unusual about a picture.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        The picture.
    parts : Parts
        Its ink.
    runs : list of Run
        What may be numbers; none where the picture shows one sign.
    """
    contrast = _contrast(grey, parts)
    words = [INVERTED] if contrast < 0 else []
    if not runs and _is_line(parts):
        return (*words, LINE)
    height = median([run.height for run in runs]) if runs else typical_height(parts)
    n_pieces = sum(len(run.pieces) for run in runs)
    checks = {
        PALE: abs(contrast) < CONTRAST,
        SMALL: height < LOWEST,
        THIN: height >= LOWEST and stroke_width(parts.ink) * BOX / height < THINNEST,
        BLURRED: _is_blurred(grey, parts.ink > SOLID, abs(contrast) / (SOFT * height)),
    }
    return (*words, *(word for word, holds in checks.items() if holds), *_count(grey, n_pieces))


def _count(grey: Ink, n_pieces: int) -> list[str]:
    """Say that several digits were read as a number where one may have been meant."""
    may_be_one = max(grey.shape) <= SQUARE * min(grey.shape) and not is_thumbnail(grey.shape)
    return [f"{n_pieces} digits: read as a number"] if may_be_one and 1 < n_pieces <= 3 else []


def _is_line(parts: Parts) -> bool:
    """Tell whether the ink is one flat stroke."""
    if not len(parts.areas):
        return False
    left, top, right, bottom = parts.boxes[parts.areas.argmax()].tolist()
    return bool(right - left >= FLAT * (bottom - top))


def _contrast(grey: Ink, parts: Parts) -> float:
    """Return by how many levels ink is darker than paper."""
    of_paper = count_levels(grey, where=parts.ink == 0)
    of_ink = count_levels(grey, where=parts.ink > 200)
    if not (of_paper.any() and of_ink.any()):
        return 255.0
    return find_median(of_paper) - find_median(of_ink)


def _is_blurred(grey: Ink, is_ink: NDArray[np.bool_], steepest: float) -> bool:
    """Tell whether hardly any edge of the ink is steeper than so many levels to a pixel.

    Seen in the picture itself: in its ink, which is stretched to full contrast, pale edges are steep as well.
    """
    import cv2

    slopes = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3)[is_ink]) / 8
    return len(slopes) > 0 and int(np.count_nonzero(slopes > steepest)) < 0.1 * len(slopes)
