"""The most probable numbers: against all paths read one by one, and the laws they keep."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.errors import InputError
from tenfold.reading import Lattice, decode, is_close, is_forced, parse_expectation, support
from tenfold.reading.rules import Anything
from tests.reading.checks import is_luhn, is_mod11
from tests.reading.lattices import (
    all_paths,
    make_lattice,
    random_lattice,
    weight_of,
    weights_of_texts,
    written,
)

EXPECTED: dict[str, Callable[[str], object]] = {
    "length=3": lambda text: len(text) == 3,
    "range=3..250": lambda text: len(text) in {1, 2, 3} and 3 <= int(text) <= 250,
    "pattern=1#-#": lambda text: re.fullmatch(r"1\d\d", text),
    "checksum=luhn": lambda text: len(text) > 1 and is_luhn(text),
    "length=3..4,checksum=mod11": lambda text: len(text) in {3, 4} and is_mod11(text),
}


@cache
def small_lattice(seed: int) -> tuple[Lattice, dict[str, float]]:
    """Return a lattice of up to four digits and the weights of its texts, made once."""
    lattice = random_lattice(seed, 5)
    return lattice, weights_of_texts(lattice)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("expected", ["", *EXPECTED])
def test_decode_equals_reading_all_paths(seed: int, expected: str) -> None:
    """Texts, their order and their probabilities are those of all paths, summed one by one."""
    lattice, weights = small_lattice(seed)
    accepted = {text: weight for text, weight in weights.items() if not expected or EXPECTED[expected](text)}
    whole, fitting = sum(weights.values()), sum(accepted.values())
    best = sorted(accepted, key=lambda text: accepted[text], reverse=True)[:5]
    expectation = parse_expectation(expected) if expected else None
    found = decode(lattice, expectation, top=5)
    assert [candidate.text for candidate in found] == best
    for candidate in found:
        assert candidate.probability == pytest.approx(accepted[candidate.text] / fitting)
        assert candidate.unaided == pytest.approx(accepted[candidate.text] / whole)
    if expectation:
        assert support(lattice, expectation) == pytest.approx(fitting / whole)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("top", [1, 3, 20])
def test_decode_of_one_piece_is_that_of_a_search(seed: int, top: int) -> None:
    """A lattice of one edge has the candidates that the search finds where any digits are expected."""
    probabilities = np.random.default_rng(seed).dirichlet(np.full(11, 0.3), 1) * ([1] * 7 + [0] + [1] * 3)
    lattice = make_lattice(2, np.array([[0, 1]]), probabilities, np.array([-1.5]))
    found, searched = decode(lattice, top=top), decode(lattice, Anything(), top=top)
    assert len(found) == min(top, 9)
    for one, other in zip(found, searched, strict=True):
        assert (one.text, one.unaided, one.edges) == (other.text, other.unaided, other.edges)
        assert one.probability == pytest.approx(other.probability)


def test_decode_of_one_piece_that_does_not_reach_the_end_is_nothing() -> None:
    """Where the only edge stops before the last place, there is no number."""
    lattice = make_lattice(3, np.array([[0, 1]]), np.full((1, 11), 1 / 11), np.zeros(1))
    assert decode(lattice) == []


@pytest.mark.parametrize("seed", range(4))
def test_decode_gives_the_best_path_of_each_text(seed: int) -> None:
    """The edges of a candidate connect the first place with the last, and no path of its text weighs more."""
    lattice = random_lattice(seed, 5)
    for candidate in decode(lattice, top=5):
        starts, ends = lattice.starts[list(candidate.edges)], lattice.ends[list(candidate.edges)]
        assert starts[0] == 0
        assert ends[-1] == lattice.n_places - 1
        assert (starts[1:] == ends[:-1]).all()
        digits = [int(digit) for digit in candidate.text]
        paths = [path for path in all_paths(lattice) if len(path) == len(digits)]
        greatest = max(weight_of(lattice, path, digits) for path in paths)
        assert weight_of(lattice, candidate.edges, digits) == pytest.approx(greatest)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n_places=st.integers(1, 4), flatness=st.sampled_from([0.05, 0.3, 2.0]))
def test_probabilities_of_all_texts_sum_to_one(seed: int, n_places: int, flatness: float) -> None:
    """All that can be read has probability 1 together, each text once, the most probable first."""
    lattice = random_lattice(seed, n_places, flatness=flatness)
    found = decode(lattice, top=10_000)
    probabilities = [candidate.probability for candidate in found]
    assert len({candidate.text for candidate in found}) == len(found)
    assert probabilities == sorted(probabilities, reverse=True)
    if n_places < 3:  # more texts than are followed at once, otherwise
        assert sum(probabilities) == pytest.approx(1 if found else 0)
    assert sum(probabilities) <= 1 + 1e-9


def test_more_texts_are_the_fewer_and_then_others() -> None:
    """Asking for more candidates does not change the first ones."""
    lattice = random_lattice(3, 12, flatness=0.1)
    many = decode(lattice, top=20)
    assert decode(lattice, top=1) == many[:1]
    assert decode(lattice, top=5) == many[:5]


def test_two_cuts_of_one_number_are_one_candidate() -> None:
    """A text is as probable as all the ways to cut it, and the more probable of two halves may be second."""
    edges = np.array([[0, 1], [1, 3], [0, 2], [2, 3], [0, 3]], np.int64)
    probabilities = np.zeros((5, 11))
    probabilities[[0, 1, 2, 3, 4], [1, 2, 1, 2, 7]] = 1.0
    lattice = make_lattice(4, edges, probabilities, np.log([0.3, 1.0, 0.3, 1.0, 0.4]))
    first, second = decode(lattice)
    assert (first.text, second.text) == ("12", "7")
    assert first.probability == pytest.approx(0.6)
    assert second.edges == (4,)


def test_an_empty_lattice_reads_as_nothing() -> None:
    """Without ink there is the empty text, for sure, unless digits are expected."""
    empty = make_lattice(1, np.zeros((0, 2), np.int64), np.zeros((0, 11)), np.zeros(0))
    assert [(found.text, found.probability, found.edges) for found in decode(empty)] == [("", 1.0, ())]
    assert decode(empty, parse_expectation("length=1")) == []


def test_a_lattice_without_a_path_reads_as_nothing() -> None:
    """Where the last place is out of reach, or no edge may be a digit, there are no candidates."""
    unreachable = make_lattice(3, np.array([[0, 1]], np.int64), np.full((1, 11), 1 / 11), np.zeros(1))
    no_digit = make_lattice(2, np.array([[0, 1]], np.int64), np.eye(11)[10:], np.zeros(1))
    for lattice in (unreachable, no_digit):
        assert decode(lattice) == []
        assert decode(lattice, parse_expectation("length=1")) == []
        assert support(lattice, parse_expectation("length=1")) == 0


@pytest.mark.parametrize("shift", [-800.0, 800.0])
def test_scores_beyond_floating_point_change_nothing(shift: float) -> None:
    """Weights whose product overflows or vanishes give the probabilities that their ratios give."""
    lattice = random_lattice(5, 8)
    weights = lattice.log_weights + shift * (lattice.ends - lattice.starts)
    shifted = replace(lattice, log_weights=weights)
    for before, after in zip(decode(lattice), decode(shifted), strict=True):
        assert before.text == after.text
        assert before.probability == pytest.approx(after.probability)


def test_knowledge_corrects_a_digit_jointly() -> None:
    """The second choice of an unsure digit is taken where the first breaks the checksum."""
    lattice = written("79927398710", sure=0.6, seconds="79927398713")
    assert decode(lattice)[0].text == "79927398710"
    found = decode(lattice, parse_expectation("checksum=luhn"))
    assert found[0].text == "79927398713"
    assert found[0].unaided < found[0].probability


def test_support_tells_what_fits_by_force() -> None:
    """A number that is not what is expected is forced into it, and says so; one that is, is not."""
    expectation = parse_expectation("pattern=20##")
    fitting, other = written("2024", sure=0.99, seconds="5555"), written("1987", sure=0.99, seconds="5555")
    assert support(fitting, expectation) > 0.9
    assert not is_forced(decode(fitting, expectation))
    assert is_forced(decode(other, expectation))
    assert is_forced([])


@pytest.mark.parametrize(("sure", "close"), [(0.5, True), (0.75, True), (0.85, False), (0.999, False)])
def test_is_close_when_the_second_is_nearly_as_probable(sure: float, close: bool) -> None:  # noqa: FBT001
    """Four to one is still close; more is not, nor is a single candidate."""
    candidates = decode(written("4", sure=sure, seconds="9"))
    assert is_close(candidates) is close
    assert not is_close(candidates[:1])
    assert not is_close(candidates, ratio=1.1)


def test_top_below_one_is_an_error() -> None:
    """At least one candidate must be asked for."""
    with pytest.raises(InputError, match=r"top must be 1 or more\. Got 0\."):
        decode(written("1"), top=0)


@pytest.mark.parametrize("expected", ["", "length=12", "checksum=luhn"])
def test_decode_is_quick_on_a_long_number(expected: str) -> None:
    """30 places and some 150 edges take milliseconds, with room here for a slow machine."""
    lattice = random_lattice(0, 30, flatness=0.1)
    expectation = parse_expectation(expected) if expected else None
    decode(lattice, expectation)
    start = time.perf_counter()
    for _ in range(5):
        decode(lattice, expectation)
    assert (time.perf_counter() - start) / 5 < 0.25
