"""Which of two models is better, and whether a set of images can tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Images, Labels
from tenfold.errors import InputError
from tenfold.evaluation.evaluate import check_labelled
from tenfold.evaluation.intervals import Z_95, wilson_interval

SIGNIFICANT: Final = 0.05
"""The p below which a difference counts as more than chance."""

_HALVINGS: Final = 60
"""Of an interval of length 2: after so many a float has no further digits."""


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
    check_labelled(images, labels)
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


def mcnemar_exact(n_only_a: int, n_only_b: int) -> float:
    """Return the two-sided p of McNemar's test in its exact form.

    Parameters
    ----------
    n_only_a, n_only_b : int
        Samples that one model alone gets right. The others tell nothing of which is better.

    Returns
    -------
    float
        The probability that as many fair coins fall as unevenly, or more so, to either side; 1 for no coins.
        It is summed in integers, and so right to the last digit, for any number of them.

    Raises
    ------
    InputError
        A count is below 0.

    Notes
    -----
    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12 (1947), 153–157. The exact form is the sign test.

    Examples
    --------
    >>> mcnemar_exact(1, 7)
    0.0703125
    """
    _check_counts(n_only_a, n_only_b)
    n = n_only_a + n_only_b
    ways, tail = 1, 1  # to choose none of n, and so on up to the smaller count
    for chosen in range(min(n_only_a, n_only_b)):
        ways = ways * (n - chosen) // (chosen + 1)
        tail += ways
    return min(1.0, 2 * tail / (1 << n))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct the p of several tests, so that the smallest is as rare as it looks.

    Parameters
    ----------
    p_values : sequence of float
        Of each test.

    Returns
    -------
    list of float
        In the same order, at most 1. The chance that any of them falls below 0.05 where there is nothing to
        find is at most 5 %.

    Notes
    -----
    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6 (1979), 65–70.

    Examples
    --------
    >>> holm([0.5, 0.01, 0.02])
    [0.5, 0.03, 0.04]
    """
    corrected, least = [0.0] * len(p_values), 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[position]))
        corrected[position] = least
    return corrected


def difference_interval(n: int, n_only_a: int, n_only_b: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return Tango's score interval of the difference between two shares of the same samples.

    Parameters
    ----------
    n : int
        Samples, at least 1.
    n_only_a, n_only_b : int
        Those that one model alone gets right.
    z : float
        Quantile of the standard normal distribution; the default gives a 95 % interval.

    Returns
    -------
    tuple of float
        Lower and upper end of the share that the second model gets right less that of the first, within -1
        and 1. The interval holds (n_only_b - n_only_a) / n, and has some width also where both counts are 0.

    Raises
    ------
    InputError
        `n` is below 1, a count is below 0, or they are more than `n`.

    Notes
    -----
    Source: T. Tango, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", Statistics in Medicine 17 (1998), 891–908. It leaves 0 out exactly where McNemar's
    test without correction has a p below 5 %; the exact test asks for a little more.

    Examples
    --------
    >>> low, high = difference_interval(21, 7, 1)
    >>> round(low, 3), round(high, 3)
    (-0.517, -0.026)
    """
    _check_counts(n_only_a, n_only_b)
    if n < 1 or n_only_a + n_only_b > n:
        raise InputError(
            f"n must be at least 1 and not below n_only_a + n_only_b. Got n={n}, n_only_a={n_only_a}, "
            f"n_only_b={n_only_b}."
        )
    return -_upper_end(n, n_only_b, n_only_a, z), _upper_end(n, n_only_a, n_only_b, z)


def _check_counts(n_only_a: int, n_only_b: int) -> None:
    if min(n_only_a, n_only_b) < 0:
        raise InputError(f"Counts must be 0 or more. Got n_only_a={n_only_a}, n_only_b={n_only_b}.")


def _upper_end(n: int, n_minus: int, n_plus: int, z: float) -> float:
    """Return the largest difference that the counts do not speak against, by halving."""
    inside, outside = (n_plus - n_minus) / n, 1.0
    for _ in range(_HALVINGS):
        difference = (inside + outside) / 2
        if abs(n_plus - n_minus - n * difference) <= z * _deviation(n, n_minus, n_plus, difference):
            inside = difference
        else:
            outside = difference
    return inside


def _deviation(n: int, n_minus: int, n_plus: int, difference: float) -> float:
    """Return the standard deviation of `n_plus - n_minus`, were the shares to differ by `difference`.

    It needs the most probable share of `n_minus` under that difference: the root of Tango's quadratic.
    """
    b = (2 * n - n_plus + n_minus) * difference - n_plus - n_minus
    c = -n_minus * difference * (1 - difference)
    share = (sqrt(max(0.0, b**2 - 8 * n * c)) - b) / (4 * n)
    return sqrt(max(0.0, n * (2 * share + difference * (1 - difference))))
