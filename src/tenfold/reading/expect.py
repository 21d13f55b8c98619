"""What the reader may know of a number before it reads it: `--expect`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenfold.errors import InputError, suggest
from tenfold.reading.automaton import compile_rule
from tenfold.reading.checksums import IBAN_LENGTHS, Ean13, IbanDigits, Luhn, Mod11
from tenfold.reading.roster import SEPARATORS, load_roster
from tenfold.reading.rules import Length, Listed, Pattern, Range, Rule

MOST_DIGITS: Final = 100
"""Longer numbers are taken for a mistake."""

CHECKSUMS: Final[dict[str, Rule[Any]]] = {"luhn": Luhn(), "mod11": Mod11(), "ean13": Ean13()}


@dataclass(frozen=True)
class Expectation:
    """All that is known beforehand; as a rule, it takes the numbers that all its rules take.

    Attributes
    ----------
    rules : tuple of Rule
        What a number must be. None: it may be any.
    is_total : bool
        Whether the last number of a line is the sum of the others. The rules then hold for the others alone.
    """

    rules: tuple[Rule[Any], ...] = ()
    is_total: bool = False

    @property
    def roster(self) -> tuple[str, ...]:
        """The numbers of the list, if one is given."""
        return next((rule.numbers for rule in self.rules if isinstance(rule, Listed)), ())

    def starts(self) -> tuple[tuple[Any, ...], ...]:
        """Start in all combinations of the rules' starts."""
        combined: list[tuple[Any, ...]] = [()]
        for rule in self.rules:
            combined = [(*states, start) for states in combined for start in rule.starts()]
        return tuple(combined)

    def step(self, state: tuple[Any, ...], digit: int) -> tuple[Any, ...] | None:
        """Take the digit where all rules do."""
        after = tuple(rule.step(part, digit) for rule, part in zip(self.rules, state, strict=True))
        return None if None in after else after

    def accepts(self, state: tuple[Any, ...]) -> bool:
        """Accept what all rules accept."""
        return all(rule.accepts(part) for rule, part in zip(self.rules, state, strict=True))

    def write(self, digits: str) -> str:
        """Return a number that was read as its pattern has it, separators included."""
        pattern = next((rule for rule in self.rules if isinstance(rule, Pattern)), None)
        return pattern.fill(digits) if pattern else digits


def parse_expectation(texts: str | Iterable[str], *, files: bool = True) -> Expectation:
    """Return what is expected, as typed after `--expect`.

    Parameters
    ----------
    texts : str or iterable of str
        Of the form KEY=VALUE, several in one text separated by commas:

        - ``length=8`` or ``length=6..8``: as many digits.
        - ``range=0..100``: a number from 0 to 100. Leading zeros may fill it up to the three digits of 100;
          ``range=001..100`` takes three digits.
        - ``pattern=20##-##-##``: `#` is any digit; what separates is not read, but written.
        - ``checksum=luhn``, ``mod11`` (weights 1, 2, 3, … from the right), ``ean13``, or ``iban-digits``
          (what follows the country in an IBAN; ``iban-digits:DE`` if the country is known).
        - ``list=roster.txt``: one of the numbers in a file, one to a line.
        - ``sum=total``: the last number of a line is the sum of the others, for which all else holds.
    files : bool
        Whether ``list`` may open a file: not where a stranger typed its path.

    Returns
    -------
    Expectation
        That all of them hold.

    Raises
    ------
    InputError
        A key is unknown or given twice, a value is not what it must be, or no number is all of this. One
        error says all that is wrong.

    Examples
    --------
    >>> parse_expectation("length=8,checksum=luhn").rules
    (Length(least=8, most=8), Luhn())
    """
    given = [part.strip() for text in ([texts] if isinstance(texts, str) else texts) for part in _split(text)]
    keys = [part.partition("=")[0].strip() for part in given]
    problems = [
        f"{key} must be given once. Got {keys.count(key)} of it."
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]
    rules = []
    for part in given:
        try:
            rules.append(_parse(part, files=files))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError(" ".join(problems))
    expectation = Expectation(tuple(rule for rule in rules if rule), is_total="sum" in keys)
    _check_possible(expectation, given)
    return expectation


