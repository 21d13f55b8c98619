"""From what may be numbers to what they are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.errors import InputError
from tenfold.image import NOISE
from tenfold.reading import (
    BLANK,
    NOT_A_DIGIT,
    UNSURE,
    Expectation,
    Found,
    decide,
    decide_unique,
    judge_images,
    parse_expectation,
)
from tenfold.reading.decide import temper
from tenfold.reading.expect import load_roster
from tenfold.reading.lattice import Lattice
from tenfold.recognizer import NONE
from tests.reading.lattices import written

ANY = Expectation()


def found(*lattices: Lattice, lines: tuple[int, ...] = ()) -> Found:
    """Return what was found in a picture, all in one line unless told otherwise."""
    return Found(lattices, lines or (0,) * len(lattices))


def test_decide_reads_the_most_probable_text() -> None:
    """The text is the most probable, with a space between numbers and a newline between lines."""
    reading = decide(found(written("12"), written("345"), written("6"), lines=(0, 0, 1)), ANY, least=0.5)
    assert reading.text == "12 345\n6"
    assert [number.line for number in reading.numbers] == [0, 0, 1]
    assert reading.confidence == pytest.approx(np.prod([number.confidence for number in reading.numbers]))
    assert reading.reason is None


def test_decide_names_candidates_in_order() -> None:
    """Candidates come with falling probabilities, the first is the text, and there are at most `top`."""
    lattice = written("104", sure=0.7, seconds="157")
    for top in (1, 2, 5):
        (number,) = decide(found(lattice), ANY, least=0.5, top=top).numbers
        probabilities = [probability for _, probability in number.candidates]
        assert len(number.candidates) == top
        assert probabilities == sorted(probabilities, reverse=True)
        assert number.candidates[0] == (number.text, number.confidence)


def test_a_number_cut_out_of_its_picture_is_less_certain_than_its_digits() -> None:
    """It may lack a stroke: its confidence is drawn to one half, the more so where ink was dropped."""
    alone = written("12", sure=0.99)
    others = [replace(alone, is_cut_out=True, n_dropped=n) for n in (0, 1, 2)]
    numbers = decide(found(alone, *others), ANY, least=0.5).numbers
    confidences = [number.confidence for number in numbers]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[0] > 0.97 > confidences[1] > 0.5
    assert {number.text for number in numbers} == {"12"}
    assert all(number.candidates[0] == (number.text, number.confidence) for number in numbers)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 1))
def test_temper_keeps_the_order_and_draws_to_one_half(first: float, second: float, sharpness: float) -> None:
    """A surer number stays surer; certainty shrinks on both sides; a sharpness of 1 changes nothing."""
    low, high = (temper(value, sharpness=sharpness) for value in sorted((first, second)))
    assert 0 <= low <= high <= 1
    assert abs(temper(first, sharpness=sharpness) - 0.5) <= abs(first - 0.5) + 1e-6
    assert temper(first, sharpness=1.0) == pytest.approx(first, abs=2e-6)


def test_decide_marks_what_is_unsure() -> None:
    """A digit below the least confidence is unsure, and so is its number, but no other."""
    sure, unsure = decide(found(written("12", sure=0.99), written("34", sure=0.6)), ANY, least=0.8).numbers
    assert (sure.reason, unsure.reason) == (None, UNSURE)
    assert [digit.reason for digit in unsure.digits] == [UNSURE, UNSURE]
    assert [digit.label for digit in unsure.digits] == [3, 4]


def test_decide_keeps_what_was_found_of_no_number() -> None:
    """The reason why there is no number, and the diagnosis, are passed on."""
    reading = decide(Found(reason=NOT_A_DIGIT, diagnosis=("blurred",)), ANY, least=0.5)
    assert (reading.text, reading.reason, reading.diagnosis) == ("", NOT_A_DIGIT, ("blurred",))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("", "104"),
        ("length=3", "104"),
        ("pattern=1#9", "109"),
        ("range=105..199", "109"),
        ("checksum=luhn", "109"),
    ],
)
def test_decide_reads_what_is_expected(expected: str, text: str) -> None:
    """A rule that the most probable text breaks gives the most probable that keeps it."""
    lattice = written("104", sure=0.6, seconds="xx9")
    expectation = parse_expectation(expected) if expected else ANY
    assert decide(found(lattice), expectation, least=0.5).text == text


def test_decide_leaves_out_what_cannot_be_expected() -> None:
    """A number of another length is left out; without any the reading is unsure, not blank."""
    expectation = parse_expectation("length=3")
    assert decide(found(written("12"), written("345")), expectation, least=0.5).text == "345"
    reading = decide(found(written("12")), expectation, least=0.5)
    assert (reading.numbers, reading.reason) == ((), UNSURE)


def test_decide_adds_up_totals() -> None:
    """Where the last number of a line is the sum of the others, the sum decides."""
    lattices = written("12"), written("30"), written("43", sure=0.6, seconds="x2")
    assert decide(found(*lattices), ANY, least=0.5).text == "12 30 43"
    assert decide(found(*lattices), parse_expectation("sum=total"), least=0.5).text == "12 30 42"


def roster(tmp_path: object, *texts: str) -> Expectation:
    """Return the expectation of a list."""
    path = tmp_path / "list.txt"  # type: ignore[operator]
    path.write_text("\n".join(texts))
    assert load_roster(path) == (*texts,)
    return parse_expectation(f"list={path}")


def test_decide_unique_gives_each_picture_its_own(tmp_path: object) -> None:
    """Of two pictures that read alike one gets the next number of the list; a blank one gets none."""
    likely = [found(written("104", sure=sure, seconds="107")) for sure in (0.6, 0.9)]
    blank = Found(reason="blank")
    readings = decide_unique([*likely, blank], roster(tmp_path, "104", "107", "555"), least=0.5)
    assert [reading.text for reading in readings] == ["107", "104", ""]
    assert readings[2].reason == "blank"


def test_decide_unique_takes_the_longest_number(tmp_path: object) -> None:
    """A stray digit beside the number is not assigned anything."""
    readings = decide_unique([found(written("7"), written("104"))], roster(tmp_path, "104", "7"), least=0.5)
    assert readings[0].text == "104"


def test_decide_unique_needs_a_list() -> None:
    """Without a list there is nothing to be unique in, and the error says what to add."""
    with pytest.raises(InputError, match=r"must be of a list\. Got none\. Add --expect list=FILE"):
        decide_unique([found(written("1"))], parse_expectation("length=1"), least=0.5)


def test_judge_images_gives_the_first_reason_that_holds() -> None:
    """A blank image is blank whatever the model says, and "not a digit" is never unsure."""
    images = np.full((5, 28, 28), 255, np.uint8)
    images[:2] = NOISE - 1
    labels, confidences = np.array([7, NONE, NONE, 7, 7]), np.array([0.9, 0.1, 0.1, 0.49, 0.5])
    are_digits, reasons = judge_images(images, labels, confidences, least=0.5)
    assert are_digits.tolist() == [False, False, False, True, True]
    assert reasons.tolist() == [BLANK, BLANK, NOT_A_DIGIT, UNSURE, None]
    assert [len(one) for one in judge_images(images[:0], labels[:0], confidences[:0], least=0.5)] == [0, 0]
