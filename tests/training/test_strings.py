"""Composed strings: what they show, and that they repeat."""

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.image.line import NARROWEST, ROWS, WIDEST
from tenfold.training.handwriting import draw_hand, write_digit
from tenfold.training.strings import LONGEST, Strings, compose_strings, iterate_batches, pad_lines


@pytest.fixture(scope="module")
def strings(digits: Dataset) -> Strings:
    """Return a hundred strings."""
    return compose_strings(100, digits.train, seed=0)


def test_strings_are_lines_with_their_digits(strings: Strings) -> None:
    """Each line has 32 rows and ink; each has 1 to 14 digits."""
    assert len(strings) == len(strings.labels) == 100
    for line, labels in zip(strings.lines, strings.labels, strict=True):
        assert (line.dtype, line.shape[0]) == (np.uint8, ROWS)
        assert NARROWEST <= line.shape[1] <= WIDEST
        assert line.max() > 128
        assert 1 <= len(labels) <= LONGEST
        assert set(labels.tolist()) <= set(range(10))
    assert {label for labels in strings.labels for label in labels.tolist()} == set(range(10))


def test_strings_repeat_with_their_seed(digits: Dataset, strings: Strings) -> None:
    """The same seed gives the same bytes, another seed others."""
    again, others = (compose_strings(20, digits.train, seed=seed) for seed in (0, 1))
    assert all(np.array_equal(*pair) for pair in zip(again.lines, strings.lines, strict=False))
    assert all(np.array_equal(*pair) for pair in zip(again.labels, strings.labels, strict=False))
    assert not all(np.array_equal(*pair) for pair in zip(others.lines, strings.lines, strict=False))


def test_strings_show_the_given_digits_alone(digits: Dataset) -> None:
    """Labels that the samples lack do not occur."""
    few = digits.train.take(np.flatnonzero(np.isin(digits.train.labels, [3, 8])))
    strings = compose_strings(30, few, seed=0)
    assert {label for labels in strings.labels for label in labels.tolist()} == {3, 8}


def test_digits_of_any_hand_have_ink(digits: Dataset) -> None:
    """Thick or thin, no digit is lost; it is cut to its box."""
    generator = np.random.default_rng(0)
    for image, label in zip(digits.train.images[:60], digits.train.labels[:60].tolist(), strict=True):
        ink = write_digit(image, label, draw_hand(generator), generator)
        assert ink.dtype == np.uint8
        assert ink.max() > 127
        assert min(ink.shape) >= 1


def test_lines_are_padded_with_paper(strings: Strings) -> None:
    """A batch has the lines at its left, and nothing after them."""
    lines = strings.lines[:5]
    width = max(line.shape[1] for line in lines)
    padded = pad_lines(lines, width)
    assert padded.shape == (5, ROWS, width)
    for row, line in zip(padded, lines, strict=True):
        np.testing.assert_array_equal(row[:, : line.shape[1]], line)
        assert not row[:, line.shape[1] :].any()


def test_batches_hold_every_string_once(strings: Strings) -> None:
    """Batches are of similar widths, in another order each time."""
    batches = list(iterate_batches(strings, 16, np.random.default_rng(0)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(100))
    assert len(batches) == 7
    spreads = [np.ptp([strings.lines[position].shape[1] for position in batch]) for batch in batches]
    assert np.median(spreads) < np.ptp([line.shape[1] for line in strings.lines]) / 3
