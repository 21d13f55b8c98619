"""A recognizer that reads whole pictures."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tenfold import line_recognizer
from tenfold.arrays import Ink
from tenfold.line_recognizer import LineRecognizer
from tenfold.model_file import SHIPPED
from tenfold.model_file import load as load_model_file
from tenfold.pictures import as_picture
from tenfold.reading.decide import TOP, decide
from tenfold.reading.expect import parse_expectation
from tenfold.reading.find import Found
from tenfold.reading.reading import Reading
from tenfold.reading.turn import find_numbers
from tenfold.recognizer import Recognizer

LEAST: Final = 0.5
"""Confidence of a digit below which it is unsure, where the model has no threshold of its own."""


class Reader(Recognizer):
    """A recognizer that reads whole pictures. `tenfold.load` makes one."""

    @property
    def least(self) -> float:
        """Return the confidence of a digit below which it is unsure."""
        return float(self.card.thresholds.get("unsure", LEAST))

    @functools.cached_property
    def lines(self) -> LineRecognizer:
        """Open the model that reads what touches, when it is first needed."""
        return line_recognizer.load(threads=self.threads)

    def find(self, grey: Ink) -> Found:
        """Find what may be numbers in a grey picture; `tenfold.reading.decide` says what they are.

        Parameters
        ----------
        grey : ndarray of shape (height, width), dtype=uint8
            0 black … 255 white, upright.
        """
        return find_numbers(grey, self, self.lines)

    def read(self, picture: object, *, expect: str | Sequence[str] = (), top: int = TOP) -> Reading:
        """Read the numbers in a picture.

        Parameters
        ----------
        picture : str, Path, bytes, PIL.Image.Image or ndarray
            A path, the bytes of a file, a Pillow image, or pixels: see `tenfold.pictures.as_picture`.
        expect : str or sequence of str
            What the numbers may be, such as ``length=8``; see `tenfold.reading.parse_expectation`.
        top : int
            How many candidates to name for each number, at least 1.

        Returns
        -------
        Reading
            Its `text` holds the numbers of a line with a space between them, and each line on a line of its
            own. Numbers that cannot be what is expected are left out.

        Raises
        ------
        PictureError
            It is no picture, or a damaged one.
        InputError
            What is expected cannot be understood, or `top` is below 1.
        """
        expectation = parse_expectation(expect)
        found = self.find(as_picture(picture))
        return decide(found, expectation, least=self.least, top=top)


def load(path: str | Path = SHIPPED[0], *, threads: int | None = None) -> Reader:
    """Open a model file.

    Parameters
    ----------
    path : str or Path
        An ``.onnx`` file that tenfold wrote, or the name of a model that comes with tenfold. By default
        `robust-cnn`.
    threads : int, optional
        How many threads one prediction may use. By default as many as there are cores.

    Raises
    ------
    ModelFileError
        It is not a model that this tenfold opens. The runtime never sees such a file.

    Examples
    --------
    >>> load().card.recipe["name"]
    'robust-cnn'
    """
    return Reader(load_model_file(path), threads=threads)
