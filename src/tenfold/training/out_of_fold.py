"""What models say of samples that they were not trained on, for each sample of a split."""

import dataclasses
import math
from collections.abc import Callable
from typing import Final

import numpy as np
import torch

from tenfold.arrays import Images, Labels, Probabilities
from tenfold.data import Dataset, Split
from tenfold.data.splits import stratified_parts
from tenfold.errors import DatasetError, InputError
from tenfold.evaluation import LabelRanking, rank_label_errors
from tenfold.recipes import TorchRecipe
from tenfold.recognizer import NONE
from tenfold.training.contract import Contract
from tenfold.training.fit import EVALUATION_BATCH
from tenfold.training.network import train_network
from tenfold.training.progress import Progress

N_FOLDS: Final = 4

SHOWN: Final = 45_000
"""Images that a quick recipe is shown in its one pass over three of four folds of MNIST. Fewer images are
shown as often as it takes to come near."""

MOST_EPOCHS: Final = 50


def predict_out_of_fold(
    recipe: TorchRecipe,
    split: Split,
    *,
    n_folds: int = N_FOLDS,
    seed: int = 0,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Probabilities:
    """Cut samples into folds, and predict each by a model that is trained on all the others.

    Parameters
    ----------
    recipe : TorchRecipe
        What to train, as often as there are folds.
    split : Split
        The samples.
    n_folds : int
        Two or more. Each holds every class in proportion.
    seed : int
        Of the folds and of each training: 0 to 2**32 - 1.
    on_progress : callable, optional
        Called several times a second. The stages are ``fold 1 of 4`` and so on.

    Returns
    -------
    ndarray of shape (n_samples, 11), dtype=float32
        Of 0–9 and "not a digit", in the order of the samples.

    Raises
    ------
    InputError
        There are fewer than two folds or two classes, a class has fewer samples than there are folds, or the
        seed is out of range.
    """
    if n_folds < 2 or not 0 <= seed < 2**32:
        raise InputError(
            f"n_folds must be 2 or more, seed 0 to 4294967295. Got n_folds {n_folds}, seed {seed}."
        )
    if len(np.unique(split.labels)) < 2:
        raise InputError(f"There must be at least two classes to tell apart. Got {_classes(split.labels)}.")
    try:
        folds = stratified_parts(split.labels, [1 / n_folds] * n_folds, seed=seed)
    except DatasetError as error:
        raise InputError(f"{n_folds} folds are too many. {error}") from error
    probabilities = np.empty((len(split), NONE + 1), np.float32)
    for number, held_out in enumerate(folds, start=1):
        others = split.take(np.setdiff1d(np.arange(len(split)), held_out))
        report = _name_stage(on_progress, f"fold {number} of {n_folds}")
        trained = train_network(
            recipe, others, seed=seed, on_progress=report, folder=None, resuming=False
        )
        contract = Contract(trained.network, trained.temperature).eval()
        probabilities[held_out] = _predict(contract, split.images[held_out])
    return probabilities


def rank_split(
    recipe: TorchRecipe,
    dataset: Dataset,
    name: str,
    *,
    seed: int = 0,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> LabelRanking:
    """Rank the labels of a dataset's training or test split by how suspicious they are.

    The training split is predicted out of folds of its own. The test split is predicted out of folds of both
    together: half its size would teach too little. That checks labels; no model of it is kept, and nothing is
    chosen by it.

    Parameters
    ----------
    recipe : TorchRecipe
        A quick one. It is trained in more epochs than it says where there are few images.
    dataset : Dataset
        Both splits.
    name : str
        ``train`` or ``test``.
    seed, on_progress
        As `predict_out_of_fold` takes them.

    Raises
    ------
    InputError
        There is one class only, or one sample of some class; or the seed is out of range.
    """
    samples = gather_samples(dataset, name)
    n_folds = count_folds(samples.labels)
    probabilities = predict_out_of_fold(
        _lengthen(recipe, len(samples) * (n_folds - 1) / n_folds),
        samples,
        n_folds=n_folds,
        seed=seed,
        on_progress=on_progress,
    )
    checked = dataset.train if name == "train" else dataset.test
    return rank_label_errors(checked.labels, probabilities[-len(checked) :])


def gather_samples(dataset: Dataset, name: str) -> Split:
    """Return the samples that a split is predicted out of folds of: itself, or after the training split."""
    if name == "train":
        return dataset.train
    parts = (dataset.train, dataset.test)
    return Split(*(np.concatenate([getattr(part, array) for part in parts]) for array in ("images", "labels")))


def count_folds(labels: Labels) -> int:
    """Return into how many folds samples can be cut: four, or as many as the smallest class has samples.

    Raises
    ------
    InputError
        There is one class only, or one sample of some class.
    """
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.min() < 2:
        found = ", ".join(f"{n} of {label}" for label, n in zip(classes, counts, strict=True))
        raise InputError(
            f"Labels can be checked where there are at least two classes, each of two images. Got {found}. "
            "Add images, or leave a class out."
        )
    return min(N_FOLDS, int(counts.min()))


def _lengthen(recipe: TorchRecipe, n_samples: float) -> TorchRecipe:
    """Show few images more often."""
    epochs = min(MOST_EPOCHS, math.ceil(recipe.epochs * SHOWN / n_samples - 1e-9))
    return dataclasses.replace(recipe, epochs=max(recipe.epochs, epochs))


def _predict(contract: Contract, images: Images) -> Probabilities:
    """Return what a model file of this network would."""
    with torch.inference_mode():
        batches = torch.from_numpy(images).split(EVALUATION_BATCH)
        probabilities: Probabilities = torch.cat([contract(batch)[0] for batch in batches]).numpy()
    return probabilities


def _name_stage(on_progress: Callable[[Progress], None], name: str) -> Callable[[Progress], None]:
    """Let reports name the fold they are of."""

    def report(progress: Progress) -> None:
        stage = name if progress.stage == "fit" else f"{name}, {progress.stage}"
        on_progress(dataclasses.replace(progress, stage=stage))

    return report


def _classes(labels: Labels) -> list[int]:
    return [int(label) for label in np.unique(labels)]
