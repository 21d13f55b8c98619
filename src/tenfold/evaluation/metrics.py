"""Counts of right and wrong, and the figures made of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tenfold.arrays import Counts, Labels, Probabilities, Scores

LEAST: Final = 1e-7
"""Probability that counts in a log loss, at least: about what float32 can tell from 0 in a sum of 1."""


def confusion_counts(y_true: Labels, y_pred: Labels, *, n_classes: int) -> Counts:
    """Count how often each class was read as each other.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_samples,), dtype=int64
        0 to `n_classes` - 1.
    n_classes : int
        Classes of the model.

    Returns
    -------
    ndarray of shape (n_classes, n_classes), dtype=int64
        Rows are true classes, columns predicted ones.
    """
    counts = np.bincount(y_true * n_classes + y_pred, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes)


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Figures for each class.

    Attributes
    ----------
    precision : ndarray of shape (n_classes,), dtype=float64
        Of the samples read as this class, the share that is of it; 0 where none was.
    recall : ndarray of shape (n_classes,), dtype=float64
        Of the samples of this class, the share read as it; 0 where there are none.
    f1 : ndarray of shape (n_classes,), dtype=float64
        Their harmonic mean; 0 where both are.
    support : ndarray of shape (n_classes,), dtype=int64
        Samples of this class.
    """

    precision: Scores
    recall: Scores
    f1: Scores
    support: Labels


def class_scores(confusion: Counts) -> ClassScores:
    """Return precision, recall, F1 and support of each class.

    Parameters
    ----------
    confusion : ndarray of shape (n_classes, n_classes), dtype=int64
        As `confusion_counts` returns it.
    """
    hits = np.diag(confusion).astype(np.float64)
    predicted, support = confusion.sum(axis=0), confusion.sum(axis=1)
    return ClassScores(
        precision=_divide(hits, predicted),
        recall=_divide(hits, support),
        f1=_divide(2 * hits, predicted + support),
        support=support,
    )


def _divide(parts: Scores, wholes: Labels) -> Scores:
    """Divide, with 0 for 0 / 0."""
    return np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes > 0)


def top_k_accuracy(probabilities: Probabilities, labels: Labels, *, k: int) -> float:
    """Return the share of samples whose label is among the k most probable classes.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float32
        Of each class.
    labels : ndarray of shape (n_samples,), dtype=int64
        The true classes.
    k : int
        At least 1.
    """
    ranked = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((ranked == labels[:, None]).any(axis=1).mean())


def brier_score(probabilities: Probabilities, labels: Labels) -> float:
    """Return the squared distance between probabilities and the truth, summed over classes; 0 to 2.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float32
        Of each class.
    labels : ndarray of shape (n_samples,), dtype=int64
        The true classes.

    Notes
    -----
    Source: G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review
    78, 1950. Where there are two classes others halve it.
    """
    truth = np.eye(probabilities.shape[1])[labels]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def log_loss(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean negative natural logarithm of the label's probability.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float32
        Of each class; below `LEAST` they count as that.
    labels : ndarray of shape (n_samples,), dtype=int64
        The true classes.
    """
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(of_label, LEAST, 1)).mean())
