"""What paper a page is on, and whether anything is written on it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.reading import BLANK, Reader
from tenfold.reading.boxes import are_left_of_rules
from tenfold.reading.locate import connect, without_rules
from tenfold.reading.ruling import Ruling, tell_ruling
from tests.image.drawn import on_paper
from tests.reading.pages import HEIGHT, Hand, bent, on_squares

SHAPE = 420, 620


def _lined() -> Ink:
    page = np.zeros(SHAPE, np.uint8)
    page[20::46] = page[21::46] = 220
    return page


def _squared() -> Ink:
    squares = on_squares(np.zeros(SHAPE, np.uint8), 50, shade=220)
    return np.maximum(squares, np.roll(squares, 1, axis=(0, 1)))


def _table() -> Ink:
    page = _lined()
    page[:, 100::140] = page[:, 101::140] = 220
    return page


def _outline() -> Ink:
    page = np.zeros(SHAPE, np.uint8)
    page[30:-30, 40:42] = page[30:-30, -42:-40] = page[30:32, 40:-40] = page[-32:-30, 40:-40] = 220
    return page


PAPERS = {"lined": _lined, "squared": _squared, "a table": _table, "an outline": _outline}


def put(page: Ink, ink: Ink, *, left: int, top: int) -> Ink:
    """Write ink on a page."""
    written = page.copy()
    place = written[top : top + ink.shape[0], left : left + ink.shape[1]]
    np.maximum(place, ink, out=place)
    return written


@pytest.mark.parametrize("by", [0, 10])
@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_rules_alone_are_blank(paper: Callable[[], Ink], by: int, shipped: Reader) -> None:
    """Lines, squares, a table and the outline of a sheet are blank, bent or not: no number is read."""
    page = bent(paper(), by)
    assert tell_ruling(connect(page)) is Ruling.BLANK
    reading = shipped.read(on_paper(page, padding=0))
    assert (reading.text, reading.reason) == ("", BLANK)


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_one_digit_is_not_blank(paper: Callable[[], Ink], hand: Hand) -> None:
    """Whichever digit stands wherever on such paper, on a line, on a crossing or between, it is something."""
    generator = np.random.default_rng(0)
    for number in range(40):
        digit = hand.write(str(number % 10), generator).ink
        left, top = (int(generator.integers(60, side - 60 - HEIGHT)) for side in SHAPE[::-1])
        page = put(paper(), digit, left=left, top=top)
        assert tell_ruling(connect(page)) is not Ruling.BLANK, (number, left, top)


@pytest.mark.parametrize("paper", ["lined", "squared"])
def test_one_number_on_a_page_is_read(paper: str, hand: Hand, shipped: Reader) -> None:
    """A single number is read wherever it stands, though no other digits tell how high they are."""
    generator = np.random.default_rng(1)
    written = hand.write_many(10, shortest=1, longest=3)
    readings = []
    for number in written:
        left, top = int(generator.integers(5, 450)), int(generator.integers(5, 370))
        page = put(PAPERS[paper](), number.ink, left=left, top=top)
        readings.append(shipped.read(on_paper(page, padding=0)).text)
    assert sum(text == number.text for text, number in zip(readings, written, strict=True)) >= 8, readings


def test_one_number_in_the_margin_of_a_page_is_read(hand: Hand, shipped: Reader) -> None:
    """Only pictures of one digit have remains in their margins."""
    for number in hand.write_many(5, longest=3):
        page = put(np.zeros(SHAPE, np.uint8), number.ink, left=4, top=4)
        assert shipped.read(on_paper(page, padding=0)).text == number.text


@pytest.mark.parametrize("side", [30, 60])
def test_digits_are_read_in_crops_of_squared_paper(side: int, hand: Hand, shipped: Reader) -> None:
    """A digit alone is read on squares, joined to their lines; blank squares are blank."""
    generator = np.random.default_rng(2)
    n_right = 0
    for number in range(20):
        digit = np.pad(hand.write(str(number % 10), generator).ink, 30)
        n_right += shipped.read(on_paper(on_squares(digit, side), padding=0)).text == str(number % 10)
    assert n_right >= 18
    assert shipped.read(on_paper(on_squares(np.zeros_like(digit), side), padding=0)).reason == BLANK


def test_what_is_ruled() -> None:
    """Many lines through much of a page are a grid, three are lines; no sign is, however large."""
    squares = on_squares(np.zeros((400, 600), np.uint8), 50, shade=255)
    for paper in (squares, np.pad(squares, 60), _lined(), _table()):
        page = connect(put(paper, np.full((40, 10), 255, np.uint8), left=220, top=90))
        assert tell_ruling(page) is Ruling.RULED
        assert tell_ruling(page, is_page=False) is Ruling.NONE
    hash_sign = np.zeros((400, 600), np.uint8)
    hash_sign[[120, 121, 280, 281]] = hash_sign[:, [200, 201, 400, 401]] = 255
    zero = np.zeros((400, 600), np.uint8)
    zero[:9] = zero[-9:] = zero[:, :9] = zero[:, -9:] = 255
    small, nothing = np.pad(squares, 420), np.zeros((400, 600), np.uint8)
    for ink in (zero, small):
        assert tell_ruling(connect(ink)) is Ruling.NONE
    for ink in (hash_sign, nothing):  # of lines as fine as that it is an empty table
        assert tell_ruling(connect(ink)) is Ruling.BLANK


@pytest.mark.parametrize(("thickness", "is_left"), [(3, True), (8, False)])
def test_a_1_on_a_line_of_squares_is_no_remains(thickness: int, is_left: bool) -> None:  # noqa: FBT001
    """What stands on an upright line, between two squares, is a 1 if it is thicker than lines are."""
    page = without_rules(connect(put(_squared(), np.full((40, 8), 255, np.uint8), left=197, top=105)))
    box = np.array([[200 - thickness // 2, 105, 200 - thickness // 2 + thickness, 145]])
    piece = replace(page, boxes=box, areas=np.array([40 * thickness]))
    assert are_left_of_rules(piece, 40.0).tolist() == [is_left]
