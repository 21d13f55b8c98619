"""The estimator: scikit-learn's conventions hold, however pixels come, and the model file predicts."""

import copy
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.datasets import load_digits
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

import tenfold
from tenfold import DigitClassifier, model_file, recognizer, training
from tenfold.data import Dataset, Split
from tenfold.errors import InputError, ModelFileError, OutputError, RecipeError
from tenfold.image import to_digit_image
from tenfold.recipes import RECIPES

X8, Y8 = (array[:300] for array in load_digits(return_X_y=True))
FAST = {"max_iter": 10, "hidden_units": 16}


def make_classifier(recipe: str = "tutorial-mlp", **settings: Any) -> DigitClassifier:
    """Return an estimator that is fitted in a moment."""
    return DigitClassifier(recipe, settings=settings or FAST, random_state=0)


@pytest.fixture(scope="module")
def few(digits: Dataset) -> Split:
    """Return three hundred of the embedded digits."""
    return digits.train.take(np.arange(300))


@pytest.fixture(scope="module")
def fitted(few: Split) -> DigitClassifier:
    """Return an estimator fitted on these."""
    return make_classifier().fit(few.images, few.labels)


LONG = {"fast-cnn", "tiny-cnn", "robust-cnn", "committee"}
"""Recipes that take seconds; fast-mlp trains in the same loop."""


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in LONG))
        for name in RECIPES
        if name != "number-reader"
    ],
)
def test_every_recipe_is_an_estimator(recipe: str, few: Split) -> None:
    """Whichever recipe it is, fit and score take read-only memory, and the card says what was trained."""
    images = few.images.copy()
    images.flags.writeable = False
    settings = FAST if recipe == "tutorial-mlp" else {"epochs": 2, "batch_size": 16, "average": 0.0}
    classifier = make_classifier(recipe, **settings).fit(images, few.labels)
    assert classifier.score(images, few.labels) > 0.5
    card = classifier.model_.card
    assert card.recipe["name"] == recipe
    assert settings.items() <= card.recipe.items()
    assert (card.seed, card.metrics, card.data["name"], card.data["n_train"]) == (0, {}, "arrays", 300)
    assert bool(card.thresholds) == (card.recipe.get("trial_epochs", 0) > 0)


def test_a_recipe_that_reads_numbers_is_no_estimator(few: Split) -> None:
    """It has no single digits to predict."""
    with pytest.raises(InputError, match=r"for single digits\. Got number-reader"):
        make_classifier("number-reader").fit(few.images, few.labels)


def test_fit_trains_what_train_does(run: training.Run, digits: Dataset) -> None:
    """The same recipe, data and seed give the very network that `tenfold train` gives."""
    classifier = make_classifier(max_iter="8", hidden_units="32").fit(
        digits.train.images, digits.train.labels
    )
    ours, theirs = classifier.recognizer_, recognizer.Recognizer(run.model)
    np.testing.assert_array_equal(ours.embed(digits.test.images), theirs.embed(digits.test.images))
    assert classifier.model_.card.data["sha256"].items() <= run.model.card.data["sha256"].items()


def test_the_model_file_predicts(fitted: DigitClassifier, few: Split, tmp_path: Path) -> None:
    """Predictions are those of the saved file, opened anew."""
    fitted.save(tmp_path / "model.onnx")
    reader = tenfold.load(tmp_path / "model.onnx")
    expected = reader.predict_proba(few.images)[:, :10]
    np.testing.assert_array_equal(fitted.predict(few.images), reader.predict(few.images))
    np.testing.assert_allclose(fitted.predict_proba(few.images), expected, atol=1e-6)
    assert model_file.load(tmp_path / "model.onnx") == fitted.model_


# What X may be


