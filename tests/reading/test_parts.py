"""The parts of the ink, one sign or several, and runs of what may be numbers."""

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.reading import Reader
from tenfold.reading.group import find_runs
from tenfold.reading.locate import connect, typical_height, without_rules
from tenfold.reading.segment import make_lattice
from tenfold.reading.sift import split_at_signs
from tenfold.reading.single import shows_one_sign
from tests.reading.lattices import all_paths, written
from tests.reading.pages import (
    Hand,
    below_each_other,
    boxed,
    in_cells,
    letters,
    on_sheet,
    underlined,
)


def test_connect_finds_the_parts() -> None:
    """Each part has its box, its area and its number, also where two touch by a corner alone."""
    ink = np.zeros((9, 12), np.uint8)
    ink[1:4, 2:5] = 255
    ink[4, 5] = 200  # touches a corner
    ink[6:8, 9:12] = 120
    ink[8, 0] = 90  # too pale

    parts = connect(ink)

    assert sorted(parts.boxes.tolist()) == [[2, 1, 6, 5], [9, 6, 12, 8]]
    assert sorted(parts.areas.tolist()) == [6, 10]
    assert [(parts.labels == number).sum() for number in (1, 2)] == parts.areas.tolist()


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (30, 30)])
def test_parts_of_no_ink_are_none(shape: tuple[int, int]) -> None:
    """A sheet without ink has no part and no run, and no rule to erase."""
    parts = without_rules(connect(np.zeros(shape, np.uint8)))
    assert (len(parts.boxes), len(parts.areas)) == (0, 0)
    assert find_runs(parts, is_page=False) == []
    assert typical_height(parts) > 0


@pytest.mark.parametrize("draw", [underlined, boxed, in_cells])
def test_without_rules_leaves_the_digits(draw: object, hand: Hand) -> None:
    """Without the line or the boxes the parts are those of the digits, but for crumbs."""
    drawn = hand.write("20486", np.random.default_rng(0))
    alone = connect(on_sheet(drawn))
    parts = without_rules(connect(draw(drawn)))  # type: ignore[operator]
    heights = parts.boxes[:, 3] - parts.boxes[:, 1]
    assert (heights > 20).sum() == len(alone.boxes)
    assert parts.areas[heights <= 20].sum() <= 0.05 * parts.areas.sum()
    assert typical_height(parts) == pytest.approx(typical_height(alone), abs=4)


@pytest.mark.parametrize("text", ["0", "1", "5", "8"])
def test_one_digit_is_one_sign(text: str, hand: Hand) -> None:
    """A digit from near by is one sign."""
    ink = np.pad(hand.write(text, np.random.default_rng(0)).ink, ((30, 20), (10, 40)))
    assert shows_one_sign(connect(ink))


@pytest.mark.parametrize("text", ["11", "10", "42", "357"])
@pytest.mark.parametrize("draw", [on_sheet, boxed, in_cells])
def test_number_is_not_one_sign(text: str, draw: object, hand: Hand) -> None:
    """Two digits are two signs, with a box around them, too."""
    drawn = hand.write(text, np.random.default_rng(0))
    assert not shows_one_sign(connect(draw(drawn)))  # type: ignore[operator]


def runs_of(ink: Ink) -> list[tuple[int, int]]:
    """Return line and number of pieces of each run."""
    return [(run.line, len(run.pieces)) for run in find_runs(connect(ink), is_page=False)]


def test_find_runs_goes_by_lines_and_gaps(hand: Hand) -> None:
    """Digits near to each other are one run, those far apart two, and lines are counted from the top."""
    generator = np.random.default_rng(0)
    upper = hand.write("60238", generator, gaps=[12, 12, 160, 12])
    lower = hand.write("987", generator)
    assert runs_of(on_sheet(upper)) == [(0, 3), (0, 2)]
    assert runs_of(below_each_other(on_sheet(upper), on_sheet(lower))) == [(0, 3), (0, 2), (1, 3)]


def test_find_runs_goes_by_what_is_narrow_in_a_line(hand: Hand) -> None:
    """Where most gaps part numbers, the few that do not show how wide a gap within one is."""
    drawn = hand.write("942699", np.random.default_rng(0), gaps=[8, 10, 55, 90, 95])
    assert runs_of(on_sheet(drawn)) == [(0, 3), (0, 1), (0, 1), (0, 1)]


def test_find_runs_parts_digits_that_stand_far_from_each_other(hand: Hand) -> None:
    """However alike their gaps are: three numbers of a digit each. A little nearer they are one."""
    for gap, runs in ((110, [(0, 1)] * 3), (40, [(0, 3)])):
        assert runs_of(on_sheet(hand.write("358", np.random.default_rng(0), gap=gap))) == runs


