"""How many answers may be given, if the doubtful ones are not."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import InputError
from tenfold.evaluation.intervals import binomial_cdf, upper_bound

RISKS: Final = (0.01, 0.005, 0.001)
"""Shares of wrong answers for which is said how many may be given."""

LEVEL: Final = 0.95


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """What each threshold of confidence would accept, from the surest answer to all.

    Attributes
    ----------
    thresholds : ndarray of shape (n_thresholds,), dtype=float64
        The confidences that occur, in falling order: answers at least as sure are accepted.
    n_accepted : ndarray of shape (n_thresholds,), dtype=int64
        Samples accepted at each.
    n_errors : ndarray of shape (n_thresholds,), dtype=int64
        Those of them that are wrong.
    """

    thresholds: NDArray[np.float64]
    n_accepted: NDArray[np.int64]
    n_errors: NDArray[np.int64]

    @property
    def coverage(self) -> NDArray[np.float64]:
        """Return the accepted share of all samples."""
        return np.asarray(self.n_accepted / self.n_accepted[-1], np.float64)

    @property
    def risk(self) -> NDArray[np.float64]:
        """Return the share of the accepted that is wrong."""
        return np.asarray(self.n_errors / self.n_accepted, np.float64)

    @property
    def area(self) -> float:
        """Return the mean risk over all coverages; 0 is perfect.

        Notes
        -----
        Source: Y. Geifman, G. Uziel, R. El-Yaniv, "Bias-reduced uncertainty estimation for deep neural
        classifiers", ICLR 2019.
        """
        steps = np.diff(self.n_accepted, prepend=0)
        return float(self.risk @ steps / steps.sum())


@dataclass(frozen=True)
class Answerable:
    """The largest share of answers among which no more than some are wrong.

    Attributes
    ----------
    risk : float
        The share that may be wrong.
    threshold : float
        The least confidence that is accepted; infinite where nothing may be.
    n, errors : int
        Accepted samples, and the wrong ones among them.
    coverage : float
        The accepted share.
    risk_high : float
        Upper 95 % bound of the share that is wrong among such answers; 1 where nothing is accepted.
    proven_coverage : float
        The largest share whose bound does not exceed the risk. Few samples prove little: of 1,000 without
        an error no less than 0.3 % may be wrong.
    """

    risk: float
    threshold: float
    n: int
    errors: int
    coverage: float
    risk_high: float
    proven_coverage: float


def measure_risk_coverage(confidences: NDArray[np.floating], is_right: NDArray[np.bool_]) -> RiskCoverage:
    """Count, for each confidence that occurs, the answers that are as sure and the wrong ones among them.

    Parameters
    ----------
    confidences : ndarray of shape (n_samples,), dtype=float
        Of the digit that is answered, at least one.
    is_right : ndarray of shape (n_samples,), dtype=bool
        Whether it is the label.

    Raises
    ------
    InputError
        There are none, or not as many of both.
    """
    if not len(confidences) or len(confidences) != len(is_right):
        raise InputError(
            f"There must be a confidence for each of at least one answer. Got {len(confidences)} and "
            f"{len(is_right)}."
        )
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order].astype(np.float64)
    is_last = np.append(ranked[1:] != ranked[:-1], [True])
    n_accepted = np.flatnonzero(is_last) + 1
    return RiskCoverage(ranked[is_last], n_accepted, np.cumsum(~is_right[order])[is_last].astype(np.int64))


def count_accepted(curve: RiskCoverage, threshold: float) -> tuple[int, int]:
    """Return how many answers are at least as sure as a threshold, and how many of them are wrong."""
    accepted = np.flatnonzero(curve.thresholds >= threshold)
    if not len(accepted):
        return 0, 0
    return int(curve.n_accepted[accepted[-1]]), int(curve.n_errors[accepted[-1]])


def find_answerable(curve: RiskCoverage, risk: float) -> Answerable:
    """Find the largest share of answers whose share of errors does not exceed a risk.

    Parameters
    ----------
    curve : RiskCoverage
        Of a model on labelled samples.
    risk : float
        The share of answers that may be wrong, above 0 and below 1.
    """
    within = np.flatnonzero(curve.risk <= risk)
    proven = next((at for at in within[::-1].tolist() if _is_proven(curve, at, risk)), None)
    proven_coverage = 0.0 if proven is None else float(curve.coverage[proven])
    if not len(within):
        return Answerable(risk, float("inf"), 0, 0, 0.0, 1.0, 0.0)
    at = int(within[-1])
    n, errors = int(curve.n_accepted[at]), int(curve.n_errors[at])
    return Answerable(
        risk=risk,
        threshold=float(curve.thresholds[at]),
        n=n,
        errors=errors,
        coverage=float(curve.coverage[at]),
        risk_high=upper_bound(errors, n, level=LEVEL),
        proven_coverage=proven_coverage,
    )


def _is_proven(curve: RiskCoverage, at: int, risk: float) -> bool:
    """Tell whether so few errors would be unlikely if more than the risk were wrong."""
    return binomial_cdf(int(curve.n_errors[at]), int(curve.n_accepted[at]), risk) <= 1 - LEVEL
