"""What is no number: blank paper, letters, doodles; and that any pixels have an answer."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from tenfold.arrays import Ink
from tenfold.reading import BLANK, NOT_A_DIGIT, Reader, Reading, find_numbers
from tests.image.drawn import blank_papers, grainy, on_paper
from tests.reading.pages import Hand, below_each_other, doodle, letters, on_sheet

BLANKS = {
    f"{name} {height}×{width}": np.full((height, width), shade, np.uint8)
    for name, shade in {"black": 0, "grey": 127, "white": 255}.items()
    for height, width in [(1, 1), (1, 10_000), (60, 200), (500, 400)]
}


@pytest.mark.parametrize("grey", BLANKS.values(), ids=BLANKS)
def test_paper_of_one_shade_is_blank(grey: Ink, shipped: Reader) -> None:
    """Black, white and grey pictures of any shape are blank, with confidence 0."""
    reading = shipped.read(grey)
    assert (reading.text, reading.reason, reading.confidence) == ("", BLANK, 0.0)


def is_sure(reading: Reading) -> bool:
    """Tell whether any number is given without doubt."""
    return any(number.reason is None for number in reading.numbers)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(paper=blank_papers(smallest=40, deviations=st.just(0.0) | st.floats(2, 10)))
def test_blank_paper_has_no_sure_number(paper: Ink, shipped: Reader) -> None:
    """Noise, a slope of light, or both give no number that is not doubtful."""
    assert not is_sure(shipped.read(paper))


@pytest.mark.parametrize("deviation", [5, 20])
def test_noise_is_blank(deviation: float, shipped: Reader) -> None:
    """Paper as grainy as a poor camera makes it is blank, be it a crop or a page."""
    generator = np.random.default_rng(0)
    for shape in [(60, 300), (100, 100), (500, 400)]:
        paper = np.full(shape, 200, np.uint8)
        readings = [shipped.read(grainy(paper, generator, deviation=deviation)) for _ in range(5)]
        assert {reading.reason for reading in readings} == {BLANK}


@pytest.mark.slow
@pytest.mark.xfail(reason="black and white noise has strokes: 69 of 100 pictures give a sure number")
def test_noise_of_all_shades_has_no_sure_number(shipped: Reader) -> None:
    """Pixels of any shade, as of a damaged file, are no number."""
    generator = np.random.default_rng(0)
    pictures = [generator.integers(0, 256, (100, 100)).astype(np.uint8) for _ in range(6)]
    assert not any(is_sure(shipped.read(picture)) for picture in pictures)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)))
@example(np.eye(1, 10_000, 70, dtype=np.uint8) * 255)
@example(np.eye(10_000, 1, dtype=np.uint8))
@example(np.eye(2, 3, dtype=np.uint8) * 200)
def test_any_picture_gives_numbers_or_a_reason(shipped: Reader, grey: Ink) -> None:
    """Whatever the pixels, there are numbers, or the reason why there are none."""
    reading = shipped.read(grey)
    assert bool(reading.numbers) == (reading.reason is None)
    assert bool(reading.text) == bool(reading.numbers)
    assert 0 <= reading.confidence <= 1


AS_WIDE_AS_TWO = "as wide as two digits, and read as such: W as 11"


@pytest.mark.parametrize(
    "text",
    [
        *[*"ACEFHKMNPRTUX", *"aehkmnpx", *"-+=#*@~"],
        *(pytest.param(letter, marks=pytest.mark.xfail(reason=AS_WIDE_AS_TWO)) for letter in "Ww"),
    ],
)
def test_letter_and_sign_are_no_digit(text: str, shipped: Reader) -> None:
    """A letter or a sign that looks like no digit gives no number, and says why."""
    reading = shipped.read(on_paper(letters(text)))
    assert (reading.text, reading.reason) == ("", NOT_A_DIGIT)


@pytest.mark.parametrize("text", ["+", "x", "w", "K", "M", "R", "#", "="])
def test_sign_cut_to_its_box_is_no_digit(text: str, shipped: Reader) -> None:
    """A sign in a small picture that its ink fills, as data sets have them, is not cut into digits."""
    grey = 255 - letters(text, margin=0)
    rows, columns = np.flatnonzero((grey < 128).any(axis=1)), np.flatnonzero((grey < 128).any(axis=0))
    box = Image.fromarray(grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    box.thumbnail((28, 28))
    picture = Image.new("L", (28, 28), 255)
    picture.paste(box, ((28 - box.width) // 2, (28 - box.height) // 2))
    reading = shipped.read(np.asarray(picture))
    assert (reading.text, reading.reason) == ("", NOT_A_DIGIT)


ZIGZAG = "its strokes are read as 1s: 9 of 40 give a number"
SCRIBBLE = "some have the shape of an 8: 2 of 40 give a number"


@pytest.mark.parametrize(
    "kind",
    [
        "dash",
        "cross",
        pytest.param("spiral", marks=pytest.mark.slow),
        "blot",
        pytest.param("zigzag", marks=[pytest.mark.slow, pytest.mark.xfail(reason=ZIGZAG)]),
        pytest.param("scribble", marks=[pytest.mark.slow, pytest.mark.xfail(reason=SCRIBBLE)]),
    ],
)
def test_doodle_is_no_digit(kind: str, shipped: Reader) -> None:
    """What a pen draws that is no writing gives no number, and says why."""
    pictures = [on_paper(doodle(kind, np.random.default_rng(seed))) for seed in range(40)]
    assert {shipped.read(picture).reason for picture in pictures} == {NOT_A_DIGIT}


WORDS = ("HAMMER", "WAVE", "name", "market", "MATH", "Tax", "when", "never", "mmm", "Amount", "fax")


def test_word_is_no_sure_number(shipped: Reader) -> None:
    """Letters that look like digits may be read in a word, but not without doubt, but for one in ten."""
    readings = [shipped.read(on_paper(letters(word))) for word in WORDS]
    assert np.mean([is_sure(reading) for reading in readings]) <= 0.1


@pytest.mark.xfail(reason="letters of a word that look like digits are read: 10 words in 11 give a number")
def test_word_has_no_number(shipped: Reader) -> None:
    """A printed word has no number."""
    assert not any(shipped.read(on_paper(letters(word))).numbers for word in WORDS)


def test_find_numbers_gives_a_lattice_for_each_number(shipped: Reader, hand: Hand) -> None:
    """From top to bottom and from left to right, with the line that each stands in."""
    generator = np.random.default_rng(0)
    upper = hand.write("2048", generator, gaps=[12, 150, 12])
    found = find_numbers(
        on_paper(below_each_other(on_sheet(upper), on_sheet(hand.write("7", generator)))), shipped
    )
    assert found.lines == (0, 0, 1)
    assert [lattice.n_places for lattice in found.lattices] == [3, 3, 2]
    assert (found.reason, found.diagnosis) == (None, ())


@pytest.mark.parametrize("shape", [(0, 0), (0, 9), (9, 0)])
def test_find_numbers_takes_no_pixels_for_blank(shape: tuple[int, int], shipped: Reader) -> None:
    """A picture without pixels is blank to what takes grey pixels alone."""
    assert find_numbers(np.zeros(shape, np.uint8), shipped).reason == BLANK
