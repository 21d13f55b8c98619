"""Make confidences mean what they say, and choose below which the model says "I don't know"."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Labels

MOST_WRONG: Final = 0.0005
"""Share of accepted held-out images that may be wrong at the threshold."""

MOST_REJECTED: Final = 0.008
"""Share of held-out images that the threshold may reject, even where more are wrong. It stays below one in a
hundred by a margin: of other images it rejects a tenth of a percent more or less."""

_LOG_BOUNDS: Final = (-3.0, 3.0)

_IMPOSSIBLE: Final = 100.0
"""How far below the greatest a logit counts. A committee's is minus infinity where its members underflow."""

Logits = NDArray[np.float64]


def fit_temperature(logits: Logits, labels: Labels) -> float:
    """Find the temperature under which the labels are most probable.

    Parameters
    ----------
    logits : ndarray of shape (n_samples, n_classes), dtype=float64
        Of images that the network was not trained on.
    labels : ndarray of shape (n_samples,), dtype=int64
        Their classes.

    Returns
    -------
    float
        By which to divide logits before the softmax; between 0.05 and 20.

    Notes
    -----
    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    possible = np.maximum(logits, logits.max(axis=1, keepdims=True) - _IMPOSSIBLE)

    def loss(log_temperature: float) -> float:
        chosen = log_softmax(possible / np.exp(log_temperature), axis=1)[np.arange(len(labels)), labels]
        return -float(chosen.mean())

    return float(np.exp(minimize_scalar(loss, bounds=_LOG_BOUNDS, method="bounded").x))


def choose_threshold(
    confidences: NDArray[np.float64],
    is_right: NDArray[np.bool_],
    *,
    most_wrong: float = MOST_WRONG,
    most_rejected: float = MOST_REJECTED,
) -> float:
    """Find the lowest confidence at which the accepted samples are wrong rarely enough.

    Parameters
    ----------
    confidences : ndarray of shape (n_samples,), dtype=float64
        Of the most probable class of each validation image, or the most probable text of each line.
    is_right : ndarray of shape (n_samples,), dtype=bool
        Whether that is the label.
    most_wrong : float
        Share of the accepted that may be wrong.
    most_rejected : float
        Share of all that may be rejected, even where more are wrong.

    Returns
    -------
    float
        At most `most_wrong` of the samples with at least this confidence are wrong, unless that would reject
        over `most_rejected` of all: then the confidence that rejects so many.
    """
    order = np.argsort(-confidences, kind="stable")
    n_wrong = np.cumsum(~is_right[order])
    is_last = np.append(np.diff(confidences[order]) < 0, True)  # equal confidences are accepted together
    is_safe = is_last & (n_wrong <= most_wrong * np.arange(1, len(order) + 1))
    n_accepted = int(np.flatnonzero(is_safe)[-1]) + 1 if is_safe.any() else 0
    n_accepted = max(n_accepted, int(np.ceil((1 - most_rejected) * len(order))))
    return float(confidences[order[n_accepted - 1]])
