"""What in a lattice is no digit, and what lies between."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.reading.lattice import Lattice
from tenfold.recognizer import NONE

STRAY: Final = float(np.log(0.02))
"""Logarithm of how likely it is that a piece in a run of digits is none."""

LEAST: Final = 1e-6
"""Probability below which it makes no difference how small it is."""


def split_at_nondigits(lattice: Lattice) -> list[Lattice]:
    """Cut a lattice at what is no digit, a letter or a sign, and return what lies between.

    Parameters
    ----------
    lattice : Lattice
        Of a run of ink.

    Returns
    -------
    list of Lattice
        From left to right, each of at least one digit.
    """
    scores = np.log(np.maximum(lattice.probabilities, LEAST)).astype(np.float64)
    scores[:, NONE] += STRAY
    is_none = scores.argmax(axis=1) == NONE
    stretches: list[list[int]] = [[]]
    for edge in _best_path(lattice, (scores.max(axis=1) + lattice.log_weights).tolist()):
        if is_none[edge]:
            stretches.append([])
        else:
            stretches[-1].append(edge)
    return [
        _between(lattice, int(lattice.starts[stretch[0]]), int(lattice.ends[stretch[-1]]))
        for stretch in stretches
        if stretch
    ]


def path_confidences(lattice: Lattice) -> NDArray[np.float64]:
    """Return the probability of each digit along the most probable path."""
    digits = lattice.probabilities[:, :NONE].max(axis=1).astype(np.float64)
    scores = np.log(np.maximum(digits, LEAST)) + lattice.log_weights
    confidences: NDArray[np.float64] = digits[_best_path(lattice, scores.tolist())]
    return confidences


def _best_path(lattice: Lattice, scores: list[float]) -> list[int]:
    """Return the edges of the path whose scores add up to most."""
    best = [0.0] + [-np.inf] * (lattice.n_places - 1)
    last = [-1] * lattice.n_places
    for edge in np.argsort(lattice.ends, kind="stable").tolist():
        start, end = int(lattice.starts[edge]), int(lattice.ends[edge])
        if best[start] + scores[edge] > best[end]:
            best[end], last[end] = best[start] + scores[edge], edge
    path, place = [], lattice.n_places - 1
    while place:
        path.append(last[place])
        place = int(lattice.starts[last[place]])
    return path[::-1]


def _between(lattice: Lattice, first: int, last: int) -> Lattice:
    """Return the part of a lattice between two places."""
    inside = (lattice.starts >= first) & (lattice.ends <= last)
    return Lattice(
        n_places=last - first + 1,
        starts=lattice.starts[inside] - first,
        ends=lattice.ends[inside] - first,
        probabilities=lattice.probabilities[inside],
        log_weights=lattice.log_weights[inside],
        boxes=lattice.boxes[inside],
    )
