"""Digits changed into shapes that MNIST lacks: still digits, and still those digits."""

import cv2
import numpy as np
import pytest

import tenfold
from tenfold.data import Dataset, Split
from tenfold.image import SIDE
from tenfold.training import variants as module
from tenfold.training.variants import NINE, ONE, SEVEN, make_variants


@pytest.fixture(scope="module")
def variants(digits: Dataset) -> Split:
    """Return a variant for every second digit of the embedded ones."""
    return make_variants(digits.train, 0.5, seed=0)


def test_make_variants_keeps_number_and_labels(digits: Dataset, variants: Split) -> None:
    """There are as many as asked for, of all digits, in uint8."""
    assert len(variants) == round(0.5 * len(digits.train))
    assert variants.images.shape[1:] == (SIDE, SIDE)
    assert set(variants.labels.tolist()) == set(range(10))


def test_make_variants_makes_digit_images(variants: Split) -> None:
    """Each fills 20 pixels, about, with its center of mass in the middle."""
    rows = variants.images.any(axis=2).sum(axis=1)
    columns = variants.images.any(axis=1).sum(axis=1)
    assert np.maximum(rows, columns).max() <= 20
    assert np.quantile(np.maximum(rows, columns), 0.05) >= 18
    places = np.arange(SIDE)
    mass = variants.images.sum(axis=(1, 2), dtype=np.float64)
    centers = variants.images.sum(axis=1, dtype=np.float64) @ places / mass
    assert np.abs(centers - 14).max() <= 1


@pytest.mark.parametrize(("label", "least"), [(ONE, 1.2), (SEVEN, 1.0)])
def test_make_variants_widens_ones_more_than_sevens(
    digits: Dataset, variants: Split, label: int, least: float
) -> None:
    """Flags, feet and stretching make a 1 wider; a 7 is about as wide as it was."""
    before, after = (
        split.images[split.labels == label].any(axis=1).sum(axis=1).mean()
        for split in (digits.train, variants)
    )
    assert after >= least * before


def test_make_variants_is_decided_by_its_seed(digits: Dataset) -> None:
    """The same seed gives the same bytes, another one others."""
    few = digits.train.take(np.arange(100))
    first, again, other = (make_variants(few, 0.5, seed=seed).images for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_variants_are_still_read_as_what_they_were(variants: Split) -> None:
    """The model that comes with tenfold reads nearly all, 1s and 7s included."""
    predicted = tenfold.load().predict(variants.images)
    is_right = predicted == variants.labels
    assert is_right.mean() >= 0.93
    assert is_right[np.isin(variants.labels, (ONE, SEVEN))].mean() >= 0.85


def test_make_variants_of_none_is_empty(digits: Dataset) -> None:
    """A share of 0 gives no images, of the right shape."""
    assert make_variants(digits.train, 0.0, seed=0).images.shape == (0, SIDE, SIDE)


def test_broken_digits_are_changed_too(digits: Dataset) -> None:
    """A 1 or a 7 in two pieces, with empty rows between, gets its strokes as well."""
    images = digits.train.images[np.isin(digits.train.labels, (ONE, SEVEN))][:60].copy()
    labels = digits.train.labels[np.isin(digits.train.labels, (ONE, SEVEN))][:60]
    images[:, 10:19] = 0  # what is left is a piece above and one below
    broken = Split(images, labels)
    assert len(make_variants(broken, 1.0, seed=0)) == len(broken) == 60


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0.0, 0.02), (1.0, 0.6, 1.0)])
def test_points_stand_beside_digits(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch, share: float, least: float, most: float
) -> None:
    """A point is a part of its own, small and low."""
    monkeypatch.setattr(module, "POINTED", share)
    zeros = digits.train.take(np.flatnonzero(digits.train.labels == 0)[:60])
    images = make_variants(zeros, 1.0, seed=0).images
    assert least <= np.mean([has_point(image) for image in images]) <= most


def has_point(image: np.ndarray) -> bool:
    """Tell whether there is a small part in the lower half, apart from a large one."""
    n, _, statistics, centers = cv2.connectedComponentsWithStats((image > 64).astype(np.uint8))
    areas = statistics[1:, cv2.CC_STAT_AREA]
    return n > 2 and areas.min() < 0.25 * areas.max() and centers[1 + areas.argmin()][1] > 14


def test_nines_are_hooked_to_the_left(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook adds ink at the left of a 9's foot, and none elsewhere."""
    monkeypatch.setattr(module, "DRAWN", 1.0)
    monkeypatch.setattr(module, "STRETCHED", 0.0)
    monkeypatch.setattr(module, "POINTED", 0.0)
    nines = digits.train.take(np.flatnonzero(digits.train.labels == NINE)[:60])
    hooked = make_variants(nines, 1.0, seed=0).images
    before, after = (left_of_foot(images) for images in (nines.images, hooked))
    assert after >= before + 1


def left_of_foot(images: np.ndarray) -> float:
    """Return how far the last rows of ink reach to the left of the center, in pixels, as the mean."""
    feet = [image[np.flatnonzero(image.any(axis=1))[-6:]].any(axis=0) for image in images]
    return float(np.mean([14 - np.flatnonzero(foot)[0] for foot in feet]))
