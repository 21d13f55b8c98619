"""Check digits as their standards tell people to compute them, on whole numbers."""


def is_luhn(text: str) -> bool:
    """Double every other digit from the right, add the digits of all."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(text))]
    return sum(sum(map(int, str(number))) for number in doubled) % 10 == 0


def is_mod11(text: str) -> bool:
    """Weigh by 1, 2, 3, … from the right."""
    return sum(weight * int(digit) for weight, digit in enumerate(reversed(text), start=1)) % 11 == 0


def is_iban(text: str) -> bool:
    """Move the first four characters to the end, replace letters by 10 to 35, divide by 97."""
    number = int("".join(str(int(character, 36)) for character in text[4:] + text[:4]))
    return number % 97 == 1 and 2 <= int(text[2:4]) <= 98
