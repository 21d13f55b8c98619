"""The lines of squared paper go from pictures of a few digits, and what is written stays."""

import numpy as np
import pytest

from tenfold.arrays import Images, Ink
from tenfold.image import erase_squares, picture_to_digit_image
from tests.image.drawn import enlarged, on_paper

SIDE = 112


def squares(pitch: int, *, shape: tuple[int, int] = (SIDE, SIDE), thickness: int = 2, first: int = 5) -> Ink:
    """Return the lines of squared paper as ink."""
    lines = np.zeros(shape, np.uint8)
    for line in range(first, first + thickness):
        lines[line::pitch] = 200
        lines[:, line::pitch] = 200
    return lines


@pytest.mark.parametrize("pitch", [28, 40, 60])
@pytest.mark.parametrize("thickness", [1, 2, 4])
def test_blank_squares_have_no_ink(pitch: int, thickness: int) -> None:
    """Of nothing but lines nothing is left: neither where they cross nor along the edges."""
    for first in range(0, pitch - 4, 7):
        assert not erase_squares(squares(pitch, thickness=thickness, first=first)).any()


@pytest.mark.parametrize("pitch", [28, 40, 60])
def test_digits_stay(samples: Images, pitch: int) -> None:
    """Most of the ink of a digit stays, also where lines cross it, and of the lines hardly any."""
    for image in samples[:20]:
        digit, lines = enlarged(image), squares(pitch)
        left = erase_squares(np.maximum(digit, lines))
        assert (left[digit > 200] > 96).mean() > 0.85
        assert (left[(digit == 0) & (lines > 0)] > 96).mean() < 0.1


def test_a_digit_on_squares_becomes_the_image_that_it_is(samples: Images) -> None:
    """On squares it becomes nearly the digit image that it becomes on plain paper."""
    differences = []
    for image in samples[:20]:
        digit = enlarged(image)
        plain = picture_to_digit_image(on_paper(digit, padding=0))
        squared = picture_to_digit_image(on_paper(np.maximum(digit, squares(40)), padding=0))
        differences.append(np.abs(plain.astype(int) - squared).mean())
    assert np.median(differences) < 5
    assert max(differences) < 25


def test_signs_are_no_squares(samples: Images) -> None:
    """Digits, a thick plus sign that fills its picture, thumbnails and rows of boxes are left alone."""
    plus = np.zeros((SIDE, SIDE), np.uint8)
    plus[50:58] = plus[:, 50:58] = 255
    boxes = squares(100, shape=(100, 500))
    for ink in (plus, boxes, squares(12, shape=(40, 40)), *map(enlarged, samples[:50])):
        assert erase_squares(ink) is ink


def test_two_fine_lines_are_enough() -> None:
    """One level and one upright line go, if they are finer than what is written."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[30:90, 50:60] = 255
    lines = np.zeros_like(ink)
    lines[70:72] = lines[:, 20:22] = 200
    left = erase_squares(np.maximum(ink, lines))
    assert left[30:90, 50:60].min() > 200
    assert not left[(ink == 0) & (lines > 0)][20:].any()


def test_nothing_more_is_erased_the_second_time(samples: Images) -> None:
    """What is left has no lines."""
    for image in samples[:20]:
        once = erase_squares(np.maximum(enlarged(image), squares(40)))
        np.testing.assert_array_equal(erase_squares(once), once)
