"""Train a recipe on a dataset into a model file, and evaluate that file."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tenfold
from tenfold.data import SOURCES, Dataset
from tenfold.errors import DatasetError, InputError
from tenfold.evaluation import Evaluation, evaluate
from tenfold.model_file import Card, ModelFile, add_card
from tenfold.recipes import LbfgsRecipe
from tenfold.recognizer import Recognizer
from tenfold.training.lbfgs import Progress, fit_lbfgs
from tenfold.training.to_onnx import perceptron_to_onnx


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
        The fit took, without loading the data.
    """

    model: ModelFile
    evaluation: Evaluation
    seconds: float


def train(
    recipe: LbfgsRecipe,
    dataset: Dataset,
    *,
    seed: int = 0,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Run:
    """Train a recipe, convert it, and evaluate the converted model on the test split.

    Parameters
    ----------
    recipe : LbfgsRecipe
        What to train.
    dataset : Dataset
        Its training split is used whole; its test split is read once, at the end.
    seed : int
        0 to 2**32 - 1. The same seed gives the same model on the same machine.
    on_progress : callable, optional
        Called after each iteration.

    Raises
    ------
    InputError
        The seed is out of range.
    DatasetError
        The training split shows fewer than three digits, so that there is nothing to tell apart.
    MissingExtraError
        The packages of the extra `train` are not installed.
    """
    if not 0 <= seed < 2**32:
        raise InputError(f"seed must be 0 to 4294967295. Got {seed}.")
    classes = sorted({int(label) for label in dataset.train.labels})
    if len(classes) < 3:
        raise DatasetError(f"{dataset.name} must show at least three digits to train on. Got {classes}.")
    started = time.perf_counter()
    fitted = fit_lbfgs(recipe, dataset.train, seed=seed, on_progress=on_progress)
    seconds = time.perf_counter() - started
    model, evaluation = make_model_file(perceptron_to_onnx(fitted), recipe, dataset, seed=seed)
    return Run(model, evaluation, seconds)


def make_model_file(
    graph: bytes, recipe: LbfgsRecipe, dataset: Dataset, *, seed: int
) -> tuple[ModelFile, Evaluation]:
    """Evaluate a converted model on the test split, and write the figures into its card.

    Parameters
    ----------
    graph : bytes
        A serialized ONNX model without a card.
    recipe, dataset, seed
        What it was trained by, on and from.

    Raises
    ------
    ModelFileError
        The graph is not of the model file's contract.
    """
    card = Card(
        recipe=dataclasses.asdict(recipe),
        data=_describe_data(dataset),
        seed=seed,
        metrics={},
        thresholds={},
        license="MIT",
        tenfold_version=tenfold.__version__,
    )
    recognizer = Recognizer(add_card(graph, card))
    evaluation = evaluate(recognizer.predict_proba, dataset.test.images, dataset.test.labels)
    return add_card(graph, dataclasses.replace(card, metrics={"test": evaluation.figures()})), evaluation


def _describe_data(dataset: Dataset) -> dict[str, Any]:
    """Return what the card says of the data."""
    source = SOURCES.get(dataset.name)
    return {
        "name": dataset.name,
        "license": source.license if source else "unknown",
        "n_train": len(dataset.train),
        "sha256": dataset.sha256(),
    }
