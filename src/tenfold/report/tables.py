"""The rows of the report's tables, as text."""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from tenfold.arrays import Counts
from tenfold.evaluation import (
    CLASS_NAMES,
    Evaluation,
    Outcome,
    Reliability,
    Robustness,
    count_accepted,
    wilson_interval,
)
from tenfold.model_file import Card

NOT_A_DIGIT: Final = "not a digit"

WHITE_ABOVE: Final = 0.92
"""Shade of a cell above which white numbers stand out better than dark ones."""


class Figure(NamedTuple):
    """One figure, its 95 % interval or what else belongs to it, and what it says."""

    value: str
    range: str
    meaning: str


class Cell(NamedTuple):
    """A count, how strongly it is shaded, and the classes of its style."""

    text: str
    shade: str
    style: str


def percent(share: float, digits: int = 2) -> str:
    """Return a share as text."""
    return f"{share:.{digits}%}"


def name_class(label: int) -> str:
    """Return what a class is called in a sentence."""
    return NOT_A_DIGIT if label == len(CLASS_NAMES) - 1 else CLASS_NAMES[label]


def headline_rows(
    evaluation: Evaluation, *, disputed: Sequence[int], threshold: float | None
) -> list[Figure]:
    """Return the figures that come first."""
    n, figures = evaluation.n, evaluation.probability_figures()
    hits = n - evaluation.errors
    rows = [Figure(percent(hits / n), _interval(hits, n), f"right: {hits:,} of {n:,}")]
    if disputed:
        rest = evaluation.without(disputed)
        meaning = f"right without the {len(disputed)} whose labels people dispute: {rest.errors:,} errors"
        rows.append(Figure(percent(rest.accuracy), _interval(rest.n - rest.errors, rest.n), meaning))
    among_two = round(figures["top2_accuracy"] * n)
    rows.append(Figure(percent(among_two / n), _interval(among_two, n), "the label is among the first two"))
    if threshold is not None:
        accepted, wrong = count_accepted(evaluation.risk_coverage, threshold)
        meaning = f"answered, where the model is unsure below {threshold:.3f}"
        rows.append(Figure(percent(accepted / n), _interval(accepted, n), meaning))
        if accepted:
            meaning = f"of these are wrong: {wrong:,} of {accepted:,}"
            rows.append(Figure(percent(wrong / accepted), _interval(wrong, accepted), meaning))
    return [
        *rows,
        Figure(f"{figures['brier']:.4f}", "0 is perfect", "Brier score"),
        Figure(f"{figures['log_loss']:.4f}", "0 is perfect", "log loss"),
        Figure(percent(figures["ece"]), "0 is perfect", "calibration error (ECE)"),
        Figure(percent(figures["mean_risk"], 3), "0 is perfect", "mean risk over all coverages"),
    ]


def confusion_rows(counts: Counts, names: Sequence[str]) -> list[tuple[str, list[Cell]]]:
    """Return the confusion matrix, each cell shaded by the root of its share of the row.

    The root keeps single errors visible. Classes that have no images are left out.
    """
    shades = np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    return [
        (
            name,
            [
                _cell(int(counts[row, at]), float(shades[row, at]), is_right=row == at)
                for at in range(len(names))
            ],
        )
        for row, name in enumerate(names)
        if counts[row].any()
    ]


def class_rows(evaluation: Evaluation, names: Sequence[str]) -> list[dict[str, str]]:
    """Return the figures of each class that has images."""
    scores, counts = evaluation.per_class, evaluation.confusion
    return [
        {
            "name": name,
            "n": f"{counts[at].sum():,}",
            "recall": percent(scores.recall[at]),
            "recall_range": _interval(int(counts[at, at]), int(counts[at].sum())),
            "precision": percent(scores.precision[at]),
            "precision_range": _interval(int(counts[at, at]), int(counts[:, at].sum())),
            "f1": percent(scores.f1[at]),
        }
        for at, name in enumerate(names)
        if counts[at].any()
    ]


def reliability_rows(reliability: Reliability) -> list[tuple[str, ...]]:
    """Return the bins that have images: confidence, images, its mean, share of right ones, its interval."""
    edges = np.linspace(0, 1, len(reliability.n_samples) + 1)
    bins = zip(edges[:-1], edges[1:], reliability.n_samples.tolist(), strict=True)
    return [
        (
            f"{low:.2f}–{high:.2f}",
            f"{n:,}",
            percent(reliability.confidence[at]),
            percent(reliability.accuracy[at]),
            _interval(round(reliability.accuracy[at] * n), n),
        )
        for at, (low, high, n) in enumerate(bins)
        if n
    ]


def corruption_rows(robustness: Robustness) -> list[tuple[str, ...]]:
    """Return what becomes of each corruption, after the images as they are: name, right, interval, ….

    The last two are the share that is called no digit, and the share of hits where a digit must be named.
    """
    outcomes = {"as they are": robustness.unchanged, **robustness.corruptions}
    return [(name.replace("_", " "), *_outcome_shares(outcome)) for name, outcome in outcomes.items()]


def model_rows(card: Card, sha256: str) -> list[tuple[str, str]]:
    """Return what a model says of itself, as names and values."""
    rows = [
        ("sha256", sha256),
        ("license", card.license),
        ("made by", card.command),
        ("tenfold", card.tenfold_version),
        ("format", f"{card.format}, {card.kind}"),
        ("seed", str(card.seed)),
    ]
    parts = {"recipe": card.recipe, "trained on": card.data, "figures": card.metrics}
    for part, values in {**parts, "threshold": card.thresholds}.items():
        rows += [(f"{part}: {name}", text) for name, text in _flatten(values)]
    return rows


def _flatten(values: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return values as lines of text, those of inner dictionaries under names with spaces."""
    rows = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _flatten(value, f"{prefix}{name} ")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            rows.append((f"{prefix}{name}".replace("_", " "), text))
    return rows


def _cell(count: int, shade: float, *, is_right: bool) -> Cell:
    if not count:
        return Cell("·", "0", "empty")
    kind = "right" if is_right else "wrong"
    return Cell(f"{count:,}", f"{shade:.3f}", f"{kind} full" if is_right and shade > WHITE_ABOVE else kind)


def _outcome_shares(outcome: Outcome) -> tuple[str, ...]:
    shares = percent(outcome.refused), percent(outcome.forced_accuracy)
    return percent(outcome.accuracy), _interval(outcome.n_hits, outcome.n), *shares


def _interval(n_hits: int, n: int) -> str:
    """Return the 95 % interval of a share as text; nothing where there are none."""
    if not n:
        return ""
    low, high = wilson_interval(n_hits, n)
    return f"{percent(low)}–{percent(high)}"
