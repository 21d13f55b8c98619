"""A loaded model file that turns digit images into predictions."""

import os
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import AnyArray, Embeddings, Images, Labels, Probabilities
from tenfold.errors import InputError, ModelFileError
from tenfold.image import check_images
from tenfold.model_file import DIGITS, Card, ModelFile

NONE: Final = 10
"""The class "not a digit"."""

_BATCH: Final = 256
_OUTPUTS: Final = ("probabilities", "embedding")


class Recognizer:
    """Predictions of one model.

    Parameters
    ----------
    model : ModelFile
        An inspected model file.
    threads : int, optional
        How many threads one prediction may use. By default as many as there are cores.

    Attributes
    ----------
    card : Card
        What the model says of itself.
    sha256 : str
        Of the model file.
    threads : int or None
        How many threads one prediction may use; None for as many as there are cores.
    classes_ : ndarray of shape (11,), dtype=int64
        The digits 0–9, and 10 for "not a digit".

    Raises
    ------
    ModelFileError
        The model is of another kind, the runtime refuses it, or its outputs are not what it declares.
    """

    def __init__(self, model: ModelFile, *, threads: int | None = None) -> None:
        if model.card.kind != DIGITS:
            raise ModelFileError(
                f"The model must be one of {DIGITS}. Got one of {model.card.kind}. What that reaches stands "
                "on its card: tenfold card MODEL."
            )
        self.card: Card = model.card
        self.sha256: str = model.sha256
        self.threads = threads
        self.n_embedding: int = model.n_embedding
        self._session = open_session(model, threads=threads)
        try:
            outputs = [self._run(name, np.zeros((2, 28, 28), np.uint8)) for name in _OUTPUTS]
        except Exception as error:  # the runtime's exceptions have no common base
            raise ModelFileError(f"The runtime refuses the model. {error}") from error
        shapes, sums = [output.shape for output in outputs], outputs[0].sum(axis=-1)
        if shapes != [(2, NONE + 1), (2, self.n_embedding)] or not np.allclose(sums, 1, atol=1e-3):
            raise ModelFileError(
                f"For each image the outputs must be {NONE + 1} probabilities that sum to 1, and "
                f"{self.n_embedding} numbers. Got shapes {shapes} for two images, and sums {sums[:2]}."
            )
        self.classes_: Labels = np.arange(NONE + 1)

    def predict(self, images: Images) -> Labels:
        """Return the most probable class of each image.

        Parameters
        ----------
        images : ndarray of shape (n_samples, 28, 28), dtype=uint8
            Digit images.

        Returns
        -------
        ndarray of shape (n_samples,), dtype=int64
            0–9, or 10 for "not a digit".

        Raises
        ------
        InputError
            `images` has another shape or type.
        """
        labels: Labels = self.predict_proba(images).argmax(axis=1)
        return labels

    def predict_proba(self, images: Images) -> Probabilities:
        """Return the probability of each class.

        Parameters
        ----------
        images : ndarray of shape (n_samples, 28, 28), dtype=uint8
            Digit images.

        Returns
        -------
        ndarray of shape (n_samples, 11), dtype=float32
            In the order of `classes_`; rows sum to 1.

        Raises
        ------
        InputError
            `images` has another shape or type.
        """
        return self._run_batches("probabilities", images, width=NONE + 1)

    def embed(self, images: Images) -> Embeddings:
        """Return what the network's last hidden layer makes of each image.

        Parameters
        ----------
        images : ndarray of shape (n_samples, 28, 28), dtype=uint8
            Digit images.

        Returns
        -------
        ndarray of shape (n_samples, n_embedding), dtype=float32
            Images that look alike to the model have embeddings that lie close.

        Raises
        ------
        InputError
            `images` has another shape or type.
        """
        return self._run_batches("embedding", images, width=self.n_embedding)

    def score(self, images: Images, labels: ArrayLike) -> float:
        """Return the share of images whose most probable class is their label.

        Parameters
        ----------
        images : ndarray of shape (n_samples, 28, 28), dtype=uint8
            Digit images.
        labels : array-like of shape (n_samples,), of int
            0–9.

        Raises
        ------
        InputError
            `images` has another shape or type, there are none, or their number is not that of the labels.
        """
        expected = np.asarray(labels)
        if not len(check_images(images)) or expected.shape != (len(images),):
            raise InputError(
                f"labels must be of shape (n_samples,) for at least one image. Got shape {expected.shape} "
                f"for {len(images)} images."
            )
        return float((self.predict(images) == expected).mean())

    def _run_batches(self, output: str, images: Images, *, width: int) -> NDArray[np.float32]:
        """Compute one output for all images, some at a time, so that memory does not grow with them."""
        results = np.empty((len(check_images(images)), width), np.float32)
        for start in range(0, len(images), _BATCH):
            batch = slice(start, start + _BATCH)
            results[batch] = self._run(output, images[batch])
        return results

    def _run(self, output: str, images: Images) -> AnyArray:
        result: AnyArray = self._session.run([output], {"images": np.ascontiguousarray(images)})[0]
        return result


def open_session(model: ModelFile, *, threads: int | None) -> Any:  # noqa: ANN401  # it has no types
    """Let the runtime open a model file, or raise a ModelFileError if it refuses."""
    # The runtime, 1.32 on Linux, would keep a number of the device and events to send.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors come as exceptions; warnings help nobody here
    options.intra_op_num_threads = threads or 0
    options.add_session_config_entry("session.disable_quant_qdq", "1")  # weights become float32 once
    try:
        return onnxruntime.InferenceSession(model.data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's exceptions have no common base
        raise ModelFileError(f"The runtime refuses the model. {error}") from error
