"""How robustness is measured: against models whose answers are known."""

import json
from collections.abc import Callable
from typing import Any

import jaxtyping
import numpy as np
import pytest

from tenfold.data import Dataset, Split
from tenfold.errors import InputError
from tenfold.evaluation import CORRUPTIONS, CURVES, Robustness, measure_robustness, robustness
from tenfold.recognizer import NONE, Recognizer


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Return certain predictions of these labels."""
    predictions: np.ndarray = np.eye(11, dtype=np.float32)[labels]
    return predictions


def always(label: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a model that says the same of every image."""
    return lambda images: one_hot(np.full(len(images), label))


@pytest.fixture(scope="module")
def samples(digits: Dataset) -> Split:
    """Return sixty real digits."""
    return digits.test.take(np.arange(60))


@pytest.fixture(scope="module")
def measured(reader: Recognizer, samples: Split) -> Robustness:
    """Return the robustness of a real model."""
    return measure_robustness(reader.predict_proba, samples.images, samples.labels)


def test_perfect_model_is_always_right(samples: Split) -> None:
    """One that knows the labels whatever it is shown reads all of them right, at each strength."""
    result = measure_robustness(lambda _: one_hot(samples.labels), samples.images, samples.labels)
    assert result.n == result.n_sample == 60
    assert (result.mean_accuracy, result.mean_forced_accuracy, result.mean_refused) == (1, 1, 0)
    assert result.unchanged.accuracy == 1
    assert [kind.name for kind in CORRUPTIONS] == list(result.corruptions)
    for change, curve in zip(CURVES, result.curves, strict=True):
        assert (curve.name, curve.unit, curve.strengths) == (change.name, change.unit, change.strengths)
        assert curve.n_hits == (60,) * len(change.strengths)


def test_constant_model_reads_its_class(samples: Split) -> None:
    """One that always says 4 reads the fours right, whatever becomes of them."""
    result = measure_robustness(always(4), samples.images, samples.labels)
    n_fours = int((samples.labels == 4).sum())
    assert n_fours > 0
    assert {outcome.n_hits for outcome in result.corruptions.values()} == {n_fours}
    assert {hits for curve in result.curves for hits in curve.n_hits} == {n_fours}
    assert result.mean_accuracy == pytest.approx(n_fours / 60)


def test_model_that_refuses_is_told_from_one_that_errs(samples: Split) -> None:
    """What is called no digit counts as refused, and as right where the best digit would have been."""
    answers = 0.6 * one_hot(np.full(60, NONE)) + 0.4 * one_hot(samples.labels)
    result = measure_robustness(lambda _: answers.astype(np.float32), samples.images, samples.labels)
    assert (result.mean_accuracy, result.mean_refused, result.mean_forced_accuracy) == (0, 1, 1)


def test_lookup_model_knows_only_what_is_unchanged(samples: Split) -> None:
    """One that has learned the images by heart reads them right at strength 0, and no corrupted one."""
    known = {image.tobytes(): label for image, label in zip(samples.images, samples.labels, strict=True)}
    result = measure_robustness(
        lambda images: one_hot(np.array([known.get(image.tobytes(), NONE) for image in images])),
        samples.images,
        samples.labels,
    )
    assert result.unchanged.accuracy == 1
    assert (result.mean_accuracy, result.mean_refused) == (0, 1)
    for curve in result.curves:
        hits = dict(zip(curve.strengths, curve.n_hits, strict=True))
        assert hits.pop(0) == 60
        assert max(hits.values()) < 60


def test_same_seed_gives_the_same_figures(reader: Recognizer, samples: Split, measured: Robustness) -> None:
    """The figures depend on model, images, labels and seed alone."""
    images, labels = samples.images, samples.labels
    assert measure_robustness(reader.predict_proba, images, labels) == measured
    assert measure_robustness(reader.predict_proba, images, labels, seed=1) != measured


def test_corruptions_do_not_depend_on_each_other(
    reader: Recognizer, samples: Split, measured: Robustness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With fewer kinds, or in another order, each has the outcome that it had."""
    monkeypatch.setattr(robustness, "CORRUPTIONS", CORRUPTIONS[:3:-2])
    fewer = measure_robustness(reader.predict_proba, samples.images, samples.labels)
    assert len(fewer.corruptions) == 6
    assert fewer.corruptions.items() <= measured.corruptions.items()


def test_figures_are_json(measured: Robustness) -> None:
    """The figures pass through JSON unchanged, and are those of the outcomes."""
    figures = measured.figures()
    assert json.loads(json.dumps(figures)) == figures
    shares = [kind["accuracy"] for kind in figures["corruptions"].values()]
    assert figures["mean_accuracy"] == pytest.approx(sum(shares) / 15)
    assert figures["accuracy"] == measured.unchanged.accuracy
    assert list(figures["curves"]) == [change.name for change in CURVES]
    assert figures["curves"]["shift"]["n_hits"] == list(measured.curves[0].n_hits)
    assert figures["curves"]["shift"]["accuracy"][0] == figures["accuracy"]


def test_steps_are_counted(samples: Split) -> None:
    """Each measurement is reported, to the last."""
    steps: list[tuple[int, int]] = []
    measure_robustness(
        always(0),
        samples.images[:3],
        samples.labels[:3],
        on_step=lambda done, of: steps.append((done, of)),
    )
    n_steps = 2 + len(CORRUPTIONS) + sum(len(change.strengths) - 1 for change in CURVES)
    assert steps == [(step, n_steps) for step in range(1, n_steps + 1)]


def test_sample_holds_each_class_in_proportion(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The curves are of a sample that is drawn by the seed, each class to within one image of its share."""
    monkeypatch.setattr(robustness, "SAMPLE", 100)
    monkeypatch.setattr(robustness, "CORRUPTIONS", CORRUPTIONS[:1])
    monkeypatch.setattr(robustness, "CURVES", CURVES[:1])
    monkeypatch.setattr(robustness, "_CHUNK", 90)  # the last part is a smaller one
    labels = digits.test.labels
    for wanted in range(10):
        result = measure_robustness(always(wanted), digits.test.images, labels)
        n_of_class = int((labels == wanted).sum())
        assert (result.n, result.n_sample) == (len(labels), 100)
        assert result.unchanged.n_hits == result.corruptions["shot noise"].n_hits == n_of_class
        assert abs(result.curves[0].n_hits[0] - 100 * n_of_class / len(labels)) <= 1


@pytest.mark.parametrize(
    ("images", "labels", "seed", "match"),
    [
        (np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64), 0, r"at least one image\. Got 0 images"),
        (
            np.zeros((3, 28, 28), np.uint8),
            np.zeros(2, np.int64),
            0,
            r"Got 3 images and labels of shape \(2,\)",
        ),
        (np.zeros((3, 28, 28)), np.zeros(3, np.int64), 0, r"uint8 of shape .*Got float64"),
        (np.zeros((3, 28, 28), np.uint8), np.array([0, 11, 2]), 0, r"labels must be 0–10\. Got 0 to 11"),
        (np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.int64), -1, r"seed must be at least 0\. Got -1"),
    ],
)
def test_measure_robustness_refuses_bad_input(
    monkeypatch: pytest.MonkeyPatch, images: Any, labels: Any, seed: int, match: str
) -> None:
    """Images, labels or a seed that cannot be are an InputError that shows them."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as it is outside the tests
    with pytest.raises(InputError, match=match):
        measure_robustness(always(0), images, labels, seed=seed)
