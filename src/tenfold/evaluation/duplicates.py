"""Images that stand in a dataset more than once, to the byte or nearly."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Images, Indices
from tenfold.image import SIDE, check_images

SIMILAR: Final = 0.99
"""Cosine of two images' pixels from which they are near duplicates. One pixel of full ink more leaves 0.994
to a digit of MNIST's mean ink. Of MNIST's 70,000 digits, which different strokes made, five pairs reach it:
straight 1s, which nothing tells apart. At 0.98 there would be a thousand such pairs."""

_BLOCK: Final = 1024
_POOL: Final = 4
_ROUNDING: Final = 1e-4
"""More than float32 loses in a sum of 784 products."""


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Pairs of images that are the same or nearly so, the most alike first.

    Attributes
    ----------
    first, second : ndarray of shape (n_pairs,), dtype=int64
        Positions of both; the first is the lower.
    similarities : ndarray of shape (n_pairs,), dtype=float64
        Cosine of their pixels; 1 where they are the same.
    is_exact : ndarray of shape (n_pairs,), dtype=bool
        Whether they are the same to the byte.
    """

    first: Indices
    second: Indices
    similarities: NDArray[np.float64]
    is_exact: NDArray[np.bool_]


def find_duplicates(
    images: Images, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Duplicates:
    """Find the images that are the same as, or nearly the same as, one before them.

    Each image is paired with one other at most, so that a thousand copies are a thousand pairs, not half a
    million: with the first of those that are the same to the byte; if there is none, with the most similar
    one before it. Blank images are the same as others or nothing.

    Parameters
    ----------
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images. 70,000 take 0.3 GB beside themselves.
    on_progress : callable, optional
        Called with the images that were compared so far, and with how many there are.

    Raises
    ------
    InputError
        `images` has another shape or type.

    Examples
    --------
    >>> find_duplicates(np.full((3, 28, 28), 7, np.uint8)).first
    array([0, 0])
    """
    originals = _find_originals(check_images(images))
    is_copy = originals != np.arange(len(images))
    copies = np.flatnonzero(is_copy)
    distinct = np.flatnonzero(~is_copy & images.any(axis=(1, 2)))
    first, second, similarities = _find_similar(_to_unit_vectors(images[distinct]), on_progress)
    order = np.argsort(-similarities, kind="stable")
    return Duplicates(
        first=np.concatenate([originals[copies], distinct[first[order]]]),
        second=np.concatenate([copies, distinct[second[order]]]),
        similarities=np.concatenate([np.ones(len(copies)), similarities[order]]),
        is_exact=np.arange(len(copies) + len(order)) < len(copies),
    )


def _find_originals(images: Images) -> Indices:
    """Return for each image the position of the first that is the same to the byte."""
    seen: dict[bytes, int] = {}
    digests = (hashlib.sha256(image.tobytes()).digest() for image in images)
    originals = (seen.setdefault(digest, position) for position, digest in enumerate(digests))
    return np.fromiter(originals, np.int64, len(images))


def _to_unit_vectors(images: Images) -> NDArray[np.float32]:
    """Return the pixels of each image as a row of length 1."""
    vectors = images.reshape(len(images), SIDE * SIDE).astype(np.float32)
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return vectors


def _sketch(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a fifteenth of the numbers, whose products are never less than those of the vectors.

    They are the part of each vector that is constant over squares of pixels, and the length of the rest. The
    rests of two vectors multiply to the product of their lengths at most (Cauchy, Schwarz).
    """
    n_squares = SIDE // _POOL
    squares = vectors.reshape(len(vectors), n_squares, _POOL, n_squares, _POOL).sum(axis=(2, 4)) / _POOL
    pooled = squares.reshape(len(vectors), n_squares**2)
    rest = np.sqrt(np.maximum(0, 1 - np.einsum("ij,ij->i", pooled, pooled)))
    return np.column_stack([pooled, rest])


def _find_similar(
    vectors: NDArray[np.float32], on_progress: Callable[[int, int], None]
) -> tuple[AnyArray, AnyArray, NDArray[np.float64]]:
    """Pair each vector with the most similar one before it, where that is similar enough."""
    n = len(vectors)
    sketches = _sketch(vectors)
    highest, partner = np.full(n, -1.0, np.float32), np.zeros(n, np.int64)
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        for other in range(0, start + 1, _BLOCK):
            bounds = sketches[rows] @ sketches[other : other + _BLOCK].T
            later, earlier = np.nonzero(bounds >= SIMILAR - _ROUNDING)
            later, earlier = np.unique(later) + start, np.unique(earlier) + other
            similar = vectors[later] @ vectors[earlier].T
            similar[earlier >= later[:, None]] = -1
            _keep_highest(similar, later, earlier, highest, partner)
        on_progress(min(start + _BLOCK, n), n)
    found = np.flatnonzero(highest >= SIMILAR)
    return partner[found], found, np.minimum(highest[found].astype(np.float64), 1)


def _keep_highest(
    similar: AnyArray, later: AnyArray, earlier: AnyArray, highest: AnyArray, partner: AnyArray
) -> None:
    """Note for each row its highest similarity, and with what, where it is above what was noted."""
    if not similar.size:
        return
    best = similar.argmax(axis=1)
    values = similar[np.arange(len(later)), best]
    is_higher = values > highest[later]
    highest[later[is_higher]] = values[is_higher]
    partner[later[is_higher]] = earlier[best[is_higher]]
