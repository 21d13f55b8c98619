"""How many answers may be given: laws of the curve, and bounds against SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom

from tenfold.errors import InputError
from tenfold.evaluation import RISKS, find_answerable, measure_risk_coverage, upper_bound
from tenfold.evaluation.intervals import binomial_cdf

answers = st.lists(
    st.tuples(st.integers(0, 20).map(lambda tick: tick / 20), st.booleans()), min_size=1, max_size=60
)


@settings(deadline=None, derandomize=True)
@given(answers)
def test_raising_the_threshold_never_raises_coverage(pairs: list[tuple[float, bool]]) -> None:
    """Each threshold accepts exactly the answers that are as sure, down to all of them."""
    confidences, is_right = (np.array(column) for column in zip(*pairs, strict=True))
    curve = measure_risk_coverage(confidences, is_right)
    assert (np.diff(curve.thresholds) < 0).all()
    assert (np.diff(curve.coverage) > 0).all()
    assert curve.coverage[-1] == 1
    for threshold, n, errors in zip(curve.thresholds, curve.n_accepted, curve.n_errors, strict=True):
        accepted = confidences >= threshold
        assert (n, errors) == (accepted.sum(), (accepted & ~is_right).sum())


@settings(deadline=None, derandomize=True)
@given(answers, st.permutations(range(5)))
def test_the_order_of_answers_does_not_matter(pairs: list[tuple[float, bool]], order: list[int]) -> None:
    """Whatever order they come in, the curve is the same."""
    shuffled = sorted(pairs, key=lambda pair: order[int(pair[0] * 20) % 5])
    first, second = (
        measure_risk_coverage(*(np.array(column) for column in zip(*some, strict=True)))
        for some in (pairs, shuffled)
    )
    np.testing.assert_array_equal(first.n_errors, second.n_errors)
    np.testing.assert_array_equal(first.n_accepted, second.n_accepted)


@settings(deadline=None, derandomize=True)
@given(answers, st.sampled_from([0.01, 0.05, 0.2, 0.5]))
def test_find_answerable_is_the_best_of_all(pairs: list[tuple[float, bool]], risk: float) -> None:
    """It is what trying every threshold finds, for what was measured and for what is proven."""
    confidences, is_right = (np.array(column) for column in zip(*pairs, strict=True))
    found = find_answerable(measure_risk_coverage(confidences, is_right), risk)
    shares, proven = [0.0], [0.0]
    for threshold in np.unique(confidences):
        accepted = confidences >= threshold
        n, errors = int(accepted.sum()), int((accepted & ~is_right).sum())
        if errors <= risk * n:
            shares.append(accepted.mean())
        if upper_bound(errors, n) <= risk:
            proven.append(accepted.mean())
    assert (found.coverage, found.proven_coverage) == (max(shares), max(proven))
    assert found.proven_coverage <= found.coverage
    assert found.errors <= risk * found.n


def test_mean_risk_of_obvious_models() -> None:
    """0 where all is right, 1 where nothing is; errors that are the least sure cost least."""
    confidences = np.linspace(0.1, 1, 100)
    areas = [
        measure_risk_coverage(confidences, is_right).area
        for is_right in (np.ones(100, bool), confidences > 0.3, confidences < 0.8, np.zeros(100, bool))
    ]
    assert areas == sorted(areas)
    assert (areas[0], areas[-1]) == (0, 1)


def test_nothing_can_be_answered_where_all_is_wrong() -> None:
    """No share is answered, from no threshold on, and the bound says nothing."""
    found = find_answerable(measure_risk_coverage(np.array([0.9, 0.5]), np.zeros(2, bool)), RISKS[0])
    assert (found.n, found.coverage, found.threshold, found.risk_high) == (0, 0, float("inf"), 1)


@pytest.mark.parametrize(("n_errors", "n"), [(0, 1), (0, 3000), (1, 10), (13, 9935), (99, 100), (100, 100)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_upper_bound_is_the_quantile_of_a_beta_distribution(n_errors: int, n: int, level: float) -> None:
    """The exact bound has this closed form, which is not how it is computed."""
    expected = 1.0 if n_errors == n else beta.ppf(level, n_errors + 1, n - n_errors)
    assert upper_bound(n_errors, n, level=level) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "share"), [(0, 1, 0.5), (3, 10, 0.2), (40, 10_000, 0.005), (9999, 10_000, 0.9)]
)
def test_binomial_cdf_is_scipys(k: int, n: int, share: float) -> None:
    """For small counts and large."""
    assert binomial_cdf(k, n, share) == pytest.approx(binom.cdf(k, n, share), rel=1e-8)


@pytest.mark.parametrize(("n_errors", "n"), [(0, 0), (-1, 10), (11, 10)])
def test_upper_bound_refuses_impossible_counts(n_errors: int, n: int) -> None:
    """Counts that cannot be are an InputError that shows them."""
    with pytest.raises(InputError, match=rf"n_errors 0 to n\. Got n={n}, n_errors={n_errors}\."):
        upper_bound(n_errors, n)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (2, 3)])
def test_risk_coverage_refuses_unequal_or_no_answers(n: int, m: int) -> None:
    """There must be some, and as many of both."""
    with pytest.raises(InputError, match=rf"at least one answer\. Got {n} and {m}\."):
        measure_risk_coverage(np.zeros(n), np.zeros(m, bool))
