"""What is said to be unusual about a picture."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tenfold.arrays import Ink
from tenfold.image.ruled import SOLID
from tenfold.reading import Reader
from tenfold.reading.diagnose import LEFT_OUT, _is_blurred
from tests.image.drawn import on_paper, scaled
from tests.reading.pages import Drawn, Hand, doodle

FOUR = [(60, 120), (60, 0), (0, 80), (80, 80)]
SEVEN = [(0, 0), (70, 0), (25, 120)]


def blurred(picture: Ink, *, radius: float) -> Ink:
    """Take a picture out of focus."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def thin() -> Ink:
    """Write 474 with a fine pen."""
    sheet = Image.new("L", (420, 200))
    for left, lines in [(40, FOUR), (160, SEVEN), (280, FOUR)]:
        ImageDraw.Draw(sheet).line([(left + right, 40 + down) for right, down in lines], 255, 3)
    return np.asarray(sheet)


UNUSUAL: dict[str, Callable[[Drawn], Ink]] = {
    "ink is light on dark: inverted": lambda drawn: 255 - on_paper(drawn.ink, padding=20),
    "ink is pale": lambda drawn: on_paper(drawn.ink, padding=20, black=185, white=210),
    "digits are small": lambda drawn: scaled(on_paper(drawn.ink, padding=20), 0.25),
    "strokes are thin: thickened": lambda _: on_paper(thin()),
}


@pytest.mark.parametrize("words", UNUSUAL)
def test_diagnosis_says_what_is_unusual(words: str, shipped: Reader, hand: Hand) -> None:
    """Each thing that makes reading harder is named."""
    drawn = hand.write("20486", np.random.default_rng(0))
    assert words in shipped.read(UNUSUAL[words](drawn)).diagnosis


def test_diagnosis_says_that_a_number_is_blurred(shipped: Reader, hand: Hand) -> None:
    """Where blur makes a number unreadable, that is said: at a radius of an eighth of a digit's height."""
    drawn = hand.write_many(20, shortest=3, longest=5)
    readings = [shipped.read(blurred(on_paper(one.ink, padding=40), radius=5)) for one in drawn]
    assert np.mean(["blurred" in reading.diagnosis for reading in readings]) >= 0.5


def test_diagnosis_is_silent_about_usual_pictures(shipped: Reader, hand: Hand) -> None:
    """A number of some length, dark on light, has no remark, whatever it is."""
    drawn = hand.write_many(20, shortest=5)
    assert {shipped.read(on_paper(one.ink, padding=20)).diagnosis for one in drawn} == {()}


def test_diagnosis_counts_digits_where_one_may_be_meant(shipped: Reader, hand: Hand) -> None:
    """Two digits in a square picture are read as a number, and that is said."""
    drawn = hand.write("47", np.random.default_rng(0))
    reading = shipped.read(on_paper(drawn.ink, padding=20))
    assert reading.text == "47"
    assert reading.diagnosis == ("2 digits: read as a number",)


def test_diagnosis_says_what_was_left_out(shipped: Reader, hand: Hand) -> None:
    """Where two digits that touch are taken for a letter between others, it is said; and only then."""
    n_left_out = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        text = "".join(map(str, generator.integers(0, 10, 4)))
        drawn = hand.write(text, generator, gaps=[30, -12, 30])
        reading = shipped.read(on_paper(drawn.ink, padding=40))
        is_left_out = reading.text == f"{text[0]} {text[-1]}"
        assert (LEFT_OUT in reading.diagnosis) == is_left_out, text
        n_left_out += is_left_out
    assert n_left_out >= 3


def test_a_dash_between_numbers_is_left_out_without_a_word(shipped: Reader, hand: Hand) -> None:
    """What is not as high as digits cannot be digits that touch."""
    drawn = hand.write("2048", np.random.default_rng(1), gaps=[12, 90, 12])
    ink = drawn.ink.copy()
    (left, _, wide, _), (end, _, _, _) = drawn.places[1:3]
    ink[len(ink) // 2 - 3 : len(ink) // 2 + 3, left + wide + 25 : end - 25] = 255
    reading = shipped.read(on_paper(ink, padding=40))
    assert (reading.text, reading.diagnosis) == ("20 48", ())


def test_diagnosis_knows_a_line(shipped: Reader) -> None:
    """Of a dash it is said that there is nothing but a line."""
    reading = shipped.read(on_paper(doodle("dash", np.random.default_rng(0))))
    assert (reading.text, reading.diagnosis) == ("", ("nothing but a line",))


@pytest.mark.parametrize("shade", [0, 127, 255])
def test_diagnosis_of_blank_paper_is_empty(shade: int, shipped: Reader) -> None:
    """Where there is no ink, nothing is said about it."""
    assert shipped.read(np.full((60, 80), shade, np.uint8)).diagnosis == ()


@pytest.mark.parametrize("radius", [0.0, 0.7, 1.5, 3.0])
def test_blur_is_told_by_the_steepest_edges(radius: float, hand: Hand) -> None:
    """Ink is blurred where nine tenths of it are less steep than the limit, sorted out or told early."""
    ink = blurred(hand.write("407", np.random.default_rng(1)).ink, radius=radius)
    slopes = np.abs(cv2.Sobel(ink, cv2.CV_32F, 1, 0, ksize=3) / 8)[ink > SOLID]
    steepest = float(np.quantile(slopes, 0.9))
    for share in (0.5, 0.98, 1.02, 2.0):
        assert _is_blurred(ink, ink > SOLID, share * steepest) == (share > 1)
