"""Which ink an answer rests on: cover it, and see how far the answer's probability falls.

Source: M. D. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014. They
cover with grey; here the square becomes paper, which is what a digit image has where there is no ink.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from tenfold.arrays import DigitImage, Images, Probabilities, Relevance
from tenfold.errors import InputError
from tenfold.image import SIDE

PredictProba = Callable[[Images], Probabilities]
"""Anything that maps digit images to probabilities."""

SQUARE: Final = 5
"""Side of the square, in pixels: somewhat wider than a stroke."""

_BATCH: Final = 128
"""Images that are tried at once: more need more memory, and no less time."""


def occlusion_map(
    predict_proba: PredictProba, image: DigitImage, label: int, *, side: int = SQUARE
) -> Relevance:
    """Return for each pixel how far the probability of a label falls without the ink around it.

    Parameters
    ----------
    predict_proba : callable
        Takes digit images, returns probabilities of shape (n_samples, 11).
    image : ndarray of shape (28, 28), dtype=uint8
        The digit image.
    label : int
        Whose probability is watched, 0–10.
    side : int
        Of the square around the pixel that becomes paper; odd.

    Returns
    -------
    ndarray of shape (28, 28), dtype=float32
        From -1 to 1. Above 0 the ink there speaks for the label, below 0 against it; exactly 0 where the
        square holds no ink.

    Raises
    ------
    InputError
        `side` is even, or not from 1 to 27.
    """
    if side % 2 == 0 or not 0 < side < SIDE:
        raise InputError(f"side must be odd, from 1 to {SIDE - 1}. Got {side}.")
    inside = _is_inside(side)
    is_inked = (inside & (image > 0).ravel()).any(axis=1)
    covered = np.where(inside[is_inked], np.uint8(0), image.ravel()).reshape(-1, SIDE, SIDE)
    probabilities = predict_in_batches(predict_proba, np.concatenate([image[None], covered]))[:, label]
    falls = np.zeros(SIDE * SIDE, np.float32)
    falls[is_inked] = probabilities[0] - probabilities[1:]
    return falls.reshape(SIDE, SIDE)


def predict_in_batches(predict_proba: PredictProba, images: Images) -> Probabilities:
    """Return the probabilities of many images, a few at a time."""
    return np.concatenate(
        [predict_proba(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)]
    )


def _is_inside(side: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Tell for each pixel which pixels lie in the square around it, as rows of 784."""
    places = np.arange(SIDE)
    is_near = np.abs(places[:, None] - places) <= side // 2  # (28, 28), along one axis
    return np.asarray(np.kron(is_near, is_near), np.bool_)
