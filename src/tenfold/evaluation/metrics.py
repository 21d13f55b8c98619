"""Counts of right and wrong, and the figures made of them."""

from dataclasses import dataclass

import numpy as np

from tenfold.arrays import Counts, Labels, Scores


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
    support : ndarray of shape (n_classes,), dtype=int64
        Samples of this class.
    """

    precision: Scores
    recall: Scores
    support: Labels


def class_scores(confusion: Counts) -> ClassScores:
    """Return precision, recall and support of each class.

    Parameters
    ----------
    confusion : ndarray of shape (n_classes, n_classes), dtype=int64
        As `confusion_counts` returns it.
    """
    hits = np.diag(confusion).astype(np.float64)
    predicted, support = confusion.sum(axis=0), confusion.sum(axis=1)
    return ClassScores(
        precision=np.divide(hits, predicted, out=np.zeros_like(hits), where=predicted > 0),
        recall=np.divide(hits, support, out=np.zeros_like(hits), where=support > 0),
        support=support,
    )
