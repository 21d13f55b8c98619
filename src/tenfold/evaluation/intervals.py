"""Confidence intervals of a share."""

from math import exp, lgamma, log, log1p, sqrt
from typing import Final

from tenfold.errors import InputError

Z_95: Final = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""

_HALVINGS: Final = 50
"""Of an interval of 1, until it is as narrow as a float can tell."""


def wilson_interval(n_hits: int, n: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's score interval of a share.

    Parameters
    ----------
    n_hits : int
        Successes, 0 to `n`.
    n : int
        Trials, at least 1.
    z : float
        Quantile of the standard normal distribution; the default gives a 95 % interval.

    Returns
    -------
    tuple of float
        Lower and upper end, within 0 and 1.

    Raises
    ------
    InputError
        `n` is below 1, or `n_hits` is outside 0 to `n`.

    Notes
    -----
    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927), 209–212.

    Examples
    --------
    >>> low, high = wilson_interval(9762, 10_000)
    >>> round(low, 4), round(high, 4)
    (0.973, 0.979)
    """
    if n < 1 or not 0 <= n_hits <= n:
        raise InputError(f"n must be at least 1 and n_hits 0 to n. Got n={n}, n_hits={n_hits}.")
    share = n_hits / n
    center = share + z**2 / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return max(0.0, (center - spread) / scale), min(1.0, (center + spread) / scale)


def binomial_cdf(k: int, n: int, share: float) -> float:
    """Return how probable at most `k` successes in `n` trials are.

    Parameters
    ----------
    k, n : int
        0 to n, and trials.
    share : float
        Probability of a success, above 0 and below 1.
    """
    terms = (
        exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(share) + (n - i) * log1p(-share))
        for i in range(k + 1)
    )
    return min(1.0, sum(terms))


def upper_bound(n_errors: int, n: int, *, level: float = 0.95) -> float:
    """Return the share of errors that is exceeded only where so few were an unlikely chance.

    Parameters
    ----------
    n_errors : int
        Errors, 0 to `n`.
    n : int
        Trials, at least 1.
    level : float
        1 minus how unlikely: were the share larger than the bound, so few errors would occur less often.

    Returns
    -------
    float
        The one-sided exact bound, within 0 and 1.

    Raises
    ------
    InputError
        `n` is below 1, or `n_errors` is outside 0 to `n`.

    Notes
    -----
    Source: C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of
    the binomial", Biometrika 26, 1934.

    Examples
    --------
    >>> round(upper_bound(0, 3000), 5)  # the rule of three: about 3 / n
    0.001
    """
    if n < 1 or not 0 <= n_errors <= n:
        raise InputError(f"n must be at least 1 and n_errors 0 to n. Got n={n}, n_errors={n_errors}.")
    low, high = n_errors / n, 1.0
    if low == 1:
        return 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_below = binomial_cdf(n_errors, n, middle) > 1 - level
        low, high = (middle, high) if is_below else (low, middle)
    return high
