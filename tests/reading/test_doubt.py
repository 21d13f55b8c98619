"""Digits that touch: read as a line where their pieces leave doubt."""

import numpy as np
import pytest

from tenfold import line_recognizer
from tenfold.arrays import Ink
from tenfold.line_recognizer import LineRecognizer
from tenfold.reading import Reader, decide, find_numbers, parse_expectation
from tests.reading.pages import Drawn, Hand, on_sheet


@pytest.fixture(scope="module")
def lines() -> LineRecognizer:
    """Return the reader of lines that comes with tenfold."""
    return line_recognizer.load(threads=1)


def on_paper(drawn: Drawn) -> Ink:
    """Draw a number dark on a light sheet."""
    return (235 - on_sheet(drawn) * (180 / 255)).astype(np.uint8)


def overlapping(hand: Hand, by: int) -> list[Drawn]:
    """Return sixty numbers of four digits, each so many pixels into the next."""
    generator = np.random.default_rng(4)
    texts = ["".join(map(str, generator.integers(0, 10, 4))) for _ in range(60)]
    return [hand.write(text, generator, gaps=[-by] * 3) for text in texts]


@pytest.fixture(scope="module")
def touching(hand: Hand) -> list[Drawn]:
    """Return numbers whose digits are two pixels into the next, of about thirty."""
    return overlapping(hand, 2)


def share_right(drawn: list[Drawn], reader: Reader) -> float:
    """Return the share of the numbers that are read right."""
    return float(np.mean([reader.read(on_paper(number)).text == number.text for number in drawn]))


def test_touching_digits_are_read(touching: list[Drawn], shipped: Reader) -> None:
    """Most numbers whose digits touch are read right."""
    assert share_right(touching, shipped) >= 0.8


@pytest.mark.slow
def test_overlapping_digits_are_read_better_with_the_reader_of_lines(hand: Hand, shipped: Reader) -> None:
    """Where digits are a quarter of their width into the next, more are read than by pieces alone."""
    drawn = overlapping(hand, 8)
    anything = parse_expectation(())
    by_pieces = [
        decide(find_numbers(on_paper(number), shipped), anything, least=0.0).text == number.text
        for number in drawn
    ]
    assert share_right(drawn, shipped) > np.mean(by_pieces)


def test_what_is_sure_by_its_pieces_is_not_read_again(
    hand: Hand, shipped: Reader, lines: LineRecognizer
) -> None:
    """Where digits stand apart and are sure, the lattices are those of the pieces."""
    generator = np.random.default_rng(1)
    sure = [hand.write(text, generator, gap=16) for text in ("2503", "86427", "905")]
    for number in sure:
        alone, both = (find_numbers(on_paper(number), shipped, more) for more in (None, lines))
        if min(alone.lattices[0].probabilities.max(axis=1)) > 0.99:
            np.testing.assert_array_equal(alone.lattices[0].probabilities, both.lattices[0].probabilities)


def test_boxes_by_the_reader_of_lines_cover_the_digits(touching: list[Drawn], shipped: Reader) -> None:
    """The boxes of digits that touch go from left to right, inside of the picture."""
    for number in touching[:10]:
        picture = on_paper(number)
        boxes = [digit.box for found in shipped.read(picture).numbers for digit in found.digits]
        lefts = [box[0] for box in boxes]
        assert lefts == sorted(lefts)
        assert all(box[0] >= 0 and box[0] + box[2] <= picture.shape[1] + 1 for box in boxes)
