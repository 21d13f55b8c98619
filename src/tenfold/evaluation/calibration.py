"""Whether confidences mean what they say."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

N_BINS: Final = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence held against accuracy, in bins of equal width.

    Attributes
    ----------
    n_samples : ndarray of shape (n_bins,), dtype=int64
        In each bin.
    confidence : ndarray of shape (n_bins,), dtype=float64
        Their mean; 0 where there are none.
    accuracy : ndarray of shape (n_bins,), dtype=float64
        The share of them that is right; 0 where there are none.
    """

    n_samples: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def ece(self) -> float:
        """Return the mean distance between confidence and accuracy, weighted by the bins' samples."""
        distances = np.abs(self.confidence - self.accuracy)
        return float(distances @ self.n_samples / max(1, self.n_samples.sum()))


def measure_reliability(
    confidences: NDArray[np.floating], is_right: NDArray[np.bool_], *, n_bins: int = N_BINS
) -> Reliability:
    """Sort samples into bins by their confidence, and say how many of each bin are right.

    Parameters
    ----------
    confidences : ndarray of shape (n_samples,), dtype=float
        Of the most probable class, 0 to 1.
    is_right : ndarray of shape (n_samples,), dtype=bool
        Whether that class is the label.
    n_bins : int
        Bins of equal width.
    """
    bins = np.minimum((confidences * n_bins).astype(np.int64), n_bins - 1)
    sizes = np.bincount(bins, minlength=n_bins)
    sums = (np.bincount(bins, weights=values, minlength=n_bins) for values in (confidences, is_right))
    confidence, accuracy = (total / np.maximum(sizes, 1) for total in sums)
    return Reliability(sizes, confidence, accuracy)


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
    return measure_reliability(confidences, is_right, n_bins=n_bins).ece
