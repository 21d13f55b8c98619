"""The model that comes with tenfold: made by this code, and as good as its card says."""

import dataclasses

import numpy as np
import pytest

import tenfold
from tenfold import model_file, recognizer, training
from tenfold.data import Dataset
from tenfold.evaluation import evaluate, expected_calibration_error
from tenfold.recipes import find_recipe, with_settings
from tenfold.recognizer import NONE, Recognizer


@pytest.fixture(scope="module")
def shipped() -> Recognizer:
    """Return the default model."""
    return tenfold.load()


@pytest.mark.parametrize("name", model_file.SHIPPED)
def test_shipped_model_is_of_the_recipe_as_it_is_now(name: str) -> None:
    """Its card has the values of the recipe of that name: a recipe changed without a new model is noticed."""
    card = recognizer.load(name).card
    assert card.recipe == dataclasses.asdict(find_recipe(name))
    assert card.command == f"tenfold train --recipe {name} --dataset mnist --seed {card.seed}"


def test_shipped_model_has_the_network_that_training_makes_now(shipped: Recognizer, digits: Dataset) -> None:
    """A few steps of its recipe give a graph of the same shapes: a changed network is noticed."""
    few = Dataset("digits", digits.train.take(np.arange(200)), digits.test, digits.location)
    recipe = with_settings(find_recipe("robust-cnn"), {"epochs": "1"})
    made, found = training.train(recipe, few).model, model_file.load("robust-cnn")
    assert (made.n_weights, made.n_embedding) == (found.n_weights, found.n_embedding)
    assert abs(len(made.data) - len(found.data)) < 4_000  # their cards differ


def test_shipped_model_was_trained_on_mnist(shipped: Recognizer, mnist: Dataset) -> None:
    """Its card has the published checksums of MNIST's files."""
    assert shipped.card.data["sha256"] == mnist.sha256()


def test_shipped_model_reads_as_well_as_its_card_says(shipped: Recognizer, mnist: Dataset) -> None:
    """Evaluating it gives the figures of its card, and it is calibrated."""
    result = evaluate(shipped.predict_proba, mnist.test.images, mnist.test.labels)
    assert result.figures() == shipped.card.metrics["test"]
    assert result.accuracy >= 0.995
    probabilities = shipped.predict_proba(mnist.test.images)
    is_right = probabilities.argmax(axis=1) == mnist.test.labels
    assert expected_calibration_error(probabilities.max(axis=1), is_right) <= 0.005


def test_shipped_model_abstains_where_it_errs(shipped: Recognizer, mnist: Dataset) -> None:
    """Above its threshold it answers at least 99 % of the test images, and errs on a quarter as many."""
    probabilities = shipped.predict_proba(mnist.test.images)
    is_accepted = probabilities.max(axis=1) >= shipped.card.thresholds["unsure"]
    is_wrong = probabilities.argmax(axis=1) != mnist.test.labels
    assert is_accepted.mean() >= 0.99
    assert (is_wrong & is_accepted).sum() <= is_wrong.sum() / 4


def test_shipped_model_knows_blank_paper(shipped: Recognizer) -> None:
    """Nothing, and a dash, are not digits."""
    images = np.zeros((2, 28, 28), np.uint8)
    images[1, 13:16, 4:24] = 255
    assert shipped.predict(images).tolist() == [NONE, NONE]


def test_shipped_model_is_small() -> None:
    """The default model is at most 2 MB."""
    assert len(model_file.load("robust-cnn").data) <= 2_000_000
