"""Strokes are measured, and made as MNIST has them where they are thinner or coarser."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from scipy import ndimage

import tenfold
from tenfold.arrays import Images, Ink
from tenfold.data import Dataset
from tenfold.image import even_strokes, thicken, to_digit_image
from tenfold.image.strokes import THICKENED, smooth_steps, stroke_width


def draw_ring(*, width: int, height: int = 200) -> Ink:
    """Draw a 0 with strokes of a width."""
    ring = np.zeros((height + 60, height), np.uint8)
    center, axes = (height // 2, height // 2 + 30), (height // 3, height // 2)
    cv2.ellipse(ring, center, axes, 0, 0, 360, 255, width, cv2.LINE_AA)
    return ring


@pytest.mark.parametrize("width", range(1, 13))
def test_stroke_width_is_that_of_a_bar(width: int) -> None:
    """A level bar measures its width within a pixel; one of a single pixel looks wider."""
    bar = np.zeros((40, 120), np.uint8)
    bar[10 : 10 + width, 10:110] = 255

    assert abs(stroke_width(bar) - width) <= (2 if width == 1 else 1.1)
    assert stroke_width(bar.T) == pytest.approx(stroke_width(bar))


def test_stroke_width_of_nothing_is_one() -> None:
    """Without ink, or with the palest only, there is no stroke to measure."""
    for shape in ((0, 0), (3, 0), (5, 5)):
        assert stroke_width(np.full(shape, 100, np.uint8)) == 1


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("height", [200, 800])
def test_thicken_widens_thin_strokes(width: int, height: int) -> None:
    """A ring of hairlines becomes one whose strokes, in the digit image, are full and as wide as MNIST's."""
    ring = draw_ring(width=width, height=height)
    before, after = to_digit_image(ring), to_digit_image(thicken(ring))

    assert stroke_width(after) >= THICKENED
    assert stroke_width(after) <= THICKENED + 1
    assert np.percentile(after[after > 0], 75) >= 180
    assert after.astype(int).sum() > before.astype(int).sum()


def test_thicken_keeps_holes_open() -> None:
    """The inside of a ring stays paper."""
    for width in (1, 3, 6):
        image = to_digit_image(thicken(draw_ring(width=width)))
        assert image[12:17, 12:17].max() == 0


def test_thicken_leaves_mnist_as_it_is(mnist: Dataset) -> None:
    """MNIST's strokes are wide enough: the same array comes back."""
    for image in mnist.train.images[:1000]:
        assert thicken(image) is image


def test_thicken_leaves_wide_strokes_at_any_size(samples: Images) -> None:
    """Whether strokes are thin is asked in terms of the digit, not of the picture."""
    for sample in samples:
        ink = sample.repeat(6, axis=0).repeat(6, axis=1)
        assert thicken(ink) is ink


@pytest.mark.parametrize("shape", [(0, 0), (0, 9), (1, 1), (28, 28), (1, 10_000)])
def test_thicken_takes_no_ink(shape: tuple[int, int]) -> None:
    """Nothing stays nothing."""
    nothing = np.zeros(shape, np.uint8)
    assert thicken(nothing) is nothing


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 1), (2, 3)])
def test_thicken_takes_ink_of_any_shape(shape: tuple[int, int]) -> None:
    """A block of ink, however long, gives a digit image."""
    assert to_digit_image(thicken(np.full(shape, 255, np.uint8))).max() == 255


def test_thicken_loses_dots_that_are_too_far_apart() -> None:
    """Two dots at the ends of a very long picture leave nothing at the scale of a digit, and no warning."""
    dots = np.zeros((1, 100_000), np.uint8)
    dots[0, [0, -1]] = 255
    assert not thicken(dots).any()


@pytest.mark.parametrize("shape", [(16, 16), (9, 16), (1, 1), (16, 1)])
def test_smooth_steps_is_a_convolution(shape: tuple[int, int]) -> None:
    """Of black and white ink of few pixels an eighth goes to each neighbor, across and then down."""
    ink = np.where(np.random.default_rng(0).random(shape) < 0.5, 255, 0).astype(np.uint8)
    ink[0] = ink[:, 0] = ink[-1] = ink[:, -1] = 255
    shares = np.array([1, 6, 1]) / 8
    theirs = ndimage.convolve(ink.astype(float), np.outer(shares, shares), mode="constant")
    ours = smooth_steps(np.pad(ink, 3))
    assert ours.shape == shape
    assert np.abs(ours - theirs).max() <= 0.5


@pytest.mark.parametrize(
    ("shape", "edge"), [((17, 5), 255), ((300, 200), 255), ((16, 9), 128), ((0, 0), 255)]
)
def test_smooth_steps_leaves_what_has_no_steps(shape: tuple[int, int], edge: int) -> None:
    """Ink that is hardly made larger, or has soft edges, or no pixels, is as it was."""
    ink = np.full(shape, 255, np.uint8)
    ink[:1] = ink[-1:] = edge
    assert smooth_steps(ink) is ink


def test_smooth_steps_takes_no_ink() -> None:
    """Without ink there is nothing to smooth."""
    nothing = np.zeros((9, 9), np.uint8)
    assert smooth_steps(nothing) is nothing


@pytest.mark.parametrize("side", [10, *(pytest.param(side, marks=pytest.mark.slow) for side in (12, 16))])
def test_even_strokes_lets_black_and_white_digits_be_read(side: int, mnist: Dataset) -> None:
    """Of digits of few pixels more are read rightly than with their steps, and as many of grey ones."""
    reader = tenfold.load("tiny-cnn", threads=1)
    images, labels = mnist.train.images[:1500], mnist.train.labels[:1500]
    small = [cv2.resize(image[4:24, 4:24], (side, side), interpolation=cv2.INTER_AREA) for image in images]
    black = [np.where(ink > 100, 255, 0).astype(np.uint8) for ink in small]

    def count_errors(inks: list[Ink], change: Callable[[Ink], Ink]) -> int:
        digits = np.stack([to_digit_image(change(ink)) for ink in inks])
        return int((reader.predict(digits) != labels).sum())

    assert count_errors(black, even_strokes) < count_errors(black, thicken)
    assert count_errors(small, even_strokes) <= count_errors(small, thicken)
