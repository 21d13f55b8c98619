"""All that can be said of a dataset before it is trained on: its labels, its duplicates, its images."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tenfold.arrays import Labels
from tenfold.data import Dataset, Split
from tenfold.data.splits import N_CLASSES
from tenfold.errors import InputError, MissingExtraError
from tenfold.evaluation import Condition, LabelRanking, check_condition, find_duplicates
from tenfold.recipes import fast_cnn
from tenfold.training.progress import Progress
from tenfold.training.run import check_seed

SPLITS: Final = ("train", "test")

N_NETWORKS: Final = 64
"""Networks that predict each label, each out of folds of its own: which digits one finds hard is partly
chance. With four the first labels of the ranking change from seed to seed, and with sixteen still some."""

QUICK: Final = dataclasses.replace(fast_cnn.RECIPE, label_smoothing=0.0)
"""What predicts labels. Smoothing would keep a network from being surer than 0.91 of anything: no network is
then surer of what is wrong than it is on average of what is right, and the confident joint finds nothing."""

OnStep = Callable[[str, int, int], None]
"""Takes what is being done, how many steps are done, and how many there are."""


@dataclass(frozen=True, eq=False)
class SplitCheck:
    """What was found in one split.

    Attributes
    ----------
    name : str
        ``train`` or ``test``.
    samples : Split
        The split itself.
    n_folds : int
        Out of how many folds its labels were predicted.
    condition : Condition
        Images that are no digit images.
    ranking : LabelRanking
        How suspicious each label is.
    """

    name: str
    samples: Split
    n_folds: int
    condition: Condition
    ranking: LabelRanking

    def class_counts(self) -> list[int]:
        """Return how many samples there are of each label."""
        counts: list[int] = np.bincount(self.samples.labels, minlength=N_CLASSES).tolist()
        return counts


@dataclass(frozen=True)
class Place:
    """Where a sample stands, and its label."""

    split: str
    index: int
    label: int


@dataclass(frozen=True)
class Suspect:
    """A label that may be wrong.

    Attributes
    ----------
    place : Place
        Of the sample.
    suggested : int
        The most probable other class; 10 is "not a digit".
    score : float
        As in `LabelRanking`: the lower, the more suspicious.
    is_flagged : bool
        Whether the networks are confident of another class.
    """

    place: Place
    suggested: int
    score: float
    is_flagged: bool


@dataclass(frozen=True)
class Pair:
    """Two images that are the same, or nearly so.

    Attributes
    ----------
    first, second : Place
        Training samples come first.
    similarity : float
        Cosine of their pixels.
    is_exact : bool
        Whether they are the same to the byte.
    """

    first: Place
    second: Place
    similarity: float
    is_exact: bool


@dataclass(frozen=True, eq=False)
class DataCheck:
    """What was found in a dataset.

    Attributes
    ----------
    splits : list of SplitCheck
        Those that were checked.
    suspects : list of Suspect
        All their labels, the most suspicious first.
    pairs : list of Pair
        Duplicates of which one at least stands in a split that was checked: the same ones first, then the
        most similar.
    """

    splits: list[SplitCheck]
    suspects: list[Suspect]
    pairs: list[Pair]


def check_data(
    dataset: Dataset,
    names: Sequence[str] = SPLITS,
    *,
    n_networks: int = N_NETWORKS,
    seed: int = 0,
    on_step: OnStep = lambda _what, _done, _total: None,
) -> DataCheck:
    """Check the labels and the images of a dataset.

    Parameters
    ----------
    dataset : Dataset
        Its test split may be checked too: that is to find its errors, not to train on it. No network that
        predicts labels here is kept.
    names : sequence of str
        The splits to check: ``train``, ``test`` or both. Duplicates are looked for in both.
    n_networks : int
        That predict each label, at least 1, each out of folds of its own. Of fewer the ranking owes more to
        chance.
    seed : int
        Of the folds and the networks. The same seed gives the same result on the same machine.
    on_step : callable, optional
        Called as the work goes on.

    Raises
    ------
    InputError
        There is one class only, or one sample of some class; or the number of networks or the seed is out
        of range.
    MissingExtraError
        The packages of the extra `train` are not installed.
    """
    try:
        from tenfold.training.out_of_fold import count_folds, gather_samples, rank_split
    except ImportError as error:
        raise MissingExtraError(error.name or "torch", "train") from error
    check_seed(seed)
    if n_networks < 1:
        raise InputError(f"n_networks must be 1 or more. Got {n_networks}.")
    n_folds = {name: count_folds(gather_samples(dataset, name).labels) for name in names}
    pairs = _find_pairs(dataset, names, on_step)
    splits = []
    for name in names:
        samples = _find_split(dataset, name)
        count = _count_steps(on_step, name, n_folds[name] * n_networks)
        ranking = rank_split(QUICK, dataset, name, n_repeats=n_networks, seed=seed, on_progress=count)
        splits.append(SplitCheck(name, samples, n_folds[name], check_condition(samples.images), ranking))
    return DataCheck(splits, _list_suspects(splits), pairs)


def _find_split(dataset: Dataset, name: str) -> Split:
    return dataset.train if name == "train" else dataset.test


def _count_steps(on_step: OnStep, name: str, n_networks: int) -> Callable[[Progress], None]:
    """Report on the training of several networks as on one piece of work."""
    steps: dict[str, int] = {}

    def report(progress: Progress) -> None:
        steps[progress.stage] = progress.iteration
        on_step(f"{name}, {n_networks} networks", sum(steps.values()), n_networks * progress.max_iter)

    return report


def _find_pairs(dataset: Dataset, names: Sequence[str], on_step: OnStep) -> list[Pair]:
    """Find the duplicates that touch the splits of these names."""
    found = find_duplicates(
        dataset.whole().images, on_progress=lambda done, total: on_step("comparing images", done, total)
    )
    rows = zip(found.first, found.second, found.similarities, found.is_exact, strict=True)
    pairs = [
        Pair(_locate(dataset, int(first)), _locate(dataset, int(second)), float(similarity), bool(is_exact))
        for first, second, similarity, is_exact in rows
    ]
    return [pair for pair in pairs if {pair.first.split, pair.second.split} & set(names)]


def _locate(dataset: Dataset, position: int) -> Place:
    """Return the place of a sample among those of both splits."""
    n_train = len(dataset.train)
    name, index = ("train", position) if position < n_train else ("test", position - n_train)
    return _place(name, index, _find_split(dataset, name).labels)


def _place(name: str, index: int, labels: Labels) -> Place:
    return Place(name, index, int(labels[index]))


def _list_suspects(splits: Sequence[SplitCheck]) -> list[Suspect]:
    """Merge the rankings of the splits."""
    suspects = [
        Suspect(
            _place(split.name, int(position), split.samples.labels),
            int(split.ranking.suggested[position]),
            float(split.ranking.scores[position]),
            bool(split.ranking.is_flagged[position]),
        )
        for split in splits
        for position in split.ranking.positions
    ]
    return sorted(suspects, key=lambda suspect: suspect.score)
