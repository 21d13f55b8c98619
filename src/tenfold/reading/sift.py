"""What in a lattice is no digit, and what lies between."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.image.isolate import CENTRAL
from tenfold.reading.lattice import Lattice, make_single
from tenfold.reading.segment import NARROWEST
from tenfold.recognizer import NONE

STRAY: Final = float(np.log(0.02))
"""Logarithm of how likely it is that a piece in a run of digits is none."""

LEAST: Final = 1e-6
"""Probability below which it makes no difference how small it is."""

SIGN: Final = 0.8
"""Probability of "not a digit" from which on a piece that stands alone is a letter or a sign."""

DRAWING: Final = 0.5
"""Share of the width of connected ink that is no digit, from which on all of it is none."""

WIDEST: Final = 1.1
"""Width of a sign, at most, in heights of its run: what is wider may be digits that touch."""

HIGH: Final = 0.8
"""Height of a digit, at least, in heights of its run."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """What lies between two signs, or between a sign and an end.

    Attributes
    ----------
    lattices : list of Lattice
        From left to right, each of at least one digit.
    n_dropped : int
        How many pieces between them are no digits, by their own; or how many digits were left out beside one.
    hull : tuple of int
        Left, top, right and bottom of all its ink.
    is_sure : bool
        Whether it is one digit, not to be read again.
    """

    lattices: list[Lattice]
    n_dropped: int
    hull: tuple[int, int, int, int]
    is_sure: bool = False


@dataclass(frozen=True, eq=False)
class Sifted:
    """What is left of a run without its signs.

    Attributes
    ----------
    stretches : list of Stretch
        From left to right; none where most is signs, as in a word.
    lacks_wide_sign : bool
        Whether a sign was left out that is as high as digits, and as wide as two that touch.
    """

    stretches: list[Stretch]
    lacks_wide_sign: bool


def split_at_signs(lattice: Lattice, height: float) -> Sifted:
    """Cut a lattice at letters and signs, and then at whatever is no digit.

    Parameters
    ----------
    lattice : Lattice
        Of a run of ink.
    height : float
        Of its digits, in pixels.
    """
    path, is_none, is_sign = _tell_signs(lattice, height)
    wide, high = lattice.boxes[path, 2:].T / height
    lacks_wide_sign = bool((is_sign[path] & (wide >= NARROWEST) & (high >= HIGH)).any())
    if 2 * int(is_sign[path].sum()) > len(path):
        return Sifted([], lacks_wide_sign)  # a word, some of whose letters look like digits
    is_none[_of_drawings(lattice, path, is_none)] = True
    stretches = [_make_stretch(lattice, edges, is_none) for edges in _split(path, is_sign)]
    return Sifted(stretches, lacks_wide_sign)


def pick_middle(stretches: Iterable[Stretch], shape: tuple[int, int]) -> Stretch | None:
    """Return the digit in the middle of a picture of one digit; the others are its neighbors.

    Parameters
    ----------
    stretches : iterable of Stretch
        All that was found.
    shape : tuple of int
        The picture's height and width.

    Returns
    -------
    Stretch or None
        Of this digit alone, the larger and the nearer to the center the likelier; None where none was found.
    """
    digits = [
        make_single(lattice.probabilities[[edge]], lattice.boxes[edge], is_cut_out=True)
        for stretch in stretches
        for lattice in stretch.lattices
        for edge in best_path(lattice)
    ]
    if not digits:
        return None
    boxes = np.concatenate([digit.boxes for digit in digits])
    away = (boxes[:, :2] + boxes[:, 2:] / 2) / shape[::-1] - 0.5
    likely = boxes[:, 2:].max(axis=1) * np.exp(-CENTRAL * (away**2).sum(axis=1))
    middle = int(likely.argmax())
    left, top, width, height = boxes[middle].tolist()
    return Stretch([digits[middle]], len(digits) - 1, (left, top, left + width, top + height), is_sure=True)


def _tell_signs(lattice: Lattice, height: float) -> tuple[list[int], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the most probable path, and which edges are no digit, and which of these are surely signs."""
    scores = np.log(np.maximum(lattice.probabilities, LEAST)).astype(np.float64)
    scores[:, NONE] += STRAY
    path = _best_path(lattice, (scores.max(axis=1) + lattice.log_weights).tolist())
    is_none = scores.argmax(axis=1) == NONE
    is_sign = is_none & (lattice.probabilities[:, NONE] >= SIGN) & (lattice.log_weights == 0)
    return path, is_none, is_sign & (lattice.boxes[:, 2] <= WIDEST * height)


def _of_drawings(lattice: Lattice, path: list[int], is_none: NDArray[np.bool_]) -> list[int]:
    """Return the edges of connected ink most of which is no digit: what is left looks like one by chance."""
    drawings: list[int] = []
    firsts = [at for at, edge in enumerate(path) if at == 0 or not lattice.is_cut[edge]]
    for start, end in itertools.pairwise([*firsts, len(path)]):
        edges = path[start:end]
        widths = lattice.boxes[edges, 2]
        if widths[is_none[edges]].sum() > DRAWING * widths.sum():
            drawings += edges
    return drawings


def _make_stretch(lattice: Lattice, edges: list[int], is_none: NDArray[np.bool_]) -> Stretch:
    n_dropped = int(is_none[edges].sum())
    known = replace(lattice, n_dropped=n_dropped)
    parts = [
        _between(known, int(lattice.starts[kept[0]]), int(lattice.ends[kept[-1]]))
        for kept in _split(edges, is_none)
    ]
    boxes = lattice.boxes[edges]
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0).tolist()
    return Stretch(parts, n_dropped, (left, top, right, bottom))


def _split(path: list[int], is_end: NDArray[np.bool_]) -> list[list[int]]:
    """Split a path at some of its edges, which are left out."""
    stretches: list[list[int]] = [[]]
    for edge in path:
        if is_end[edge]:
            stretches.append([])
        else:
            stretches[-1].append(edge)
    return [stretch for stretch in stretches if stretch]


def best_path(lattice: Lattice) -> list[int]:
    """Return the edges of the most probable way to read all of it as digits."""
    scores = np.log(np.maximum(_digit_probabilities(lattice), LEAST)) + lattice.log_weights
    return _best_path(lattice, scores.tolist())


def path_confidences(lattice: Lattice) -> NDArray[np.float64]:
    """Return the probability of each digit along the most probable path."""
    confidences: NDArray[np.float64] = _digit_probabilities(lattice)[best_path(lattice)]
    return confidences


def _digit_probabilities(lattice: Lattice) -> NDArray[np.float64]:
    """Return for each edge the probability of its most probable digit."""
    digits: NDArray[np.float64] = lattice.probabilities[:, :NONE].max(axis=1).astype(np.float64)
    return digits


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
    return replace(
        lattice,
        n_places=last - first + 1,
        starts=lattice.starts[inside] - first,
        ends=lattice.ends[inside] - first,
        probabilities=lattice.probabilities[inside],
        log_weights=lattice.log_weights[inside],
        boxes=lattice.boxes[inside],
        is_cut=lattice.is_cut[inside],
    )
