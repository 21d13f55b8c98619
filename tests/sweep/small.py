"""What the tests of sweeps share: a small plan, and what a trial is without its seconds."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.data import Dataset, Split
from tenfold.recipes import find_recipe
from tenfold.sweep import Plan, Result, compute_checksums, parse_space

N = 240
"""Images: a network of the recipe `fast-mlp` is trained on them in a twentieth of a second."""

RATES = ("learning_rate", "1e-3..1e-1")
SHORT = ("epochs", "2")


def some(digits: Dataset) -> Split:
    """Return a few training images of all classes."""
    return digits.train.take(np.arange(N))


def plan_of(samples: Split, folder: Path, *settings: tuple[str, str], **changes: Any) -> Plan:
    """Return a plan of few trials of `fast-mlp`, or of the recipe that is named, in a store of its own."""
    recipe = find_recipe(changes.pop("recipe", "fast-mlp"))
    plan = Plan(
        space=parse_space(recipe, settings or (RATES, SHORT)),
        dataset="digits",
        checksums=compute_checksums(samples),
        seed=0,
        n_trials=4,
        store=str(folder / "trials.db"),
        study="test",
    )
    return dataclasses.replace(plan, **changes)


def without_seconds(result: Result) -> list[Any]:
    """Return the trials of a sweep without how long they took."""
    return [dataclasses.replace(trial, seconds=0.0) for trial in result.trials]
