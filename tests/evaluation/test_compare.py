"""Two models compared: against published examples, SciPy's binomial test, and what must hold."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import jaxtyping
import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binomtest

import tenfold
from tenfold.data import Dataset
from tenfold.errors import InputError
from tenfold.evaluation import Comparison, compare, difference_interval, holm, mcnemar_exact, wilson_interval

Z = 1.959963984540054


@pytest.fixture(scope="module")
def shipped(digits: Dataset) -> Comparison:
    """Return the comparison of the two shipped models on the embedded test digits."""
    a, b = (tenfold.load(name, threads=1).predict for name in ("robust-cnn", "tiny-cnn"))
    return compare(a, b, digits.test.images, digits.test.labels)


def make(both: int, only_a: int, only_b: int, neither: int) -> Comparison:
    """Return the comparison of two models that are right and wrong so often, on a class each."""
    counts = (both, only_a, only_b, neither)
    right_a, right_b = (np.repeat(is_right, counts) for is_right in ([1, 1, 0, 0], [1, 0, 1, 0]))
    labels = np.repeat([1, 2, 3, 4], counts)
    images = np.zeros((len(labels), 28, 28), np.uint8)
    return compare(lambda _: labels * right_a, lambda _: labels * right_b, images, labels)


@pytest.mark.parametrize(
    ("only_a", "only_b", "expected"),
    [
        (1, 7, 0.0703),
        (6, 16, 0.0525),
        (0, 5, 2 / 32),
        (0, 6, 2 / 64),
        (1, 9, 22 / 1024),
        (0, 0, 1.0),
        (4, 4, 1.0),
    ],
)
def test_mcnemar_is_what_is_published(only_a: int, only_b: int, expected: float) -> None:
    """Both examples of Fagerland, Lydersen, Laake, BMC Med. Res. Methodol. 13:91 (2013); some by hand."""
    assert mcnemar_exact(only_a, only_b) == pytest.approx(expected, abs=5e-5)


def test_mcnemar_is_scipys() -> None:
    """For all small counts and some large ones it is the two-sided binomial test with one half."""
    large = [(4_900, 5_100), (5_000, 5_400), (0, 900), (7_000, 7_000)]
    for only_a, only_b in [*itertools.product(range(12), repeat=2), *large]:
        if only_a + only_b:
            expected = binomtest(only_a, only_a + only_b).pvalue
            assert mcnemar_exact(only_a, only_b) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_stays_within_0_and_1_for_many_pairs() -> None:
    """Where the smallest float is too large it is 0, and never NaN or an error."""
    assert mcnemar_exact(0, 1_000) == 2 * 0.5**1000
    assert mcnemar_exact(0, 20_000) == 0
    assert mcnemar_exact(15_000, 15_000) == 1


@pytest.mark.parametrize(
    ("n", "only_a", "only_b", "expected"), [(21, 7, 1, (-0.517, -0.026)), (161, 16, 6, (-0.1240, -0.0054))]
)
def test_interval_is_what_is_published(
    n: int, only_a: int, only_b: int, expected: tuple[float, float]
) -> None:
    """Tango's interval of both examples in Fagerland, Lydersen, Laake, 2017, chapter 8."""
    assert difference_interval(n, only_a, only_b) == pytest.approx(expected, abs=3e-4)


def test_interval_is_that_of_r() -> None:
    """R's PropCIs gives scoreci.mp(25, 28, 618, 0.9) as -0.0148 to 0.0247."""
    found = difference_interval(618, 25, 28, z=1.6448536269514722)
    assert found == pytest.approx((-0.0148, 0.0247), abs=5e-5)


def score(n: int, only_a: int, only_b: int, difference: float) -> float:
    """Return Tango's statistic, its nuisance share found by search rather than by its formula."""
    least, most = max(0.0, -difference), (1 - difference) / 2

    def loss(share: float) -> float:
        rest = max(1e-300, 1 - 2 * share - difference)
        terms = ((only_a, share), (only_b, share + difference), (n - only_a - only_b, rest))
        return -sum(count * math.log(max(1e-300, probability)) for count, probability in terms)

    share = float(minimize_scalar(loss, bounds=(least, most), method="bounded", options={"xatol": 1e-12}).x)
    variance = n * (2 * share + difference * (1 - difference))
    return float((only_b - only_a - n * difference) / np.sqrt(variance))


