"""Calibration figures: against a reference written otherwise, and in the obvious cases."""

import itertools

import numpy as np
import pytest

from tenfold.evaluation import expected_calibration_error


def test_ece_equals_the_definition() -> None:
    """It is the weighted mean over the bins of |accuracy - mean confidence|, computed bin by bin."""
    generator = np.random.default_rng(0)
    confidences = generator.random(2000)
    is_right = generator.random(2000) < confidences**2
    edges = np.linspace(0, 1, 16)
    total = 0.0
    for low, high in itertools.pairwise(edges):
        inside = (confidences >= low) & (confidences < high)
        total += abs(is_right[inside].mean() - confidences[inside].mean()) * inside.sum()
    assert expected_calibration_error(confidences, is_right) == pytest.approx(total / 2000, abs=1e-12)


@pytest.mark.parametrize(
    ("confidence", "right", "expected"), [(1.0, True, 0.0), (1.0, False, 1.0), (0.6, True, 0.4)]
)
def test_ece_of_constant_answers(confidence: float, right: bool, expected: float) -> None:  # noqa: FBT001
    """Always sure and right is perfect, always sure and wrong is as far off as can be."""
    found = expected_calibration_error(np.full(50, confidence), np.full(50, right))
    assert found == pytest.approx(expected)


def test_ece_of_nothing_is_zero() -> None:
    """Without samples there is nothing to be wrong about."""
    assert expected_calibration_error(np.zeros(0), np.zeros(0, bool)) == 0
