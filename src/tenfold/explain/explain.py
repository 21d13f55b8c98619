"""One answer of a model, explained."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DigitImage, Relevance
from tenfold.errors import EmptyImageError
from tenfold.explain.counterfactual import Counterfactual, find_counterfactual
from tenfold.explain.neighbors import Neighbor, NeighborIndex
from tenfold.explain.occlusion import occlusion_map
from tenfold.image import check_images
from tenfold.recognizer import NONE, Recognizer


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a model gave an answer.

    Attributes
    ----------
    image : ndarray of shape (28, 28), dtype=uint8
        What the model saw.
    probabilities : ndarray of shape (11,), dtype=float32
        Of 0–9 and "not a digit".
    label, second : int
        The most probable answer and the next, 0–10.
    relevance : ndarray of shape (28, 28), dtype=float32
        How far the probability of the answer falls without the ink around each pixel: see `occlusion_map`.
    neighbors : tuple of Neighbor
        The training digits that look most like it to the model, the nearest first.
    counterfactual : Counterfactual or None
        What would have to change for the second answer; None where that was not found.
    """

    image: DigitImage
    probabilities: NDArray[np.float32]
    label: int
    second: int
    relevance: Relevance
    neighbors: tuple[Neighbor, ...]
    counterfactual: Counterfactual | None

    def most_probable(self, k: int = 3) -> list[int]:
        """Return the k most probable answers, in order."""
        best: list[int] = np.argsort(-self.probabilities, kind="stable")[:k].tolist()
        return best

    def to_dict(self) -> dict[str, Any]:
        """Return it as `tenfold explain --json` prints it."""
        changed = self.counterfactual
        return {
            "label": self.label,
            "probabilities": [round(float(probability), 6) for probability in self.probabilities],
            "second": self.second,
            "image": self.image.tolist(),
            "occlusion": [[round(float(fall), 6) for fall in row] for row in self.relevance],
            "neighbors": [
                {"index": one.position, "label": one.label, "distance": round(one.distance, 6)}
                for one in self.neighbors
            ],
            "counterfactual": changed
            and {
                "label": changed.label,
                "probability": round(changed.probability, 6),
                "n_erased": changed.n_erased,
                "n_inked": changed.n_inked,
                "image": changed.image.tolist(),
            },
        }


def name_answer(label: int) -> str:
    """Return what an answer is called in a sentence: a digit, or ``no digit``."""
    return "no digit" if label == NONE else str(label)


def explain(recognizer: Recognizer, image: DigitImage, index: NeighborIndex) -> Explanation:
    """Explain what a model answers to a digit image.

    Parameters
    ----------
    recognizer : Recognizer
        The model.
    image : ndarray of shape (28, 28), dtype=uint8
        The digit image.
    index : NeighborIndex
        Of the same model: `load_index` gives it. Its samples are also the examples of the second answer.

    Raises
    ------
    EmptyImageError
        The image has no ink.
    InputError
        It is no digit image, or the index is of another model.

    Examples
    --------
    >>> reader, train = tenfold.load(), tenfold.load_dataset("digits").train
    >>> explain(reader, train.images[0], build_index(reader, train)).neighbors[0].distance
    0.0
    """
    if not check_images(image[None]).any():
        raise EmptyImageError("The image must show a digit. Got one without ink.")
    probabilities = recognizer.predict_proba(image[None])[0]
    label, second = np.argsort(-probabilities, kind="stable")[:2].tolist()
    samples = index.samples
    return Explanation(
        image=image,
        probabilities=probabilities,
        label=label,
        second=second,
        relevance=occlusion_map(recognizer.predict_proba, image, label),
        neighbors=index.nearest(recognizer.embed(image[None])[0]),
        counterfactual=find_counterfactual(
            recognizer.predict_proba, image, second, samples.images[samples.labels == second]
        ),
    )
