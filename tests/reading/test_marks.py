"""Commas, points and dashes between digits, told from what else is on the page."""

import numpy as np
import pytest

from tenfold.reading.marks import find_commas, is_dash, is_point

DIGITS = np.array([[0, 100, 30, 140], [80, 100, 110, 140]])
"""Two of 40 pixels height, a little more than that apart."""

HEIGHT = 40.0


@pytest.mark.parametrize(
    ("top", "is_at_foot"), [(60, False), (105, False), (134, True), (145, True), (160, False), (400, False)]
)
def test_a_point_is_at_the_foot_of_its_line(top: int, is_at_foot: bool) -> None:  # noqa: FBT001
    """What is above, half way up, or in a line below is no point between two digits."""
    assert is_point(np.array([50, top, 55, top + 5]), DIGITS, HEIGHT) == is_at_foot


def test_a_point_is_narrow() -> None:
    """A rule at the foot of the line is none."""
    assert not is_point(np.array([40, 138, 70, 141]), DIGITS, HEIGHT)


def test_a_dash_is_flat_and_half_way_up() -> None:
    """A minus sign is a dash; a point is none, nor is a line below, nor what has no digit to its left."""
    assert is_dash(np.array([45, 118, 65, 122]), DIGITS, HEIGHT)
    for box in ([45, 134, 50, 139], [45, 150, 65, 153], [-30, 118, -10, 122]):
        assert not is_dash(np.array(box), DIGITS, HEIGHT)


def test_commas_hang_from_the_lower_half() -> None:
    """A short piece that begins low is a comma; one that begins at the top is a small digit."""
    comma, small = [50, 130, 58, 152], [50, 100, 70, 125]
    assert find_commas(np.array([DIGITS[0], comma, DIGITS[1]])).tolist() == [False, True, False]
    assert not find_commas(np.array([DIGITS[0], small, DIGITS[1]])).any()
