"""What the tests of torch's training share: a small recipe, small data, and how weights are compared."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from tenfold.data import Dataset, Split
from tenfold.recipes import TorchRecipe
from tenfold.training import Progress

AUGMENTATION: dict[str, Any] = {
    "rotation": 12.0,
    "scaling": 0.15,
    "shear": 0.2,
    "shift": 2.0,
    "elastic": 0.6,
    "thickness": 0.6,
    "contrast": 0.4,
}
"""Every strength above zero."""

SMALL = TorchRecipe(
    name="small",
    summary="for tests",
    network="perceptron",
    epochs=3,
    batch_size=64,
    learning_rate=5e-3,
    must_reach=0.5,
)


def make_recipe(**changes: Any) -> TorchRecipe:
    """Return a recipe that is trained in a second, with some fields replaced."""
    return dataclasses.replace(SMALL, **changes)


def cut(dataset: Dataset, n: int) -> Dataset:
    """Return the dataset with its first n training images alone."""
    return dataclasses.replace(dataset, train=dataset.train.take(np.arange(n)))


def relabel(samples: Split) -> Split:
    """Return the same images with other labels."""
    return Split(samples.images, (samples.labels + 1) % 10)


def ignore(progress: Progress) -> None:
    """Take a report and do nothing."""


def stop_at(step: int, stage: str = "fit") -> Callable[[Progress], None]:
    """Return a callback that interrupts a run at a step."""

    def stop(progress: Progress) -> None:
        if (progress.stage, progress.iteration) == (stage, step):
            raise KeyboardInterrupt(f"at step {step}")

    return stop


def assert_same_weights(network: nn.Module, other: nn.Module) -> None:
    """Check that two networks are the same, bit by bit, their statistics included."""
    ours, theirs = network.state_dict(), other.state_dict()
    assert ours.keys() == theirs.keys()
    differing = [name for name in ours if not torch.equal(ours[name], theirs[name])]
    assert not differing
