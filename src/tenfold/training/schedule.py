"""How the learning rate changes over a run."""

from math import cos, pi
from typing import Final

WARM_UP: Final = 0.25
"""Share of the steps in which the rate rises."""

FIRST: Final = 1 / 25
LAST: Final = 1 / 10_000
"""Where the rate begins and ends, of its peak."""


def one_cycle(step: int, n_steps: int) -> float:
    """Return the learning rate of a step, as a fraction of its peak.

    Parameters
    ----------
    step : int
        0 to `n_steps` - 1.
    n_steps : int
        Of the whole run.

    Notes
    -----
    It rises from 1/25 to 1 over the first quarter and falls to 1/10000 over the rest, each along half a
    cosine. Source: L. N. Smith, N. Topin, "Super-convergence: very fast training of neural networks using
    large learning rates", 2018; the shape is that of PyTorch's OneCycleLR.
    """
    peak = max(1.0, WARM_UP * n_steps - 1)
    if step <= peak:
        return _between(FIRST, 1.0, step / peak)
    return _between(1.0, LAST, (step - peak) / max(1.0, n_steps - 1 - peak))


def _between(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + cos(pi * progress)) / 2
