"""Figures of probabilities, against scikit-learn's and in the obvious cases."""

import numpy as np
import pytest
from sklearn import metrics

from tenfold.arrays import Labels, Probabilities
from tenfold.data import Dataset
from tenfold.evaluation import (
    brier_score,
    evaluate,
    evaluate_probabilities,
    log_loss,
    measure_reliability,
    top_k_accuracy,
)
from tenfold.evaluation.metrics import LEAST
from tenfold.recognizer import Recognizer

Answers = tuple[Probabilities, Labels]


@pytest.fixture(params=[(1, 0), (200, 1), (2000, 2)], ids=lambda param: f"n={param[0]}")
def answers(request: pytest.FixtureRequest) -> Answers:
    """Return random probabilities, and labels drawn by others."""
    n, seed = request.param
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.full(11, 0.3), n).astype(np.float32)
    return probabilities, generator.integers(0, 11, n)


def test_top_k_accuracy_is_scikit_learns(answers: Answers) -> None:
    """For every k; the eleven most probable of eleven hold the label."""
    probabilities, labels = answers
    for k in (1, 2, 5):
        expected = metrics.top_k_accuracy_score(labels, probabilities, k=k, labels=range(11))
        assert top_k_accuracy(probabilities, labels, k=k) == pytest.approx(expected)
    assert top_k_accuracy(probabilities, labels, k=11) == 1


def test_brier_score_is_the_sum_over_classes(answers: Answers) -> None:
    """It is scikit-learn's for two classes, added up over the eleven."""
    probabilities, labels = answers
    expected = sum(
        metrics.brier_score_loss(labels == c, probabilities[:, c], pos_label=True, scale_by_half=True)
        for c in range(11)
    )
    assert brier_score(probabilities, labels) == pytest.approx(expected, rel=1e-5)


def test_log_loss_is_scikit_learns(answers: Answers) -> None:
    """On probabilities that are not too small, and no infinity where one is 0."""
    probabilities, labels = answers
    safe = (0.9 * probabilities + 0.1 / 11).astype(np.float64)
    expected = metrics.log_loss(labels, safe / safe.sum(axis=1, keepdims=True), labels=range(11))
    assert log_loss(safe.astype(np.float32), labels) == pytest.approx(expected, rel=1e-4)
    wrong = np.eye(11, dtype=np.float32)[(labels + 1) % 11]
    assert log_loss(wrong, labels) == pytest.approx(-np.log(LEAST))


@pytest.mark.parametrize(("shift", "expected"), [(0, (1, 0, 0)), (1, (0, 2, -np.log(LEAST)))])
def test_figures_of_sure_answers(shift: int, expected: tuple[float, float, float]) -> None:
    """Sure and right is perfect; sure and wrong is as bad as can be."""
    labels = np.arange(100) % 10
    probabilities = np.eye(11, dtype=np.float32)[(labels + shift) % 10]
    found = (
        top_k_accuracy(probabilities, labels, k=1),
        brier_score(probabilities, labels),
        log_loss(probabilities, labels),
    )
    assert found == pytest.approx(expected)


def test_calibration_lowers_the_brier_score() -> None:
    """Probabilities sharpened beyond what the labels bear have a worse score, and so have blunted ones."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (20_000, 11))
    labels = (logits + generator.gumbel(size=logits.shape)).argmax(axis=1)

    def score(temperature: float) -> float:
        powers = np.exp(logits / temperature)
        return brier_score((powers / powers.sum(axis=1, keepdims=True)).astype(np.float32), labels)

    assert score(1.0) < min(score(0.4), score(2.5))


def test_reliability_counts_every_answer(answers: Answers) -> None:
    """Each answer is in one bin, and the bins' means give the whole."""
    probabilities, labels = answers
    confidences, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    rows = measure_reliability(confidences, is_right)
    assert rows.n_samples.sum() == len(labels)
    assert rows.accuracy @ rows.n_samples / len(labels) == pytest.approx(is_right.mean())
    assert rows.confidence @ rows.n_samples / len(labels) == pytest.approx(confidences.mean())


def test_evaluation_without_images_is_that_of_the_others(reader: Recognizer, digits: Dataset) -> None:
    """Leaving images out gives the figures of the rest; leaving none out changes nothing."""
    images, labels = digits.test.images, digits.test.labels
    whole = evaluate(reader.predict_proba, images, labels)
    rest = whole.without(range(100))
    expected = evaluate(reader.predict_proba, images[100:], labels[100:])
    assert rest.figures() == expected.figures()
    assert rest.probability_figures() == pytest.approx(expected.probability_figures(), rel=1e-4)
    assert whole.without(()).figures() == whole.figures()


def test_evaluation_of_a_digit_called_none_is_an_error_and_a_doubtful_answer() -> None:
    """It is wrong for a digit; among answers it ranks by the digit that is most probable."""
    probabilities = np.zeros((2, 11), np.float32)
    probabilities[0, [3, 10]] = 0.2, 0.8
    probabilities[1, 4] = 1
    result = evaluate_probabilities(probabilities, np.array([3, 4]))
    assert (result.errors, result.confusion[3, 10]) == (1, 1)
    assert result.risk_coverage.thresholds.tolist() == pytest.approx([1, 0.2])
    assert result.risk_coverage.n_errors.tolist() == [0, 0]