@pytest.mark.parametrize(
    ("divisor", "dtype", "scale"),
    [
        (1, np.uint8, 255),
        (1, np.int64, 255),
        (1, np.float64, 255),
        (1, object, 255),
        (255, np.float32, 1),
        (255, np.float64, 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(784,), (28, 28)], ids=str)
def test_fit_takes_digit_images_on_any_scale(
    fitted: DigitClassifier, few: Split, shape: tuple[int, ...], divisor: int, dtype: type, scale: int
) -> None:
    """Rows or squares, integers or floats, 0–255 or 0–1: the model file is the same, bit by bit."""
    pixels = (few.images / divisor).astype(dtype).reshape(-1, *shape)
    classifier = make_classifier().fit(pixels, few.labels)
    assert classifier.model_.sha256 == fitted.model_.sha256
    assert (classifier.scale_, classifier.n_features_in_) == (scale, 784)
    np.testing.assert_array_equal(classifier.predict(pixels), fitted.predict(few.images))


@pytest.mark.parametrize(("factor", "scale"), [(1, 16), (1 / 16, 1), (15.9375, 255)])
@pytest.mark.parametrize("shape", [(64,), (8, 8)], ids=str)
def test_fit_makes_digit_images_of_small_digits(shape: tuple[int, ...], factor: float, scale: int) -> None:
    """8×8 digits of 0–16, 0–1 or 0–255 are trained on as the digit images that `to_digit_image` makes."""
    ink = (X8.reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8)
    images = np.stack([to_digit_image(digit) for digit in ink])
    small = make_classifier().fit((X8 * factor).reshape(-1, *shape), Y8)
    assert small.model_.sha256 == make_classifier().fit(images, Y8).model_.sha256
    assert (small.scale_, small.n_features_in_) == (scale, 64)


@pytest.mark.parametrize(
    ("factor", "said"), [(1, "8×8 pixels from 0 to 16."), (0.0625, "8×8 pixels from 0 to 1.")]
)
def test_fit_says_which_scale_it_took(factor: float, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the size and the scale of the pixels."""
    with caplog.at_level(logging.INFO, "tenfold"):
        make_classifier().fit(X8[:100] * factor, Y8[:100])
    assert caplog.messages == [f"X was taken as {said}"]


@pytest.mark.parametrize("layout", [np.asfortranarray, np.ndarray.tolist], ids=["Fortran", "lists"])
def test_fit_takes_any_layout(layout: Any, fitted: DigitClassifier, few: Split) -> None:
    """Other strides and nested lists are trained on alike."""
    assert make_classifier().fit(layout(few.images), few.labels).model_.sha256 == fitted.model_.sha256


def test_predict_takes_the_scale_of_fit() -> None:
    """Digits that are all pale are read on the scale that fit found, not on one of their own."""
    classifier = make_classifier().fit(X8, Y8)
    pale = np.minimum(X8[:50], 1)
    as_before = classifier.recognizer_.predict_proba(
        np.stack([to_digit_image((digit.reshape(8, 8) * 15.9375).round().astype(np.uint8)) for digit in pale])
    )
    np.testing.assert_allclose(classifier.predict_proba(pale), as_before[:, :10], atol=1e-6)


def test_scalers_may_overshoot_by_rounding(few: Split) -> None:
    """A hair above 1, where MinMaxScaler may end, is still full ink."""
    pixels = few.images / 255 * np.nextafter(1, 2)
    assert pixels.max() > 1
    assert make_classifier().fit(pixels, few.labels).scale_ == 1


def test_blank_small_digits_are_blank_images() -> None:
    """An 8×8 digit without ink gets a prediction, as a blank digit image does."""
    classifier = make_classifier().fit(X8, Y8)
    blank = classifier.recognizer_.predict_proba(np.zeros((1, 28, 28), np.uint8))
    np.testing.assert_allclose(classifier.predict_proba(np.zeros((1, 64))), blank[:, :10], atol=1e-6)


def test_names_of_pixels_are_kept() -> None:
    """A table's columns are noted by fit, and others are refused by predict."""
    pandas = pytest.importorskip("pandas", reason="needs pandas: pip install pandas")
    table = pandas.DataFrame(X8, columns=[f"pixel{number}" for number in range(64)])
    classifier = make_classifier().fit(table, Y8)
    assert list(classifier.feature_names_in_) == list(table.columns)
    assert classifier.predict(table).shape == (len(X8),)
    with pytest.raises(InputError, match=r"under their names\. The feature names should match"):
        classifier.predict(table[table.columns[::-1]])


# What y may be


@pytest.mark.parametrize("make", [list, np.ndarray.tolist, np.uint8, np.int32, np.float64])
def test_fit_takes_labels_of_any_type(make: Any, fitted: DigitClassifier, few: Split) -> None:
    """Whole numbers are labels, whatever holds them; predictions are int64."""
    classifier = make_classifier().fit(few.images, make(few.labels))
    assert classifier.model_.sha256 == fitted.model_.sha256
    assert classifier.predict(few.images).dtype == classifier.classes_.dtype == np.int64


def test_a_column_of_labels_is_flattened(fitted: DigitClassifier, few: Split) -> None:
    """A column is taken with scikit-learn's own warning."""
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        classifier = make_classifier().fit(few.images, few.labels[:, None])
    assert classifier.model_.sha256 == fitted.model_.sha256


def test_columns_are_the_labels_that_were_seen(few: Split) -> None:
    """Trained on three digits, it predicts these alone."""
    samples = few.take(np.flatnonzero(np.isin(few.labels, [2, 5, 9])))
    classifier = make_classifier().fit(samples.images, samples.labels)
    probabilities = classifier.predict_proba(few.images)
    assert classifier.classes_.tolist() == [2, 5, 9]
    assert probabilities.shape == (300, 3)
    np.testing.assert_array_equal(
        classifier.predict(few.images), np.array([2, 5, 9])[probabilities.argmax(axis=1)]
    )
    classifier.classes_ = np.array([0, 1, 3, 4])  # of which this model knows none: all are alike, and no NaN
    np.testing.assert_array_equal(classifier.predict_proba(few.images), 0.25)


def test_probabilities_sum_to_one_over_the_classes(fitted: DigitClassifier, few: Split) -> None:
    """What a network gives to labels that were not seen is shared out among those that were."""
    classifier = copy.deepcopy(fitted)
    classifier.classes_ = np.array([2, 5, 9])  # as if the others had not been seen
    among = fitted.predict_proba(few.images)[:, [2, 5, 9]]
    probabilities = classifier.predict_proba(few.images)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(probabilities * among.sum(axis=1, keepdims=True), among, atol=1e-12)


# What is refused


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros(784), r"of shape \(n, 784\), .* Got 1 dimension\(s\), shape \(784,\)"),
        (np.zeros((6, 100)), r"Got 100 feature\(s\), shape \(6, 100\)\. Make each"),
        (np.zeros((6, 28, 28, 1)), r"Got 4 dimension\(s\), shape \(6, 28, 28, 1\)"),
        (np.zeros((0, 784)), r"X must be digits .* 0 sample\(s\)"),
        (np.full((6, 64), np.nan), r"X must be digits .* Input X contains NaN\.$"),
        (np.full((6, 64), np.inf), r"X must be digits .* Input X contains infinity"),
        (np.full((6, 64), -1), r"X must be digits .* Negative values in data"),
        (np.full((6, 64), 256), r"X must have pixels from 0 to 255.* Got up to 256\. Scale"),
        (np.full((6, 64), "a"), r"X must be digits .*Convert your data to numeric"),
        (scipy.sparse.csr_array(np.ones((6, 64))), r"X must be digits .* Use '\.toarray\(\)'"),
        ([[0] * 64] * 5, r"X and y must have the same length\. Got 5 and 6\."),
        (None, r"X must be digits .* got scalar"),
    ],
)
def test_fit_refuses_what_is_no_digits(pixels: Any, message: str) -> None:
    """Pixels that cannot be digits are one InputError, which is a ValueError, that says what they are."""
    with pytest.raises(InputError, match=message) as caught:
        make_classifier().fit(pixels, [1, 1, 2, 2, 3, 3])
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            ["1", "2", "3"] * 2,
            r"Got strings, such as '1'\. Convert them: numpy\.asarray\(y\)\.astype\(int\)\.",
        ),
        ([1, 1, 2, 2, 10, 10], r"y must be whole numbers 0–9, one for each digit\. Got 10\."),
        ([1, 1, 2, 2, -3, -3], r"y must be whole numbers 0–9, one for each digit\. Got -3\."),
        ([1.5, 1, 2, 2, 3, 3], r"y must be whole numbers .* continuous"),
        ([np.nan, 1, 2, 2, 3, 3], r"y must be whole numbers .* Input y contains NaN\."),
        (np.ones((6, 2)), r"y must be whole numbers .* got an array of shape \(6, 2\)"),
        (None, r"y must be whole numbers .* got an array of shape \(\)"),
        ([4] * 6, r"y must show at least two digits to train on\. Got \[4\]\."),
        ([4, 4, 5, 5, 6, 7], r"y must show each digit at least twice\. Class 6 has 1 sample\."),
    ],
    ids=str,
)
def test_fit_refuses_what_is_no_labels(labels: Any, message: str) -> None:
    """Labels that cannot be trained on are one InputError, which is a ValueError, that says what they are."""
    with pytest.raises(InputError, match=message) as caught:
        make_classifier().fit(X8[:6], labels)
    assert isinstance(caught.value, ValueError)


