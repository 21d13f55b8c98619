"""What a model gets wrong, each image beside the training digits that look most like it to the model."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from tenfold.arrays import DigitImage, Images, Indices
from tenfold.evaluation import Evaluation
from tenfold.explain import Neighbor

MOST_SHOWN: Final = 500
"""Misses that a report shows: with five neighbors each they take less than 2 MB."""

SHADES: Final = 16
"""Of a picture in the report: half of the bytes of 256, and no eye sees which it was."""

PAPER_TO_INK: Final = bytes(255 - 17 * shade for shade in range(SHADES) for _ in "rgb")


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


def to_data_uri(image: DigitImage) -> str:
    """Return a digit image as an address that holds the picture: a PNG, ink dark on white, in 16 shades."""
    height, width = image.shape
    indexed = Image.frombytes("P", (width, height), np.rint(image / 17).astype(np.uint8).tobytes())
    indexed.putpalette(PAPER_TO_INK)
    buffer = io.BytesIO()
    indexed.save(buffer, format="PNG", bits=4, optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
