"""What the tests of pictures share: a hundred real digits."""

import pytest

from tenfold.arrays import Images
from tenfold.data import Dataset


@pytest.fixture(scope="session")
def samples(digits: Dataset) -> Images:
    """Return a hundred real digits."""
    return digits.train.images[:100]