def test_fit_says_all_that_is_wrong_at_once() -> None:
    """Mistakes in X and in y stand in one error."""
    with pytest.raises(InputError, match=r"Input X contains NaN\. y must be whole numbers"):
        make_classifier().fit(np.full((6, 64), np.nan), ["a"] * 6)


def test_fit_refuses_too_few_to_calibrate() -> None:
    """A recipe that calibrates says that it needs three samples of a class."""
    pairs = np.concatenate([np.flatnonzero(label == Y8)[:2] for label in range(10)])
    with pytest.raises(InputError, match=r"at least 3 samples to be cut into 3 parts\. Class 0 has 2"):
        make_classifier("fast-mlp", trial_epochs=2).fit(X8[pairs], Y8[pairs])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"recipe": "tutorial-mpl"}, RecipeError, r"Got 'tutorial-mpl'\. Did you mean tutorial-mlp\?"),
        ({"recipe": 3}, InputError, r"recipe must be the name of a recipe\. Got 3\."),
        ({"settings": {"max_itr": 3}}, RecipeError, r"Got max_itr\. Did you mean max_iter\?"),
        ({"settings": {"max_iter": 0.5}}, RecipeError, r"max_iter must be of type int\. Got '0\.5'\."),
        ({"settings": {"max_iter": 0}}, RecipeError, r"max_iter must be 1 or more\. Got 0\."),
        ({"settings": ["max_iter"]}, InputError, r"settings must be a mapping .* Got \['max_iter'\]\."),
        (
            {"recipe": "fast-mlp", "settings": {"network": "percepton"}},
            RecipeError,
            r"Got 'percepton'\. Did you mean perceptron\?",
        ),
        ({"random_state": -1}, InputError, r"seed must be 0 to 4294967295\. Got -1\."),
        ({"random_state": "lucky"}, InputError, r"random_state must be an int, .* Got 'lucky'\."),
    ],
    ids=str,
)
def test_fit_refuses_unknown_parameters(
    parameters: dict[str, Any], error: type[ValueError], message: str
) -> None:
    """Whatever is set wrongly is refused by fit, not before, and named, with the nearest that exists."""
    classifier = make_classifier().set_params(**parameters)
    with pytest.raises(error, match=message) as caught:
        classifier.fit(X8[:100], Y8[:100])
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (
            np.full((2, 784), 255),
            r"X must have pixels from 0 to 1, the scale that fit found\. Got up to 255\.",
        ),
        (np.ones((2, 64)), r"X has 64 features, but DigitClassifier is expecting 784 features"),
        (np.full((2, 784), np.nan), r"Input X contains NaN"),
        (np.full((2, 784), -1), r"Negative values"),
    ],
)
def test_predict_refuses_other_pixels_than_in_fit(pixels: np.ndarray, message: str, few: Split) -> None:
    """Another scale, another size and what is no pixels are refused after a fit on 0–1."""
    classifier = make_classifier().fit(few.images / 255, few.labels)
    with pytest.raises(InputError, match=message):
        classifier.predict(pixels)


