"""What one number may be, as rules that take its digits from left to right."""

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

S = TypeVar("S", bound=Hashable)

Intervals = tuple[tuple[str, str], ...]


@runtime_checkable
class Rule(Protocol[S]):
    """A deterministic finite automaton over digits.

    Its states are hashable and finitely many. It may start in several of them; then a text is accepted from
    one of these at most.
    """

    def __hash__(self) -> int: ...

    def starts(self) -> tuple[S, ...]:
        """Return the states before the first digit."""
        ...

    def step(self, state: S, digit: int) -> S | None:
        """Return the state after one more digit, or None where no number goes on so."""
        ...

    def accepts(self, state: S) -> bool:
        """Tell whether a number may end here."""
        ...


@dataclass(frozen=True)
class Anything:
    """Any digits, or none."""

    def starts(self) -> tuple[int, ...]:
        """Start in the only state."""
        return (0,)

    def step(self, state: int, digit: int) -> int:  # noqa: ARG002
        """Stay."""
        return state

    def accepts(self, state: int) -> bool:  # noqa: ARG002
        """Accept."""
        return True


@dataclass(frozen=True)
class Length:
    """As many digits as `least` to `most`. A state is their count so far."""

    least: int
    most: int

    def starts(self) -> tuple[int, ...]:
        """Start at 0."""
        return (0,)

    def step(self, state: int, digit: int) -> int | None:  # noqa: ARG002
        """Count the digit."""
        return state + 1 if state < self.most else None

    def accepts(self, state: int) -> bool:
        """Accept enough digits; there are never too many."""
        return state >= self.least


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, with at most as many digits as `high` is written with.

    Leading zeros fill fields, so 0..100 takes `7`, `07` and `007`, but not `0007`. Where `low` is written
    with leading zeros, numbers have at least as many digits as it: 001..100 takes three digits.

    A state holds, for each count of digits that may follow, the least and the greatest that they may be.
    """

    low: str
    high: str

    def starts(self) -> tuple[Intervals, ...]:
        """Start with an interval for each count of digits."""
        least = len(self.low) if self.low.startswith("0") else len(str(int(self.low)))
        counts = range(least, len(self.high) + 1)
        return (
            tuple(
                (self.low.zfill(count), min(self.high, "9" * count, key=int).zfill(count)) for count in counts
            ),
        )

    def step(self, state: Intervals, digit: int) -> Intervals | None:
        """Keep the intervals that the digit lies in, one digit shorter."""
        rest = (_after(low, high, str(digit)) for low, high in state)
        return tuple(interval for interval in rest if interval) or None

    def accepts(self, state: Intervals) -> bool:
        """Accept where nothing may follow."""
        return ("", "") in state


def _after(low: str, high: str, digit: str) -> tuple[str, str] | None:
    """Return the interval of what follows the digit."""
    if not low or not low[0] <= digit <= high[0]:
        return None
    left = len(low) - 1
    return (low[1:] if digit == low[0] else "0" * left, high[1:] if digit == high[0] else "9" * left)


@dataclass(frozen=True)
class Pattern:
    """Digits as drawn: `#` is any digit, a digit is itself, all else separates and is not read.

    A state is the count of digits so far.
    """

    text: str

    @property
    def digits(self) -> str:
        """The pattern without its separators."""
        return "".join(character for character in self.text if character in "#0123456789")

    def starts(self) -> tuple[int, ...]:
        """Start at 0."""
        return (0,)

    def step(self, state: int, digit: int) -> int | None:
        """Compare the digit with its place in the pattern."""
        place = self.digits[state : state + 1]
        return state + 1 if place and place in f"#{digit}" else None

    def accepts(self, state: int) -> bool:
        """Accept as many digits as the pattern has."""
        return state == len(self.digits)

    def fill(self, digits: str) -> str:
        """Return the pattern with a number's digits in place of its own."""
        left = iter(digits)
        return "".join(next(left, "") if character in "#0123456789" else character for character in self.text)


@dataclass(frozen=True)
class Listed:
    """One of these numbers; they are sorted, and none twice. A state is the digits so far."""

    numbers: tuple[str, ...]

    def starts(self) -> tuple[str, ...]:
        """Start without digits."""
        return ("",)

    def step(self, state: str, digit: int) -> str | None:
        """Add the digit, if one of the numbers begins so."""
        prefix = f"{state}{digit}"
        return prefix if self._first_from(prefix).startswith(prefix) else None

    def accepts(self, state: str) -> bool:
        """Accept one of the numbers."""
        return self._first_from(state) == state

    def _first_from(self, prefix: str) -> str:
        """Return the first number that does not come before the prefix."""
        place = bisect_left(self.numbers, prefix)
        return self.numbers[place] if place < len(self.numbers) else ""
