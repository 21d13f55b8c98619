"""What a sweep is to do, as every process of it knows it."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import tenfold
from tenfold.data import Split
from tenfold.data.idx import idx_sha256
from tenfold.errors import InputError
from tenfold.sweep.space import Space
from tenfold.training.run import check_seed


@dataclass(frozen=True)
class Plan:
    """A space, the data it is searched on, and the study that keeps what was found.

    Attributes
    ----------
    space : Space
        A recipe, and which of its fields are searched.
    dataset : str
        A name or a path, as `load_dataset` takes it.
    checksums : tuple of str
        Of the training images and of their labels.
    seed : int
        Of the draws; and of each training, so that all are compared on the same images.
    n_trials : int
        Finished ones that the study is to have in the end.
    store : str
        A path or the URL of a database.
    study : str
        Its name there.
    is_pruning : bool
        Whether trials that lag behind end early.
    version : str
        Of tenfold.
    """

    space: Space
    dataset: str
    checksums: tuple[str, str]
    seed: int
    n_trials: int
    store: str
    study: str
    is_pruning: bool = True
    version: str = tenfold.__version__

    def __post_init__(self) -> None:
        """Refuse a seed that no training takes."""
        check_seed(self.seed)

    def origin(self) -> dict[str, Any]:
        """Return what makes the scores what they are."""
        searched = {part.field: str(part) for part in self.space.searched}
        recipe = {
            f"recipe.{name}": value
            for name, value in asdict(self.space.recipe).items()
            if name not in searched
        }
        return {
            **recipe,
            **{f"search.{name}": text for name, text in searched.items()},
            "data": list(self.checksums),
            "seed": self.seed,
            "tenfold": self.version,
        }

    @property
    def key(self) -> str:
        """Return a name that no other plan has."""
        parts = (self.dataset, self.store, self.study, repr(self.origin()), str(self.n_trials))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def compute_checksums(samples: Split) -> tuple[str, str]:
    """Return the checksums of images and of labels, as the IDX files they would be."""
    return idx_sha256(samples.images), idx_sha256(samples.labels.astype(np.uint8))


def check_samples(plan: Plan, samples: Split) -> None:
    """Raise an InputError if this process has found other samples than the plan is for."""
    found = compute_checksums(samples)
    if found != plan.checksums:
        raise InputError(
            f"{plan.dataset} must be the same for every worker: sha256 {plan.checksums[0]} and "
            f"{plan.checksums[1]}. Got {found[0]} and {found[1]}."
        )
