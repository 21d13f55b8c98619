"""Which of two models is better, and whether a set of images can tell."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Images, Labels
from tenfold.errors import InputError
from tenfold.evaluation.evaluate import check_samples
from tenfold.evaluation.intervals import wilson_interval
from tenfold.evaluation.paired import difference_interval, holm, mcnemar_exact

SIGNIFICANT: Final = 0.05
"""The p below which a difference counts as more than chance."""


@dataclass(frozen=True)
class Accuracy:
    """The share of images that a model gets right, with the ends of its 95 % Wilson interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassComparison:
    """Two models on the images of one class.

    Attributes
    ----------
    label : int
        The class.
    n : int
        Images of it.
    only_a, only_b : int
        Those that one model alone gets right.
    p : float
        Of the exact McNemar test, corrected by `holm` for all classes that the images show: a class whose p
        is small is one where the models differ, however many classes were looked at.
    """

    label: int
    n: int
    only_a: int
    only_b: int
    p: float


@dataclass(frozen=True)
class Comparison:
    """Two models on one set of images.

    Attributes
    ----------
    n : int
        Images.
    both, only_a, only_b, neither : int
        Those that both models get right, the first alone, the second alone, and none of them.
    unlike : int
        Those that they answer differently, right or wrong.
    accuracy_a, accuracy_b : Accuracy
        Of each.
    points : float
        The accuracy of the second less that of the first, in percentage points: below 0 the second is worse.
    points_low, points_high : float
        Ends of its 95 % interval, by `difference_interval`.
    p : float
        How often chance alone would give a difference as large, by `mcnemar_exact`.
    per_class : tuple of ClassComparison
        One for each class that the images show.
    """

    n: int
    both: int
    only_a: int
    only_b: int
    neither: int
    unlike: int
    accuracy_a: Accuracy
    accuracy_b: Accuracy
    points: float
    points_low: float
    points_high: float
    p: float
    per_class: tuple[ClassComparison, ...]

    @property
    def is_significant(self) -> bool:
        """Tell whether the difference is more than chance, at the usual 5 %."""
        return self.p < SIGNIFICANT

    def is_worse_by_more_than(self, points: float) -> bool:
        """Tell whether the second model's accuracy is lower by more than so many percentage points.

        The measured difference counts, significant or not. It is compared as a fraction: 5 images of 10,000
        are not more than 0.05 points.
        """
        return Fraction(100 * (self.only_a - self.only_b), self.n) > Fraction(str(points))

    def figures(self) -> dict[str, Any]:
        """Return the figures as they are printed with --json, shares as fractions."""
        return {
            "n": self.n,
            "both_right": self.both,
            "only_a_right": self.only_a,
            "only_b_right": self.only_b,
            "neither_right": self.neither,
            "answered_differently": self.unlike,
            "accuracy_a": vars(self.accuracy_a),
            "accuracy_b": vars(self.accuracy_b),
            "points": self.points,
            "points_low": self.points_low,
            "points_high": self.points_high,
            "p": self.p,
            "significant": self.is_significant,
            "per_class": [vars(row) for row in self.per_class],
        }


def compare(
    predict_a: Callable[[Images], Labels],
    predict_b: Callable[[Images], Labels],
    images: Images,
    labels: Labels,
) -> Comparison:
    """Compare two models on the same images.

    Parameters
    ----------
    predict_a, predict_b : callable
        Each takes digit images and returns the most probable class of each, as `Recognizer.predict` does.
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images, at least one.
    labels : ndarray of shape (n_samples,), dtype=int64
        Their classes.

    Raises
    ------
    InputError
        There are no images, there are more or fewer labels than images, or a model does not give one class
        for each image.
    """
    check_samples(images, labels)
    answers_a, answers_b = (_answers(predict, images) for predict in (predict_a, predict_b))
    is_right_a, is_right_b = answers_a == labels, answers_b == labels
    n, (only_a, only_b) = len(labels), _count_apart(is_right_a, is_right_b)
    both = int((is_right_a & is_right_b).sum())
    low, high = difference_interval(n, only_a, only_b)
    return Comparison(
        n=n,
        both=both,
        only_a=only_a,
        only_b=only_b,
        neither=n - both - only_a - only_b,
        unlike=int((answers_a != answers_b).sum()),
        accuracy_a=_accuracy(both + only_a, n),
        accuracy_b=_accuracy(both + only_b, n),
        points=100 * (only_b - only_a) / n,
        points_low=100 * low,
        points_high=100 * high,
        p=mcnemar_exact(only_a, only_b),
        per_class=_compare_classes(is_right_a, is_right_b, labels),
    )


def _answers(predict: Callable[[Images], Labels], images: Images) -> Labels:
    answers = predict(images)
    if answers.shape != (len(images),):
        raise InputError(
            f"A model must give one class for each of {len(images)} images. Got shape {answers.shape}."
        )
    return answers


def _count_apart(is_right_a: NDArray[np.bool_], is_right_b: NDArray[np.bool_]) -> tuple[int, int]:
    """Count what one model alone gets right, for each of the two."""
    return int((is_right_a & ~is_right_b).sum()), int((is_right_b & ~is_right_a).sum())


def _accuracy(n_hits: int, n: int) -> Accuracy:
    return Accuracy(n_hits / n, *wilson_interval(n_hits, n))


def _compare_classes(
    is_right_a: NDArray[np.bool_], is_right_b: NDArray[np.bool_], labels: Labels
) -> tuple[ClassComparison, ...]:
    shown = [int(label) for label in np.unique(labels)]
    members = [labels == label for label in shown]
    counts = [_count_apart(is_right_a[is_member], is_right_b[is_member]) for is_member in members]
    corrected = holm([mcnemar_exact(*apart) for apart in counts])
    return tuple(
        ClassComparison(label, int(is_member.sum()), *apart, p)
        for label, is_member, apart, p in zip(shown, members, counts, corrected, strict=True)
    )
