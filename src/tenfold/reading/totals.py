"""A line of numbers whose last is the sum of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final

from tenfold.errors import InputError
from tenfold.reading.chain import best_path, make_chain, text_probabilities
from tenfold.reading.decode import best_texts
from tenfold.reading.lattice import Lattice
from tenfold.reading.rules import Rule

EACH: Final = 20
"""Readings of each number that are tried."""

MOST_SUMS: Final = 5_000
"""Sums that are kept, the most probable, after each number."""


@dataclass(frozen=True)
class LineCandidate:
    """What the numbers of a line may be, together.

    Attributes
    ----------
    texts : tuple of str
        The digits of each, the total last.
    probability : float
        Of all these numbers together, among all whose sum is right.
    unaided : float
        Of all these numbers together if nothing is expected.
    edges : tuple of tuple of int
        For each number, the edges of its lattice: the most probable path that reads so.
    """

    texts: tuple[str, ...]
    probability: float
    unaided: float
    edges: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class _Sum:
    """The ways to get one sum: the probability of all, and the best of them."""

    mass: float
    best: tuple[tuple[float, tuple[str, ...]], ...]


def decode_line(
    lattices: Sequence[Lattice], expectation: Rule[Any] | None = None, *, top: int = 3
) -> list[LineCandidate]:
    """Find the most probable numbers of a line whose last number is the sum of the others.

    Parameters
    ----------
    lattices : sequence of Lattice
        Of each number, from left to right; at least 2.
    expectation : Rule, optional
        What each number but the last may be.
    top : int
        How many candidates to find, at least 1.

    Returns
    -------
    list of LineCandidate
        The most probable first; none where no sum is right.

    Raises
    ------
    InputError
        There are fewer than 2 numbers, or `top` is below 1.

    Notes
    -----
    Of each number but the last, its 20 most probable readings are combined, sum by sum; of the sums, the
    5,000 most probable are kept. The last number is looked up in its lattice for each sum, so it may be any.
    It may have leading zeros that make it as long as its most probable reading.
    """
    if len(lattices) < 2:
        raise InputError(f"A line with a total must have 2 numbers or more. Got {len(lattices)}.")
    sums = {0: _Sum(1.0, ((1.0, ()),))}
    for lattice in lattices[:-1]:
        texts, _ = best_texts(make_chain(lattice), expectation, top=max(EACH, top))
        sums = _add(sums, [(share, text) for share, text in texts if text], top)
    found, whole = _with_total(sums, lattices[-1], top)
    return [
        LineCandidate(texts, share / whole, share, tuple(map(best_path, lattices, texts)))
        for share, texts in found
    ]


def _add(sums: dict[int, _Sum], texts: list[tuple[float, str]], top: int) -> dict[int, _Sum]:
    """Add each reading of a number to each sum."""
    ways: dict[int, list[tuple[float, _Sum, str]]] = {}
    for total, before in sums.items():
        for share, text in texts:
            ways.setdefault(total + int(text), []).append((share, before, text))
    merged = {total: _merge(parts, top) for total, parts in ways.items()}
    return dict(nlargest(MOST_SUMS, merged.items(), key=lambda item: item[1].mass))


def _merge(parts: list[tuple[float, _Sum, str]], top: int) -> _Sum:
    """Return one sum of the ways to get it."""
    mass = sum(share * before.mass for share, before, _ in parts)
    best = [(share * one, (*texts, text)) for share, before, text in parts for one, texts in before.best]
    return _Sum(mass, tuple(nlargest(top, best)))


def _with_total(
    sums: dict[int, _Sum], lattice: Lattice, top: int
) -> tuple[list[tuple[float, tuple[str, ...]]], float]:
    """Return the best lines with their probabilities, and the probability of all lines."""
    chain = make_chain(lattice)
    likeliest, _ = best_texts(chain, None, top=1)
    width = len(likeliest[0][1]) if likeliest else 0
    written = [
        (total, text) for total in sums for text in dict.fromkeys((str(total), str(total).zfill(width)))
    ]
    shares = text_probabilities(chain, [text for _, text in written])
    whole = float(sum(shares[i] * sums[total].mass for i, (total, _) in enumerate(written)))
    lines = [
        (float(shares[i]) * one, (*texts, text))
        for i, (total, text) in enumerate(written)
        if shares[i] > 0
        for one, texts in sums[total].best
    ]
    return nlargest(top, lines), whole
