"""Whether paired counts differ by more than chance, and by how much."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

from tenfold.errors import InputError
from tenfold.evaluation.intervals import Z_95

_HALVINGS: Final = 60
"""Of an interval of length 2: after so many a float has no further digits."""


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
