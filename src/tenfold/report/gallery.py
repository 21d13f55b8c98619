"""What a model gets wrong, each image beside the training digits that look most like it to the model."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from tenfold.arrays import AnyArray, DigitImage, Embeddings, Images, Indices
from tenfold.data import Split
from tenfold.evaluation import Evaluation
from tenfold.recognizer import Recognizer

MOST_SHOWN: Final = 500
"""Misses that a report shows: with five neighbors each they take less than 2 MB."""

STEP: Final = 1024
"""Training digits that are embedded at once."""

SHADES: Final = 16
"""Of a picture in the report: half of the bytes of 256, and no eye sees which it was."""

PAPER_TO_INK: Final = bytes(255 - 17 * shade for shade in range(SHADES) for _ in "rgb")


Ranked = tuple[AnyArray, AnyArray]
"""How close training digits are to each image, the closest first, and their positions."""


@dataclass(frozen=True, eq=False)
class Neighbor:
    """A training digit.

    Attributes
    ----------
    position : int
        In the training split, from 0.
    label : int
        What it is, 0–9.
    distance : float
        Between its embedding and that of the image, each of length 1.
    image : ndarray of shape (28, 28), dtype=uint8
        Its digit image.
    """

    position: int
    label: int
    distance: float
    image: DigitImage


@dataclass(frozen=True, eq=False)
class Miss:
    """An image whose most probable class is not its label.

    Attributes
    ----------
    position : int
        Among the evaluated images, from 0.
    label, predicted : int
        What it is, and what it was read as: 10 is "not a digit".
    confidence : float
        Of what it was read as.
    image : ndarray of shape (28, 28), dtype=uint8
        The digit image.
    neighbors : sequence of Neighbor
        The nearest training digits, the nearest first; empty where they are not known.
    """

    position: int
    label: int
    predicted: int
    confidence: float
    image: DigitImage
    neighbors: Sequence[Neighbor] = ()


def rank_misses(evaluation: Evaluation, *, most: int = MOST_SHOWN) -> Indices:
    """Return the positions of the misses, the most confident first, no more than `most`."""
    wrong = np.flatnonzero(~evaluation.is_right)
    confidences = evaluation.probabilities.max(axis=1)[wrong]
    ranked: Indices = wrong[np.argsort(-confidences, kind="stable")][:most].astype(np.int64)
    return ranked


def collect_misses(
    evaluation: Evaluation, images: Images, neighbors: Sequence[Sequence[Neighbor]] | None = None
) -> tuple[Miss, ...]:
    """Collect what is shown of each miss, the most confident first, at most 500.

    Parameters
    ----------
    evaluation : Evaluation
        Of a model.
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        The images that were evaluated.
    neighbors : sequence of sequence of Neighbor, optional
        Of each miss, in the order of `rank_misses`.
    """
    positions = rank_misses(evaluation).tolist()
    nearest = neighbors if neighbors is not None else [()] * len(positions)
    return tuple(
        Miss(
            position=at,
            label=int(evaluation.labels[at]),
            predicted=int(evaluation.y_pred[at]),
            confidence=float(evaluation.probabilities[at].max()),
            image=images[at],
            neighbors=near,
        )
        for at, near in zip(positions, nearest, strict=True)
    )


def nearest_training_digits(
    recognizer: Recognizer,
    split: Split,
    images: Images,
    *,
    k: int = 5,
    on_step: Callable[[int, int], None] | None = None,
) -> list[tuple[Neighbor, ...]]:
    """Find the training digits whose embeddings are nearest to those of images.

    Embeddings are divided by their length, which tells how strongly a digit excites the network rather than
    what it looks like.

    Parameters
    ----------
    recognizer : Recognizer
        The model.
    split : Split
        The training digits.
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images.
    k : int
        Neighbors of each; fewer where there are fewer training digits.
    on_step : callable, optional
        Takes how many training digits are done, and how many there are; called after each 1024.
    """
    if not len(images):
        return []
    wanted = _normalize(recognizer.embed(images))
    closest = np.empty((len(images), 0)), np.empty((len(images), 0), np.int64)
    for start in range(0, len(split), STEP):
        part = _normalize(recognizer.embed(split.images[start : start + STEP]))
        closest = _keep_closest(closest, wanted @ part.T, start, k)
        if on_step:
            on_step(start + len(part), len(split))
    closeness, near = closest
    distances = np.sqrt(np.maximum(2 - 2 * closeness, 0))  # of vectors of length 1
    return [
        tuple(
            Neighbor(at, int(split.labels[at]), distance, split.images[at])
            for at, distance in zip(row, far, strict=True)
        )
        for row, far in zip(near.tolist(), distances.tolist(), strict=True)
    ]


def to_data_uri(image: DigitImage) -> str:
    """Return a digit image as an address that holds the picture: a PNG, ink dark on white, in 16 shades."""
    height, width = image.shape
    indexed = Image.frombytes("P", (width, height), np.rint(image / 17).astype(np.uint8).tobytes())
    indexed.putpalette(PAPER_TO_INK)
    buffer = io.BytesIO()
    indexed.save(buffer, format="PNG", bits=4, optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _keep_closest(closest: Ranked, closeness: AnyArray, start: int, k: int) -> Ranked:
    """Return the `k` closest of those so far and of more, whose positions begin at `start`."""
    positions = np.broadcast_to(np.arange(start, start + closeness.shape[1]), closeness.shape)
    values, near = np.hstack([closest[0], closeness]), np.hstack([closest[1], positions])
    order = np.argsort(-values, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(values, order, axis=1), np.take_along_axis(near, order, axis=1)


def _normalize(embeddings: Embeddings) -> AnyArray:
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    normalized: AnyArray = embeddings / np.maximum(lengths, 1e-12)
    return normalized
