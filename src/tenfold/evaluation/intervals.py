"""Confidence intervals of a share."""

from math import sqrt
from typing import Final

from tenfold.errors import InputError

Z_95: Final = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


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
