"""What models say of samples that they were not trained on, for each sample of a split."""

import dataclasses
import functools
from typing import Final

import numpy as np
import torch

from tenfold.arrays import Images, Indices, Labels, Probabilities
from tenfold.data import Dataset, Split
from tenfold.data.splits import stratified_parts
from tenfold.errors import InputError
from tenfold.evaluation import LabelRanking, rank_label_errors
from tenfold.recipes import TorchRecipe
from tenfold.recognizer import NONE
from tenfold.training.contract import Contract
from tenfold.training.fit import EVALUATION_BATCH
from tenfold.training.network import derive_seed, train_network
from tenfold.training.progress import OnProgress, name_stage
from tenfold.training.run import check_seed
from tenfold.training.side_by_side import train_side_by_side

N_FOLDS: Final = 4

LEAST: Final = 1e-9
"""Probability below which one network says no more than here, so that it does not outvote the others."""

SHOWN, MOST_EPOCHS = 45_000, 10
"""Images in three of four folds of MNIST's 60,000. Fewer images are shown more often instead, up to so many
times: of 1,438 digits networks then predict 99 %, against 96 % in four epochs."""


def predict_out_of_fold(
    recipe: TorchRecipe,
    split: Split,
    *,
    n_folds: int = N_FOLDS,
    n_repeats: int = 1,
    seed: int = 0,
    on_progress: OnProgress = lambda _: None,
) -> Probabilities:
    """Cut samples into folds, and predict each fold by a network that is trained on all the others.

    Parameters
    ----------
    recipe : TorchRecipe
        What to train: a network for each fold of each repeat.
    split : Split
        The samples.
    n_folds : int
        Two or more. Each holds every class in proportion.
    n_repeats : int
        How often all of it is done, with other folds and networks each time. Their probabilities are averaged
        as logarithms, which is the mean of lower loss.
    seed : int
        Of the folds and of each training: 0 to 2**32 - 1.
    on_progress : callable, optional
        Called several times a second. The stages are ``network 1 of 4`` and so on.

    Returns
    -------
    ndarray of shape (n_samples, 11), dtype=float32
        Of 0–9 and "not a digit", in the order of the samples.

    Raises
    ------
    InputError
        There are fewer than two folds, one repeat or two classes, a class has fewer samples than there are
        folds, or the seed is out of range.
    """
    _check(split.labels, n_folds=n_folds, n_repeats=n_repeats, seed=seed)
    n_networks = n_folds * n_repeats

    def predict_fold(number: int, on_progress: OnProgress) -> tuple[Indices, Probabilities]:
        repeat, fold = divmod(number, n_folds)
        repeat_seed = derive_seed(seed, repeat)
        held_out = stratified_parts(split.labels, [1 / n_folds] * n_folds, seed=repeat_seed)[fold]
        trained = train_network(
            recipe,
            split.take(np.setdiff1d(np.arange(len(split)), held_out)),
            seed=repeat_seed,
            on_progress=name_stage(on_progress, f"network {number + 1} of {n_networks}"),
            folder=None,
            resuming=False,
        )
        contract = Contract(trained.network, trained.temperature).eval()
        return held_out, _predict(contract, split.images[held_out])

    networks = [functools.partial(predict_fold, number) for number in range(n_networks)]
    logs = np.zeros((len(split), NONE + 1))
    for held_out, predicted in train_side_by_side(networks, on_progress):
        logs[held_out] += np.log(np.maximum(predicted, LEAST))
    means = np.exp(logs / n_repeats)
    probabilities: Probabilities = (means / means.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def rank_split(
    recipe: TorchRecipe,
    dataset: Dataset,
    name: str,
    *,
    n_repeats: int = 1,
    seed: int = 0,
    on_progress: OnProgress = lambda _: None,
) -> LabelRanking:
    """Rank the labels of a dataset's training or test split by how suspicious they are.

    The training split is predicted out of folds of its own. The test split is predicted out of folds of both
    together: its own are too few to learn from. That checks labels; no model of it is kept, and nothing is
    chosen by it.

    Parameters
    ----------
    recipe : TorchRecipe
        A quick one. Where there are few images it is trained in more epochs than it says.
    dataset : Dataset
        Both splits.
    name : str
        ``train`` or ``test``.
    n_repeats, seed, on_progress
        As `predict_out_of_fold` takes them.

    Raises
    ------
    InputError
        There is one class only, or one sample of some class; or the seed is out of range.
    """
    samples = gather_samples(dataset, name)
    n_folds = count_folds(samples.labels)
    probabilities = predict_out_of_fold(
        _lengthen(recipe, len(samples) * (n_folds - 1) // n_folds),
        samples,
        n_folds=n_folds,
        n_repeats=n_repeats,
        seed=seed,
        on_progress=on_progress,
    )
    checked = dataset.train if name == "train" else dataset.test
    return rank_label_errors(checked.labels, probabilities[-len(checked) :])


def gather_samples(dataset: Dataset, name: str) -> Split:
    """Return the samples that a split is predicted out of folds of: itself, or after the training split."""
    return dataset.train if name == "train" else dataset.whole()


def count_folds(labels: Labels) -> int:
    """Return into how many folds samples can be cut: four, or as many as the smallest class has samples.

    Raises
    ------
    InputError
        There is one class only, or one sample of some class.
    """
    counts = np.unique(labels, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < 2:
        raise InputError(
            "Labels can be checked where there are at least two classes, each of two images. "
            f"Got {_describe(labels)}. Add images, or leave a class out."
        )
    return min(N_FOLDS, int(counts.min()))


def _check(labels: Labels, *, n_folds: int, n_repeats: int, seed: int) -> None:
    """Refuse what no folds can be made of."""
    check_seed(seed)
    if n_folds < 2 or n_repeats < 1:
        raise InputError(f"n_folds must be 2 or more, n_repeats 1 or more. Got {n_folds} and {n_repeats}.")
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.min() < n_folds:
        raise InputError(
            f"There must be at least two classes, each of {n_folds} samples for {n_folds} folds. "
            f"Got {_describe(labels)}. Take fewer folds, or leave a class out."
        )


def _lengthen(recipe: TorchRecipe, n_samples: int) -> TorchRecipe:
    """Show few images more often."""
    epochs = min(MOST_EPOCHS, round(recipe.epochs * SHOWN / n_samples))
    return dataclasses.replace(recipe, epochs=max(recipe.epochs, epochs))


def _predict(contract: Contract, images: Images) -> Probabilities:
    """Return what a model file of this network would."""
    with torch.inference_mode():
        batches = torch.from_numpy(images).split(EVALUATION_BATCH)
        probabilities: Probabilities = torch.cat([contract(batch)[0] for batch in batches]).numpy()
    return probabilities


def _describe(labels: Labels) -> str:
    """Say how many samples there are of each class."""
    classes, counts = np.unique(labels, return_counts=True)
    listed = ", ".join(f"{n} of class {label}" for label, n in zip(classes, counts, strict=True))
    return listed or "none"
