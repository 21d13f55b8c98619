"""Numbers with check digits, as rules that take their digits from left to right."""

from dataclasses import dataclass
from typing import Final

IBAN_LENGTHS: Final = {
    "AE": 23, "AT": 20, "BA": 20, "BE": 16, "BI": 27, "CR": 22, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "GL": 18, "HR": 21, "HU": 28, "IL": 23, "IS": 26,
    "LT": 20, "LY": 25, "ME": 22, "MN": 20, "MR": 27, "NO": 15, "PL": 28, "PT": 25, "RS": 22, "SD": 18,
    "SE": 24, "SI": 19, "SK": 24, "SO": 23, "ST": 25, "TL": 23, "TN": 24, "VA": 22, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN, by country, where all after the country is digits.

Source: IBAN Registry (ISO 13616), published by SWIFT.
"""

ENOUGH: Final = 2
"""A number with a check digit has one other digit at least."""

State = tuple[int, int, int]
IbanState = tuple[int, int, int, int]


@dataclass(frozen=True)
class Luhn:
    """Every other digit doubled, from the last but one to the left; the sum of all digits ends in 0.

    A state is the count of digits up to 2, and the sum if the last digit is not doubled, and if it is.

    Source: ISO/IEC 7812-1, annex B.
    """

    def starts(self) -> tuple[State, ...]:
        """Start at 0."""
        return ((0, 0, 0),)

    def step(self, state: State, digit: int) -> State:
        """Add the digit to both sums, which change places."""
        count, plain, doubled = state
        twice = 2 * digit - 9 * (digit > 4)
        return min(count + 1, ENOUGH), (doubled + digit) % 10, (plain + twice) % 10

    def accepts(self, state: State) -> bool:
        """Accept a sum that ends in 0."""
        return state[:2] == (ENOUGH, 0)


@dataclass(frozen=True)
class Mod11:
    """The sum of the digits, weighted by 1, 2, 3, … from the right, is a multiple of 11.

    The check digit comes last. Numbers whose check digit is X are not written in digits alone, so they are
    not accepted. A state is the count of digits up to 2, their sum, and the weighted sum.

    Source: ISBN-10, ISO 2108:1992.
    """

    def starts(self) -> tuple[State, ...]:
        """Start at 0."""
        return ((0, 0, 0),)

    def step(self, state: State, digit: int) -> State:
        """Add the digit; each one before it weighs one more."""
        count, total, weighted = state
        return min(count + 1, ENOUGH), (total + digit) % 11, (weighted + total + digit) % 11

    def accepts(self, state: State) -> bool:
        """Accept a multiple of 11."""
        return state[0] == ENOUGH and state[2] == 0


@dataclass(frozen=True)
class Ean13:
    """13 digits, weighted by 1 and 3 in turn, whose sum ends in 0. A state is their count and their sum.

    Source: GS1 General Specifications, "Standard check digit calculations".
    """

    def starts(self) -> tuple[tuple[int, int], ...]:
        """Start at 0."""
        return ((0, 0),)

    def step(self, state: tuple[int, int], digit: int) -> tuple[int, int] | None:
        """Add the digit, weighted by its place."""
        count, total = state
        return (count + 1, (total + digit * (3 if count % 2 else 1)) % 10) if count < 13 else None

    def accepts(self, state: tuple[int, int]) -> bool:
        """Accept 13 digits and a sum that ends in 0."""
        return state == (13, 0)


@dataclass(frozen=True)
class IbanDigits:
    """The digits of an IBAN after the letters of its country: two check digits, then the account.

    With the letters and the check digits moved to its end, and letters replaced by 10 to 35, the number
    leaves 1 when divided by 97; check digits are 02 to 98. A state is the count of digits there must be,
    what the letters leave (0 once the check digits are read, for countries to share the rest), the count of
    digits so far, and what they leave, each weighted by where it ends up.

    Source: ISO 13616-1, ISO/IEC 7064 (MOD 97-10).
    """

    countries: tuple[str, ...]

    def starts(self) -> tuple[IbanState, ...]:
        """Start with the letters of each country."""
        of_countries = ((IBAN_LENGTHS[country] - 2, _of_letters(country)) for country in self.countries)
        return tuple(dict.fromkeys((length, letters, 0, letters) for length, letters in of_countries))

    def step(self, state: IbanState, digit: int) -> IbanState | None:
        """Add the digit, weighted by where it ends up."""
        length, letters, count, remainder = state
        if count == length or (count == 1 and not 2 <= (remainder - letters) % 97 + digit <= 98):
            return None
        power = 1 - count if count < 2 else 5 + length - count
        return length, letters * (count < 1), count + 1, (remainder + digit * pow(10, power, 97)) % 97

    def accepts(self, state: IbanState) -> bool:
        """Accept a whole number that leaves 1."""
        length, _, count, remainder = state
        return count == length and remainder == 1


def _of_letters(country: str) -> int:
    """Return what the letters leave: they come before the two check digits."""
    first, second = (int(letter, 36) for letter in country)
    return (first * 100 + second) * 100 % 97
