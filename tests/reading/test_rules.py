"""Rules take what their definition takes: against plain definitions, and numbers that others published."""

import re
from typing import Any

import numpy as np
import pytest

from tenfold.reading.automaton import compile_rule
from tenfold.reading.checksums import IBAN_LENGTHS, Ean13, IbanDigits, Luhn, Mod11
from tenfold.reading.expect import Expectation
from tenfold.reading.rules import Length, Listed, Pattern, Range, Rule
from tests.reading.checks import is_iban, is_luhn, is_mod11


def n_ways(rule: Rule[Any], text: str) -> int:
    """Return from how many of its starts a rule's tables accept a text."""
    automaton = compile_rule(rule)
    states = automaton.starts
    for digit in text:
        states = automaton.following[int(digit), states]
    return int(automaton.accepting[states].sum())


def texts(length: int) -> list[str]:
    """Return all texts of up to so many digits."""
    return [""] + [f"{number:0{n}d}" for n in range(1, length + 1) for number in range(10**n)]


@pytest.mark.parametrize(
    ("low", "high"), [("0", "100"), ("7", "7"), ("001", "100"), ("98", "123"), ("0", "999"), ("00", "5" * 3)]
)
def test_range_takes_what_lies_in_it(low: str, high: str) -> None:
    """Values within both ends, with the digits of the upper end at most, of a padded lower end at least."""
    least = len(low) if low.startswith("0") else 1
    for text in texts(4):
        inside = bool(text) and int(low) <= int(text) <= int(high) and least <= len(text) <= len(high)
        assert n_ways(Range(low, high), text) == inside, text


def test_a_long_range_has_few_states() -> None:
    """States grow with the digits of a range, not with its numbers."""
    assert len(compile_rule(Range("12345", "9" * 19 + "8")).accepting) < 200


def test_length_counts() -> None:
    """As many digits as said, from the fewest to the most."""
    assert [n for n in range(6) if n_ways(Length(2, 4), "7" * n)] == [2, 3, 4]


def test_pattern_ignores_separators() -> None:
    """Digits are themselves, `#` is any; what separates is not read, and stands in the pattern filled in."""
    pattern = Pattern("2#-(4)#")
    assert [text for text in texts(4) if n_ways(pattern, text)] == [
        text for text in texts(4) if re.fullmatch(r"2\d4\d", text)
    ]
    assert pattern.fill("2345") == "23-(4)5"


def test_list_takes_its_numbers() -> None:
    """The numbers of a list and no others, one being the beginning of another or not."""
    numbers = ("0042", "12", "123", "9")
    assert {text for text in texts(4) if n_ways(Listed(numbers), text)} == set(numbers)


@pytest.mark.parametrize(("rule", "is_right"), [(Luhn(), is_luhn), (Mod11(), is_mod11)])
def test_checksum_equals_its_definition(rule: Rule[Any], is_right: Any) -> None:
    """All numbers of two to four digits are taken as the standard's own steps take them."""
    for text in texts(4):
        assert n_ways(rule, text) == (len(text) > 1 and is_right(text)), text


@pytest.mark.parametrize(
    ("rule", "number"),
    [
        (Luhn(), "79927398713"),
        (Luhn(), "4111111111111111"),
        (Mod11(), "0306406152"),
        (Ean13(), "9780306406157"),
        (Ean13(), "4006381333931"),
        (IbanDigits(("DE",)), "89370400440532013000"),
        (IbanDigits(("AT",)), "611904300234573201"),
        (IbanDigits(("BE",)), "68539007547034"),
        (IbanDigits(("NO",)), "9386011117947"),
        (IbanDigits(("ES",)), "9121000418450200051332"),
    ],
)
def test_checksum_takes_published_numbers(rule: Rule[Any], number: str) -> None:
    """Examples of the standards are right, and none is with one digit changed, missing or added."""
    assert n_ways(rule, number) == 1
    changed = [
        f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"
        for place in range(len(number))
    ]
    assert not any(n_ways(rule, text) for text in changed)
    if not isinstance(rule, Luhn | Mod11):
        assert n_ways(rule, number[1:]) == n_ways(rule, f"{number}0") == 0


def test_iban_digits_equal_the_definition() -> None:
    """For each country, check digits are right where the whole IBAN's remainder is, and between 02 and 98."""
    generator = np.random.default_rng(0)
    for country in ("BE", "NO", "DE"):
        account = "".join(map(str, generator.integers(0, 10, IBAN_LENGTHS[country] - 4)))
        for check in range(100):
            text = f"{check:02d}{account}"
            assert n_ways(IbanDigits((country,)), text) == is_iban(country + text)


def test_iban_digits_of_any_country_are_taken_once() -> None:
    """Without a country, the digits are those of one country, whichever it is."""
    rule = IbanDigits(("NO", "DE", "ES", "SE", "CZ"))
    for number in ("9121000418450200051332", "9386011117947", "89370400440532013000"):
        assert n_ways(rule, number) == 1
        assert n_ways(rule, number[:-2]) == 0


def test_rules_together_take_what_each_takes() -> None:
    """Several rules at once are their intersection."""
    both = Expectation((Range("0", "300"), Luhn(), Length(3, 3)))
    found = [text for text in texts(4) if n_ways(both, text)]
    assert found == [text for text in texts(3) if len(text) == 3 and int(text) <= 300 and is_luhn(text)]