@pytest.mark.parametrize(("n", "only_a", "only_b"), [(50, 12, 2), (359, 3, 3), (10_000, 11, 21), (40, 1, 8)])
def test_interval_ends_where_the_score_does(n: int, only_a: int, only_b: int) -> None:
    """Its ends are the differences whose score, maximized numerically, is the normal quantile."""
    low, high = difference_interval(n, only_a, only_b)
    middle = (only_b - only_a) / n
    lower = brentq(lambda difference: score(n, only_a, only_b, difference) - Z, -0.95, middle)
    upper = brentq(lambda difference: score(n, only_a, only_b, difference) + Z, middle, 0.95)
    assert (low, high) == pytest.approx((lower, upper), abs=1e-5)


def test_interval_leaves_out_0_where_mcnemars_statistic_is_large() -> None:
    """It holds 0 exactly as long as (b - c) / sqrt(b + c) is within the quantile, whatever n is."""
    for only_a, only_b in itertools.product(range(15), repeat=2):
        low, high = difference_interval(40, only_a, only_b)
        is_large = abs(only_b - only_a) > Z * np.sqrt(only_a + only_b)
        assert (low <= 0 <= high) != is_large


def test_interval_at_its_limits() -> None:
    """It stays within -1 and 1, holds what was measured, and has a width where nothing differs."""
    for n, only_a, only_b in [(1, 0, 0), (1, 1, 0), (5, 0, 5), (5, 5, 0), (7, 3, 4), (100_000, 0, 0)]:
        low, high = difference_interval(n, only_a, only_b)
        assert -1 <= low <= (only_b - only_a) / n <= high <= 1
        assert low < high
    assert difference_interval(10_000, 0, 0)[1] == pytest.approx(Z**2 / (10_000 + Z**2), rel=1e-9)


def test_interval_narrows_with_its_quantile() -> None:
    """A smaller quantile gives a narrower interval inside the other."""
    (low, high), (lower, higher) = (difference_interval(50, 5, 9, z=z) for z in (1.0, Z))
    assert lower < low < high < higher


@pytest.mark.parametrize(
    ("function", "arguments", "match"),
    [
        (mcnemar_exact, (-1, 3), r"Counts must be 0 or more\. Got n_only_a=-1, n_only_b=3"),
        (difference_interval, (5, 0, -2), r"Counts must be 0 or more\. Got n_only_a=0, n_only_b=-2"),
        (difference_interval, (5, 3, 3), r"Got n=5, n_only_a=3, n_only_b=3"),
        (difference_interval, (0, 0, 0), r"n must be at least 1.*Got n=0"),
    ],
)
def test_impossible_counts_are_refused(
    function: Callable[..., Any], arguments: tuple[int, ...], match: str
) -> None:
    """Counts that cannot be are an InputError that shows them."""
    with pytest.raises(InputError, match=match):
        function(*arguments)


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.9, 0.6, 1.0], [1.0, 1.0, 1.0]),
    ],
)
def test_holm_by_hand(p_values: list[float], expected: list[float]) -> None:
    """The smallest counts as often as there are tests, the next once less; none falls below one before."""
    assert holm(p_values) == pytest.approx(expected)


def test_compare_counts_what_it_is_given() -> None:
    """Every count, share and difference is that of the answers."""
    result = make(59, 16, 6, 80)
    assert (result.n, result.both, result.only_a, result.only_b, result.neither) == (161, 59, 16, 6, 80)
    assert result.unlike == 22
    assert result.points == pytest.approx(-100 * 10 / 161)
    assert (result.points_low / 100, result.points_high / 100) == pytest.approx(
        difference_interval(161, 16, 6)
    )
    assert result.p == mcnemar_exact(16, 6)
    accuracy = result.accuracy_a
    assert (accuracy.share, accuracy.low, accuracy.high) == (75 / 161, *wilson_interval(75, 161))
    assert result.accuracy_b.share == 65 / 161


def test_compare_corrects_p_for_the_classes() -> None:
    """Each class has its own counts, and p by Holm over the four classes shown."""
    rows = make(59, 16, 6, 80).per_class
    assert [(row.label, row.n, row.only_a, row.only_b) for row in rows] == [
        (1, 59, 0, 0),
        (2, 16, 16, 0),
        (3, 6, 0, 6),
        (4, 80, 0, 0),
    ]
    assert [row.p for row in rows] == pytest.approx([1.0, 4 * 2 / 2**16, 3 * 2 / 2**6, 1.0])


