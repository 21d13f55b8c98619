"""The models that come with tenfold: made by this code, and as good as their cards say."""

import dataclasses

import numpy as np
import pytest

import tenfold
from tenfold import line_recognizer, model_file, training
from tenfold.arrays import Probabilities
from tenfold.ctc import find_texts
from tenfold.data import Dataset
from tenfold.evaluation import evaluate, evaluate_texts, expected_calibration_error
from tenfold.line_recognizer import LineRecognizer
from tenfold.reading.line_reader import read_number
from tenfold.recipes import MEASURED, TorchRecipe, find_recipe, with_settings
from tenfold.recognizer import NONE, Recognizer
from tenfold.training.strings import compose_strings

LEAST = {"robust-cnn": 0.996, "tiny-cnn": 0.994}
MOST_BYTES = {"robust-cnn": 2_000_000, "tiny-cnn": 60_000}


@pytest.fixture(scope="module", params=model_file.SHIPPED)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each model."""
    return str(request.param)


@pytest.fixture(scope="module")
def shipped(name: str) -> Recognizer:
    """Return each model."""
    return tenfold.load(name)


@pytest.fixture(scope="module")
def probabilities(shipped: Recognizer, mnist: Dataset) -> Probabilities:
    """Return what each model makes of MNIST's test images."""
    return shipped.predict_proba(mnist.test.images)


def test_the_default_is_robust_cnn() -> None:
    """Without a name the first of them is opened."""
    assert tenfold.load().sha256 == tenfold.load("robust-cnn").sha256


def test_shipped_model_is_of_the_recipe_as_it_is_now(name: str) -> None:
    """Its card has the values of the recipe of that name: a recipe changed without a new model is noticed."""
    card = tenfold.load(name).card
    assert TorchRecipe(**card.recipe) == find_recipe(name)  # a newer field has its default in an older card
    assert card.command == f"tenfold train --recipe {name} --dataset mnist --seed {card.seed}"


@pytest.mark.slow
def test_shipped_model_has_the_network_that_training_makes_now(name: str, digits: Dataset) -> None:
    """A few steps of its recipe give a graph of the same shapes: a changed network is noticed."""
    few = Dataset("digits", digits.train.take(np.arange(200)), digits.test, digits.location)
    recipe = with_settings(find_recipe(name), {"epochs": "1", "trial_epochs": "1"})
    made, found = training.train(recipe, few).model, model_file.load(name)
    assert (made.n_weights, made.n_embedding) == (found.n_weights, found.n_embedding)
    assert abs(len(made.data) - len(found.data)) < 4_000  # their cards differ


def test_shipped_model_was_trained_on_mnist(shipped: Recognizer, mnist: Dataset) -> None:
    """Its card has the published checksums of MNIST's files."""
    assert shipped.card.data["sha256"] == mnist.sha256()


def test_shipped_model_reads_as_well_as_its_card_says(
    shipped: Recognizer, mnist: Dataset, probabilities: Probabilities
) -> None:
    """Evaluating it gives the figures of its card, and it is calibrated."""
    result = evaluate(lambda _: probabilities, mnist.test.images, mnist.test.labels)
    assert result.figures() == shipped.card.metrics["test"]
    assert result.accuracy >= LEAST[shipped.card.recipe["name"]]
    is_right = probabilities.argmax(axis=1) == mnist.test.labels
    assert expected_calibration_error(probabilities.max(axis=1), is_right) <= 0.005


def test_shipped_model_abstains_where_it_errs(
    shipped: Recognizer, mnist: Dataset, probabilities: Probabilities
) -> None:
    """Above its threshold it answers at least 99 % of the test images, and errs on about half as many."""
    is_accepted, is_wrong = judge(shipped, mnist, probabilities)
    assert is_accepted.mean() >= 0.99
    assert (is_wrong & is_accepted).sum() <= 0.55 * is_wrong.sum()


@pytest.mark.xfail(reason="27 % of robust-cnn's errors stay above the threshold, 45 % of tiny-cnn's")
def test_shipped_model_abstains_where_it_errs_most(
    shipped: Recognizer, mnist: Dataset, probabilities: Probabilities
) -> None:
    """Above its threshold it errs on a quarter as many."""
    is_accepted, is_wrong = judge(shipped, mnist, probabilities)
    assert (is_wrong & is_accepted).sum() <= is_wrong.sum() / 4


