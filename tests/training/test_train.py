"""Training: the model file computes what scikit-learn fitted, and says how it came about."""

import dataclasses
import re
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import scipy.optimize
from sklearn.pipeline import Pipeline

import tenfold
from tenfold import evaluation, model_file, training
from tenfold.data import Dataset, Split
from tenfold.errors import DatasetError, InputError
from tenfold.recipes import RECIPES, LbfgsRecipe, LineRecipe, Recipe, TorchRecipe, find_recipe, with_settings
from tenfold.recognizer import Recognizer
from tenfold.training import Progress
from tenfold.training.lbfgs import fit_lbfgs
from tenfold.training.run import make_model_file
from tenfold.training.to_onnx import perceptron_to_onnx

R = TypeVar("R", LbfgsRecipe, TorchRecipe, LineRecipe)


def short(recipe: R) -> R:
    """Return the recipe, cut to seconds."""
    if isinstance(recipe, LbfgsRecipe):
        return with_settings(recipe, {"max_iter": "5", "hidden_units": "16"})
    if isinstance(recipe, LineRecipe):
        few = {"strings": "20", "showings": "1", "held_out": "8", "test_strings": "8"}
        return with_settings(recipe, {"epochs": "1", **few})
    trial_epochs = min(1, recipe.trial_epochs)
    return with_settings(recipe, {"epochs": "1", "batch_size": "32", "trial_epochs": str(trial_epochs)})


RECIPE = short(find_recipe("tutorial-mlp"))


def only(dataset: Dataset, *labels: int) -> Dataset:
    """Return the samples of some digits."""
    train, test = (
        split.take(np.flatnonzero(np.isin(split.labels, labels))) for split in (dataset.train, dataset.test)
    )
    return dataclasses.replace(dataset, train=train, test=test)


def assert_same_predictions(reader: Recognizer, fitted: Pipeline, images: np.ndarray) -> None:
    """Check a model file against the pipeline it was made of: every label, probability and embedding."""
    pixels = images.reshape(len(images), -1).astype(np.float64)
    scaler, perceptron = (step for _, step in fitted.steps)
    hidden = np.maximum(scaler.transform(pixels) @ perceptron.coefs_[0] + perceptron.intercepts_[0], 0)
    np.testing.assert_array_equal(reader.predict(images), fitted.predict(pixels))
    probabilities = reader.predict_proba(images)
    np.testing.assert_allclose(probabilities[:, fitted.classes_], fitted.predict_proba(pixels), atol=1e-4)
    assert not np.delete(probabilities, fitted.classes_, axis=1).any()
    np.testing.assert_allclose(reader.embed(images), hidden, atol=1e-3, rtol=1e-4)


LONG = {"tiny-cnn", "robust-cnn", "committee", "number-reader"}
"""Recipes of which even a few iterations take seconds."""


@pytest.mark.parametrize(
    "recipe",
    [pytest.param(recipe, marks=[pytest.mark.slow] * (name in LONG)) for name, recipe in RECIPES.items()],
    ids=RECIPES.keys(),
)
def test_every_recipe_trains_on_the_embedded_digits(recipe: Recipe, digits: Dataset) -> None:
    """A few iterations make a model file that beats guessing, with a card that says what made it."""
    run = training.train(short(recipe), digits, seed=3)
    assert run.evaluation.accuracy > 0.5 or isinstance(recipe, LineRecipe)  # whose strings take longer
    assert run.seconds > 0
    card = model_file.inspect(run.model.data).card
    assert card.recipe == dataclasses.asdict(short(recipe))
    assert (card.seed, card.license, card.tenfold_version, card.format) == (3, "MIT", tenfold.__version__, 1)
    assert (card.data["name"], card.data["n_train"]) == ("digits", len(digits.train))
    assert card.data["license"].startswith("CC BY 4.0")
    assert card.data["sha256"] == digits.sha256()
    calibrates = isinstance(recipe, LineRecipe) or (
        isinstance(recipe, TorchRecipe) and recipe.trial_epochs > 0
    )
    assert list(card.thresholds) == (["unsure"] if calibrates else [])
    assert all(0 <= threshold < 1 for threshold in card.thresholds.values())


def test_the_cards_figures_are_those_of_the_file(run: training.Run, digits: Dataset) -> None:
    """Evaluating the finished file gives the figures of its card and of the run."""
    reader = Recognizer(model_file.inspect(run.model.data))
    figures = evaluation.evaluate(reader.predict_proba, digits.test.images, digits.test.labels).figures()
    assert run.model.card.metrics == {"test": figures}
    assert run.evaluation.figures() == figures


def test_the_file_computes_what_was_fitted(digits: Dataset) -> None:
    """On every embedded digit the file has scikit-learn's label, probabilities and hidden layer."""
    fitted = fit_lbfgs(find_recipe("tutorial-mlp"), digits.train, seed=0, on_progress=lambda _: None)
    model, _ = make_model_file(perceptron_to_onnx(fitted), find_recipe("tutorial-mlp"), digits, seed=0)
    images = np.concatenate([digits.train.images, digits.test.images])
    assert_same_predictions(Recognizer(model), fitted, images)


