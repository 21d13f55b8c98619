"""From what may be numbers to what they are, and how sure that is."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Images, Labels
from tenfold.errors import InputError
from tenfold.image import NOISE
from tenfold.reading.decode import Candidate, decode, is_close, is_forced
from tenfold.reading.doubt import DROPPED
from tenfold.reading.expect import Expectation
from tenfold.reading.find import Found
from tenfold.reading.lattice import Lattice
from tenfold.reading.reading import BLANK, NOT_A_DIGIT, UNSURE, Digit, Number, Reading
from tenfold.reading.roster import assign_unique
from tenfold.reading.totals import decode_line
from tenfold.recognizer import NONE

TOP: Final = 3
"""Candidates of each number."""

SHARPNESS: Final = 0.37
"""Log odds that a number picked out of its picture is right, in those of its digits: a stroke may have been
missed, or a mark taken for one. Made by `python -m benchmarks number_confidence`, on composed strings."""

LEAST_ODDS: Final = 1e-6
"""Probability whose logarithm counts, at least, and distance from 1."""


def decide(found: Found, expectation: Expectation, *, least: float, top: int = TOP) -> Reading:
    """Decide what the numbers of a picture are.

    Parameters
    ----------
    found : Found
        What may be numbers.
    expectation : Expectation
        What they may be.
    least : float
        Confidence of a digit below which it is `unsure`.
    top : int
        How many candidates to name for each number, at least 1.

    Returns
    -------
    Reading
        Numbers that cannot be what is expected are left out.
    """
    rule = expectation if expectation.rules else None
    if not expectation.is_total:
        candidates = [decode(lattice, rule, top=top) for lattice in found.lattices]
    else:
        candidates = _decide_totals(found, expectation, top)
    return _make_reading(found, candidates, least=least)


def decide_unique(found: Sequence[Found], expectation: Expectation, *, least: float) -> list[Reading]:
    """Give each of several pictures a number of the list that no other has.

    Parameters
    ----------
    found : sequence of Found
        What may be the number of each picture; the longest counts where there are several.
    expectation : Expectation
        With a list.
    least : float
        Confidence of a digit below which it is `unsure`.

    Raises
    ------
    InputError
        There is no list.
    """
    if not expectation.roster:
        raise InputError("Numbers that are unique must be of a list. Got none. Add --expect list=FILE.")
    longest = [max(one.lattices, key=lambda lattice: lattice.n_places, default=None) for one in found]
    assigned = iter(assign_unique([lattice for lattice in longest if lattice], expectation.roster))
    readings = []
    for one, lattice in zip(found, longest, strict=True):
        candidate = next(assigned) if lattice else None
        alone = Found((lattice,) if lattice else (), (0,), one.reason, one.diagnosis)
        readings.append(_make_reading(alone, [[candidate] if candidate else []], least=least))
    return readings


def judge_images(
    images: Images, labels: Labels, confidences: NDArray[np.floating], *, least: float
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Decide which digit images are digits, and why what a model says of one is no answer to rely on.

    Parameters
    ----------
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images.
    labels : ndarray of shape (n_samples,), dtype=int64
        The most probable class of each.
    confidences : ndarray of shape (n_samples,), of float
        Of that class.
    least : float
        Confidence of a digit below which it is `unsure`.

    Returns
    -------
    is_digit : ndarray of shape (n_samples,), dtype=bool
        Whether it is neither blank nor "not a digit".
    reasons : ndarray of shape (n_samples,), dtype=object
        `blank`, `not a digit`, `unsure` or None.
    """
    is_blank = images.max(axis=(1, 2), initial=0) < NOISE
    is_none = labels == NONE
    reasons = np.full(len(images), None, object)
    reasons[confidences < least] = UNSURE
    reasons[is_none] = NOT_A_DIGIT
    reasons[is_blank] = BLANK
    return ~(is_blank | is_none), reasons


def _decide_totals(found: Found, expectation: Expectation, top: int) -> list[list[Candidate]]:
    """Return the candidates of each number, where the last of each line is the sum of the others."""
    rule = expectation if expectation.rules else None
    candidates: list[list[Candidate]] = []
    for line in sorted(set(found.lines)):
        lattices = [lattice for lattice, at in zip(found.lattices, found.lines, strict=True) if at == line]
        if len(lattices) < 2:
            candidates += [decode(lattice, rule, top=top) for lattice in lattices]
            continue
        whole = decode_line(lattices, rule, top=top)
        candidates += [
            [
                Candidate(one.texts[position], one.probability, one.unaided, one.edges[position])
                for one in whole
            ]
            for position in range(len(lattices))
        ]
    return candidates


def _make_reading(found: Found, candidates: Sequence[Sequence[Candidate]], *, least: float) -> Reading:
    numbers = tuple(
        _make_number(lattice, line, of_number, least=least)
        for lattice, line, of_number in zip(found.lattices, found.lines, candidates, strict=False)
        if of_number
    )
    reason = found.reason or (None if numbers else UNSURE)
    return Reading(numbers, reason, found.diagnosis)


def _make_number(lattice: Lattice, line: int, candidates: Sequence[Candidate], *, least: float) -> Number:
    first = candidates[0]
    digits = tuple(
        _make_digit(lattice, edge, int(label), least=least)
        for edge, label in zip(first.edges, first.text, strict=True)
    )
    are_digits = float(np.prod([1 - digit.probabilities[NONE] for digit in digits]))
    confidence = first.probability * are_digits
    if lattice.is_cut_out:
        confidence = temper(confidence * DROPPED**lattice.n_dropped)
    is_unsure = is_close(candidates) or is_forced(candidates) or any(digit.reason for digit in digits)
    boxes = lattice.boxes[list(first.edges)]
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0).tolist()
    return Number(
        text=first.text,
        confidence=confidence,
        box=(left, top, right - left, bottom - top),
        digits=digits,
        line=line,
        reason=UNSURE if is_unsure else None,
        candidates=tuple((one.text, one.probability / first.probability * confidence) for one in candidates),
    )


def temper(confidence: float, *, sharpness: float = SHARPNESS) -> float:
    """Multiply the log odds of a confidence.

    Parameters
    ----------
    confidence : float
        0 to 1.
    sharpness : float
        By which; 1 changes nothing.
    """
    within = min(max(confidence, LEAST_ODDS), 1 - LEAST_ODDS)
    return 1 / (1 + math.exp(-sharpness * math.log(within / (1 - within))))


def _make_digit(lattice: Lattice, edge: int, label: int, *, least: float) -> Digit:
    probabilities = lattice.probabilities[edge]
    left, top, width, height = lattice.boxes[edge].tolist()
    confidence = float(probabilities[label])
    return Digit(
        label=label,
        confidence=confidence,
        box=(left, top, width, height),
        probabilities=probabilities,
        reason=UNSURE if confidence < least else None,
    )
