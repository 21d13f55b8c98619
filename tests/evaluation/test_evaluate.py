"""Figures of an evaluation, against SciPy's and scikit-learn's."""

from pathlib import Path
from typing import Any

import jaxtyping
import numpy as np
import pytest
from PIL import Image
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from tenfold.data import Dataset
from tenfold.errors import InputError, OutputError
from tenfold.evaluation import class_scores, confusion_counts, evaluate, wilson_interval
from tenfold.evaluation.confusion_display import ConfusionDisplay
from tenfold.recognizer import Recognizer


def one_hot(labels: np.ndarray, n_classes: int = 11) -> np.ndarray:
    """Return certain predictions of these labels."""
    return np.eye(n_classes, dtype=np.float32)[labels]


def random_labels(n: int, classes: list[int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random true and predicted labels among some classes."""
    generator = np.random.default_rng(seed)
    return generator.choice(classes, n), generator.choice(classes, n)


@pytest.mark.parametrize("n", [1, 2, 10, 359, 10_000])
def test_wilson_interval_is_scipys(n: int) -> None:
    """Over a grid of shares, both ends to twelve digits."""
    for n_hits in sorted({0, 1, n // 3, n // 2, n - 1, n}):
        expected = binomtest(n_hits, n).proportion_ci(confidence_level=0.95, method="wilson")
        assert wilson_interval(n_hits, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("n_hits", "n", "expected"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0000, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_interval_is_newcombes(n_hits: int, n: int, expected: tuple[float, float]) -> None:
    """The published examples: R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson_interval(n_hits, n) == pytest.approx(expected, abs=5e-5)


def test_wilson_interval_narrows_with_n() -> None:
    """More images at the same share give a narrower interval, and a smaller quantile does too."""
    widths = [high - low for low, high in (wilson_interval(9 * n, 10 * n) for n in (1, 10, 100, 1000))]
    assert widths == sorted(widths, reverse=True)
    low, high = wilson_interval(90, 100, z=1.0)
    assert high - low < widths[1]


@pytest.mark.parametrize(("n_hits", "n"), [(0, 0), (-1, 10), (11, 10), (0, -1)])
def test_wilson_interval_refuses_impossible_counts(n_hits: int, n: int) -> None:
    """Counts that cannot be are an InputError that shows them."""
    with pytest.raises(InputError, match=rf"n_hits 0 to n\. Got n={n}, n_hits={n_hits}\."):
        wilson_interval(n_hits, n)


@pytest.mark.parametrize(
    ("n", "classes"), [(1, [3]), (50, [0, 7, 10]), (1000, list(range(10))), (300, list(range(11)))]
)
def test_figures_are_scikit_learns(n: int, classes: list[int]) -> None:
    """Confusion, precision, recall, F1 and support are scikit-learn's, also where classes are absent."""
    y_true, y_pred = random_labels(n, classes, seed=n)
    counts = confusion_counts(y_true, y_pred, n_classes=11)
    np.testing.assert_array_equal(counts, confusion_matrix(y_true, y_pred, labels=range(11)))
    precision, recall, f1, support = precision_recall_fscore_support(
        y_true, y_pred, labels=range(11), zero_division=0
    )
    scores = class_scores(counts)
    np.testing.assert_allclose(scores.precision, precision)
    np.testing.assert_allclose(scores.recall, recall)
    np.testing.assert_allclose(scores.f1, f1)
    np.testing.assert_array_equal(scores.support, support)


def test_permuting_classes_permutes_the_figures() -> None:
    """Other names for the classes move rows, columns and scores, and change none."""
    y_true, y_pred = random_labels(500, list(range(11)), seed=1)
    names = np.random.default_rng(2).permutation(11)
    counts = confusion_counts(y_true, y_pred, n_classes=11)
    renamed = confusion_counts(names[y_true], names[y_pred], n_classes=11)
    np.testing.assert_array_equal(renamed[np.ix_(names, names)], counts)
    np.testing.assert_allclose(class_scores(renamed).recall[names], class_scores(counts).recall)
    np.testing.assert_allclose(class_scores(renamed).precision[names], class_scores(counts).precision)


def test_evaluate_agrees_with_the_model(reader: Recognizer, digits: Dataset) -> None:
    """The figures of a real model hang together and are those of its predictions."""
    images, labels = digits.test.images, digits.test.labels
    result = evaluate(reader.predict_proba, images, labels)
    assert result.n == len(labels) == result.confusion.sum()
    assert result.errors == int((reader.predict(images) != labels).sum())
    assert result.accuracy == reader.score(images, labels)
    assert (result.accuracy_low, result.accuracy_high) == wilson_interval(result.n - result.errors, result.n)
    assert result.accuracy_low < result.accuracy < result.accuracy_high
    assert result.figures().items() <= vars(result).items()
    np.testing.assert_array_equal(result.per_class.support[:10], np.bincount(labels))


def test_evaluate_finds_no_error_in_a_perfect_model(digits: Dataset) -> None:
    """Any callable can be evaluated; one that knows the labels has accuracy 1 and an interval up to 1."""
    labels = digits.test.labels
    result = evaluate(lambda _: one_hot(labels), digits.test.images, labels)
    assert (result.errors, result.accuracy, result.accuracy_high) == (0, 1.0, 1.0)
    assert 0.98 < result.accuracy_low < 1
    assert result.per_class.recall.tolist() == result.per_class.precision.tolist() == [1.0] * 10 + [0.0]


def test_evaluate_of_a_constant_model(digits: Dataset) -> None:
    """One that always says 4 has the share of fours as accuracy, and as precision of that class."""
    labels = digits.test.labels
    result = evaluate(lambda images: one_hot(np.full(len(images), 4)), digits.test.images, labels)
    assert result.accuracy == result.per_class.precision[4] == (labels == 4).mean()
    assert result.per_class.recall[4] == 1
    assert result.per_class.recall.sum() == 1
    assert not np.delete(result.confusion, 4, axis=1).any()


@pytest.mark.parametrize(
    ("images", "labels", "match"),
    [
        (np.zeros((3, 28, 28)), np.zeros(3, np.int64), r"uint8 of shape .*Got float64"),
        (np.zeros((3, 784), np.uint8), np.zeros(3, np.int64), r"Pass images\.reshape\(-1, 28, 28\)"),
        ([[0]], np.zeros(1, np.int64), r"must be a NumPy array.* Got list"),
        (np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64), r"at least one image\. Got 0 images"),
        (np.zeros((3, 28, 28), np.uint8), np.zeros(2, np.int64), r"Got 3 images and labels of shape \(2,\)"),
        (np.zeros((3, 28, 28), np.uint8), np.zeros((3, 1), np.int64), r"labels of shape \(3, 1\)"),
        (np.zeros((3, 28, 28), np.uint8), np.array([0, 11, 2]), r"labels must be 0–10\. Got 0 to 11"),
        (np.zeros((3, 28, 28), np.uint8), np.array([0, -1, 2]), r"labels must be 0–10\. Got -1 to 2"),
    ],
)
def test_evaluate_refuses_bad_input(
    monkeypatch: pytest.MonkeyPatch, images: Any, labels: Any, match: str
) -> None:
    """Images or labels that cannot be evaluated are an InputError that shows them."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as it is outside the tests
    with pytest.raises(InputError, match=match):
        evaluate(lambda images: one_hot(np.zeros(len(images), np.int64)), images, labels)


def test_confusion_display_writes_a_picture(reader: Recognizer, digits: Dataset, tmp_path: Path) -> None:
    """The matrix becomes a PNG that is not blank, the same one each time."""
    confusion = evaluate(reader.predict_proba, digits.test.images, digits.test.labels).confusion
    for name in ("a.png", "b.png"):
        ConfusionDisplay(confusion, [*map(str, range(10)), "none"], "test").save(tmp_path / name)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"
        assert min(picture.size) >= 500
        assert picture.convert("L").getextrema() == (0, 255)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


@pytest.mark.parametrize(
    ("path", "match"), [("nowhere/a.png", r"a\.png cannot be written: No such file"), ("a", "it is a folder")]
)
def test_confusion_display_refuses_an_unwritable_path(tmp_path: Path, path: str, match: str) -> None:
    """A picture that cannot be written is an OutputError, and nothing is left behind."""
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match=match):
        ConfusionDisplay(np.eye(2, dtype=np.int64), ["0", "1"], "test").save(tmp_path / path)
    assert list(tmp_path.rglob("*")) == [tmp_path / "a"]
