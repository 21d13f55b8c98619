"""What a line reader's columns say: texts by their probability, and where each digit stands.

A path names a class for each column, a digit or "none". It spells the text that is left when equal neighbors
become one and "none" is dropped; a text is as probable as all its paths together. Source: A. Graves et al.,
"Connectionist temporal classification", ICML 2006.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Columns

NONE: Final = 10
"""The class of columns without a digit."""

BEAM: Final = 24
"""Prefixes that are followed from column to column."""

LEAST: Final = 1e-4
"""Probability below which a digit in a column is not followed."""

Prefix = tuple[int, ...]


@dataclass(frozen=True)
class Text:
    """A text that a line may show.

    Attributes
    ----------
    digits : tuple of int
        From left to right; empty where there is no digit.
    probability : float
        Of the text, among all texts.
    """

    digits: Prefix
    probability: float

    def __str__(self) -> str:
        """Return the digits as a string."""
        return "".join(map(str, self.digits))


def find_texts(columns: Columns, k: int = 1) -> list[Text]:
    """Find the most probable texts by a beam search over their beginnings.

    Parameters
    ----------
    columns : ndarray of shape (n_columns, 11), dtype=float32
        Probabilities of each digit, and of "none", in each column.
    k : int
        How many texts, at most.

    Returns
    -------
    list of Text
        From the most probable on; at least one. Probabilities may be a little too low: not counted are paths
        through digits less probable than 0.01 % in their column, or through beginnings that 24 others
        surpass.

    Notes
    -----
    Source: the prefix search of A. Graves' thesis, 2008, as a beam (A. Hannun et al., 2014).
    """
    beam: dict[Prefix, tuple[float, float]] = {(): (1.0, 0.0)}
    for column in columns.astype(np.float64):
        likely = [(int(digit), float(column[digit])) for digit in np.flatnonzero(column[:NONE] > LEAST)]
        beam = _extend(beam, likely, float(column[NONE]))
        if len(beam) > BEAM:
            kept = sorted(beam, key=lambda prefix: -sum(beam[prefix]))[:BEAM]
            beam = {prefix: beam[prefix] for prefix in kept}
    texts = [Text(prefix, sum(probabilities)) for prefix, probabilities in beam.items() if sum(probabilities)]
    return sorted(texts, key=lambda text: -text.probability)[:k]


def _extend(
    beam: dict[Prefix, tuple[float, float]], likely: list[tuple[int, float]], none: float
) -> dict[Prefix, tuple[float, float]]:
    """Go on by one column; for each prefix keep apart the paths that end in "none" and in its last digit."""
    longer: dict[Prefix, tuple[float, float]] = {}
    for prefix, (in_none, in_digit) in beam.items():
        both = in_none + in_digit
        _add(longer, prefix, both * none, 0.0)
        for digit, probability in likely:
            if prefix and prefix[-1] == digit:
                _add(longer, prefix, 0.0, in_digit * probability)
                _add(longer, (*prefix, digit), 0.0, in_none * probability)
            else:
                _add(longer, (*prefix, digit), 0.0, both * probability)
    return longer


def _add(beam: dict[Prefix, tuple[float, float]], prefix: Prefix, in_none: float, in_digit: float) -> None:
    before = beam.get(prefix, (0.0, 0.0))
    beam[prefix] = before[0] + in_none, before[1] + in_digit


def align(columns: Columns, digits: Prefix) -> NDArray[np.int64]:
    """Find the columns that each digit of a text takes, on its most probable path.

    Parameters
    ----------
    columns : ndarray of shape (n_columns, 11), dtype=float32
        As `find_texts` takes them.
    digits : tuple of int
        A text that fits into so many columns.

    Returns
    -------
    ndarray of shape (n_digits, 2), dtype=int64
        The first column of each digit, and the one after its last.
    """
    states = [NONE]
    for digit in digits:
        states += [digit, NONE]
    scores = np.log(np.maximum(columns[:, states].astype(np.float64), 1e-30))
    may_skip = np.array([k > 1 and states[k] not in {NONE, states[k - 2]} for k in range(len(states))])
    best, came = np.full(len(states), -np.inf), np.zeros(scores.shape, np.int64)
    best[:2] = scores[0, :2]
    for position in range(1, len(scores)):
        ways = np.stack([best, _shifted(best, 1), np.where(may_skip, _shifted(best, 2), -np.inf)])
        came[position] = ways.argmax(axis=0)
        best = ways.max(axis=0) + scores[position]
    return _trace(came, int(len(states) - 1 - (len(states) > 1 and best[-2] > best[-1])), len(digits))


def _shifted(values: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    return np.concatenate([np.full(by, -np.inf), values])[: len(values)]


def _trace(came: NDArray[np.int64], state: int, n_digits: int) -> NDArray[np.int64]:
    """Follow a path back, and note the columns of each digit."""
    spans = np.zeros((n_digits, 2), np.int64)
    for position in range(len(came) - 1, -1, -1):
        if state % 2:
            spans[state // 2, 0] = position
            spans[state // 2, 1] = max(spans[state // 2, 1], position + 1)
        state -= int(came[position, state])
    return spans
