"""What was read: digits in numbers, numbers in a reading."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BLANK: Final = "blank"
NOT_A_DIGIT: Final = "not a digit"
UNSURE: Final = "unsure"

Place = tuple[int, int, int, int]
"""Left, top, width and height, in pixels of the upright picture."""


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a number.

    Attributes
    ----------
    label : int
        0–9, the most probable.
    confidence : float
        Its probability.
    box : tuple of int
        Left, top, width, height, in pixels of the upright picture.
    probabilities : ndarray of shape (11,), dtype=float32
        Of 0–9 and "not a digit".
    reason : str or None
        Why it may not be relied on: `unsure`, or None.
    """

    label: int
    confidence: float
    box: Place
    probabilities: NDArray[np.float32]
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class Number:
    """Digits that belong together.

    Attributes
    ----------
    text : str
        Its digits, without separators.
    confidence : float
        The probability that all of it is right.
    box : tuple of int
        Around its digits.
    digits : tuple of Digit
        From left to right.
    line : int
        Which line of the picture it stands in, from 0.
    reason : str or None
        Why it may not be relied on: `unsure`, or None.
    candidates : tuple of (str, float)
        What it may be with which probability, the most probable first; the first is `text`.
    """

    text: str
    confidence: float
    box: Place
    digits: tuple[Digit, ...]
    line: int
    reason: str | None
    candidates: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything read from one picture.

    Attributes
    ----------
    numbers : tuple of Number
        From top to bottom and from left to right.
    reason : str or None
        Why there is no number: `blank` or `not a digit`. None where there is one.
    diagnosis : tuple of str
        What is unusual about the picture, in words.
    """

    numbers: tuple[Number, ...]
    reason: str | None = None
    diagnosis: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the numbers of a line with a space between them, and each line on a line of its own."""
        lines: dict[int, list[str]] = {}
        for number in self.numbers:
            lines.setdefault(number.line, []).append(number.text)
        return "\n".join(" ".join(texts) for texts in lines.values())

    @property
    def confidence(self) -> float:
        """Return the probability that all numbers are right; 0 where there is none."""
        return float(np.prod([number.confidence for number in self.numbers])) if self.numbers else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return it as `tenfold read --json` prints it, boxes as left, top, width and height."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 6),
            "reason": self.reason,
            "diagnosis": list(self.diagnosis),
            "numbers": [_number_to_dict(number) for number in self.numbers],
        }


def _number_to_dict(number: Number) -> dict[str, Any]:
    return {
        "text": number.text,
        "confidence": round(number.confidence, 6),
        "box": list(number.box),
        "line": number.line,
        "reason": number.reason,
        "candidates": [
            {"text": text, "probability": round(probability, 6)} for text, probability in number.candidates
        ],
        "digits": [
            {
                "label": digit.label,
                "confidence": round(digit.confidence, 6),
                "box": list(digit.box),
                "probabilities": [round(float(probability), 6) for probability in digit.probabilities],
                "reason": digit.reason,
            }
            for digit in number.digits
        ],
    }