def _split(text: str) -> list[str]:
    """Split at the commas that a key follows; others belong to a pattern or a path."""
    return re.split(r",(?=\s*[\w-]*\s*=)", text)


def _parse(part: str, *, files: bool) -> Rule[Any] | None:
    """Return the rule of one part; a sum has none."""
    key, equals, value = (text.strip() for text in part.partition("="))
    if not equals or not value:
        raise InputError(f"What is expected must be KEY=VALUE. Got {part!r}. For example length=8.")
    parsers = [known for known in PARSERS if files or known != "list"]
    if key not in parsers:
        known = ", ".join(parsers)
        raise InputError(f"What is expected must be one of {known}. Got {key}.{suggest(key, parsers)}")
    return PARSERS[key](value)


def _check_possible(expectation: Expectation, given: list[str]) -> None:
    if not compile_rule(expectation).accepting.any():
        raise InputError(
            f"What is expected must be true of some number. Got {', '.join(given)}: of none. Expect less."
        )


def _length(value: str) -> Length:
    least, most = _bounds("length", value, "a count of digits or two, as in 8 or 6..8")
    if not 1 <= int(least) <= int(most) <= MOST_DIGITS:
        raise InputError(f"length must be 1 to {MOST_DIGITS}, the lower first. Got {value}.")
    return Length(int(least), int(most))


def _range(value: str) -> Range:
    low, high = _bounds("range", value, "two numbers, as in 0..100")
    if int(low) > int(high) or len(low) > len(high):
        raise InputError(f"range must have its lower end first, with no more digits. Got {value}.")
    return Range(low, high)


def _bounds(key: str, value: str, expected: str) -> tuple[str, str]:
    """Return the ends of LOW..HIGH, or one number as both."""
    found = re.fullmatch(r"([0-9]{1,100})(?:\s*\.\.\s*([0-9]{1,100}))?", value)
    if not found or (key == "range" and not found[2]):
        raise InputError(f"{key} must be {expected}. Got {value}.")
    return found[1], found[2] or found[1]


def _pattern(value: str) -> Pattern:
    strange = sorted({letter for letter in value if letter not in f"#0123456789()+{SEPARATORS}"})
    if strange or not 1 <= len(Pattern(value).digits) <= MOST_DIGITS:
        raise InputError(
            f"pattern must be digits, # for any digit, and separators. Got {value}. For example 20##-##-##."
        )
    return Pattern(value)


def _checksum(value: str) -> Rule[Any]:
    name, _, country = value.lower().partition(":")
    if name == "iban-digits":
        return _iban(country.upper())
    if value.lower() not in CHECKSUMS:
        known = [*CHECKSUMS, "iban-digits"]
        raise InputError(f"checksum must be one of {', '.join(known)}. Got {value}.{suggest(name, known)}")
    return CHECKSUMS[name]


def _iban(country: str) -> IbanDigits:
    if country and country not in IBAN_LENGTHS:
        known = ", ".join(IBAN_LENGTHS)
        raise InputError(f"The country must be one whose accounts are all digits: {known}. Got {country}.")
    return IbanDigits((country,) if country else tuple(IBAN_LENGTHS))


def _list(value: str) -> Listed:
    return Listed(load_roster(Path(value)))


def _sum(value: str) -> None:
    if value != "total":
        raise InputError(
            f"sum must be total: the last number of a line is the sum of the others. Got {value}."
        )


PARSERS: Final[dict[str, Callable[[str], Rule[Any] | None]]] = {
    "length": _length,
    "range": _range,
    "pattern": _pattern,
    "checksum": _checksum,
    "list": _list,
    "sum": _sum,
}
"""What may be expected, by key."""
