"""What would have to change for another answer: little ink erased, little drawn."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, DigitImage, Images
from tenfold.explain.occlusion import PredictProba, predict_in_batches
from tenfold.image import SIDE

Mask = NDArray[np.bool_]

PATCH: Final = 5
STRIDE: Final = 2
"""Side of the squares that are changed at once, and how far apart they begin, in pixels."""

MOST_STEPS: Final = 32
"""Squares that are changed before it is given up."""

VISIBLE: Final = 32
"""Levels of ink, of 255, below which a difference is left as it is: nobody would see it."""

N_EXAMPLES: Final = 8
"""Of the training digits nearest by pixels, from which the first counts that the model reads as the label."""

LEAD: Final = 0.01
"""Of the wanted answer over the next, as a share, so that rounding does not decide between the two."""

_TINY: Final = 1e-30


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """An image near to another, which the model answers otherwise.

    Attributes
    ----------
    image : ndarray of shape (28, 28), dtype=uint8
        The changed image.
    label : int
        What the model now says: 0–9, or 10 for "not a digit".
    probability : float
        Of that label.
    n_erased : int
        Pixels that have less ink than before.
    n_inked : int
        Pixels that have more.
    """

    image: DigitImage
    label: int
    probability: float
    n_erased: int
    n_inked: int

    @property
    def n_changed(self) -> int:
        """Return how many pixels differ."""
        return self.n_erased + self.n_inked


def find_counterfactual(
    predict_proba: PredictProba, image: DigitImage, label: int, examples: Images
) -> Counterfactual | None:
    """Change an image in few places so that the model gives another answer.

    Square after square, the image takes on the pixels of an example of that answer: each time the square that
    brings the answer nearest, per pixel that it changes. Then every pixel is changed back that is not needed.
    The result is small, though not proven the smallest: that would mean to try all sets of pixels.

    Parameters
    ----------
    predict_proba : callable
        Takes digit images, returns probabilities of shape (n_samples, 11).
    image : ndarray of shape (28, 28), dtype=uint8
        The digit image.
    label : int
        The answer that is wanted, 0–10.
    examples : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images of that label. Where there are none, as for "not a digit", ink is only erased.

    Returns
    -------
    Counterfactual or None
        None where no example is answered with the label, or 32 squares were not enough.

    Notes
    -----
    Source: the question is that of S. Wachter, B. Mittelstadt, C. Russell, "Counterfactual Explanations
    Without Opening the Black Box", 2018; that pixels come from an example of the other class is the idea of
    Y. Goyal et al., "Counterfactual Visual Explanations", ICML 2019.
    """
    example = _choose_example(predict_proba, image, label, examples)
    if example is None:
        return None
    changed, margin = _change(predict_proba, image, label, example)
    if margin <= LEAD:
        return None
    changed = _change_back(predict_proba, image, label, example, changed)
    result = _apply(image, example, changed[None])
    return Counterfactual(
        image=result[0],
        label=label,
        probability=float(predict_proba(result)[0, label]),
        n_erased=int((result[0] < image).sum()),
        n_inked=int((result[0] > image).sum()),
    )


def _choose_example(
    predict_proba: PredictProba, image: DigitImage, label: int, examples: Images
) -> DigitImage | None:
    """Return the example nearest to the image, by pixels, that is answered with the label."""
    if not len(examples):
        near = np.zeros((1, SIDE, SIDE), np.uint8)
    else:
        differences = (examples.astype(np.float32) - image).reshape(len(examples), -1)
        distances = np.einsum("ij,ij->i", differences, differences)
        near = examples[np.argsort(distances, kind="stable")[:N_EXAMPLES]]
    answers = predict_proba(near).argmax(axis=1) == label
    return near[int(answers.argmax())] if answers.any() else None


def _change(
    predict_proba: PredictProba, image: DigitImage, label: int, example: DigitImage
) -> tuple[Mask, float]:
    """Take square after square from the example, until the answer is the label; return its lead as well."""
    wanted = np.abs(image.astype(np.int16) - example) > VISIBLE
    squares = _squares() & wanted
    changed = np.zeros_like(wanted)
    margin = float(_margins(predict_proba, image[None], label)[0])
    for _ in range(MOST_STEPS):
        tried = squares[(squares & ~changed).any(axis=(1, 2))] | changed
        if margin > LEAD or not len(tried):
            break
        margins = _margins(predict_proba, _apply(image, example, tried), label)
        n_new = tried.sum(axis=(1, 2)) - changed.sum()
        best = int(((margins - margin) / np.sqrt(n_new)).argmax())
        changed, margin = tried[best], float(margins[best])
    return changed, margin


def _change_back(
    predict_proba: PredictProba, image: DigitImage, label: int, example: DigitImage, changed: Mask
) -> Mask:
    """Change back as many pixels as can be spared together, those first that are missed least one by one."""
    pixels = np.argwhere(changed)
    without = np.repeat(changed[None], len(pixels), axis=0)
    without[np.arange(len(pixels)), *pixels.T] = False
    margins = _margins(predict_proba, _apply(image, example, without), label)
    without[:] = changed
    for count, (row, column) in enumerate(pixels[np.argsort(-margins, kind="stable")]):
        without[count:, row, column] = False
    still = np.flatnonzero(_margins(predict_proba, _apply(image, example, without), label) > LEAD)
    return without[still[-1]] if len(still) else changed


def _margins(predict_proba: PredictProba, images: Images, label: int) -> AnyArray:
    """Return by how much the label is ahead of the best other answer, in logarithms of probabilities."""
    logs = np.log(predict_in_batches(predict_proba, images).astype(np.float64) + _TINY)
    margins: AnyArray = logs[:, label] - np.delete(logs, label, axis=1).max(axis=1)
    return margins


def _apply(image: DigitImage, example: DigitImage, masks: Mask) -> Images:
    """Return the image with the pixels of each mask taken from the example."""
    return np.where(masks, example, image)


def _squares() -> Mask:
    """Return all squares, as masks of shape (n, 28, 28)."""
    starts = np.arange(-PATCH + STRIDE, SIDE, STRIDE)[:, None]
    along = (np.arange(SIDE) >= starts) & (np.arange(SIDE) < starts + PATCH)  # (positions, 28)
    squares = along[:, None, :, None] & along[None, :, None, :]
    return squares.reshape(-1, SIDE, SIDE)