@pytest.mark.parametrize("call", ["predict", "predict_proba", "save"])
def test_an_unfitted_estimator_says_so(call: str, tmp_path: Path) -> None:
    """Before fit, and after a fit that failed, there is scikit-learn's NotFittedError."""
    classifier = make_classifier()
    argument = tmp_path / "model.onnx" if call == "save" else X8[:2]
    for _ in range(2):
        with pytest.raises(NotFittedError, match="DigitClassifier instance is not fitted yet"):
            getattr(classifier, call)(argument)
        with pytest.raises(InputError, match="Got up to 300"):
            classifier.fit(np.full((6, 64), 300), [1, 1, 2, 2, 3, 3])


def test_save_says_where_it_cannot_write(fitted: DigitClassifier, tmp_path: Path) -> None:
    """A folder that does not exist is an OutputError."""
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        fitted.save(tmp_path / "missing" / "model.onnx")


# What scikit-learn does with it


def test_the_seed_decides_the_model_file(few: Split) -> None:
    """The same int or the same RandomState gives the same file; None draws another each time."""

    def fit(random_state: object) -> str:
        classifier = make_classifier().set_params(random_state=random_state)
        return classifier.fit(few.images, few.labels).model_.sha256

    assert fit(5) == fit(np.int32(5))
    assert fit(np.random.RandomState(5)) == fit(np.random.RandomState(5))
    assert len({fit(5), fit(6), fit(None), fit(None)}) == 4


