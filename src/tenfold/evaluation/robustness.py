"""How accuracy falls as digit images are changed."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

import numpy as np

from tenfold.arrays import Images, Indices, Labels, Probabilities
from tenfold.data import Split
from tenfold.errors import InputError
from tenfold.evaluation.changes import CURVES, Change
from tenfold.evaluation.corruptions import CORRUPTIONS
from tenfold.evaluation.evaluate import check_classes, check_samples
from tenfold.recognizer import NONE

SAMPLE: Final = 2000
"""Images, at most, that the curves are measured on: shares of them are known to within 2.2 points (95 %)."""

NEUTRAL: Final = 0.0
"""The strength at which every change of `CURVES` leaves images as they are."""

_CHUNK: Final = 1000
"""How many images are changed at once."""


@dataclass(frozen=True)
class Outcome:
    """What a model makes of changed images.

    Attributes
    ----------
    n : int
        Images.
    n_hits : int
        Those whose most probable class is their label.
    n_refused : int
        Those whose most probable class is "not a digit"; the others that are no hits are read wrong.
    n_forced_hits : int
        Those whose label is the most probable of the ten digits, as if "not a digit" were no answer. By this
        a model that refuses compares with one that cannot.
    """

    n: int
    n_hits: int
    n_refused: int
    n_forced_hits: int

    @property
    def accuracy(self) -> float:
        """Return the share of hits."""
        return self.n_hits / self.n

    @property
    def forced_accuracy(self) -> float:
        """Return the share of hits where a digit must be named."""
        return self.n_forced_hits / self.n

    @property
    def refused(self) -> float:
        """Return the share that is called no digit."""
        return self.n_refused / self.n


@dataclass(frozen=True)
class Curve:
    """What a model reads right as one change grows.

    Attributes
    ----------
    name, unit : str
        Of the change, and of its strengths.
    strengths : tuple of float
        In order; at 0 the images are as they were.
    outcomes : tuple of Outcome
        At each strength.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def n_hits(self) -> tuple[int, ...]:
        """Return how many images are read right at each strength."""
        return tuple(outcome.n_hits for outcome in self.outcomes)


