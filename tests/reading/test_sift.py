"""What in a run of ink is no digit."""

from dataclasses import replace

import numpy as np
import pytest

from tenfold.reading.lattice import Lattice
from tenfold.reading.sift import split_at_signs
from tests.reading.lattices import written

HEIGHT = 20.0


def drawn(text: str, *, widths: list[int], cuts: set[int]) -> Lattice:
    """Return a lattice of one path: "-" is no digit, and what is cut is joined to what stands before it."""
    lattice = written(text.replace("-", "0"))
    for edge, character in enumerate(text):
        if character == "-":
            lattice.probabilities[edge] = [0.001] * 10 + [0.99]
    boxes = np.array([(0, 0, width, int(HEIGHT)) for width in widths])
    weights = np.full(len(text), -1.0)  # nothing is sure to be one piece, so nothing is surely a sign
    return replace(
        lattice,
        log_weights=weights,
        boxes=boxes,
        is_cut=np.array([edge in cuts for edge in range(len(text))]),
    )


@pytest.mark.parametrize(
    ("text", "widths", "cuts", "n_digits"),
    [
        pytest.param("7--", [10, 10, 10], {1, 2}, [], id="most-of-a-drawing-is-none"),
        pytest.param("7--", [10, 10, 10], set(), [1], id="what-stands-apart-is-left-out-alone"),
        pytest.param("77-", [10, 10, 10], {1, 2}, [2], id="a-flourish-at-a-number"),
        pytest.param("7-", [10, 21], {1}, [], id="wide-counts-more"),
        pytest.param("-77-7", [10, 4, 4, 4, 10], {1, 2, 3}, [1], id="a-digit-beside-a-drawing"),
    ],
)
def test_what_is_cut_from_a_drawing_is_no_digit(
    text: str, widths: list[int], cuts: set[int], n_digits: list[int]
) -> None:
    """Where most of connected ink is no digit, the rest only looks like some."""
    stretches = split_at_signs(drawn(text, widths=widths, cuts=cuts), HEIGHT).stretches
    lengths = [len(lattice) for stretch in stretches for lattice in stretch.lattices]
    assert lengths == n_digits


@pytest.mark.parametrize("text", ["7", "123", "1-3"])
def test_first_piece_of_a_run_is_joined_to_nothing(text: str) -> None:
    """A first edge that is marked as cut, which has nothing before it, is read like any other."""
    lattice = drawn(text, widths=[10] * len(text), cuts={0})
    plain = drawn(text, widths=[10] * len(text), cuts=set())
    marked, unmarked = (
        [len(one) for stretch in split_at_signs(each, HEIGHT).stretches for one in stretch.lattices]
        for each in (lattice, plain)
    )
    assert marked == unmarked
