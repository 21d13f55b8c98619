"""A rule as tables of numbers, so that all its states are followed at once."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import InputError
from tenfold.reading.rules import Rule

MOST_STATES: Final = 200_000
"""Those of some 40,000 numbers of 8 digits, which take 50 MB for a lattice of 30 places."""


@dataclass(frozen=True, eq=False)
class Automaton:
    """The states of a rule, numbered; the last is for all that is refused.

    Attributes
    ----------
    starts : ndarray of shape (n_starts,), dtype=int64
        States before the first digit.
    following : ndarray of shape (10, n_states), dtype=int64
        The state after each digit, by digit and state.
    accepting : ndarray of shape (n_states,), dtype=bool
        Whether a number may end there.
    """

    starts: NDArray[np.int64]
    following: NDArray[np.int64]
    accepting: NDArray[np.bool_]


@lru_cache(maxsize=32)
def compile_rule(rule: Rule[Any]) -> Automaton:
    """Return the tables of a rule; it is followed wherever it leads.

    Raises
    ------
    InputError
        The rule has more than `MOST_STATES` states.
    """
    numbers = {state: number for number, state in enumerate(rule.starts())}
    states, n_starts = list(numbers), len(numbers)
    rows = []
    for state in states:  # which grow meanwhile
        after = [rule.step(state, digit) for digit in range(10)]
        for new in after:
            if new is not None and new not in numbers:
                numbers[new] = len(states)
                states.append(new)
        rows.append([-1 if new is None else numbers[new] for new in after])
        _check_size(len(states))
    rows.append([-1] * 10)
    following = np.array(rows, np.int64).T.copy()
    following[following < 0] = len(states)
    accepting = np.array([*map(rule.accepts, states), False])
    return Automaton(np.arange(n_starts), following, accepting)


def _check_size(n_states: int) -> None:
    if n_states > MOST_STATES:
        raise InputError(
            f"What is expected must have at most {MOST_STATES:,} states. Got more. Expect less at once, or "
            "give a shorter list."
        )
