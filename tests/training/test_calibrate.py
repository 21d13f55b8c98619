"""Calibration: confidences that mean what they say, and a threshold that keeps its promise."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import log_loss

from tenfold.data import Dataset
from tenfold.training.calibrate import MOST_REJECTED, MOST_WRONG, choose_threshold, fit_temperature
from tenfold.training.fit import compute_logits, fit_network
from tests.training.small import ignore, make_recipe

Confidences = NDArray[np.float64]
Rightness = NDArray[np.bool_]


@pytest.mark.parametrize("temperature", [0.2, 0.7, 1.0, 3.0, 12.0])
def test_fit_temperature_finds_the_one_that_was_used(temperature: float) -> None:
    """Logits whose labels were drawn by their softmax, then multiplied, are divided by as much."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (20_000, 11))
    labels = (logits + generator.gumbel(size=logits.shape)).argmax(axis=1)
    assert fit_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize(("sign", "bound"), [(1, 0.05), (-1, 20)], ids=["always right", "always wrong"])
def test_fit_temperature_stays_within_its_bounds(sign: int, bound: float) -> None:
    """Where no temperature is too low, or none too high, it is the bound."""
    logits = sign * np.eye(11)[np.arange(110) % 11]
    assert fit_temperature(logits, np.arange(110) % 11) == pytest.approx(bound, rel=0.01)


def brier(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the mean squared distance from the labels."""
    return float(((probabilities - np.eye(10)[labels]) ** 2).sum(axis=1).mean())


def test_calibration_lowers_the_loss_on_images_it_has_not_seen(digits: Dataset) -> None:
    """A network trained until it is too sure has a better log loss and Brier score on held-out digits."""
    trained = fit_network(
        make_recipe(epochs=40, learning_rate=0.05),
        digits.train.take(np.arange(200)),
        seed=0,
        on_progress=ignore,
    )
    held_out = digits.train.take(np.arange(200, 800))
    temperature = fit_temperature(compute_logits(trained, held_out.images).double().numpy(), held_out.labels)
    logits, labels = compute_logits(trained, digits.test.images).double().numpy(), digits.test.labels
    before, after = softmax(logits, axis=1), softmax(logits / temperature, axis=1)
    assert temperature > 1
    assert log_loss(labels, after) < log_loss(labels, before)
    assert brier(after, labels) < brier(before, labels)
    np.testing.assert_array_equal(before.argmax(axis=1), after.argmax(axis=1))


def search_threshold(confidences: Confidences, is_right: Rightness) -> float:
    """Try every threshold, and return the lowest that is safe, or the highest that rejects few enough."""
    candidates = np.unique(confidences)
    accepted = [confidences >= candidate for candidate in candidates]
    n_wrong = np.array([(~is_right[mask]).sum() for mask in accepted])
    n_accepted = np.array([mask.sum() for mask in accepted])
    safe = candidates[n_wrong <= MOST_WRONG * n_accepted]
    few_rejected = candidates[n_accepted >= (1 - MOST_REJECTED) * len(confidences)]
    return float(min([*safe[:1], few_rejected[-1]]))


@example([(0.9, True)] * 298 + [(0.3, True), (0.3, False)])
@given(
    st.lists(st.tuples(st.sampled_from([0.3, 0.5, 0.9, 0.99, 1.0]), st.booleans()), min_size=1, max_size=300)
)
def test_choose_threshold_is_the_best_of_all(samples: list[tuple[float, bool]]) -> None:
    """However many confidences are equal, it is what trying every threshold finds."""
    confidences, is_right = (np.array(column) for column in zip(*samples, strict=True))
    assert choose_threshold(confidences, is_right) == search_threshold(confidences, is_right)


@pytest.mark.parametrize("share_right", [1.0, 0.9999, 0.999, 0.99, 0.9])
@pytest.mark.parametrize("decimals", [2, 3, 12])
@pytest.mark.parametrize("power", [1, 8])
def test_choose_threshold_is_the_best_of_thousands(share_right: float, decimals: int, power: int) -> None:
    """On 5,000 images too, whether errors are rare or not, and whether low confidences tell them or not."""
    generator = np.random.default_rng(decimals)
    confidences = generator.uniform(size=5000)
    is_right = generator.uniform(size=5000) < 1 - (1 - share_right) * power * (1 - confidences) ** (power - 1)
    confidences = confidences.round(decimals)
    threshold = choose_threshold(confidences, is_right)
    assert threshold == search_threshold(confidences, is_right)
    accepted = confidences >= threshold
    is_safe = (~is_right[accepted]).mean() <= MOST_WRONG
    assert is_safe or accepted.mean() >= 1 - MOST_REJECTED
    order = generator.permutation(5000)
    assert choose_threshold(confidences[order], is_right[order]) == threshold


def test_choose_threshold_accepts_all_that_is_right() -> None:
    """Where nothing is wrong, the lowest confidence is accepted; where all is, as few as may be rejected."""
    confidences = np.linspace(0.1, 1, 1000)
    assert choose_threshold(confidences, np.ones(1000, bool)) == confidences[0]
    assert choose_threshold(confidences, np.zeros(1000, bool)) == confidences[8]


def test_a_logit_of_minus_infinity_does_not_decide_the_temperature() -> None:
    """One image to whose label a committee gives no probability at all hardly changes the temperature."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 3, (2000, 10))
    labels = np.array([generator.choice(10, p=softmax(row)) for row in logits])
    usual = fit_temperature(logits, labels)
    logits[0, labels[0]] = -np.inf
    assert fit_temperature(logits, labels) == pytest.approx(usual, rel=0.1)
