"""Ink is told from paper."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageFilter

from tenfold.arrays import AnyArray, Images, Ink
from tenfold.image import NOISE, extract_ink, to_digit_image
from tenfold.image.ink import BORDER, count_levels, find_median
from tests.image.drawn import blank_papers, enlarged, grainy, lit, on_paper

SHAPES = [(30, 40), (1, 1), (1, 9), (2, 3), (1, 10_000), (10_000, 1), (0, 0), (0, 9), (9, 0)]

greys = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))


@pytest.mark.parametrize("paper", [0, 100, 255])
@pytest.mark.parametrize("shape", SHAPES)
def test_extract_ink_finds_none_on_blank_paper(shape: tuple[int, int], paper: int) -> None:
    """Paper of any shade and size, even none, has no ink."""
    np.testing.assert_array_equal(extract_ink(np.full(shape, paper, np.uint8)), np.zeros(shape, np.uint8))


@settings(deadline=None, derandomize=True)
@given(blank_papers(smallest=8, deviations=st.just(0.0)))
def test_extract_ink_finds_none_under_slanting_light(paper: Ink) -> None:
    """A slope of light across blank paper is no ink, whatever its direction."""
    assert not extract_ink(paper).any()


@settings(deadline=None, derandomize=True)
@given(blank_papers(smallest=40, deviations=st.floats(2, 10)))
def test_extract_ink_finds_none_in_noise(paper: Ink) -> None:
    """Nor is the noise of a camera, with a slope of light or without."""
    assert not extract_ink(paper).any()


def test_extract_ink_takes_no_texture_for_ink() -> None:
    """Unevenness below the limit is paper; just above it is ink."""
    paper = np.full((20, 20), 200, np.uint8)
    paper[5, 5] = 200 - NOISE + 1
    assert not extract_ink(paper).any()

    paper[5, 5] = 200 - NOISE
    assert extract_ink(paper)[5, 5] == 255


@pytest.mark.parametrize(
    "recolor",
    [
        lambda ink: 255 - ink,
        lambda ink: ink,
        lambda ink: 200 - ink // 3,
        lambda ink: 60 + ink // 2,
    ],
    ids=["black on white", "white on black", "grey on grey", "light on dark grey"],
)
def test_extract_ink_reads_any_two_shades(samples: Images, recolor: Callable[[Ink], Ink]) -> None:
    """Whatever the shades of ink and paper, the ink is the same to a few levels, and paper has none."""
    for sample in samples[:50]:
        ink = np.pad(sample, 3)
        found = extract_ink(recolor(ink)).astype(int)
        assert np.abs(found - extract_ink(255 - ink)).max() <= 8
        assert (found[ink == 255] == 255).all()
        assert not found[ink == 0].any()


def test_extract_ink_keeps_the_order_of_shades(samples: Images) -> None:
    """On evenly lit paper no pixel gets more ink than a darker one, and a quarter of the ink is full."""
    for sample in samples:
        ink = np.pad(sample, 3)
        found = extract_ink(255 - ink).ravel()
        assert (np.diff(found[np.argsort(ink, axis=None)].astype(int)) >= 0).all()
        assert (found == 255).sum() >= 0.25 * (found > 128).sum()


def test_extract_ink_sees_through_uneven_light(samples: Images) -> None:
    """Light from one side, and noise on the paper, change the ink by a few levels."""
    generator = np.random.default_rng(0)
    for sample in samples[:50]:
        plain = on_paper(enlarged(sample, times=2))
        expected = extract_ink(plain).astype(int)
        uneven = lit(plain, angle=generator.uniform(0, 2 * np.pi))
        assert np.abs(extract_ink(uneven) - expected).mean() < 3
        assert np.abs(extract_ink(grainy(uneven, generator, deviation=5)) - expected).mean() < 6


@pytest.mark.parametrize("side", [28, 64, 200])
@pytest.mark.parametrize("share", [0.5, 0.6, 0.7])
def test_extract_ink_fills_a_wide_spot(share: float, side: int) -> None:
    """A spot is ink in its middle too, however wide: paper is no darker than ink."""
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    is_spot = np.hypot(rows, columns) < share * side / 2
    ink = extract_ink(np.where(is_spot, 40, 230).astype(np.uint8))
    assert ink[is_spot].min() >= 200
    assert not ink[~is_spot].any()


def test_digit_images_do_not_depend_on_the_polarity(samples: Images) -> None:
    """A picture and its negative give the same digit image, to the last bit."""
    for sample in samples:
        grey = 250 - np.pad(enlarged(sample), 8) // 2
        np.testing.assert_array_equal(
            to_digit_image(extract_ink(grey)), to_digit_image(extract_ink(255 - grey))
        )


def test_extract_ink_of_a_thick_digit_is_the_digit(samples: Images) -> None:
    """Where a digit fills its box and most of it, the shades of the border tell which is paper."""
    thick = [enlarged(sample)[16:-16, 16:-16] for sample in samples]
    thick = [np.asarray(Image.fromarray(ink).filter(ImageFilter.MaxFilter(9))) for ink in thick]
    are_right = [np.corrcoef(extract_ink(255 - ink).ravel(), ink.ravel())[0, 1] > 0 for ink in thick]
    assert np.mean([(ink > 127).mean() > 0.45 for ink in thick]) > 0.2
    assert np.mean(are_right) >= 0.98


@settings(deadline=None, derandomize=True)
@given(greys)
def test_extract_ink_is_empty_or_reaches_full_ink(grey: Ink) -> None:
    """Of any pixels, the strongest ink is 255, or there is none."""
    ink = extract_ink(grey)

    assert ink.shape == grey.shape
    assert ink.max() in {0, 255}


def skewness(grey: Ink) -> float:
    """Return the third moment of the shades, those of the border counted again."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    pixels: AnyArray = np.concatenate([grey.ravel(), border]).astype(float)
    weights = np.repeat([1 / grey.size, BORDER / border.size], [grey.size, border.size])
    return float(np.average((pixels - np.average(pixels, weights=weights)) ** 3, weights=weights))


@settings(deadline=None, derandomize=True)
@given(greys)
def test_extract_ink_of_the_negative_is_the_same(grey: Ink) -> None:
    """Turning black and white about changes nothing, to the last bit, unless light and dark are as rare."""
    assume(abs(skewness(grey)) > 1e-6)

    np.testing.assert_array_equal(extract_ink(255 - grey), extract_ink(grey))


def test_extract_ink_leaves_its_argument_as_it_is(samples: Images) -> None:
    """The picture may be read-only, or a view, and stays what it was."""
    grey = 255 - enlarged(samples[0])
    view = grey[::2, ::-1].T
    before = view.copy()
    view.flags.writeable = False

    np.testing.assert_array_equal(extract_ink(view), extract_ink(before))
    np.testing.assert_array_equal(view, before)


@settings(deadline=None, derandomize=True)
@given(greys, st.integers(0, 255))
def test_median_of_counts_is_that_of_pixels(grey: Ink, least: int) -> None:
    """Levels counted within a mask have the median of its pixels, in even numbers as in odd."""
    where = grey >= least
    assume(where.any())
    counts = count_levels(grey, where=where)
    np.testing.assert_array_equal(counts, count_levels(grey[where]))
    assert find_median(counts) == np.median(grey[where])