def test_find_runs_sees_a_wide_gap_beside_one_narrow(hand: Hand) -> None:
    """Of three digits one may stand apart, although a gap of two is not usual or unusual by itself."""
    drawn = hand.write("098", np.random.default_rng(0), gaps=[90, 12])
    assert runs_of(on_sheet(drawn)) == [(0, 1), (0, 2)]


def test_find_runs_leaves_out_what_touches_the_edge_of_a_page(hand: Hand) -> None:
    """On a page, ink that runs over the edge is no part of a number; in a crop it is."""
    ink = np.pad(hand.write("7302", np.random.default_rng(0)).ink, 40)
    ink[:, :20] = np.where(np.arange(len(ink))[:, None] % 80 > 15, 255, 0)
    with_edge, without = (find_runs(connect(ink), is_page=is_page) for is_page in (False, True))
    assert sum(len(run.pieces) for run in without) == 4
    assert sum(len(run.pieces) for run in with_edge) >= 4


def test_make_lattice_reads_each_piece(hand: Hand, shipped: Reader) -> None:
    """Digits that stand apart are an edge each, in order, with probabilities that sum to 1."""
    parts = connect(on_sheet(hand.write("83516", np.random.default_rng(0))))
    (run,) = find_runs(parts, is_page=False)
    lattice = make_lattice(parts, run, shipped)
    (stretch,) = split_at_signs(lattice, run.height).stretches
    (best,) = stretch.lattices
    assert stretch.hull == run.hull
    assert best.probabilities[np.argsort(best.starts)].argmax(axis=1).tolist() == [8, 3, 5, 1, 6]
    np.testing.assert_allclose(lattice.probabilities.sum(axis=1), 1, atol=1e-3)


def test_make_lattice_cuts_digits_that_touch(hand: Hand, shipped: Reader) -> None:
    """Two digits in one piece are two on some path."""
    parts = connect(on_sheet(hand.write("83", np.random.default_rng(0), gaps=[-2])))
    (run,) = find_runs(parts, is_page=False)
    lengths = {len(path) for path in all_paths(make_lattice(parts, run, shipped))}
    assert 2 in lengths


def test_split_at_signs_gives_what_lies_between() -> None:
    """What is surely no digit parts a run; of letters alone nothing is left."""
    lattice = written("12945", sure=0.99)
    lattice.probabilities[2] = np.eye(11, dtype=np.float32)[10]
    first, second = (stretch.lattices[0] for stretch in split_at_signs(lattice, 10.0).stretches)
    assert first.probabilities.argmax(axis=1).tolist() == [1, 2]
    assert second.probabilities.argmax(axis=1).tolist() == [4, 5]
    lattice.probabilities[:] = np.eye(11, dtype=np.float32)[10]
    assert split_at_signs(lattice, 10.0).stretches == []


def test_split_at_signs_keeps_a_number_whole() -> None:
    """A digit that may as well be none is still part of its number."""
    (stretch,) = split_at_signs(written("1234", sure=0.5), 10.0).stretches
    (whole,) = stretch.lattices
    assert whole.probabilities.argmax(axis=1).tolist() == [1, 2, 3, 4]


def test_letters_are_several_signs() -> None:
    """A word is not one sign."""
    assert not shows_one_sign(connect(letters("HAT")))
    assert shows_one_sign(connect(letters("H")))


def test_gaps_of_the_page_tell_where_numbers_end(hand: Hand) -> None:
    """Numbers nearly a digit's height apart are parted where the page has such gaps and narrow ones."""
    generator = np.random.default_rng(0)
    rows = [on_sheet(hand.write("123456", generator, gaps=[8, 8, 34, 8, 8])) for _ in range(8)]
    last = on_sheet(hand.write("37", generator, gaps=[34]))
    counts = [len(run.pieces) for run in find_runs(connect(below_each_other(*rows, last)), is_page=False)]
    assert counts == [3, 3] * 8 + [1, 1]
    assert [len(run.pieces) for run in find_runs(connect(last), is_page=False)] == [2]


def test_gaps_of_one_kind_part_nothing(hand: Hand) -> None:
    """Digits that are spread evenly, more and less, are one number a line."""
    generator = np.random.default_rng(0)
    wide = [[int(gap) for gap in generator.integers(8, 40, 5)] for _ in range(8)]
    rows = [on_sheet(hand.write("123456", generator, gaps=gaps)) for gaps in wide]
    counts = [len(run.pieces) for run in find_runs(connect(below_each_other(*rows)), is_page=False)]
    assert counts == [6] * 8
