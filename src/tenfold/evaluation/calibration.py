"""Whether confidences mean what they say."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

N_BINS: Final = 15


def expected_calibration_error(
    confidences: NDArray[np.floating], is_right: NDArray[np.bool_], *, n_bins: int = N_BINS
) -> float:
    """Return how far confidence and accuracy lie apart, on average over all samples.

    Parameters
    ----------
    confidences : ndarray of shape (n_samples,), dtype=float
        Of the most probable class, 0 to 1.
    is_right : ndarray of shape (n_samples,), dtype=bool
        Whether that class is the label.
    n_bins : int
        Bins of equal width. In each, the mean confidence is held against the accuracy.

    Returns
    -------
    float
        The mean over the bins of that difference, weighted by their samples; 0 is perfect.

    Notes
    -----
    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017.
    """
    bins = np.minimum((confidences * n_bins).astype(np.int64), n_bins - 1)
    surplus = np.bincount(bins, weights=confidences.astype(np.float64) - is_right, minlength=n_bins)
    return float(np.abs(surplus).sum() / max(1, len(confidences)))
