"""A loaded model file that tells which digits stand in a line, and where."""

from pathlib import Path
from typing import Final

import numpy as np

from tenfold.arrays import Columns, LineBatch, LineInk, Lines
from tenfold.errors import ModelFileError
from tenfold.model_file import LINE_READERS, LINES, Card, ModelFile
from tenfold.model_file import load as load_model_file
from tenfold.recognizer import NONE, open_session

_PROBE: Final = (2, 32, 64)


class LineRecognizer:
    """Probabilities of the digits in lines, by one model.

    Parameters
    ----------
    model : ModelFile
        An inspected model file of the kind `lines`.
    threads : int, optional
        How many threads one line may use. By default as many as there are cores.

    Attributes
    ----------
    card : Card
        What the model says of itself.
    sha256 : str
        Of the model file.

    Raises
    ------
    ModelFileError
        The model is of another kind, the runtime refuses it, or its output is not what it declares.
    """

    def __init__(self, model: ModelFile, *, threads: int | None = None) -> None:
        if model.card.kind != LINES:
            raise ModelFileError(f"The model must be one of {LINES}. Got one of {model.card.kind}.")
        self.card: Card = model.card
        self.sha256: str = model.sha256
        self._session = open_session(model, threads=threads)
        try:
            probe = self.predict_proba(np.zeros(_PROBE, np.uint8))
        except Exception as error:  # the runtime's exceptions have no common base
            raise ModelFileError(f"The runtime refuses the model. {error}") from error
        if probe.shape[::2] != (_PROBE[0], NONE + 1) or not np.allclose(probe.sum(axis=-1), 1, atol=1e-3):
            raise ModelFileError(
                f"For each column the output must be {NONE + 1} probabilities that sum to 1. "
                f"Got shape {probe.shape} for lines of shape {_PROBE}."
            )

    def predict_proba(self, lines: Lines) -> LineBatch:
        """Return the probability of each digit, and of none, in each column of each line.

        Parameters
        ----------
        lines : ndarray of shape (n, 32, width), dtype=uint8
            Ink of runs of digits, 0 paper … 255 ink, all of one width: see `tenfold.image.line`.

        Returns
        -------
        ndarray of shape (n, columns, 11), dtype=float32
            A column stands for `width / columns` pixels, about. Rows sum to 1.
        """
        result: LineBatch = self._session.run(None, {"lines": np.ascontiguousarray(lines)})[0]
        return result

    def read_line(self, line: LineInk) -> Columns:
        """Return the probabilities of one line: `predict_proba` of it alone, without the first axis."""
        columns: Columns = self.predict_proba(line[None])[0]
        return columns


def load(path: str | Path = LINE_READERS[0], *, threads: int | None = None) -> LineRecognizer:
    """Open a model file of the kind `lines`.

    Parameters
    ----------
    path : str or Path
        An ``.onnx`` file that tenfold wrote, or the name of a model that comes with tenfold. By default
        `number-reader`.
    threads : int, optional
        How many threads one line may use. By default as many as there are cores.

    Raises
    ------
    ModelFileError
        It is not a model that this tenfold opens, or one of another kind.
    """
    return LineRecognizer(load_model_file(path), threads=threads)