def test_compare_adds_up(shipped: Comparison, digits: Dataset) -> None:
    """Of two real models the parts make up the whole, and the classes too."""
    assert shipped.both + shipped.only_a + shipped.only_b + shipped.neither == shipped.n == len(digits.test)
    assert shipped.only_a + shipped.only_b <= shipped.unlike <= shipped.n - shipped.both
    for field in ("n", "only_a", "only_b"):
        assert sum(getattr(row, field) for row in shipped.per_class) == getattr(shipped, field)
    score = tenfold.load("robust-cnn", threads=1).score(digits.test.images, digits.test.labels)
    assert shipped.accuracy_a.share == score
    assert shipped.points_low < shipped.points < shipped.points_high


def test_compare_mirrors(digits: Dataset) -> None:
    """The other way round, all that has a side changes it, and nothing else changes."""
    labels = digits.test.labels
    generator = np.random.default_rng(0)
    a, b = (np.where(generator.random(len(labels)) < share, labels, 10) for share in (0.9, 0.8))
    there = compare(lambda _: a, lambda _: b, digits.test.images, labels)
    back = compare(lambda _: b, lambda _: a, digits.test.images, labels)
    assert (back.only_a, back.only_b, back.accuracy_a) == (there.only_b, there.only_a, there.accuracy_b)
    assert (back.points, back.points_low, back.points_high) == (
        -there.points,
        -there.points_high,
        -there.points_low,
    )
    assert (back.p, back.both, back.unlike) == (there.p, there.both, there.unlike)
    mirrored = [(row.label, row.n, row.only_b, row.only_a, row.p) for row in back.per_class]
    assert mirrored == [(row.label, row.n, row.only_a, row.only_b, row.p) for row in there.per_class]


def test_compare_a_model_with_itself(digits: Dataset) -> None:
    """The same answers twice differ nowhere: difference 0, p 1 in each class."""
    predict = tenfold.load("tiny-cnn", threads=1).predict
    result = compare(predict, predict, digits.test.images, digits.test.labels)
    assert (result.only_a, result.only_b, result.unlike, result.points, result.p) == (0, 0, 0, 0, 1)
    assert result.points_low == -result.points_high < 0
    assert {row.p for row in result.per_class} == {1.0}
    assert not result.is_significant


def test_compare_tells_wrong_answers_apart() -> None:
    """Two models that err on the same images in other ways are as good, but not alike."""
    labels, images = np.full(20, 3), np.zeros((20, 28, 28), np.uint8)
    result = compare(lambda _: labels + 1, lambda _: labels + 2, images, labels)
    assert (result.neither, result.unlike, result.p) == (20, 20, 1)


@pytest.mark.parametrize(
    ("only_a", "only_b", "points", "is_worse"),
    [
        (5, 0, 0.05, False),
        (6, 0, 0.05, True),
        (11, 5, 0.05, True),
        (6, 0, 0.06, False),
        (7, 0, 0.06, True),
        (1, 0, 0.0, True),
        (0, 0, 0.0, False),
        (0, 50, 0.0, False),
    ],
)
def test_gate_counts_exactly(only_a: int, only_b: int, points: float, is_worse: bool) -> None:  # noqa: FBT001
    """Of 10,000 images 5 are 0.05 points and not more; rounding never decides."""
    assert make(9_000, only_a, only_b, 1_000 - only_a - only_b).is_worse_by_more_than(points) is is_worse


@pytest.mark.parametrize(
    ("images", "labels", "match"),
    [
        (np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64), r"at least one image\. Got 0 images"),
        (np.zeros((3, 28, 28), np.uint8), np.zeros(2, np.int64), r"Got 3 images and labels of shape \(2,\)"),
        (np.zeros((3, 28, 28)), np.zeros(3, np.int64), r"uint8 of shape .*Got float64"),
        (
            np.zeros((4, 28, 28), np.uint8),
            np.zeros(4, np.int64),
            r"one class for each of 4 images\. Got shape \(3,\)",
        ),
    ],
)
def test_compare_refuses_bad_input(
    monkeypatch: pytest.MonkeyPatch, images: Any, labels: Any, match: str
) -> None:
    """Images, labels or answers that do not belong together are an InputError that shows them."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as it is outside the tests
    with pytest.raises(InputError, match=match):
        compare(lambda _: np.zeros(3, np.int64), lambda _: np.zeros(3, np.int64), images, labels)
