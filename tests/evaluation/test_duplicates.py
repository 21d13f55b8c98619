"""Duplicates: planted ones are found, others not, however they are blocked and bounded."""

import jaxtyping
import numpy as np
import pytest
from numpy.typing import NDArray

from tenfold.data import Dataset
from tenfold.errors import InputError
from tenfold.evaluation import duplicates
from tenfold.evaluation.duplicates import SIMILAR, find_duplicates


def cosines(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the similarity of each image to those before it, in float64; 0 to all others."""
    vectors = images.reshape(len(images), -1).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.tril(vectors @ vectors.T, -1)


def test_planted_duplicates_are_found(digits: Dataset) -> None:
    """A copy is exact, a digit with a changed pixel near, and each is paired with its original."""
    images = digits.test.images[:100]
    before = find_duplicates(images)
    changed = images[7].copy()
    changed[14, 14] ^= 128
    found = find_duplicates(np.concatenate([images, images[[3]], changed[None]]))
    planted = found.second >= 100
    assert list(zip(found.first[planted], found.second[planted], strict=True)) == [(3, 100), (7, 101)]
    np.testing.assert_array_equal(found.is_exact[planted], [True, False])
    assert found.similarities[0] == 1 > found.similarities[planted][1] >= SIMILAR
    np.testing.assert_array_equal(found.second[~planted], before.second)


@pytest.mark.parametrize("block", [13, 64, 1024])
def test_near_duplicates_are_those_of_all_pairs(
    digits: Dataset, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are what comparing every pair finds, each image with the most similar one before it."""
    monkeypatch.setattr(duplicates, "_BLOCK", block)
    images = digits.train.images[400:1210]
    similar = cosines(images)
    second = np.flatnonzero(similar.max(axis=1) >= SIMILAR)
    assert len(second) > 2
    found = find_duplicates(images)
    order = np.argsort(found.second)
    np.testing.assert_array_equal(found.second[order], second)
    np.testing.assert_array_equal(found.first[order], similar.argmax(axis=1)[second])
    np.testing.assert_allclose(found.similarities[order], similar.max(axis=1)[second], atol=1e-5)
    assert (np.diff(found.similarities) <= 0).all()
    assert not found.is_exact.any()


def test_the_sketch_bounds_every_similarity(digits: Dataset) -> None:
    """The product of two sketches is never less than that of the images they are of."""
    vectors = duplicates._to_unit_vectors(digits.train.images[:300])
    sketches = duplicates._sketch(vectors)
    assert ((sketches @ sketches.T) - (vectors @ vectors.T)).min() > -duplicates._ROUNDING
    assert sketches.shape[1] < vectors.shape[1] / 10


def test_a_shifted_digit_is_no_duplicate(digits: Dataset) -> None:
    """What moved by two pixels, and what is of the same class alone, are other images."""
    image = digits.test.images[0]
    others = digits.test.images[digits.test.labels == digits.test.labels[0]][1:9]
    assert not len(find_duplicates(np.stack([image, np.roll(image, 2, axis=1), *others])).first)


def test_fainter_ink_is_a_near_duplicate(digits: Dataset) -> None:
    """The same digit in three quarters of the ink is nearly the same."""
    image = digits.test.images[0]
    found = find_duplicates(np.stack([image, (image * 0.75).astype(np.uint8)]))
    np.testing.assert_array_equal(found.is_exact, [False])


def test_copies_are_paired_with_the_first() -> None:
    """Of many copies each is paired once, with the first of them; blank ones too."""
    images = np.zeros((50, 28, 28), np.uint8)
    images[1::2, 10:20, 14] = 200
    found = find_duplicates(images)
    np.testing.assert_array_equal(found.second, np.arange(2, 50))
    np.testing.assert_array_equal(found.first, np.arange(2, 50) % 2)
    assert found.is_exact.all()


@pytest.mark.parametrize("n", [0, 1])
def test_there_are_no_duplicates_of_one(n: int) -> None:
    """No image and one image have none; that is no error."""
    assert len(find_duplicates(np.full((n, 28, 28), 9, np.uint8)).first) == 0


def test_progress_counts_the_images(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports rise to the number of images that are compared."""
    monkeypatch.setattr(duplicates, "_BLOCK", 40)
    reports: list[tuple[int, int]] = []
    find_duplicates(digits.test.images[:100], on_progress=lambda *report: reports.append(report))
    assert reports == [(40, 100), (80, 100), (100, 100)]


def test_what_are_no_digit_images_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images of another shape are refused, with what they are."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as it is outside the tests
    with pytest.raises(InputError, match=r"Got uint8 of shape \(3, 8, 8\)"):
        find_duplicates(np.zeros((3, 8, 8), np.uint8))


@pytest.mark.slow
def test_mnist_has_five_pairs_of_ones(mnist: Dataset) -> None:
    """MNIST has no two images that are the same, and five pairs that are nearly so, all straight 1s."""
    found = find_duplicates(np.concatenate([mnist.train.images, mnist.test.images]))
    labels = np.concatenate([mnist.train.labels, mnist.test.labels])
    assert not found.is_exact.any()
    assert len(found.first) == 5
    assert (labels[np.concatenate([found.first, found.second])] == 1).all()
