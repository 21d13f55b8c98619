"""A list of the numbers there may be, and its numbers given to pictures, each to one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import InputError
from tenfold.reading.assignment import assign
from tenfold.reading.chain import best_path, make_chain, text_probabilities
from tenfold.reading.decode import Candidate
from tenfold.reading.lattice import Lattice

SEPARATORS: Final = " \t.,;:/-_'\N{NO-BREAK SPACE}\N{EN DASH}"
_NOTHING: Final = dict.fromkeys(map(ord, SEPARATORS))

FAINTEST: Final = 1e-300
"""A number that is less probable than this cannot be what a picture shows."""

SHOWN: Final = 5
"""Bad lines that an error names."""


def load_roster(path: Path) -> tuple[str, ...]:
    """Read a file of numbers, one to a line.

    Parameters
    ----------
    path : Path
        A text file in UTF-8. Separators within a number and empty lines are ignored.

    Returns
    -------
    tuple of str
        Digits only, sorted, each number once.

    Raises
    ------
    InputError
        The file cannot be read, holds no number, or has lines that are none: the error names them.
    """
    lines = [line.strip() for line in _read(path).splitlines()]
    numbers = [line.translate(_NOTHING) for line in lines]
    bad = [
        f"{place} ({line[:20]!r})"
        for place, (line, number) in enumerate(zip(lines, numbers, strict=True), start=1)
        if line and not _is_number(number)
    ]
    if bad:
        more = f" and {len(bad) - SHOWN:,} more" if len(bad) > SHOWN else ""
        raise InputError(
            f"Each line of {path} must be one number. Got others in lines {', '.join(bad[:SHOWN])}{more}. "
            "Correct or remove them."
        )
    if not any(numbers):
        raise InputError(f"{path} must hold one number to a line. Got none. Write the numbers there may be.")
    return tuple(sorted({number for number in numbers if number}))


def assign_unique(lattices: Sequence[Lattice], roster: Sequence[str]) -> list[Candidate | None]:
    """Give each picture a number of the list, no number twice, so that all together is most probable.

    Parameters
    ----------
    lattices : sequence of Lattice
        One for each picture.
    roster : sequence of str
        The numbers, digits only, each once.

    Returns
    -------
    list of Candidate or None
        One for each picture; None where its ink can be none of the numbers that are left, or where there
        are more pictures than numbers. `probability` weighs the whole against all that differs by one
        exchange of this picture's number: for one that is free, or with another picture.
    """
    if not lattices or not roster:
        return [None] * len(lattices)
    shares = np.array([text_probabilities(make_chain(lattice), roster) for lattice in lattices])
    scores = np.log(np.maximum(shares, FAINTEST))
    n_free = max(0, len(lattices) - len(roster))
    scores = np.pad(scores, ((0, 0), (0, n_free)), constant_values=np.log(FAINTEST))
    chosen = assign(-scores)
    probabilities = _against_exchanges(scores, chosen)
    return [
        _candidate(lattice, roster, shares[row], int(chosen[row]), float(probabilities[row]))
        for row, lattice in enumerate(lattices)
    ]


def _candidate(
    lattice: Lattice, roster: Sequence[str], shares: NDArray[np.float64], column: int, probability: float
) -> Candidate | None:
    if column >= len(roster) or shares[column] < FAINTEST:
        return None
    text = roster[column]
    return Candidate(text, probability, float(shares[column]), best_path(lattice, text))


def _against_exchanges(scores: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return, by row, the share of what was chosen among it and all that differs by one exchange."""
    own = scores[np.arange(len(scores)), chosen]
    crossed = scores[:, chosen]
    exchanged = np.exp(crossed + crossed.T - own[:, None] - own)  # 1 with itself: nothing is exchanged
    free = np.exp(np.delete(scores, chosen, axis=1) - own[:, None])
    both: NDArray[np.float64] = exchanged.sum(axis=1) + free.sum(axis=1)
    return 1.0 / both


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(
            f"list must be a text file of numbers. Got {path}: {reason}. Give the path of one."
        ) from error


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
