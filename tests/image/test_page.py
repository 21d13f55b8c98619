"""What is ink on a page, and that nothing else is."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tenfold.arrays import Images, Ink
from tenfold.image import extract_page_ink
from tests.image.drawn import blank_papers, enlarged, grainy, lit, on_paper, scaled


def shadow(width: int) -> NDArray[np.float64]:
    """Return the light of columns, half of which lie in the shadow of a hand, with a soft edge."""
    return np.interp(np.arange(width), [width / 2 - 40, width / 2 + 40], [0.5, 1.0])


CHANGES: dict[str, Callable[[Ink], Ink]] = {
    "as it is": lambda page: page,
    "light on dark": lambda page: 255 - page,
    "lit from a side": lambda page: lit(page, angle=1.0),
    "in a shadow": lambda page: (page * shadow(page.shape[1])).astype(np.uint8),
    "noisy": lambda page: grainy(page, np.random.default_rng(0), deviation=12),
    "twice as large": lambda page: scaled(scaled(page, 2), 0.5),
}


@pytest.fixture(scope="module")
def ink(samples: Images) -> Ink:
    """Return the ink of a page with five digits in a row, as drawn."""
    row = np.concatenate([enlarged(image, times=2) for image in samples[:5]], axis=1)
    return np.pad(row, ((150, 200), (100, 120)))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_extract_page_ink_finds_what_was_drawn(ink: Ink, change: Callable[[Ink], Ink]) -> None:
    """Full strokes are ink and bare paper is none, at any shade, in slanting light, shadow and noise."""
    found = extract_page_ink(change(on_paper(ink, padding=0)))

    assert (found.dtype, found.shape) == (np.uint8, ink.shape)
    assert (found[ink > 200] > 96).mean() >= 0.98
    assert (found[ink == 0] > 96).mean() <= 0.002


def test_extract_page_ink_makes_pale_ink_full(ink: Ink) -> None:
    """Pencil that is 15 levels darker than its paper comes out as ink, as a pen's does."""
    found = extract_page_ink(on_paper(ink, padding=0, black=185, white=200))

    assert (found[ink > 200] > 96).mean() >= 0.98
    assert np.median(found[ink > 200]) >= 200


@pytest.mark.parametrize("shade", [0, 1, 127, 254, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (40, 60), (400, 600)])
def test_extract_page_ink_finds_none_on_even_paper(shade: int, shape: tuple[int, int]) -> None:
    """Paper of one shade, black included, is without ink."""
    assert not extract_page_ink(np.full(shape, shade, np.uint8)).any()


@pytest.mark.parametrize("deviation", [2, 5, 10, 20, 40])
@pytest.mark.parametrize("shape", [(60, 300), (300, 300), (700, 500)])
def test_extract_page_ink_finds_none_in_noise(deviation: float, shape: tuple[int, int]) -> None:
    """Noise of any strength on even paper is no ink."""
    generator = np.random.default_rng(0)
    paper = np.full(shape, 200, np.uint8)
    assert not any(extract_page_ink(grainy(paper, generator, deviation=deviation)).any() for _ in range(3))


@settings(deadline=None, derandomize=True, max_examples=30)
@given(paper=blank_papers(smallest=60, deviations=st.just(0.0) | st.floats(2, 10)))
def test_extract_page_ink_finds_none_on_blank_paper(paper: Ink) -> None:
    """Noise, a slope of light, or both are no ink."""
    assert not extract_page_ink(paper).any()


@settings(deadline=None, derandomize=True, max_examples=30)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=40)))
@example(np.eye(1, 10_000, 70, dtype=np.uint8) * 255)
@example(np.zeros((0, 7), np.uint8))
def test_extract_page_ink_takes_any_pixels(grey: Ink) -> None:
    """Of any pixels in any shape there comes ink of that shape, and the pixels stay as they are."""
    before = grey.copy()
    assert extract_page_ink(grey).shape == grey.shape
    np.testing.assert_array_equal(grey, before)
