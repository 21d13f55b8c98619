"""Cutting samples into parts: disjoint, complete, in proportion, and the same each time."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.data import Dataset, Split, split_training
from tenfold.data.splits import TRAINING_SHARES, stratified_parts
from tenfold.errors import DatasetError


def numbered(labels: np.ndarray) -> Split:
    """Return samples whose first pixels hold their own position."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(len(labels)), 256)
    return Split(images, labels)


def positions(split: Split) -> list[int]:
    """Return where the samples of `numbered` stood."""
    return (split.images[:, 0, :2].astype(np.int64) @ [256, 1]).tolist()


def test_split_training_is_disjoint_and_complete(digits: Dataset) -> None:
    """Each sample of the training split is in exactly one part, with its own label."""
    samples = numbered(digits.train.labels)
    parts = split_training(samples, seed=3)
    found = [parts.train, parts.validation, parts.calibration]

    assert sorted(itertools.chain(*map(positions, found))) == [*range(len(samples))]
    for part in found:
        np.testing.assert_array_equal(part.labels, samples.labels[positions(part)])


def test_split_training_cuts_mnist_into_50_5_and_5_thousand(mnist: Dataset) -> None:
    """Of MNIST's 60,000 images, up to one per class, 50,000 train, 5,000 choose and 5,000 calibrate."""
    parts = split_training(mnist.train)

    sizes = [len(parts.train), len(parts.validation), len(parts.calibration)]
    assert sum(sizes) == 60_000
    np.testing.assert_allclose(sizes, [50_000, 5_000, 5_000], atol=10)


def test_split_training_depends_on_the_seed_alone(digits: Dataset) -> None:
    """The same seed gives the same parts, another seed others."""
    first, again, other = (split_training(digits.train, seed=seed).validation for seed in (1, 1, 2))

    np.testing.assert_array_equal(first.images, again.images)
    assert (first.images.shape != other.images.shape) or (first.images != other.images).any()


def test_split_training_copies(digits: Dataset) -> None:
    """Writing into a part leaves the dataset as it was."""
    parts = split_training(digits.train)

    assert not np.shares_memory(parts.validation.images, digits.train.images)


def test_stratified_parts_are_golden(digits: Dataset) -> None:
    """Seed 0 cuts the embedded digits as it did in every earlier release."""
    train, validation, calibration = stratified_parts(digits.train.labels, TRAINING_SHARES, seed=0)

    assert train[:8].tolist() == [0, 1, 3, 4, 5, 6, 7, 8]
    assert validation[:8].tolist() == [13, 21, 32, 48, 81, 84, 108, 145]
    assert calibration[:8].tolist() == [2, 29, 34, 36, 54, 65, 85, 86]


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.integers(3, 60), min_size=1, max_size=10),
    st.sampled_from([TRAINING_SHARES, (0.8, 0.2), (0.5, 0.5), (0.9, 0.05, 0.05)]),
    st.integers(0, 2**32),
)
def test_stratified_parts_keep_the_proportions(
    sizes: list[int], shares: tuple[float, ...], seed: int
) -> None:
    """Every part holds each class to within one sample of its share, at least one, and none twice."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    np.random.default_rng(seed).shuffle(labels)

    parts = stratified_parts(labels, shares, seed=seed)
    enough = np.array(sizes) * min(shares) >= 1  # where at least one each is no more than the share

    assert sorted(np.concatenate(parts).tolist()) == [*range(len(labels))]
    for part, share in zip(parts, shares, strict=True):
        counts = np.bincount(labels[part], minlength=len(sizes))
        assert (np.abs(counts - share * np.array(sizes)) <= 1)[enough].all()
        assert (counts >= 1).all()
        assert (np.diff(part) > 0).all()


@pytest.mark.parametrize("count", [1, 2])
def test_split_training_refuses_a_class_with_too_few_samples(count: int) -> None:
    """A class that cannot be in every part is named, with how many samples it has."""
    labels = np.array([4] * 10 + [7] * count)

    with pytest.raises(DatasetError, match=f"at least 3 samples .* Class 7 has {count}"):
        split_training(numbered(labels))


def test_split_training_takes_three_samples_of_a_class() -> None:
    """Three samples of a class are one for each part."""
    parts = split_training(numbered(np.array([4, 4, 4])))

    assert [len(parts.train), len(parts.validation), len(parts.calibration)] == [1, 1, 1]


def test_split_takes_samples_in_order(digits: Dataset) -> None:
    """`take` gives the samples at the positions, in their order, repeated where they are."""
    taken = digits.train.take(np.array([5, 2, 2]))

    assert len(taken) == 3
    np.testing.assert_array_equal(taken.labels, digits.train.labels[[5, 2, 2]])
    np.testing.assert_array_equal(taken.images, digits.train.images[[5, 2, 2]])
