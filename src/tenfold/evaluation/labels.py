"""Which labels are probably wrong, by what models say that never saw them.

Source: C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in dataset labels",
Journal of Artificial Intelligence Research 70, 2021: the thresholds, the confident joint, and both ways to
rank are the paper's.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Counts, Labels
from tenfold.errors import InputError

ClassProbabilities = NDArray[np.floating]
"""Of shape (n_samples, n_classes)."""


@dataclass(frozen=True, eq=False)
class LabelRanking:
    """How suspicious each label is.

    Attributes
    ----------
    positions : ndarray of shape (n_samples,), dtype=int64
        Of all samples, the most suspicious first; equal ones in their own order.
    scores : ndarray of shape (n_samples,), dtype=float64
        In the order of the samples: the lower, the more suspicious.
    suggested : ndarray of shape (n_samples,), dtype=int64
        In the order of the samples: the most probable class other than the label.
    is_flagged : ndarray of shape (n_samples,), dtype=bool
        In the order of the samples: whether the confident joint counts it under another class.
    """

    positions: Labels
    scores: NDArray[np.float64]
    suggested: Labels
    is_flagged: NDArray[np.bool_]


def rank_label_errors(
    labels: Labels,
    probabilities: ClassProbabilities,
    *,
    by: Literal["self-confidence", "margin"] = "self-confidence",
) -> LabelRanking:
    """Rank labels by how little the models believe them.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), dtype=int64
        As they were given, 0 to n_classes - 1; at least one.
    probabilities : ndarray of shape (n_samples, n_classes), dtype=float
        Each row by a model that was not trained on that sample: one that was agrees with any label.
    by : {"self-confidence", "margin"}
        The score: the probability of the label, 0 to 1; or that less the probability of the most probable
        other class, the paper's normalized margin, -1 to 1.

    Raises
    ------
    InputError
        There are no samples, there is not a label for each, a label is no class, there is one class only, or
        a probability is not 0 to 1.

    Examples
    --------
    >>> ranking = rank_label_errors(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]))
    >>> ranking.positions, ranking.is_flagged
    (array([1, 2, 0]), array([False, False, False]))
    """
    _check(labels, probabilities)
    samples = np.arange(len(labels))
    others = probabilities.astype(np.float64)
    own = others[samples, labels]
    others[samples, labels] = -1
    suggested = others.argmax(axis=1)
    scores = own - others[samples, suggested] if by == "margin" else own
    counted_as = _count_as(labels, probabilities)
    return LabelRanking(
        positions=np.argsort(scores, kind="stable"),
        scores=scores,
        suggested=suggested,
        is_flagged=(counted_as >= 0) & (counted_as != labels),
    )


def confident_joint(labels: Labels, probabilities: ClassProbabilities) -> Counts:
    """Count the samples of each label that are confidently of each class.

    A class is confident of a sample where its probability is at least the mean that it has among the samples
    with its label; of several such classes the most probable counts.

    Parameters
    ----------
    labels, probabilities
        As `rank_label_errors` takes them.

    Returns
    -------
    ndarray of shape (n_classes, n_classes), dtype=int64
        Rows are labels, columns what the models are confident of. Samples of which no class is confident
        are left out.

    Raises
    ------
    InputError
        As `rank_label_errors` does.
    """
    _check(labels, probabilities)
    n_classes = probabilities.shape[1]
    counted_as = _count_as(labels, probabilities)
    is_counted = counted_as >= 0
    cells = labels[is_counted] * n_classes + counted_as[is_counted]
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def _count_as(labels: Labels, probabilities: ClassProbabilities) -> Labels:
    """Return the class under which the confident joint counts each sample, or -1."""
    thresholds = [
        probabilities[labels == label, label].mean(dtype=np.float64) if (labels == label).any() else np.inf
        for label in range(probabilities.shape[1])
    ]
    confident = np.where(probabilities >= np.array(thresholds), probabilities, -1)
    return np.where(confident.max(axis=1) >= 0, confident.argmax(axis=1), -1)


def _check(labels: Labels, probabilities: ClassProbabilities) -> None:
    """Refuse what cannot be ranked."""
    shape = probabilities.shape
    if not len(labels) or len(shape) != 2 or len(labels) != shape[0] or shape[1] < 2:
        raise InputError(
            "There must be a row of probabilities, of two classes or more, for each of at least one label. "
            f"Got {len(labels)} labels and probabilities of shape {shape}."
        )
    if labels.min() < 0 or labels.max() >= shape[1]:
        raise InputError(f"labels must be 0–{shape[1] - 1}. Got {labels.min()} to {labels.max()}.")
    is_wrong = ~((probabilities >= 0) & (probabilities <= 1 + 1e-3)).all(axis=1)
    if is_wrong.any():
        first = int(is_wrong.argmax())
        raise InputError(
            f"probabilities must be 0 to 1. Got {probabilities[first].tolist()} for sample {first}, "
            f"{int(is_wrong.sum())} such in all."
        )
