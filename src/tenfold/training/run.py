"""Train a recipe on a dataset into a model file, and evaluate that file."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tenfold
from tenfold.arrays import Labels
from tenfold.data import SOURCES, Dataset, Split
from tenfold.errors import CheckpointError, DatasetError, InputError, MissingExtraError
from tenfold.evaluation import Evaluation, evaluate
from tenfold.model_file import Card, ModelFile, add_card
from tenfold.recipes import RECIPES, LbfgsRecipe, Recipe, TorchRecipe
from tenfold.recognizer import Recognizer
from tenfold.training.lbfgs import fit_lbfgs
from tenfold.training.progress import Progress
from tenfold.training.to_onnx import network_to_onnx, perceptron_to_onnx

if TYPE_CHECKING:
    from tenfold.training.network import Calibrated


@dataclass(frozen=True)
class Trained:
    """A trained recipe, before it is a model file.

    Attributes
    ----------
    graph : bytes
        A serialized ONNX model without a card.
    thresholds : dict of str to float
        Confidences below which it abstains; empty where the recipe does not calibrate.
    seconds : float
        The training took, without the conversion.
    """

    graph: bytes
    thresholds: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class Run:
    """What came of training one recipe once.

    Attributes
    ----------
    model : ModelFile
        The bytes to save.
    evaluation : Evaluation
        Of that model file on the test split.
    seconds : float
        The training took, without loading the data.
    """

    model: ModelFile
    evaluation: Evaluation
    seconds: float


def train(
    recipe: Recipe,
    dataset: Dataset,
    *,
    seed: int = 0,
    on_progress: Callable[[Progress], None] = lambda _: None,
    checkpoints: Path | None = None,
    resume: bool = False,
) -> Run:
    """Train a recipe, convert it, and evaluate the converted model on the test split.

    Parameters
    ----------
    recipe : LbfgsRecipe or TorchRecipe
        What to train.
    dataset : Dataset
        Its training split is used whole; its test split is read once, at the end.
    seed : int
        0 to 2**32 - 1. The same seed gives the same model on the same machine.
    on_progress : callable, optional
        Called as training goes on.
    checkpoints : Path, optional
        A folder for the state after each epoch. L-BFGS keeps none.
    resume : bool
        Whether to go on from the checkpoints there.

    Raises
    ------
    InputError
        The seed is out of range.
    DatasetError
        The training split shows one digit only, so that there is nothing to tell apart, or a recipe
        that calibrates finds a digit with fewer than three images.
    CheckpointError
        There is nothing to resume from, or it is of another recipe, dataset or seed.
    MissingExtraError
        The packages of the extra `train` are not installed.
    """
    check_classes(dataset.train.labels, dataset.name)
    trained = train_graph(
        recipe, dataset.train, seed=seed, on_progress=on_progress, checkpoints=checkpoints, resume=resume
    )
    model, evaluation = make_model_file(
        trained.graph, recipe, dataset, seed=seed, thresholds=trained.thresholds
    )
    return Run(model, evaluation, trained.seconds)


def train_graph(
    recipe: Recipe,
    samples: Split,
    *,
    seed: int,
    on_progress: Callable[[Progress], None] = lambda _: None,
    checkpoints: Path | None = None,
    resume: bool = False,
) -> Trained:
    """Train a recipe on all samples, and convert it.

    Parameters
    ----------
    recipe, seed, on_progress, checkpoints, resume
        As `train` takes them.
    samples : Split
        All of these are used; none is held out.

    Raises
    ------
    InputError, DatasetError, CheckpointError, MissingExtraError
        As `train` does.
    """
    if not 0 <= seed < 2**32:
        raise InputError(f"seed must be 0 to 4294967295. Got {seed}.")
    started = time.perf_counter()
    if isinstance(recipe, LbfgsRecipe):
        if resume:
            raise CheckpointError(
                f"{recipe.name} must be trained in one go: L-BFGS keeps no checkpoints. "
                "Start without --resume."
            )
        fitted = fit_lbfgs(recipe, samples, seed=seed, on_progress=on_progress)
        seconds = time.perf_counter() - started
        return Trained(perceptron_to_onnx(fitted), {}, seconds)
    trained = _train_network(
        recipe, samples, seed=seed, on_progress=on_progress, folder=checkpoints, resuming=resume
    )
    seconds = time.perf_counter() - started
    graph = network_to_onnx(trained.network, temperature=trained.temperature, as_bytes=recipe.quantize)
    return Trained(graph, trained.thresholds, seconds)


def check_classes(labels: Labels, name: str) -> None:
    """Raise a DatasetError, with the data's name, if they show too few digits to tell apart."""
    classes = sorted({int(label) for label in labels})
    if len(classes) < 2:
        raise DatasetError(
            f"{name} must show at least two digits to train on. Got {classes}. Add other classes."
        )


def _train_network(recipe: TorchRecipe, samples: Split, **options: Any) -> "Calibrated":  # noqa: ANN401
    """Train by torch, which is imported here and not before."""
    try:
        from tenfold.training.network import train_network
    except ImportError as error:
        raise MissingExtraError(error.name or "torch", "train") from error
    return train_network(recipe, samples, **options)


def make_model_file(
    graph: bytes, recipe: Recipe, dataset: Dataset, *, seed: int, thresholds: dict[str, float] | None = None
) -> tuple[ModelFile, Evaluation]:
    """Evaluate a converted model on the test split, and write the figures into its card.

    Parameters
    ----------
    graph : bytes
        A serialized ONNX model without a card.
    recipe, dataset, seed
        What it was trained by, on and from.
    thresholds : dict of str to float, optional
        Confidences below which it abstains.

    Raises
    ------
    ModelFileError
        The graph is not of the model file's contract.
    """
    command = _command(recipe, dataset.name, seed)
    card = make_card(recipe, describe_data(dataset), command, seed=seed, thresholds=thresholds or {})
    recognizer = Recognizer(add_card(graph, card))
    evaluation = evaluate(recognizer.predict_proba, dataset.test.images, dataset.test.labels)
    return add_card(graph, dataclasses.replace(card, metrics={"test": evaluation.figures()})), evaluation


def make_card(
    recipe: Recipe, data: dict[str, Any], command: str, *, seed: int, thresholds: dict[str, float]
) -> Card:
    """Return the card of a model that this tenfold trained, without figures yet."""
    return Card(
        recipe=dataclasses.asdict(recipe),
        data=data,
        seed=seed,
        metrics={},
        thresholds=thresholds,
        license="MIT",
        tenfold_version=tenfold.__version__,
        command=command,
    )


def _command(recipe: Recipe, dataset: str, seed: int) -> str:
    """Return the command line that makes the model again."""
    usual = RECIPES.get(recipe.name)
    replaced = [
        f"--set {field.name}={getattr(recipe, field.name)}"
        for field in dataclasses.fields(recipe)
        if usual and getattr(recipe, field.name) != getattr(usual, field.name)
    ]
    words = ["tenfold train", f"--recipe {recipe.name}", f"--dataset {dataset}", f"--seed {seed}", *replaced]
    return " ".join(words)


def describe_data(dataset: Dataset) -> dict[str, Any]:
    """Return what a card says of the data: its name, license, size and checksums."""
    source = SOURCES.get(dataset.name)
    return {
        "name": dataset.name,
        "license": source.license if source else "unknown",
        "n_train": len(dataset.train),
        "sha256": dataset.sha256(),
    }