def test_parameters_are_read_set_and_cloned(fitted: DigitClassifier) -> None:
    """`clone` copies the parameters and nothing that was learned."""
    assert DigitClassifier().get_params() == {"recipe": "fast-mlp", "settings": None, "random_state": None}
    copied = clone(fitted)
    assert copied.get_params() == fitted.get_params()
    assert not hasattr(copied, "recognizer_")
    assert copied.set_params(recipe="fast-mlp").recipe == "fast-mlp"
    assert fitted.recipe == "tutorial-mlp"


def test_it_is_a_step_of_a_pipeline() -> None:
    """Scaled to 0–1 by a step before it, 8×8 digits are read; the score is the mixin's."""
    pipeline = make_pipeline(MinMaxScaler(clip=True), make_classifier()).fit(X8[:200], Y8[:200])
    assert pipeline[-1].scale_ == 1
    assert pipeline.score(X8[200:], Y8[200:]) > 0.5


def test_cross_val_score_splits_squares() -> None:
    """Each fold is fitted on a clone and scored."""
    scores = cross_val_score(make_classifier(), X8.reshape(-1, 8, 8), Y8, cv=3)
    assert scores.shape == (3,)
    assert scores.min() > 0.5


def test_grid_search_chooses_a_recipe() -> None:
    """Of two recipes, each with settings of its own, the better is found and fitted anew."""
    grid = [
        {"recipe": ["tutorial-mlp"], "settings": [FAST]},
        {"recipe": ["fast-mlp"], "settings": [{"epochs": 1, "learning_rate": 1e-9}]},
    ]
    halves = [(np.arange(150), np.arange(150, 300))]
    search = GridSearchCV(DigitClassifier(random_state=0), grid, cv=halves, error_score="raise").fit(X8, Y8)
    assert search.best_params_ == {"recipe": "tutorial-mlp", "settings": FAST}
    assert search.best_estimator_.predict(X8[:3]).tolist() == [0, 1, 2]


