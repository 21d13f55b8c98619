"""What the tests of reading share: the model that comes with tenfold, and a hand that writes numbers."""

import pytest

import tenfold
from tenfold.data import Dataset
from tenfold.reading import Reader
from tests.reading.pages import Hand, clear_digits


@pytest.fixture(scope="session")
def shipped() -> Reader:
    """Return the model that comes with tenfold."""
    return tenfold.load(threads=1)


@pytest.fixture(scope="session")
def hand(digits: Dataset, shipped: Reader) -> Hand:
    """Return the embedded digits of the test split that are read when they stand alone."""
    return clear_digits(digits.test, shipped)
