"""Train a recipe on a dataset into a model file, and evaluate that file."""

import dataclasses
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.arrays import Labels
from tenfold.ctc import find_texts
from tenfold.data import SOURCES, Dataset, Split
from tenfold.errors import CheckpointError, DatasetError, InputError, MissingExtraError
from tenfold.evaluation import Evaluation, TextEvaluation, evaluate, evaluate_texts
from tenfold.line_recognizer import LineRecognizer
from tenfold.model_file import DIGITS, LINES, Card, ModelFile, add_card
from tenfold.recipes import RECIPES, LbfgsRecipe, LineRecipe, Recipe, TorchRecipe
from tenfold.recognizer import Recognizer
from tenfold.training.lbfgs import fit_lbfgs
from tenfold.training.progress import Progress
from tenfold.training.to_onnx import line_network_to_onnx, network_to_onnx, perceptron_to_onnx

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
    evaluation : Evaluation or TextEvaluation
        Of that model file on the test split.
    seconds : float
        The training took, without loading the data.
    """

    model: ModelFile
    evaluation: Evaluation | TextEvaluation
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
    recipe : Recipe
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
    check_seed(seed)
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
    convert = line_network_to_onnx if isinstance(recipe, LineRecipe) else network_to_onnx
    graph = convert(trained.network, temperature=trained.temperature, as_bytes=recipe.quantize)
    return Trained(graph, trained.thresholds, seconds)


def check_seed(seed: int) -> None:
    """Raise an InputError for a seed that no training takes."""
    if not 0 <= seed < 2**32:
        raise InputError(f"seed must be 0 to 4294967295. Got {seed}.")


def check_classes(labels: Labels, name: str) -> None:
    """Raise a DatasetError, with the data's name, if they show too few digits to tell apart."""
    classes = sorted({int(label) for label in labels})
    if len(classes) < 2:
        raise DatasetError(
            f"{name} must show at least two digits to train on. Got {classes}. Add other classes."
        )


def _train_network(
    recipe: TorchRecipe | LineRecipe,
    samples: Split,
    **options: Any,  # noqa: ANN401
) -> "Calibrated":
    """Train by torch, which is imported here and not before."""
    try:
        from tenfold.training.lines import train_line_reader
        from tenfold.training.network import train_network
    except ImportError as error:
        raise MissingExtraError(error.name or "torch", "train") from error
    if isinstance(recipe, LineRecipe):
        return train_line_reader(recipe, samples, **options)
    return train_network(recipe, samples, **options)


def make_model_file(
    graph: bytes, recipe: Recipe, dataset: Dataset, *, seed: int, thresholds: dict[str, float] | None = None
) -> tuple[ModelFile, Evaluation | TextEvaluation]:
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
    command = make_command(recipe, dataset.name, seed)
    card = make_card(recipe, describe_data(dataset), command, seed=seed, thresholds=thresholds or {})
    evaluation = _evaluate(add_card(graph, card), recipe, dataset, seed)
    return add_card(graph, dataclasses.replace(card, metrics={"test": evaluation.figures()})), evaluation


def _evaluate(model: ModelFile, recipe: Recipe, dataset: Dataset, seed: int) -> Evaluation | TextEvaluation:
    """Evaluate a model file on the test split, or on strings composed of it."""
    if not isinstance(recipe, LineRecipe):
        return evaluate(Recognizer(model).predict_proba, dataset.test.images, dataset.test.labels)
    from tenfold.training.strings import compose_strings

    strings = compose_strings(recipe.test_strings, dataset.test, seed=seed)
    reader = LineRecognizer(model, threads=1)
    texts = [find_texts(reader.read_line(line))[0] for line in strings.lines]
    return evaluate_texts(texts, [tuple(labels.tolist()) for labels in strings.labels])


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
        tenfold_version=version("tenfold"),
        command=command,
        kind=LINES if isinstance(recipe, LineRecipe) else DIGITS,
    )


def make_command(recipe: Recipe, dataset: str, seed: int) -> str:
    """Return the command line that trains a recipe, as a shell takes it.

    Parameters
    ----------
    recipe : Recipe
        Fields in which it differs from the recipe of its name are set.
    dataset : str
        A name or a path.
    seed : int
        Of the training.
    """
    usual = RECIPES.get(recipe.name)
    replaced = [
        f"{field.name}={getattr(recipe, field.name)}"
        for field in dataclasses.fields(recipe)
        if usual and getattr(recipe, field.name) != getattr(usual, field.name)
    ]
    words = ["tenfold", "train", "--recipe", recipe.name, "--dataset", dataset, "--seed", str(seed)]
    return shlex.join([*words, *(word for setting in replaced for word in ("--set", setting))])


def describe_data(dataset: Dataset) -> dict[str, Any]:
    """Return what a card says of the data: its name, license, size and checksums."""
    source = SOURCES.get(dataset.name)
    return {
        "name": dataset.name,
        "license": source.license if source else "unknown",
        "n_train": len(dataset.train),
        "sha256": dataset.sha256(),
    }
