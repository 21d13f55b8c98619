"""Samples, and how they are cut into disjoint parts with each class in proportion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Images, Indices, Labels
from tenfold.errors import DatasetError

N_CLASSES: Final = 10

TRAINING_SHARES: Final = (10 / 12, 1 / 12, 1 / 12)
"""Train, validation, calibration: 50,000, 5,000 and 5,000 of MNIST's 60,000."""


@dataclass(frozen=True, eq=False)
class Split:
    """Digit images with their labels.

    Attributes
    ----------
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        0 paper … 255 ink.
    labels : ndarray of shape (n_samples,), dtype=int64
        0–9.
    """

    images: Images
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: Indices) -> "Split":
        """Return the samples at `indices`, in that order, as copies."""
        return Split(self.images[indices], self.labels[indices])

    def join(self, *others: "Split") -> "Split":
        """Return these samples and after them those of others, as copies."""
        parts = (self, *others)
        return Split(
            np.concatenate([part.images for part in parts]), np.concatenate([part.labels for part in parts])
        )


@dataclass(frozen=True, eq=False)
class TrainingSplits:
    """The training split, cut for choosing on `validation` and calibrating on `calibration`."""

    train: Split
    validation: Split
    calibration: Split


def split_training(samples: Split, *, seed: int = 0) -> TrainingSplits:
    """Cut a training split into train, validation and calibration: ten, one and one twelfth.

    Parameters
    ----------
    samples : Split
        The training split of a dataset.
    seed : int
        The same seed gives the same parts.

    Raises
    ------
    DatasetError
        A class has fewer than three samples.
    """
    parts = stratified_parts(samples.labels, TRAINING_SHARES, seed=seed)
    return TrainingSplits(*map(samples.take, parts))


def stratified_parts(labels: Labels, shares: Sequence[float], *, seed: int) -> list[Indices]:
    """Cut the positions of `labels` into disjoint parts that each hold every class in proportion.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), dtype=int64
        The class of each sample.
    shares : sequence of float
        Positive, summing to 1. Each class is cut to within one sample of these shares, or further where a
        part would get none.
    seed : int
        The same seed gives the same parts.

    Returns
    -------
    list of ndarray of dtype=int64
        One sorted array of positions per share; together they hold each position once.

    Raises
    ------
    DatasetError
        A class has fewer samples than there are parts.
    """
    generator = np.random.default_rng(seed)
    parts: list[list[NDArray[np.int64]]] = [[] for _ in shares]
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        if len(members) < len(shares):
            raise DatasetError(
                f"Each class must have at least {len(shares)} samples to be cut into {len(shares)} parts. "
                f"Class {label} has {len(members)}. Add samples of it, or leave it out."
            )
        for part, piece in zip(parts, np.split(members, _cuts(len(members), shares)), strict=True):
            part.append(piece)
    return [np.sort(np.concatenate(pieces)) for pieces in parts]


def _cuts(n: int, shares: Sequence[float]) -> NDArray[np.int64]:
    """Return where to cut `n` samples, leaving every part at least one."""
    n_cuts = len(shares) - 1
    cuts = np.rint(np.cumsum(shares)[:-1] * n).astype(np.int64)
    lowest = np.arange(1, n_cuts + 1)
    highest = n - lowest[::-1]
    within: NDArray[np.int64] = np.clip(cuts, lowest, highest)
    return within
