"""Ruled lines and boxes go, strokes stay."""

import numpy as np
import pytest

from tenfold.arrays import Images, Ink
from tenfold.image.ruled import erase_edge_rules, erase_long_rules, erase_rules, find_slope
from tests.image.drawn import enlarged

HEIGHT = 40.0


@pytest.fixture(scope="module")
def digits_in_a_row(samples: Images) -> Ink:
    """Return the ink of eight digits of 40 pixels height, with room around."""
    return np.pad(np.concatenate([enlarged(image, times=2) for image in samples[:8]], axis=1), 40)


def left_of(ink: Ink, where: Ink) -> float:
    """Return the share of the full pixels that are still ink."""
    return float((ink[where > 200] > 96).mean())


def test_erase_rules_leaves_digits_alone(digits_in_a_row: Ink) -> None:
    """Without a rule, nothing changes: no 1 is an upright line, no bar of a 5 or a 7 a level one."""
    np.testing.assert_array_equal(erase_rules(digits_in_a_row, HEIGHT)[0], digits_in_a_row)
    np.testing.assert_array_equal(erase_long_rules(digits_in_a_row), digits_in_a_row)


@pytest.mark.parametrize("thickness", [1, 2, 4, 6])
@pytest.mark.parametrize("slope", [0.0, 0.03, -0.05])
def test_erase_rules_erases_a_line_below(digits_in_a_row: Ink, thickness: int, slope: float) -> None:
    """A line through the sheet goes, be it level or a little aslant, and the digits stay."""
    rule = np.zeros_like(digits_in_a_row)
    for column in range(rule.shape[1]):
        top = len(rule) - 26 + round(slope * (column - rule.shape[1] / 2))
        rule[top : top + thickness, column] = 255

    erased = erase_rules(np.maximum(digits_in_a_row, rule), HEIGHT)[0]

    assert left_of(erased, rule) <= 0.1
    assert left_of(erased, digits_in_a_row) >= 0.99


@pytest.mark.parametrize("turned", [False, True])
def test_erase_rules_keeps_strokes_that_cross(digits_in_a_row: Ink, *, turned: bool) -> None:
    """A line through the feet of digits goes, level or upright, and the strokes it crosses stay."""
    ink = np.ascontiguousarray(digits_in_a_row.T) if turned else digits_in_a_row
    rule = np.zeros_like(digits_in_a_row)
    rule[80:83] = 255
    rule = np.ascontiguousarray(rule.T) if turned else rule

    erased = erase_rules(np.maximum(ink, rule), HEIGHT)[0]

    assert left_of(erased, np.where(ink == 0, rule, 0)) <= 0.2
    assert left_of(erased, ink) >= 0.9


def test_erase_rules_erases_a_grid(digits_in_a_row: Ink) -> None:
    """The lines of a frame and those between digits all go."""
    grid = np.zeros_like(digits_in_a_row)
    grid[[20, 21, -22, -21]] = 255
    grid[20:-20, 40::56] = grid[20:-20, 41::56] = 255
    ink = np.where(grid > 0, 0, digits_in_a_row)

    erased = erase_rules(np.maximum(ink, grid), HEIGHT)[0]

    assert left_of(erased, grid) <= 0.1
    assert left_of(erased, ink) >= 0.99


def test_erase_long_rules_needs_no_height(digits_in_a_row: Ink) -> None:
    """A line through the whole picture goes whatever the size of the digits is."""
    rule = np.zeros_like(digits_in_a_row)
    rule[-20:-17] = 255

    erased = erase_long_rules(np.maximum(digits_in_a_row, rule))

    assert left_of(erased, rule) <= 0.1
    assert left_of(erased, digits_in_a_row) >= 0.99


@pytest.mark.parametrize("width", [30, 200, 2000])
@pytest.mark.parametrize("slope", [0.0, 0.07, -0.12])
def test_find_slope_is_that_of_most_ink(width: int, slope: float) -> None:
    """Lines tell the slope of a sheet, few pixels or many, among digits' worth of dots."""
    mask = (np.random.default_rng(0).random((300, width)) < 0.02).astype(np.uint8)
    columns = np.arange(width)
    for row in range(0, 300, 30):
        rows = np.rint(row + slope * (columns - width / 2)).astype(int)
        inside = (rows >= 0) & (rows < len(mask))
        mask[rows[inside], columns[inside]] = 1
    assert find_slope(mask) == pytest.approx(slope, abs=0.011 if width == 30 else 1e-9)


def test_find_slope_of_nothing_is_none() -> None:
    """A sheet without ink is level."""
    assert find_slope(np.zeros((5, 7), np.uint8)) == 0


def test_erase_edge_rules_gives_back_what_has_none(digits_in_a_row: Ink) -> None:
    """Without a grid line the mask itself comes back: that tells that there is nothing to look at again."""
    mask = (digits_in_a_row > 96).astype(np.uint8)
    assert erase_edge_rules(mask) is mask


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 4), (60, 60)])
@pytest.mark.parametrize("shade", [0, 255])
def test_rules_are_erased_in_any_shape(shape: tuple[int, int], shade: int) -> None:
    """Sheets without ink, of ink alone, and of a row or column of pixels come back in their shape."""
    ink = np.full(shape, shade, np.uint8)
    assert erase_rules(ink, HEIGHT)[0].shape == erase_long_rules(ink).shape == shape