@pytest.mark.slow
def test_grid_search_runs_in_other_processes() -> None:
    """Settings are compared by two workers at a time."""
    grid = {"settings": [{"max_iter": 1, "hidden_units": 2}, FAST]}
    search = GridSearchCV(make_classifier(), grid, cv=2, n_jobs=2, error_score="raise").fit(X8, Y8)
    assert search.best_params_ == {"settings": FAST}


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda fitted: pickle.loads(pickle.dumps(fitted))])
def test_copies_predict_alike(duplicate: Any, fitted: DigitClassifier, few: Split) -> None:
    """A copy opens the same model file anew."""
    copied = duplicate(fitted)
    assert copied.model_ == fitted.model_
    np.testing.assert_array_equal(copied.predict_proba(few.images), fitted.predict_proba(few.images))


def test_a_copy_inspects_its_model_file(fitted: DigitClassifier) -> None:
    """A state with other bytes than tenfold wrote is refused."""
    state = fitted.__getstate__()
    state["model_"] = state["model_"][:-1] + b"?"
    with pytest.raises(ModelFileError, match=r"\w"):
        DigitClassifier().__setstate__(state)


class Drawn(TransformerMixin, BaseEstimator):
    """Draws numbers of any kind as pixels, so that checks with data of their own reach the classifier."""

    def fit(self, X: Any, _y: Any = None) -> "Drawn":  # noqa: N803
        """Learn the range of each number."""
        X = validate_data(self, X)  # noqa: N806
        self.mean_, self.deviation_ = X.mean(axis=0), X.std(axis=0) + 1e-9
        return self

    def transform(self, X: Any) -> np.ndarray:  # noqa: N803
        """Fill 28×28 pixels with the numbers, over and over."""
        check_is_fitted(self)
        X = (validate_data(self, X, reset=False) - self.mean_) / self.deviation_  # noqa: N806
        return np.stack([np.resize(row, 784) for row in np.clip(128 + 50 * X, 0, 255)])


FEATURES = "its X has 2 to 10 features, not 784 or 64 pixels"
STRINGS = "its y holds strings"
STEPS = "a Pipeline fits the steps it was given in place, as scikit-learn's own do"

ALONE = (
    "check_fit_score_takes_y",
    "check_estimators_overwrite_params",
    "check_dont_overwrite_parameters",
    "check_estimators_fit_returns_self",
    "check_readonly_memmap_input",
    "check_n_features_in_after_fitting",
    "check_estimators_dtypes",
    "check_dtype_object",
    "check_pipeline_consistency",
    "check_estimators_nan_inf",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_classifier_data_not_an_array",
    "check_classifiers_classes",
    "check_classifiers_train",
    "check_supervised_y_2d",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_dict_unchanged",
    "check_fit_idempotent",
    "check_fit_check_is_fitted",
    "check_n_features_in",
    "check_fit2d_predict1d",
)


def expect_failures(estimator: BaseEstimator) -> dict[str, str]:
    """Return the checks that cannot pass, each with the reason."""
    if isinstance(estimator, DigitClassifier):
        return dict.fromkeys(ALONE, FEATURES)
    return {
        "check_classifiers_classes": STRINGS,
        "check_estimators_overwrite_params": STEPS,
        "check_dont_overwrite_parameters": STEPS,
    }


@pytest.mark.slow
@parametrize_with_checks(
    [make_classifier(), make_pipeline(Drawn(), make_classifier(max_iter=50, hidden_units=16))],
    expected_failed_checks=expect_failures,
)
def test_scikit_learns_checks_pass(estimator: BaseEstimator, check: Callable[[BaseEstimator], None]) -> None:
    """The estimator keeps scikit-learn's conventions, alone and behind a step that makes pixels of any X."""
    check(estimator)


def test_scikit_learn_missing_is_said_when_it_is_needed() -> None:
    """Without scikit-learn tenfold imports; only the attribute fails, with how to install it."""
    program = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import tenfold\n"
        "try: tenfold.DigitClassifier\n"
        "except tenfold.errors.MissingExtraError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.startswith("This needs scikit-learn, which is not installed.")
    assert "tenfold[train]" in said