@pytest.mark.parametrize("name", ["robust-cnn"], scope="module")
def test_the_default_is_hardly_ever_wrong_where_it_answers(
    shipped: Recognizer, mnist: Dataset, probabilities: Probabilities
) -> None:
    """Of the 99 % and more of the test images that the default model answers, at most 0.1 % are wrong."""
    is_accepted, is_wrong = judge(shipped, mnist, probabilities)
    assert is_accepted.mean() >= 0.99
    assert (is_wrong & is_accepted).sum() <= 0.001 * is_accepted.sum()


def judge(reader: Recognizer, mnist: Dataset, probabilities: Probabilities) -> tuple[np.ndarray, np.ndarray]:
    """Tell which of MNIST's test images a model answers, and which it gets wrong."""
    is_accepted = probabilities.max(axis=1) >= reader.card.thresholds["unsure"]
    return is_accepted, probabilities.argmax(axis=1) != mnist.test.labels


def test_shipped_model_knows_blank_paper(shipped: Recognizer) -> None:
    """Nothing, and a dash, are not digits."""
    images = np.zeros((2, 28, 28), np.uint8)
    images[1, 13:16, 4:24] = 255
    assert shipped.predict(images).tolist() == [NONE, NONE]


def test_shipped_model_is_small(name: str) -> None:
    """It has at most the bytes that its recipe is meant for."""
    assert len(model_file.load(name).data) <= MOST_BYTES[name]


@pytest.fixture(scope="module")
def number_reader() -> LineRecognizer:
    """Return the model that reads whole numbers."""
    return line_recognizer.load(threads=1)


def test_number_reader_is_of_its_recipe_as_it_is_now(number_reader: LineRecognizer, mnist: Dataset) -> None:
    """Its card has the values of the recipe, MNIST's checksums and the command; its file is small."""
    card = number_reader.card
    assert card.recipe == dataclasses.asdict(find_recipe("number-reader"))
    assert card.command == f"tenfold train --recipe number-reader --dataset mnist --seed {card.seed}"
    assert card.data["sha256"] == mnist.sha256()
    assert card.metrics["test"]["accuracy"] == pytest.approx(MEASURED["number-reader"].accuracy, abs=1e-4)
    assert card.metrics["test"]["ece"] <= 0.03
    assert len(model_file.load("number-reader").data) <= 3_000_000


@pytest.mark.slow
def test_number_reader_reads_as_well_as_its_card_says(number_reader: LineRecognizer, mnist: Dataset) -> None:
    """On the first of the composed test strings it has about the accuracy that it has on all."""
    strings = compose_strings(200, mnist.test, seed=number_reader.card.seed)
    texts = [find_texts(number_reader.read_line(line))[0] for line in strings.lines]
    result = evaluate_texts(texts, [tuple(labels.tolist()) for labels in strings.labels])
    assert result.accuracy_low <= number_reader.card.metrics["test"]["accuracy"] <= result.accuracy_high


def test_number_reader_places_each_digit(number_reader: LineRecognizer, mnist: Dataset) -> None:
    """On a page, light on dark too, each digit has its label, its box and its probabilities."""
    chosen = [int(np.flatnonzero(mnist.test.labels == label)[0]) for label in (2, 0, 1, 7, 5)]
    page = np.full((300, 500), 230, np.uint8)
    for place, position in enumerate(chosen):
        page[150:178, 120 + 30 * place : 148 + 30 * place] -= mnist.test.images[position] // 2
    for grey in (page, 255 - page):
        reading = read_number(grey, number_reader)
        assert reading.text == "20175"
        assert reading.confidence > 0.5
        for place, digit in enumerate(reading.digits):
            left, top, wide, high = digit.box
            assert 118 + 30 * place <= left <= left + wide <= 150 + 30 * place
            assert 148 <= top <= top + high <= 180
            assert digit.probabilities.argmax() == digit.label
            assert digit.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_number_reader_finds_nothing_on_blank_paper(number_reader: LineRecognizer) -> None:
    """Paper without ink has no digits, no boxes, and a lattice without edges."""
    reading = read_number(np.full((60, 200), 200, np.uint8), number_reader)
    assert (reading.text, reading.digits, len(reading.lattice)) == ("", (), 0)
