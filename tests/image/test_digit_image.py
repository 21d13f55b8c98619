"""Ink becomes a digit image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.arrays import AnyArray, DigitImage, Images, Ink
from tenfold.data import Dataset
from tenfold.errors import EmptyImageError
from tenfold.image import BOX, CENTER, SIDE, center_by_mass, check_images, to_digit_image
from tests.image.drawn import enlarged


def center_of_mass(image: DigitImage) -> AnyArray:
    """Return the mean row and column of the ink."""
    return np.average(np.indices(image.shape).reshape(2, -1), axis=1, weights=image.ravel())


def box_of(image: Ink) -> tuple[int, int]:
    """Return height and width of the smallest box that holds the ink."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_to_digit_image_obeys_the_definition(samples: Images) -> None:
    """A digit of any size becomes 28×28, its larger side 20, its center of mass within half a pixel of 14."""
    for sample in samples:
        image = to_digit_image(enlarged(sample))

        assert image.shape == (SIDE, SIDE)
        assert image.dtype == np.uint8
        assert max(box_of(image)) == BOX
        assert np.abs(center_of_mass(image) - CENTER).max() <= 0.5


def test_to_digit_image_depends_on_the_ink_alone(samples: Images) -> None:
    """Where a digit stands on its paper, and how large the paper is, makes no difference."""
    generator = np.random.default_rng(0)
    for sample in samples:
        ink = enlarged(sample, times=2)
        margins = generator.integers(0, 60, (2, 2))
        np.testing.assert_array_equal(to_digit_image(np.pad(ink, margins)), to_digit_image(ink))


def test_to_digit_image_hardly_depends_on_the_size(samples: Images) -> None:
    """The same digit three and seven times as large gives nearly the same image."""
    for sample in samples:
        small, large = (to_digit_image(enlarged(sample, times=times)).astype(int) for times in (3, 7))
        assert np.abs(small - large).mean() < 6


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ((40, 10), (20, 5)),
        ((10, 40), (5, 20)),
        ((1, 1), (20, 20)),
        ((1000, 1), (20, 1)),
        ((1, 1000), (1, 20)),
        ((3, 2), (20, 13)),
    ],
)
def test_to_digit_image_keeps_the_aspect(shape: tuple[int, int], box: tuple[int, int]) -> None:
    """A block of ink keeps its proportions; the thinnest line still has a pixel."""
    image = to_digit_image(np.pad(np.full(shape, 255, np.uint8), 5))

    assert box_of(image) == box
    assert image.max() == 255


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (0, 0), (0, 9), (9, 0), (300, 200)])
def test_to_digit_image_refuses_an_empty_picture(shape: tuple[int, int]) -> None:
    """Without ink there is no digit, and the error says how large the picture is."""
    message = f"must show a digit. Got {shape[1]}×{shape[0]} pixels without ink"
    with pytest.raises(EmptyImageError, match=message):
        to_digit_image(np.zeros(shape, np.uint8))


def test_to_digit_image_resembles_mnist(mnist: Dataset) -> None:
    """MNIST's own digits, cut out and made anew, are nearly what they were."""
    cosines = []
    for image in mnist.train.images[:200]:
        again, before = to_digit_image(image).astype(float), image.astype(float)
        cosines.append((again * before).sum() / np.linalg.norm(again) / np.linalg.norm(before))

    assert np.median(cosines) > 0.98


def test_center_by_mass_leaves_mnist_as_it_is(mnist: Dataset) -> None:
    """MNIST was made this way: its training images are centered already, all but one in a thousand."""
    images = mnist.train.images[:2000]

    unchanged = (center_by_mass(images) == images).all(axis=(1, 2))

    assert unchanged.mean() >= 0.999


def test_center_by_mass_undoes_a_shift(samples: Images) -> None:
    """Moved by a few pixels, a digit comes back to where it was, whatever else is in the batch."""
    small = samples[(samples[:, 3:-3, 3:-3] > 0).sum(axis=(1, 2)) == (samples > 0).sum(axis=(1, 2))]
    assert len(small) > 20
    for shift in ((0, 0), (2, -3), (-3, 1)):
        np.testing.assert_array_equal(center_by_mass(np.roll(small, shift, axis=(1, 2))), small)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 27), st.integers(0, 27))
def test_center_by_mass_moves_a_dot_to_the_center(row: int, column: int) -> None:
    """A single dot, from wherever, goes to pixel (14, 14), and the argument stays as it was."""
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, row, column] = 7

    centered = center_by_mass(images)

    assert centered[0, 14, 14] == 7
    assert centered.sum() == images[0, row, column] == 7


def test_center_by_mass_takes_no_images() -> None:
    """An empty batch stays one."""
    assert center_by_mass(np.zeros((0, 28, 28), np.uint8)).shape == (0, 28, 28)


def test_center_by_mass_names_the_blank_image(samples: Images) -> None:
    """An image without ink has no center; the error says which it is."""
    images = samples[:5].copy()
    images[3] = 0
    with pytest.raises(EmptyImageError, match=r"Every image must have ink. Image 3 has none"):
        center_by_mass(images)


def test_check_images_returns_digit_images(samples: Images) -> None:
    """Digit images pass as they are, without a copy."""
    assert check_images(samples) is samples
    assert len(check_images(samples[:0])) == 0


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([[0]], r"must be a NumPy array, uint8 .* Got list. Pass numpy.asarray"),
        (None, "Got NoneType"),
        ("7", "Got str"),
        (np.zeros((28, 28), "u1"), r"Got uint8 of shape \(28, 28\). For a single image pass images\[None\]"),
        (np.zeros((3, 784), "u1"), r"shape \(3, 784\). Pass images.reshape\(-1, 28, 28\)"),
        (np.zeros((3, 784), "f4"), r"Got float32 of shape \(3, 784\)"),
        (np.zeros((3, 28, 28, 1), "f4"), r"Got float32 .* Take images\[..., 0\] and scale to 0–255"),
        (np.zeros((3, 28, 28), "f8"), r"Got float64 .* Scale to 0 paper … 255 ink"),
        (np.zeros((3, 28, 28), "i8"), r"Got int64 .* \.astype\(numpy.uint8\)"),
        (np.zeros((3, 28, 28), bool), "Got bool"),
        (np.zeros((3, 8, 8), "u1"), r"shape \(3, 8, 8\). Make each picture a digit image with tenfold"),
        (np.zeros((3, 3, 28, 28), "u1"), r"shape \(3, 3, 28, 28\). Make each picture"),
        (np.zeros((), "u1"), r"shape \(\). Make each"),
    ],
)
def test_check_images_says_what_to_do(images: object, message: str) -> None:
    """Anything else is refused, as a ValueError too, with what it is and how to make images of it."""
    with pytest.raises(ValueError, match=message):
        check_images(images)
