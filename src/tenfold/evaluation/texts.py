"""How often whole texts are read without error, and what their confidences are worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.ctc import Prefix, Text
from tenfold.errors import InputError
from tenfold.evaluation.calibration import expected_calibration_error
from tenfold.evaluation.intervals import wilson_interval


@dataclass(frozen=True)
class TextEvaluation:
    """The figures of one model on one set of lines.

    Attributes
    ----------
    n : int
        Lines.
    errors : int
        Lines whose most probable text differs from what they show in any digit.
    accuracy : float
        The share without error.
    accuracy_low, accuracy_high : float
        Ends of its 95 % Wilson interval.
    ece : float
        Expected calibration error of the texts' probabilities.
    """

    n: int
    errors: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    ece: float

    def figures(self) -> dict[str, Any]:
        """Return the figures that stand in a model's card."""
        return {
            "n": self.n,
            "errors": self.errors,
            "accuracy": self.accuracy,
            "accuracy_low": self.accuracy_low,
            "accuracy_high": self.accuracy_high,
            "ece": self.ece,
        }


def evaluate_texts(texts: Sequence[Text], truth: Sequence[Prefix]) -> TextEvaluation:
    """Compare the texts that were read with those that were shown.

    Parameters
    ----------
    texts : sequence of Text
        The most probable text of each line, at least one.
    truth : sequence of tuple of int
        The digits of each.

    Raises
    ------
    InputError
        There are none, or not as many of both.
    """
    if not texts or len(texts) != len(truth):
        raise InputError(
            f"There must be a truth for each of at least one text. Got {len(texts)} texts and {len(truth)}."
        )
    is_right = np.array([text.digits == shown for text, shown in zip(texts, truth, strict=True)])
    low, high = wilson_interval(int(is_right.sum()), len(texts))
    return TextEvaluation(
        n=len(texts),
        errors=int((~is_right).sum()),
        accuracy=float(is_right.mean()),
        accuracy_low=low,
        accuracy_high=high,
        ece=expected_calibration_error(np.array([text.probability for text in texts]), is_right),
    )
