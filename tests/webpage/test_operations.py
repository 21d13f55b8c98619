"""What the page does to pictures is what OpenCV and Pillow do."""

from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tenfold.arrays import AnyArray, Ink
from tenfold.image.ink import estimate_paper
from tests.webpage.javascript import ask
from tests.webpage.pictures import draw_digit

NOISE = np.random.default_rng(0).integers(0, 256, (61, 47)).astype(np.uint8)
SPOTS = np.asarray(cv2.GaussianBlur(NOISE, (0, 0), 1.2) > 130, np.uint8)


def _do(picture: Ink, name: str, *sizes: float) -> AnyArray:
    [answer] = ask("operations.mjs", [picture], name, *map(str, sizes))
    return np.array(answer)


@pytest.mark.parametrize(
    "size", [(20, 20), (7, 20), (20, 3), (47, 20), (20, 61), (60, 20), (90, 110), (1, 1)]
)
def test_bicubic_is_that_of_pillow(size: tuple[int, int]) -> None:
    """Each pixel is the same, whichever sides grow or shrink."""
    expected = np.asarray(Image.fromarray(NOISE).resize(size, Image.Resampling.BICUBIC))
    assert np.array_equal(_do(NOISE, "bicubic", *size).reshape(size[::-1]), expected)


@pytest.mark.parametrize("size", [(32, 42), (40, 61), (23, 30), (5, 3), (1, 1)])
def test_shrinking_by_area_is_that_of_opencv(size: tuple[int, int]) -> None:
    """Pixels are the same within one grey level."""
    expected = cv2.resize(NOISE, size, interpolation=cv2.INTER_AREA)
    assert np.abs(_do(NOISE, "area", *size).reshape(size[::-1]) - expected).max() <= 1


@pytest.mark.parametrize("times", [(2, 2), (2, 3), (3, 3), (4, 4), (1, 2)])
def test_shrinking_by_whole_numbers_is_that_of_opencv(times: tuple[int, int]) -> None:
    """Each pixel is the same: OpenCV rounds halves up in squares of 2×2, else to even levels."""
    size = NOISE.shape[1] // times[0], NOISE.shape[0] // times[1]
    picture = np.ascontiguousarray(NOISE[: size[1] * times[1], : size[0] * times[0]])
    expected = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    assert np.array_equal(_do(picture, "area", *size).reshape(size[::-1]), expected)


@pytest.mark.parametrize("size", [(47, 61), (94, 122), (50, 300), (32, 42)])
def test_linear_and_cubic_resizing_are_those_of_opencv(size: tuple[int, int]) -> None:
    """Pixels are the same within one grey level, those of floats within a thousandth."""
    linear = cv2.resize(NOISE.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    assert np.allclose(_do(NOISE, "linear", *size).reshape(size[::-1]), linear, atol=1e-3)
    cubic = cv2.resize(NOISE, size, interpolation=cv2.INTER_CUBIC)
    assert np.abs(_do(NOISE, "cubic", *size).reshape(size[::-1]) - cubic).max() <= 1


@pytest.mark.parametrize("side", [1, 2, 3, 4, 7, 10, 19])
def test_ellipses_widen_and_narrow_as_in_opencv(side: int) -> None:
    """Each pixel is the same, for even sides as for odd ones."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    for name, operation in (("dilate", cv2.dilate), ("erode", cv2.erode)):
        assert np.array_equal(_do(NOISE, name, side).reshape(NOISE.shape), operation(NOISE, kernel))


@pytest.mark.parametrize("sides", [(3, 1), (1, 4), (8, 1), (3, 3), (1, 9)])
def test_rectangles_close_and_open_as_in_opencv(sides: tuple[int, int]) -> None:
    """Each pixel is the same; beyond the edges of what is opened there is paper."""
    kernel, nothing = np.ones(sides[::-1], np.uint8), {"borderType": cv2.BORDER_CONSTANT, "borderValue": 0}
    for name, kind, border in (("close", cv2.MORPH_CLOSE, {}), ("open", cv2.MORPH_OPEN, nothing)):
        expected = cv2.morphologyEx(SPOTS, kind, kernel, **border)  # type: ignore[call-overload]
        assert np.array_equal(_do(SPOTS, name, *sides).reshape(SPOTS.shape), expected)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 19 / 6, 20.0])
def test_blur_is_that_of_opencv(sigma: float) -> None:
    """Pixels are the same within a thousandth, also where the Gaussian is wider than the picture."""
    expected = cv2.GaussianBlur(NOISE.astype(np.float32), (0, 0), sigma)
    assert np.allclose(_do(NOISE, "blur", sigma).reshape(NOISE.shape), expected, atol=1e-3)


def test_distances_are_those_of_opencv() -> None:
    """Distances are the same within a thousandth."""
    mask = np.pad(SPOTS[1:-1, 1:-1], 1)
    expected = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    assert np.allclose(_do(mask, "distances").reshape(mask.shape), expected, atol=1e-3)


@pytest.mark.parametrize("mask", [SPOTS, SPOTS[:-1, 1:], 1 - SPOTS, (NOISE > 160).astype(np.uint8)])
def test_parts_are_those_of_opencv(mask: Ink) -> None:
    """Labels, boxes, areas and centers are the same, in the same order."""
    mask = np.ascontiguousarray(mask)
    _, labels, statistics, centers = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, high, areas = statistics[1:].T
    expected = np.stack([left, top, left + wide, top + high, areas, *centers[1:].T], axis=1)
    assert np.array_equal(_do(mask, "labels").reshape(mask.shape), labels)
    assert np.allclose(_do(mask, "parts"), expected)


@pytest.mark.parametrize("picture", [NOISE, *(draw_digit(number) for number in range(6))])
def test_threshold_is_that_of_opencv(picture: Ink) -> None:
    """The level between two kinds of pixels is the same."""
    assert int(_do(picture, "threshold")) == int(cv2.threshold(picture, 0, 255, cv2.THRESH_OTSU)[0])


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (2, 3), (40, 2000), (300, 31)])
def test_paper_of_any_shape_is_that_of_python(shape: tuple[int, int]) -> None:
    """The paper is the same within one grey level, however small or long the picture."""
    picture: Any = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert np.abs(_do(picture, "paper").reshape(shape) - estimate_paper(picture)).max() <= 1
