"""Numbers in boxes and in cells: which belong together, and what is print."""

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.reading import Reader
from tests.reading.pages import (
    Drawn,
    Hand,
    below_each_other,
    bent,
    boxed,
    in_cells,
    in_table,
    letters,
    on_sheet,
    on_squares,
)


def on_paper(ink: Ink) -> Ink:
    """Draw ink dark on a light sheet."""
    return (235 - ink * (180 / 255)).astype(np.uint8)


def beside(*inks: Ink, gap: int = 60) -> Ink:
    """Put sheets of ink beside each other."""
    height = max(len(ink) for ink in inks)
    padded = [np.pad(ink, ((0, height - len(ink)), (0, gap))) for ink in inks]
    return np.concatenate(padded, axis=1)


@pytest.fixture(scope="module")
def numbers(hand: Hand) -> list[Drawn]:
    """Return twelve numbers of three to six digits."""
    return hand.write_many(12, seed=5, shortest=3, longest=6)


def test_cells_of_one_grid_hold_one_number(hand: Hand, shipped: Reader) -> None:
    """Digits in cells are one number, empty cells between them or not."""
    generator = np.random.default_rng(0)
    texts = ["".join(map(str, generator.integers(0, 10, 6))) for _ in range(10)]
    gaps = [30, 30, 110, 30, 30]  # as wide as an empty cell and two halves
    drawn = [hand.write(text, generator, gaps=gaps) for text in texts]
    read = [shipped.read(on_paper(in_cells(number))).text for number in drawn]
    assert np.mean([found == text for found, text in zip(read, texts, strict=True)]) >= 0.8


def test_boxes_of_their_own_hold_numbers_of_their_own(numbers: list[Drawn], shipped: Reader) -> None:
    """Two boxes beside each other are two numbers."""
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    read = [shipped.read(on_paper(beside(*map(boxed, pair)))).text for pair in pairs]
    expected = [" ".join(number.text for number in pair) for pair in pairs]
    assert np.mean([found == text for found, text in zip(read, expected, strict=True)]) >= 0.8


@pytest.mark.parametrize("by", [0, 14])
def test_each_cell_of_a_table_holds_a_number(hand: Hand, shipped: Reader, by: int) -> None:
    """Numbers beside each other in a table are read apart, however narrow the gaps between them are."""
    generator = np.random.default_rng(1)
    texts = [[str(generator.integers(10 ** generator.integers(1, 4))) for _ in range(4)] for _ in range(6)]
    rows = [[hand.write(text, generator, gap=6) for text in row] for row in texts]
    lines = shipped.read(on_paper(bent(in_table(rows, cell=(130, 64)), by))).text.split("\n")
    assert np.mean([" ".join(row) in lines for row in texts]) >= 0.8


@pytest.mark.parametrize("by", [0, 14])
def test_digits_in_the_cells_of_a_grid_are_numbers(hand: Hand, shipped: Reader, by: int) -> None:
    """A row of a grid with a digit in each cell is one number, on a page that is bent as well."""
    generator = np.random.default_rng(2)
    texts = ["".join(map(str, generator.integers(0, 10, 7))) for _ in range(6)]
    rows = [[hand.write(digit, generator) for digit in text] for text in texts]
    lines = shipped.read(on_paper(bent(in_table(rows, cell=(56, 60)), by))).text.split("\n")
    assert np.mean([text in lines for text in texts]) >= 0.8


@pytest.mark.parametrize("side", [46, 56])
def test_on_squared_paper_gaps_part_numbers(hand: Hand, shipped: Reader, side: int) -> None:
    """Squares are no cells: an empty one between two numbers does not join them."""
    generator = np.random.default_rng(3)
    texts = [[str(generator.integers(10 ** generator.integers(2, 5))) for _ in range(3)] for _ in range(6)]
    rows = [beside(*(on_sheet(hand.write(text, generator)) for text in row), gap=70) for row in texts]
    lines = shipped.read(on_paper(on_squares(below_each_other(*rows), side))).text.split("\n")
    assert np.mean([" ".join(row) in lines for row in texts]) >= 0.8


def test_on_a_form_only_what_is_boxed_is_read(numbers: list[Drawn], shipped: Reader) -> None:
    """What is printed above the boxes is left out, where there are three boxes or more."""
    rows = []
    for first, second in zip(numbers[::2], numbers[1::2], strict=True):
        prints = [letters(number.text, size=24, margin=10) for number in (first, second)]
        filled = [boxed(number) for number in (first, second)]
        columns = [
            np.concatenate([_padded(above, below.shape[1]), below])
            for above, below in zip(prints, filled, strict=True)
        ]
        rows.append(beside(*columns))
    width = max(row.shape[1] for row in rows)
    page = np.concatenate([np.pad(row, ((30, 10), (0, width - row.shape[1]))) for row in rows])
    found = [number.text for number in shipped.read(on_paper(page)).numbers]
    written = [number.text for number in numbers]
    assert len(found) == len(written)
    assert np.mean([text in found for text in written]) >= 0.8


def _padded(ink: Ink, width: int) -> Ink:
    """Add paper at the right, or cut it off."""
    return np.pad(ink, ((0, 0), (0, max(0, width - ink.shape[1]))))[:, :width]


def test_a_table_may_be_open_at_its_sides(hand: Hand, shipped: Reader) -> None:
    """The outer columns of a table without outer lines are read, each number for itself."""
    generator = np.random.default_rng(4)
    texts = [[str(generator.integers(10, 999)) for _ in range(4)] for _ in range(6)]
    ink = in_table([[hand.write(text, generator, gap=6) for text in row] for row in texts], cell=(160, 64))
    ink[:, 38:44] = ink[:, -44:-38] = 0
    lines = shipped.read(on_paper(ink)).text.split("\n")
    assert np.mean([" ".join(row) in lines for row in texts]) >= 0.8


@pytest.mark.parametrize("table", [True, False])
def test_a_sheet_is_read_on_whatever_it_lies(hand: Hand, shipped: Reader, table: bool) -> None:  # noqa: FBT001
    """Around a sheet there may be something dark: the numbers on it are those without."""
    generator = np.random.default_rng(5)
    texts = [[str(generator.integers(10, 999)) for _ in range(4)] for _ in range(6)]
    rows = [[hand.write(text, generator, gap=6) for text in row] for row in texts]
    ink = (
        in_table(rows, cell=(160, 64))
        if table
        else below_each_other(*(beside(*map(on_sheet, row)) for row in rows))
    )
    lines = shipped.read(np.pad(on_paper(ink), 90, constant_values=60)).text.split("\n")
    assert np.mean([" ".join(row) in lines for row in texts]) >= 0.8
