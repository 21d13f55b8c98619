"""What a model gets right and wrong on labelled images."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.arrays import Counts, Images, Labels, Probabilities
from tenfold.errors import InputError
from tenfold.evaluation.intervals import wilson_interval
from tenfold.evaluation.metrics import ClassScores, class_scores, confusion_counts
from tenfold.image import check_images


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
        Precision, recall and support.
    """

    n: int
    errors: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    confusion: Counts
    per_class: ClassScores

    def figures(self) -> dict[str, Any]:
        """Return the figures that stand in a model's card."""
        return {
            "n": self.n,
            "errors": self.errors,
            "accuracy": self.accuracy,
            "accuracy_low": self.accuracy_low,
            "accuracy_high": self.accuracy_high,
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
    check_labelled(images, labels)
    probabilities = predict_proba(images)
    n_classes = probabilities.shape[1]
    if labels.min() < 0 or labels.max() >= n_classes:
        raise InputError(f"labels must be 0–{n_classes - 1}. Got {labels.min()} to {labels.max()}.")
    y_pred = probabilities.argmax(axis=1).astype(np.int64)
    confusion = confusion_counts(labels, y_pred, n_classes=n_classes)
    n_hits = int(np.trace(confusion))
    low, high = wilson_interval(n_hits, len(labels))
    return Evaluation(
        n=len(labels),
        errors=len(labels) - n_hits,
        accuracy=n_hits / len(labels),
        accuracy_low=low,
        accuracy_high=high,
        confusion=confusion,
        per_class=class_scores(confusion),
    )


def check_labelled(images: Images, labels: Labels) -> None:
    """Raise an InputError unless there is a label for each of at least one digit image."""
    if not len(check_images(images)) or labels.shape != (len(images),):
        raise InputError(
            f"There must be a label for each of at least one image. Got {len(images)} images and labels of "
            f"shape {labels.shape}."
        )
