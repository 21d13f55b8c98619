"""The most probable numbers that a lattice may be, among those that are expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import InputError
from tenfold.reading.automaton import Automaton, compile_rule
from tenfold.reading.chain import Chain, best_path, make_chain
from tenfold.reading.lattice import Lattice
from tenfold.reading.rules import Anything, Rule

CLOSE: Final = 0.25
"""The second is close to the first if it is at least this much of it: four to one is not sure enough."""

LEAST_SUPPORT: Final = 1e-6
"""What is expected does not fit the ink if it has less than this share of the probability of all readings."""

WIDTHS: Final = (24, 256)
"""Beginnings of texts followed at once: at first, and where one was dropped that might have mattered."""


@dataclass(frozen=True)
class Candidate:
    """A number that the ink may be.

    Attributes
    ----------
    text : str
        Its digits.
    probability : float
        Of this number among all that are expected, whatever the cuts between its digits.
    unaided : float
        Of this number if nothing is expected.
    edges : tuple of int
        Of the lattice, one for each digit: the most probable path that reads so.
    """

    text: str
    probability: float
    unaided: float
    edges: tuple[int, ...]


@runtime_checkable
class Weighed(Protocol):
    """What has a probability where something is expected, and one without."""

    @property
    def probability(self) -> float:
        """With it."""
        ...

    @property
    def unaided(self) -> float:
        """Without it."""
        ...


@dataclass(frozen=True, eq=False)
class _Beam:
    """Beginnings of texts: where each may have got to, and the state it is in."""

    texts: list[str]
    at: NDArray[np.float64]
    states: NDArray[np.int64]


def decode(lattice: Lattice, expectation: Rule[Any] | None = None, *, top: int = 3) -> list[Candidate]:
    """Find the most probable numbers.

    Parameters
    ----------
    lattice : Lattice
        All ways to cut the ink.
    expectation : Rule, optional
        What the number may be; any digits, if it is not given.
    top : int
        How many numbers to find, at least 1.

    Returns
    -------
    list of Candidate
        Different numbers, the most probable first; fewer than `top` where there are no more, none where
        nothing that is expected can be read.

    Raises
    ------
    InputError
        `top` is below 1.

    Notes
    -----
    The probability of a number is the sum over all paths that read as it, divided by that over all paths
    whose text is expected. Beginnings are followed digit by digit ("prefix search": A. Graves et al.,
    "Connectionist temporal classification", 2006), as long as an upper bound of what they may become is
    above the last number found. The probabilities are exact. So is the choice, unless that holds for more
    than 256 beginnings of one length, which takes ink that reads as almost anything.
    """
    chain = make_chain(lattice)
    if len(lattice) == 1 and lattice.n_places == 2 and not expectation and top > 0:
        return _decode_digit(chain, top)
    texts, support = best_texts(chain, expectation, top=top)
    return [Candidate(text, share / support, share, best_path(lattice, text)) for share, text in texts]


def _decode_digit(chain: Chain, top: int) -> list[Candidate]:
    """Return the most probable digits of a lattice of one edge: as by the search, in a third of its time."""
    shares = zip(chain.steps[0, 1].tolist(), "0123456789", strict=True)
    return [Candidate(text, share, share, (0,)) for share, text in nlargest(top, shares) if share]


def support(lattice: Lattice, expectation: Rule[Any]) -> float:
    """Return the share of the probability of all readings that is of those expected.

    Near 1 the ink reads so anyway; below `LEAST_SUPPORT` it does by force alone.
    """
    chain, automaton = make_chain(lattice), compile_rule(expectation)
    return _support(chain, automaton)


def is_close(candidates: Sequence[Weighed], *, ratio: float = CLOSE) -> bool:
    """Tell whether the second candidate is so probable that none should be given.

    Parameters
    ----------
    candidates : sequence
        The most probable first, of one number or of one line.
    ratio : float
        Share of the first's probability from which the second is close.
    """
    return len(candidates) > 1 and candidates[1].probability >= ratio * candidates[0].probability


def is_forced(candidates: Sequence[Weighed], *, least: float = LEAST_SUPPORT) -> bool:
    """Tell whether the ink hardly supports anything that is expected.

    Parameters
    ----------
    candidates : sequence
        The most probable first, of one number or of one line.
    least : float
        The support that is enough.
    """
    return not candidates or candidates[0].unaided < least * candidates[0].probability


def best_texts(
    chain: Chain, expectation: Rule[Any] | None, *, top: int
) -> tuple[list[tuple[float, str]], float]:
    """Return the most probable texts with their unaided probabilities, and the support of all expected."""
    if top < 1:
        raise InputError(f"top must be 1 or more. Got {top}.")
    automaton = compile_rule(expectation or Anything())
    bounds = _backwards(chain, automaton, np.maximum)
    found: list[tuple[float, str]] = []
    for width in WIDTHS:
        found, lost = _search(chain, automaton, bounds, top=top, width=width)
        if lost <= _least(found, top):
            break
    return found, _support(chain, automaton) if expectation else float(chain.has_path)


def _support(chain: Chain, automaton: Automaton) -> float:
    return float(_backwards(chain, automaton, np.add)[0, automaton.starts].sum())


def _backwards(chain: Chain, automaton: Automaton, combine: np.ufunc) -> NDArray[np.float64]:
    """Return, by place and state, the probability of what follows.

    Combined by sum, it is that of all texts that are expected. By maximum, it is an upper bound for each
    single one: the next digit may differ between the places that a beginning got to.
    """
    n_places, n_states = len(chain.steps), len(automaton.accepting)
    remaining = np.zeros((n_places, n_states))
    remaining[-1] = automaton.accepting * float(chain.has_path)
    cells = automaton.following + n_states * np.arange(10)[:, None]
    for place in range(n_places - 2, -1, -1):
        reach = slice(place + 1, chain.farthest[place] + 1)
        by_digit = chain.steps[place, reach].T @ remaining[reach]  # (10, n_states), of the state after it
        remaining[place] = combine.reduce(by_digit.ravel()[cells], axis=0)
    return remaining


def _search(
    chain: Chain, automaton: Automaton, bounds: NDArray[np.float64], *, top: int, width: int
) -> tuple[list[tuple[float, str]], float]:
    """Return the best texts, and the greatest bound of a beginning that was dropped."""
    n_places, n_starts = len(chain.steps), len(automaton.starts)
    at = np.zeros((n_starts, n_places))
    at[:, 0] = float(chain.has_path)
    beam = _Beam([""] * n_starts, at, automaton.starts)
    found: list[tuple[float, str]] = []
    lost = 0.0
    while beam.texts:
        found = _best(found + _finished(beam, automaton), top)
        if not beam.at[:, :-1].any():
            break  # all have got to the end
        beam, dropped = _grow(beam, chain, automaton, bounds, width, _least(found, top))
        lost = max(lost, dropped)
    return found, lost


def _grow(
    beam: _Beam,
    chain: Chain,
    automaton: Automaton,
    bounds: NDArray[np.float64],
    width: int,
    least: float,
) -> tuple[_Beam, float]:
    """Add each digit to each beginning; keep those that may become the most probable, above the least."""
    n_places = len(chain.steps)
    at = (beam.at @ chain.steps.reshape(n_places, -1)).reshape(-1, n_places, 10)
    states = automaton.following[:, beam.states]
    most = np.einsum("bpd,pdb->bd", at, bounds[:, states]).ravel()
    order = np.argsort(-most, kind="stable")[: width + 1]
    order = order[most[order] > least]
    kept = order[:width]
    dropped = float(most[order[width]]) if len(order) > width else 0.0
    rows, digits = kept // 10, kept % 10
    texts = [f"{beam.texts[row]}{digit}" for row, digit in zip(rows, digits, strict=True)]
    return _Beam(texts, at[rows, :, digits], states[digits, rows]), dropped


def _finished(beam: _Beam, automaton: Automaton) -> list[tuple[float, str]]:
    shares = beam.at[:, -1] * automaton.accepting[beam.states]
    return [(float(shares[row]), beam.texts[row]) for row in np.flatnonzero(shares)]


def _best(found: list[tuple[float, str]], top: int) -> list[tuple[float, str]]:
    return nlargest(top, found)


def _least(found: list[tuple[float, str]], top: int) -> float:
    """Return what a text must exceed to be among the best."""
    return found[-1][0] if len(found) == top else 0.0
