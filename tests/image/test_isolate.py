"""The digit is told from what else is in its picture."""

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from tenfold.arrays import Images, Ink
from tenfold.image import isolate_digit
from tenfold.image.isolate import SMALLEST, SOLID
from tests.image.drawn import enlarged

inks = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=40))


@pytest.fixture
def digit(samples: Images) -> Ink:
    """Return a digit of one part on a sheet of its own; its edges are hard."""
    return np.pad((enlarged(samples[0]) > 128).astype(np.uint8) * 255, 20)


def test_isolate_digit_leaves_a_lone_digit(samples: Images) -> None:
    """A digit on a sheet of its own stays as it is, but for the palest of its edges."""
    for sample in samples:
        ink = np.pad(sample, 3)
        kept = isolate_digit(ink)
        np.testing.assert_array_equal(kept[ink > SOLID], ink[ink > SOLID])
        assert kept.sum() >= 0.97 * ink.sum()


@pytest.mark.parametrize("width", [1, 3, 9])
@pytest.mark.parametrize("edges", ["t", "r", "bl", "tblr"])
def test_isolate_digit_erases_lines_along_edges(digit: Ink, edges: str, width: int) -> None:
    """What is left of a grid at one edge or at all of them goes; the digit stays."""
    ruled = digit.copy()
    for edge in edges:
        side = {"t": ruled, "b": ruled[::-1], "l": ruled.T, "r": ruled.T[::-1]}[edge]
        side[:width] = 255

    np.testing.assert_array_equal(isolate_digit(ruled), digit)


def test_isolate_digit_frees_a_digit_from_the_line_it_stands_on(digit: Ink) -> None:
    """A digit that runs into the line below keeps its strokes, and of the line what is below them alone."""
    rows = np.flatnonzero(digit.any(axis=1))
    cut = digit[: rows[-1] + 3].copy()
    cut[-6:] = 255

    freed = isolate_digit(cut)

    np.testing.assert_array_equal(freed[:-8], digit[: rows[-1] - 5])
    has_stroke = scipy.ndimage.binary_dilation(digit[rows[-1] - 5 : rows[-1]].any(axis=0), iterations=3)
    assert not freed[-6:, ~has_stroke].any()


def test_isolate_digit_erases_neighbors_and_specks(digit: Ink) -> None:
    """Parts of other digits that the edge cuts off go, and so does dust."""
    crowded = digit.copy()
    crowded[30:90, :6] = 255
    crowded[50:80, -9:] = 255
    crowded[22:24, 30:32] = 255
    crowded[140:142, 80] = 255

    np.testing.assert_array_equal(isolate_digit(crowded), digit)


def test_isolate_digit_keeps_the_pieces_of_a_digit() -> None:
    """A 5 whose flag stands apart, and a 1 of dashes, are kept whole."""
    pieces = np.zeros((100, 100), np.uint8)
    pieces[20:25, 42:70] = 255
    pieces[32:80, 40:46] = 255
    pieces[82:86, 30:60] = 255
    dashes = np.zeros((100, 60), np.uint8)
    for start in range(20, 80, 10):
        dashes[start : start + 8, 28:32] = 255

    for whole in (pieces, dashes):
        np.testing.assert_array_equal(isolate_digit(whole), whole)


@settings(deadline=None, derandomize=True)
@given(inks)
def test_isolate_digit_only_erases(ink: Ink) -> None:
    """Of any ink each pixel stays or becomes 0, in a new array, and some of what is solid remains."""
    kept = isolate_digit(ink)

    assert kept.shape == ink.shape
    assert not np.shares_memory(kept, ink) or not ink.size
    assert ((kept == ink) | (kept == 0)).all()
    assert kept.any() == ink.any()


def test_isolate_digit_takes_a_tiny_picture_as_a_digit() -> None:
    """In a picture with too few pixels to tell, everything is the digit."""
    tiny = np.eye(SMALLEST - 1, 60, dtype=np.uint8) * 255
    tiny[:, -1] = 255

    np.testing.assert_array_equal(isolate_digit(tiny), tiny)
