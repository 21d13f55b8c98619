"""What rules enclose: the cells of a picture, and what stands in them or between them."""

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.reading.cells import DIGITS, SQUARES, TABLE, Cells, find_cells
from tests.reading.pages import bent

HEIGHT = 40.0
SIDE = 60


def draw_grid(n_rows: int = 3, n_columns: int = 5, *, width: int = SIDE, ink: int = 255) -> Ink:
    """Draw an empty grid with paper around it."""
    grid = np.zeros((SIDE * n_rows + 2, width * n_columns + 2), np.uint8)
    for side in (0, 1):
        grid[side::SIDE] = ink
        grid[:, side::width] = ink
    return np.pad(grid, 30)


def box_in(row: int, column: int, *, wide: int = 20, width: int = SIDE, aside: int = 0) -> np.ndarray:
    """Return the box of a digit in the middle of a cell, or aside of it."""
    left, top = 30 + column * width + (width - wide) // 2 + aside, 30 + row * SIDE + 10
    return np.array([left, top, left + wide, top + 40])


@pytest.mark.parametrize("by", [0.0, 10.0])
@pytest.mark.parametrize("ink", [255, 60])
@pytest.mark.parametrize("scale", [1, 2])
def test_every_cell_of_a_grid_is_found(by: float, ink: int, scale: int) -> None:
    """Straight or bent, black or pale, of any size: so many cells of one grid, about as wide as they are."""
    picture = bent(np.kron(draw_grid(ink=ink), np.ones((scale, scale), np.uint8)), by * scale)
    cells = find_cells(picture, HEIGHT * scale)
    assert len(cells.widths) == 2 + 15
    assert len(set(cells.grids[2:])) == 1
    np.testing.assert_allclose(cells.widths[2:], SIDE * scale, atol=14 * scale)


def test_what_is_open_or_too_large_is_no_cell() -> None:
    """A frame around the whole page, a corner, and paper at the edge of the picture enclose no digit."""
    frame = np.zeros((400, 600), np.uint8)
    frame[10:12, 10:-10] = frame[-12:-10, 10:-10] = frame[10:-10, 10:12] = frame[10:-10, -12:-10] = 255
    corner = np.zeros((400, 600), np.uint8)
    corner[100:102, 100:160] = corner[100:160, 100:102] = 255
    for picture in (frame, corner, draw_grid()[40:-40, 40:-40], np.zeros((1, 1), np.uint8)):
        inner = find_cells(picture, HEIGHT)
        assert len(inner.widths) - 2 == (3 if picture.shape == draw_grid()[40:-40, 40:-40].shape else 0)


@pytest.fixture
def cells() -> Cells:
    """Return those of a grid of three rows and five columns."""
    return find_cells(draw_grid(), HEIGHT)


def test_a_digit_is_found_in_its_cell(cells: Cells) -> None:
    """Each cell is another; beside the grid there is none."""
    found = [cells.find(box_in(row, column)) for row in range(3) for column in range(5)]
    assert sorted(found) == list(range(2, 17))
    assert cells.find(np.array([2, 2, 12, 22])) == 0
    assert cells.find(box_in(1, 1, aside=18)) == cells.find(box_in(1, 1))  # it touches the rule


def test_what_is_left_of_a_rule_parts_cells(cells: Cells) -> None:
    """A piece of rule between two cells, level or upright, and no digit, not even a 1."""
    left, top = 30 + SIDE, 30 + SIDE
    rules = [[left, 35, left + 2, 75], [35, top, 80, top + 2], [left - 2, 35, left + 3, 150]]
    digits = [box_in(0, 0), box_in(1, 2, wide=4), box_in(1, 2, wide=4, aside=20)]
    assert cells.part(np.array([*rules, *digits])).tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("width", "n_in_each", "kind"), [(60, 1, DIGITS), (60, 2, TABLE), (200, 1, TABLE), (100, 1, DIGITS)]
)
def test_a_table_is_told_by_what_stands_in_it(width: int, n_in_each: int, kind: int) -> None:
    """A grid whose cells hold several digits, or are much wider than one, has a number in each."""
    cells = find_cells(draw_grid(width=width), HEIGHT)
    digits = [box_in(row, column, wide=10, width=width) for row in range(3) for column in range(5)]
    told = cells.with_digits(np.array(digits * n_in_each), HEIGHT)
    assert set(told.kinds[2:]) == {kind}
    assert told.join(digits[0], digits[1]) == (kind == DIGITS)


def test_squared_paper_is_told_by_its_empty_squares() -> None:
    """Where most of many squares are empty, they are no cells of a form, however full its first rows are."""
    cells = find_cells(draw_grid(10, 12), HEIGHT)
    digits = np.array([box_in(row, column) for row in range(10) for column in range(12)])
    assert set(cells.with_digits(digits, HEIGHT).kinds[2:]) == {DIGITS}
    squares = cells.with_digits(digits[:30], HEIGHT)
    assert set(squares.kinds[2:]) == {SQUARES}
    assert not squares.join(digits[0], digits[1])


def test_cells_that_leak_make_no_table() -> None:
    """Where some rules have gaps, a few cells seem to hold two digits; the others say what the grid is."""
    grid = draw_grid()
    grid[40:50, 30 + SIDE - 2 : 30 + SIDE + 4] = 0
    cells = find_cells(grid, HEIGHT)
    assert len(cells.widths) == 2 + 14
    digits = np.array([box_in(row, column) for row in range(3) for column in range(5)])
    told = cells.with_digits(digits, HEIGHT)
    assert set(told.kinds[2:]) == {DIGITS}
    assert all(told.join(digits[at], digits[at + 1]) for at in range(4))
