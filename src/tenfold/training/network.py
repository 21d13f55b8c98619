"""Train a network, and before that, where the recipe asks for it, one to calibrate by."""

import dataclasses
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from tenfold.atomic import remove_files
from tenfold.data import Split, split_training
from tenfold.data.idx import idx_sha256
from tenfold.errors import CheckpointError
from tenfold.networks import Committee
from tenfold.recipes import LineRecipe, TorchRecipe
from tenfold.recognizer import NONE
from tenfold.training.calibrate import Logits, choose_threshold, fit_temperature
from tenfold.training.checkpoint import EPOCHS, Checkpoints, check_origins
from tenfold.training.fit import compute_logits, fit_network, measure_accuracy
from tenfold.training.nondigits import make_nondigits
from tenfold.training.progress import OnProgress, name_stage
from tenfold.training.side_by_side import train_side_by_side
from tenfold.training.variants import make_variants


@dataclass(frozen=True)
class Calibrated:
    """A trained network with its temperature and its thresholds.

    Attributes
    ----------
    network : nn.Module
        In evaluation mode, on the CPU.
    temperature : float
        By which to divide its logits.
    thresholds : dict of str to float
        `unsure`: the confidence below which to abstain. Empty where the recipe does not calibrate.
    """

    network: nn.Module
    temperature: float = 1.0
    thresholds: dict[str, float] = field(default_factory=dict)


def train_network(
    recipe: TorchRecipe,
    samples: Split,
    *,
    seed: int,
    on_progress: OnProgress,
    folder: Path | None,
    resuming: bool,
) -> Calibrated:
    """Train a recipe's network on all samples.

    A recipe that calibrates is first trained on ten twelfths of them (the trial), to fit the temperature on
    one of the others and to choose the threshold on both: it needs many, to be wrong on a few.

    Parameters
    ----------
    recipe : TorchRecipe
        What to train.
    samples : Split
        The training split of a dataset.
    seed : int
        Of the splits, the weights and all draws.
    on_progress : callable
        Called several times a second.
    folder : Path or None
        For checkpoints. They are deleted at the start, unless `resuming`.
    resuming : bool
        Whether to go on from the checkpoints there.

    Raises
    ------
    CheckpointError
        There is nothing to resume from, or it is of another recipe, dataset or seed.
    """
    origin = prepare_folder(recipe, samples, seed=seed, folder=folder, resuming=resuming)
    job = _Job(recipe, seed, on_progress, folder, resuming, origin)
    if not recipe.trial_epochs:
        return Calibrated(job.fit("fit", recipe.epochs, samples))
    splits = split_training(samples, seed=seed)
    trial = job.fit("trial", recipe.trial_epochs, splits.train, splits.validation)
    temperature = fit_temperature(_logits(trial, splits.calibration), splits.calibration.labels)
    threshold = _choose_threshold(trial, temperature, splits.validation.join(splits.calibration))
    return Calibrated(job.fit("fit", recipe.epochs, samples), temperature, {"unsure": threshold})


def validate_network(recipe: TorchRecipe, samples: Split, *, seed: int, on_progress: OnProgress) -> float:
    """Train a recipe's network on ten twelfths of the samples; return its accuracy on another twelfth.

    Parameters
    ----------
    recipe, samples, seed, on_progress
        As `train_network` takes them. There is no trial: it does not change the weights.
    """
    splits = split_training(samples, seed=seed)
    job = _Job(recipe, seed, on_progress, folder=None, resuming=False, origin={})
    network = job.fit("fit", recipe.epochs, splits.train, splits.validation)
    return measure_accuracy(network, splits.validation)


@dataclass(frozen=True)
class _Job:
    """What the stages of one run have in common."""

    recipe: TorchRecipe
    seed: int
    on_progress: OnProgress
    folder: Path | None
    resuming: bool
    origin: dict[str, Any]

    def fit(self, stage: str, epochs: int, samples: Split, validation: Split | None = None) -> nn.Module:
        """Train all members for so many epochs, and return their average."""
        recipe, n_members = dataclasses.replace(self.recipe, epochs=epochs), self.recipe.members

        def fit_member(number: int, on_progress: OnProgress) -> nn.Module:
            name = stage if n_members == 1 else f"{stage} {number + 1} of {n_members}"
            folder = self.folder / name.replace(" ", "-") if self.folder else None
            seed = derive_seed(self.seed, number)
            return fit_network(
                recipe,
                _with_drawn(samples, recipe, seed),
                seed=seed,
                on_progress=name_stage(on_progress, name),
                validation=validation,
                checkpoints=Checkpoints(folder, self.origin, self.resuming) if folder else None,
            )

        if n_members == 1:
            return fit_member(0, self.on_progress)
        members = [functools.partial(fit_member, number) for number in range(n_members)]
        return Committee(train_side_by_side(members, self.on_progress), widths=recipe.widths).eval()


def derive_seed(seed: int, number: int) -> int:
    """Return a seed for one of several trainings; the first has that of the run."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0]) if number else seed


def prepare_folder(
    recipe: TorchRecipe | LineRecipe, samples: Split, *, seed: int, folder: Path | None, resuming: bool
) -> dict[str, Any]:
    """Empty a folder of checkpoints, or check that a run can be resumed from it; return the run's origin.

    The origin is what makes the weights what they are; it is empty where there is no folder.

    Raises
    ------
    CheckpointError
        There is nothing to resume from, or it is of another recipe, dataset or seed.
    """
    if resuming and not (folder and any(folder.rglob(EPOCHS))):
        raise CheckpointError(
            f"{folder} must hold a checkpoint to resume from. Got none. Start without --resume."
        )
    origin = _make_origin(recipe, samples, seed) if folder else {}
    if folder and resuming:
        check_origins(folder, origin)
    elif folder:
        remove_files(folder, EPOCHS)  # of every stage, so that what is resumed is never of an older run
    return origin


def _make_origin(recipe: TorchRecipe | LineRecipe, samples: Split, seed: int) -> dict[str, Any]:
    """Return what makes the weights what they are."""
    is_committee = isinstance(recipe, TorchRecipe) and recipe.members > 1
    return {
        **{f"recipe.{name}": value for name, value in dataclasses.asdict(recipe).items()},
        "data": [idx_sha256(samples.images), idx_sha256(samples.labels.astype(np.uint8))],
        "seed": seed,
        "threads": 1 if is_committee else torch.get_num_threads(),
    }


def _with_drawn(samples: Split, recipe: TorchRecipe, seed: int) -> Split:
    """Append what the recipe asks to be drawn: digits in other shapes, and what is no digit, labelled 10."""
    drawn = [make_variants(samples, recipe.variants, seed=seed)] if recipe.variants else []
    n_nondigits = round(recipe.none_share * len(samples))
    if n_nondigits:
        images = make_nondigits(n_nondigits, samples, seed=seed)
        drawn.append(Split(images, np.full(n_nondigits, NONE, np.int64)))
    return samples.join(*drawn) if drawn else samples


def _logits(network: nn.Module, samples: Split) -> Logits:
    logits: Logits = compute_logits(network, samples.images).double().numpy()
    return logits


def _choose_threshold(network: nn.Module, temperature: float, samples: Split) -> float:
    """Choose the threshold of `unsure` on samples that the network was not trained on."""
    from scipy.special import softmax

    probabilities = softmax(_logits(network, samples) / temperature, axis=1)
    return choose_threshold(probabilities.max(axis=1), probabilities.argmax(axis=1) == samples.labels)
