"""Pictures of one digit as data sets have them, into which its neighbors reach."""

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.reading import Reader
from tenfold.reading.diagnose import NEIGHBORS
from tests.image.drawn import on_paper
from tests.reading.pages import Hand, as_thumbnail


def cut_out(hand: Hand, *, gap: int, n: int = 40) -> tuple[list[str], list[Ink]]:
    """Return the digits in the middle of three, and their thumbnails."""
    generator = np.random.default_rng(0)
    texts = ["".join(map(str, generator.integers(0, 10, 3))) for _ in range(n)]
    drawn = [hand.write(text, generator, gap=gap) for text in texts]
    return [text[1] for text in texts], [on_paper(as_thumbnail(one, 1), padding=0) for one in drawn]


@pytest.mark.parametrize(("gap", "least"), [(2, 0.95), (0, 0.9), (-4, 0.8), (-6, 0.7)])
def test_middle_digit_of_a_thumbnail_is_read(gap: int, least: float, shipped: Reader, hand: Hand) -> None:
    """Digits beside it, and even such that touch it, are not read with it."""
    digits, pictures = cut_out(hand, gap=gap)
    readings = [shipped.read(picture) for picture in pictures]
    texts = [reading.text for reading in readings]
    assert all(len(text) <= 1 for text in texts)
    assert not any("read as a number" in word for reading in readings for word in reading.diagnosis)
    assert np.mean(np.array(texts) == np.array(digits)) >= least


def test_thumbnail_says_that_digits_were_left_out(shipped: Reader, hand: Hand) -> None:
    """Where neighbors are whole enough to be digits, the diagnosis says that the middle one was read."""
    _, pictures = cut_out(hand, gap=-4)
    told = [reading.text for reading in map(shipped.read, pictures) if NEIGHBORS in reading.diagnosis]
    assert told
    assert all(told)


def test_larger_picture_of_the_same_is_a_number(shipped: Reader, hand: Hand) -> None:
    """Only a thumbnail is known to show one digit: with paper around it, all are read."""
    drawn = hand.write("345", np.random.default_rng(0), gap=4)
    assert shipped.read(on_paper(drawn.ink)).text == "345"
