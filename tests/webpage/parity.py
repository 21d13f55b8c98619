"""How near two runtimes must be."""

import numpy as np

from tenfold.arrays import Probabilities

TOLERANCE = 1e-4


def check_parity(probabilities: Probabilities, expected: Probabilities) -> None:
    """Fail unless all labels are equal and all probabilities near."""
    assert probabilities.shape == expected.shape
    assert int((probabilities.argmax(axis=1) != expected.argmax(axis=1)).sum()) == 0
    assert float(np.abs(probabilities - expected).max()) <= TOLERANCE