@pytest.mark.parametrize("shown", [{2, 5, 9}, {3, 8}], ids=str)
def test_digits_that_were_not_shown_have_no_probability(digits: Dataset, shown: set[int]) -> None:
    """Trained on a few digits, the file still has eleven classes, and the others never occur."""
    few = only(digits, *shown)
    fitted = fit_lbfgs(RECIPE, few.train, seed=0, on_progress=lambda _: None)
    model, _ = make_model_file(perceptron_to_onnx(fitted), RECIPE, few, seed=0)
    assert_same_predictions(Recognizer(model), fitted, digits.test.images)
    assert set(Recognizer(model).predict(digits.test.images)) == shown


@pytest.mark.slow
def test_the_file_computes_what_was_fitted_on_mnist(mnist: Dataset) -> None:
    """After five iterations on 5,000 of MNIST's images, all 10,000 test images get scikit-learn's answer."""
    recipe = with_settings(find_recipe("tutorial-mlp"), {"max_iter": "5"})
    few = dataclasses.replace(mnist, train=mnist.train.take(np.arange(5000)))
    fitted = fit_lbfgs(recipe, few.train, seed=0, on_progress=lambda _: None)
    model, result = make_model_file(perceptron_to_onnx(fitted), recipe, few, seed=0)
    assert result.n == 10_000
    assert_same_predictions(Recognizer(model), fitted, mnist.test.images)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_tutorial_mlp_reaches_the_tutorials_figure(mnist: Dataset, tmp_path: Path) -> None:
    """Trained on all of MNIST, the saved file reaches 97.62 % and answers as scikit-learn does, always."""
    recipe = find_recipe("tutorial-mlp")
    fitted = fit_lbfgs(recipe, mnist.train, seed=0, on_progress=lambda _: None)
    model, _ = make_model_file(perceptron_to_onnx(fitted), recipe, mnist, seed=0)
    model_file.save(tmp_path / "model.onnx", model)
    reader = tenfold.load(tmp_path / "model.onnx")
    accuracy = reader.score(mnist.test.images, mnist.test.labels)
    print(f"accuracy {accuracy}, {fitted.steps[-1][1].n_iter_} iterations")
    assert accuracy == pytest.approx(0.9762, abs=0.0015)
    assert accuracy >= recipe.must_reach
    assert_same_predictions(reader, fitted, mnist.test.images)


def test_the_seed_decides_the_file(digits: Dataset) -> None:
    """The same seed gives the same bytes, another seed another model."""
    first, again, other = (training.train(RECIPE, digits, seed=seed).model for seed in (7, 7, 8))
    assert first.sha256 == again.sha256
    assert first.data == again.data
    images = digits.test.images[:5]
    assert not np.array_equal(Recognizer(first).embed(images), Recognizer(other).embed(images))


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_train_takes_seeds_to_the_last(digits: Dataset, seed: int) -> None:
    """Both ends of the range of seeds train."""
    assert training.train(RECIPE, digits, seed=seed).model.card.seed == seed


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_train_refuses_seeds_out_of_range(digits: Dataset, seed: int) -> None:
    """A seed that NumPy cannot take is refused before the fit."""
    with pytest.raises(InputError, match=rf"seed must be 0 to 4294967295\. Got {seed}\."):
        training.train(RECIPE, digits, seed=seed)


@pytest.mark.parametrize("labels", [[], [4]], ids=str)
def test_train_refuses_a_single_digit(digits: Dataset, labels: list[int]) -> None:
    """Data with nothing to tell apart is refused, and the digits it shows are named."""
    with pytest.raises(
        DatasetError, match=rf"at least two digits to train on\. Got {re.escape(str(labels))}"
    ):
        training.train(RECIPE, only(digits, *labels))


def test_progress_is_reported_once_an_iteration(digits: Dataset) -> None:
    """Each iteration reports its number and a loss that falls, without changing what is fitted."""
    seen: list[Progress] = []
    fitted = fit_lbfgs(RECIPE, digits.train, seed=0, on_progress=seen.append)
    perceptron = fitted.steps[-1][1]
    assert [progress.iteration for progress in seen] == list(range(1, perceptron.n_iter_ + 1))
    assert {progress.max_iter for progress in seen} == {RECIPE.max_iter}
    losses, seconds = ([getattr(step, name) for step in seen] for name in ("loss", "seconds"))
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 2
    assert losses[-1] == pytest.approx(perceptron.loss_)
    assert seconds == sorted(seconds)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_scipy_is_as_before_after_a_fit(digits: Dataset, error: type[BaseException]) -> None:
    """Whether a fit ends or is interrupted, scipy's function stands where it stood."""
    before = scipy.optimize.minimize

    def stop(progress: Progress) -> None:
        if progress.iteration == 2:
            raise error("at iteration 2")

    with pytest.raises(error, match="at iteration 2"):
        fit_lbfgs(RECIPE, digits.train, seed=0, on_progress=stop)
    assert scipy.optimize.minimize is before
    fit_lbfgs(RECIPE, digits.train, seed=0, on_progress=lambda _: None)
    assert scipy.optimize.minimize is before


def test_constant_pixels_do_no_harm(digits: Dataset) -> None:
    """Pixels that are the same in every training image, as MNIST's corners are, give finite predictions."""
    images = digits.train.images.copy()
    images[:, :14] = 200
    halved = dataclasses.replace(digits, train=Split(images, digits.train.labels))
    probabilities = Recognizer(training.train(RECIPE, halved).model).predict_proba(digits.test.images)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