@dataclass(frozen=True)
class Robustness:
    """What a model still reads right of images that were changed.

    Attributes
    ----------
    n : int
        Images, each of which was corrupted in every way.
    n_sample : int
        Those of them that the curves are of.
    unchanged : Outcome
        Of all images, as they are.
    corruptions : dict of str to Outcome
        Of all images, for each kind of MNIST-C.
    curves : tuple of Curve
        Of the sample, for each change whose strength grows.
    """

    n: int
    n_sample: int
    unchanged: Outcome
    corruptions: dict[str, Outcome]
    curves: tuple[Curve, ...]

    @property
    def mean_accuracy(self) -> float:
        """Return the mean accuracy over the corruptions."""
        return fmean(outcome.accuracy for outcome in self.corruptions.values())

    @property
    def mean_forced_accuracy(self) -> float:
        """Return the mean over the corruptions where a digit must be named."""
        return fmean(outcome.forced_accuracy for outcome in self.corruptions.values())

    @property
    def mean_refused(self) -> float:
        """Return the mean share that is called no digit."""
        return fmean(outcome.refused for outcome in self.corruptions.values())

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON takes them."""
        return {
            "n": self.n,
            **_shares(self.unchanged),
            "mean_accuracy": self.mean_accuracy,
            "mean_forced_accuracy": self.mean_forced_accuracy,
            "mean_refused": self.mean_refused,
            "corruptions": {name: _shares(outcome) for name, outcome in self.corruptions.items()},
            "n_sample": self.n_sample,
            "curves": {curve.name: _curve_figures(curve) for curve in self.curves},
        }


def measure_robustness(
    predict_proba: Callable[[Images], Probabilities],
    images: Images,
    labels: Labels,
    *,
    seed: int = 0,
    on_step: Callable[[int, int], None] | None = None,
) -> Robustness:
    """Measure how accuracy falls as images are corrupted, and as changes to them grow.

    Changed images go to the model as they are: they need not be scaled and centered as digit images are.

    Parameters
    ----------
    predict_proba : callable
        Takes digit images, returns probabilities of shape (n_samples, n_classes).
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images, at least one. The fifteen corruptions are of all of them. The curves, of some forty
        strengths, are of 2,000 at most, drawn by `seed` with each class in proportion.
    labels : ndarray of shape (n_samples,), dtype=int64
        Their classes.
    seed : int
        At least 0. The same seed, images and labels give the same changed images. Each change draws for
        itself: which others there are makes no difference.
    on_step : callable, optional
        Takes how many measurements are done, and how many there are; called after each.

    Raises
    ------
    InputError
        There are no images, there are more or fewer labels than images, a label is none that the model
        knows, or the seed is negative.
    """
    if seed < 0:
        raise InputError(f"seed must be at least 0. Got {seed}.")
    check_samples(images, labels)
    everything = Split(images, labels)
    sample = everything.take(_draw_sample(labels, seed))
    plan = [
        (CURVES[0], NEUTRAL, everything),
        (CURVES[0], NEUTRAL, sample),
        *((kind, kind.strengths[0], everything) for kind in CORRUPTIONS),
        *((change, strength, sample) for change in CURVES for strength in change.strengths if strength),
    ]
    outcomes = []
    for step, (change, strength, samples) in enumerate(plan, start=1):
        outcomes.append(_measure(predict_proba, samples, change, strength, seed=seed))
        if on_step:
            on_step(step, len(plan))
    unchanged, unchanged_sample, *changed = outcomes
    rest = iter(changed)
    corruptions = {kind.name: next(rest) for kind in CORRUPTIONS}
    curves = tuple(_make_curve(change, unchanged_sample, rest) for change in CURVES)
    return Robustness(len(everything), len(sample), unchanged, corruptions, curves)


def _draw_sample(labels: Labels, seed: int) -> Indices:
    """Draw `SAMPLE` positions, or all where there are fewer, with each class in proportion to within one."""
    n = min(SAMPLE, len(labels))
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return np.sort(by_label[np.arange(n) * len(labels) // n])


def _measure(
    predict_proba: Callable[[Images], Probabilities],
    samples: Split,
    change: Change,
    strength: float,
    *,
    seed: int,
) -> Outcome:
    """Let a model read samples that are changed, some at a time so that memory does not grow with them."""
    generator = np.random.default_rng([seed, zlib.crc32(change.name.encode())])
    counts = np.zeros(3, np.int64)
    for start in range(0, len(samples), _CHUNK):
        part = slice(start, start + _CHUNK)
        labels = samples.labels[part]
        probabilities = predict_proba(change.apply(samples.images[part], strength, generator))
        check_classes(samples.labels, probabilities.shape[1])
        predicted, forced = probabilities.argmax(axis=1), probabilities[:, :NONE].argmax(axis=1)
        counts += [marks.sum() for marks in (predicted == labels, predicted == NONE, forced == labels)]
    return Outcome(len(samples), *counts.tolist())


def _make_curve(change: Change, unchanged: Outcome, changed: Iterator[Outcome]) -> Curve:
    """Take the outcomes of a change's strengths from those of all, the neutral one aside."""
    outcomes = tuple(next(changed) if strength else unchanged for strength in change.strengths)
    return Curve(change.name, change.unit, change.strengths, outcomes)


def _shares(outcome: Outcome) -> dict[str, float]:
    return {
        "accuracy": outcome.accuracy,
        "forced_accuracy": outcome.forced_accuracy,
        "refused": outcome.refused,
    }


def _curve_figures(curve: Curve) -> dict[str, Any]:
    shares = [_shares(outcome) for outcome in curve.outcomes]
    columns = {key: [share[key] for share in shares] for key in shares[0]}
    return {
        "unit": curve.unit,
        "strengths": list(curve.strengths),
        "n_hits": list(curve.n_hits),
        **columns,
    }
