"""What a model gets right and wrong on labelled images, and what its confidences are worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Counts, Images, Labels, Probabilities
from tenfold.errors import InputError
from tenfold.evaluation.calibration import Reliability, measure_reliability
from tenfold.evaluation.intervals import wilson_interval
from tenfold.evaluation.metrics import (
    ClassScores,
    brier_score,
    class_scores,
    confusion_counts,
    log_loss,
    top_k_accuracy,
)
from tenfold.evaluation.selective import RiskCoverage, measure_risk_coverage
from tenfold.image import check_images
from tenfold.recognizer import NONE

CLASS_NAMES: Final = (*map(str, range(NONE)), "none")
"""Of what a model says, in order."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The figures of one model on one set of images.

    Attributes
    ----------
    n : int
        Images.
    errors : int
        Images whose most probable class is not their label.
    accuracy : float
        The share without error.
    accuracy_low, accuracy_high : float
        Ends of its 95 % Wilson interval.
    confusion : ndarray of shape (n_classes, n_classes), dtype=int64
        Rows are true classes, columns predicted ones.
    per_class : ClassScores
        Precision, recall, F1 and support.
    labels : ndarray of shape (n_samples,), dtype=int64
        The true classes.
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float32
        What the model says.
    """

    n: int
    errors: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    confusion: Counts
    per_class: ClassScores
    labels: Labels
    probabilities: Probabilities

    @property
    def y_pred(self) -> Labels:
        """Return the most probable class of each image."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Return whether that class is the label."""
        return np.asarray(self.y_pred == self.labels, np.bool_)

    @property
    def reliability(self) -> Reliability:
        """Return how often the most probable class is right, by its probability."""
        return measure_reliability(self.probabilities.max(axis=1), self.is_right)

    @property
    def risk_coverage(self) -> RiskCoverage:
        """Return how many of the most probable digits are wrong, by the least probability that is accepted.

        "Not a digit" is no answer: there the most probable digit counts, with the little probability it has.
        """
        digits = self.probabilities[:, :NONE]
        return measure_risk_coverage(digits.max(axis=1), digits.argmax(axis=1) == self.labels)

    def without(self, positions: Sequence[int]) -> "Evaluation":
        """Return the figures without some of the images.

        Parameters
        ----------
        positions : sequence of int
            Of the images that are left out, from 0.
        """
        keep = np.setdiff1d(np.arange(self.n), positions)
        return evaluate_probabilities(self.probabilities[keep], self.labels[keep])

    def shown_confusion(self) -> tuple[Counts, tuple[str, ...]]:
        """Return the confusion matrix and the names of its classes, without `none` where it never occurs."""
        counts = self.confusion
        n_shown = len(counts) if counts[-1].any() or counts[:, -1].any() else len(counts) - 1
        return counts[:n_shown, :n_shown], CLASS_NAMES[:n_shown]

    def figures(self) -> dict[str, Any]:
        """Return the figures that stand in a model's card."""
        return {
            "n": self.n,
            "errors": self.errors,
            "accuracy": self.accuracy,
            "accuracy_low": self.accuracy_low,
            "accuracy_high": self.accuracy_high,
        }

    def probability_figures(self) -> dict[str, float]:
        """Return what the probabilities are worth, beyond which one is largest.

        Top-2 accuracy, Brier score, log loss, expected calibration error, mean risk over all coverages.
        """
        return {
            "top2_accuracy": top_k_accuracy(self.probabilities, self.labels, k=2),
            "brier": brier_score(self.probabilities, self.labels),
            "log_loss": log_loss(self.probabilities, self.labels),
            "ece": self.reliability.ece,
            "mean_risk": self.risk_coverage.area,
        }


def evaluate(predict_proba: Callable[[Images], Probabilities], images: Images, labels: Labels) -> Evaluation:
    """Evaluate anything that maps images to probabilities.

    Parameters
    ----------
    predict_proba : callable
        Takes digit images, returns probabilities of shape (n_samples, n_classes).
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images, at least one.
    labels : ndarray of shape (n_samples,), dtype=int64
        Their classes.

    Raises
    ------
    InputError
        There are no images, there are more or fewer labels than images, or a label that the model does
        not know.
    """
    check_samples(images, labels)
    return evaluate_probabilities(predict_proba(images), labels)


def evaluate_probabilities(probabilities: Probabilities, labels: Labels) -> Evaluation:
    """Evaluate what a model has said.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float32
        Of each class, for at least one image.
    labels : ndarray of shape (n_samples,), dtype=int64
        The true classes.

    Raises
    ------
    InputError
        There are none, not as many of both, or a label that the model does not know.
    """
    n, n_classes = probabilities.shape
    if not n or labels.shape != (n,):
        raise InputError(
            f"There must be a label for each of at least one answer. Got {n} answers and labels of shape "
            f"{labels.shape}."
        )
    check_classes(labels, n_classes)
    y_pred = probabilities.argmax(axis=1).astype(np.int64)
    confusion = confusion_counts(labels, y_pred, n_classes=n_classes)
    n_hits = int(np.trace(confusion))
    low, high = wilson_interval(n_hits, n)
    return Evaluation(
        n=n,
        errors=n - n_hits,
        accuracy=n_hits / n,
        accuracy_low=low,
        accuracy_high=high,
        confusion=confusion,
        per_class=class_scores(confusion),
        labels=labels,
        probabilities=probabilities,
    )


def check_samples(images: object, labels: Labels) -> None:
    """Refuse what is not at least one digit image, or not with a label for each, by an InputError."""
    n = len(check_images(images))
    if not n or labels.shape != (n,):
        raise InputError(
            f"There must be a label for each of at least one image. Got {n} images and labels of shape "
            f"{labels.shape}."
        )


def check_classes(labels: Labels, n_classes: int) -> None:
    """Refuse labels that a model of `n_classes` does not know, by an InputError."""
    if labels.min() < 0 or labels.max() >= n_classes:
        raise InputError(f"labels must be 0–{n_classes - 1}. Got {labels.min()} to {labels.max()}.")
