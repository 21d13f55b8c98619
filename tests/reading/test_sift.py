"""What in a run of ink is no digit."""

from dataclasses import replace

import numpy as np
import pytest

from tenfold.reading.lattice import Lattice
from tenfold.reading.sift import Stretch, pick_middle, split_at_signs
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


@pytest.mark.parametrize(
    ("text", "boxes", "middle"),
    [
        pytest.param("379", [(0, 8, 9, 24), (12, 6, 18, 32), (38, 8, 10, 24)], "7", id="between-neighbors"),
        pytest.param("37", [(0, 8, 20, 30), (26, 22, 3, 4)], "3", id="no-speck-at-the-center"),
        pytest.param("7", [(2, 8, 12, 30)], "7", id="the-only-one"),
    ],
)
def test_pick_middle_leaves_neighbors_out(
    text: str, boxes: list[tuple[int, int, int, int]], middle: str
) -> None:
    """Of a picture of one digit, the large one near the center is kept, as it was read, with its box."""
    lattice = replace(written(text), boxes=np.array(boxes))
    found = pick_middle([Stretch([lattice], 0, (0, 0, 48, 48))], (48, 48))
    assert found is not None
    (kept,) = found.lattices
    at = text.index(middle)
    np.testing.assert_array_equal(kept.probabilities, lattice.probabilities[[at]])
    left, top, width, height = boxes[at]
    assert (kept.boxes.tolist(), found.hull) == ([[*boxes[at]]], (left, top, left + width, top + height))
    assert found.is_sure


def test_pick_middle_of_nothing_is_nothing() -> None:
    """Without a digit there is none in the middle."""
    assert pick_middle([Stretch([], 1, (0, 0, 9, 9))], (48, 48)) is None
