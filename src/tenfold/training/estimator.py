"""A scikit-learn estimator over any recipe."""

import logging
import numbers
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Labels
from tenfold.data import Split
from tenfold.data.idx import idx_sha256
from tenfold.errors import DatasetError, InputError, MissingExtraError
from tenfold.model_file import add_card, inspect, save
from tenfold.recipes import LineRecipe, Recipe, find_recipe, with_settings
from tenfold.recognizer import Recognizer
from tenfold.training.run import make_card, train_graph
from tenfold.training.samples import check_samples, check_squares, choose_scale, to_images

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as missing:
    raise MissingExtraError("scikit-learn", "train") from missing

logger = logging.getLogger(__name__)


class DigitClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Train a recipe by `fit`, and predict by the model file that came of it.

    `X` holds digits as rows or squares: 28×28 pixels, taken as digit images as they are, or 8×8, which are
    made into digit images. Full ink is 1, 16 (8×8 alone) or 255, whichever is the first that no pixel in
    `fit` exceeds; paper is 0. `y` holds whole numbers 0–9, at least two of them and each at least twice.

    Parameters
    ----------
    recipe : str
        A name that ``tenfold recipes`` lists.
    settings : mapping of str to object, optional
        Fields of the recipe to replace, as ``tenfold train --set`` does.
    random_state : int, RandomState or None
        An int is the seed, 0 to 2**32 - 1: the same gives the same model file. Otherwise a seed is drawn.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,), dtype=int64
        The labels seen in `fit`, in order.
    n_features_in_ : int
        784 or 64.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype=object
        The columns of X; only where X was a table with names.
    scale_ : int
        What `fit` took for full ink: 1, 16 or 255. Predictions take the same.
    model_ : ModelFile
        The trained model file, as `save` writes it.
    recognizer_ : Recognizer
        That model, opened.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> DigitClassifier(settings={"epochs": 1}, random_state=0).fit(X, y).predict(X[:3])  # doctest: +SKIP
    array([0, 1, 2])
    """

    def __init__(
        self,
        recipe: object = "fast-mlp",  # any: scikit-learn wants all checks in fit
        *,
        settings: object = None,
        random_state: object = None,
    ) -> None:
        self.recipe = recipe
        self.settings = settings
        self.random_state = random_state

    def fit(self, X: object, y: object) -> "DigitClassifier":  # noqa: N803
        """Train the recipe on all samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, 784), (n_samples, 28, 28), (n_samples, 64) or (n_samples, 8, 8)
            Pixels.
        y : array-like of shape (n_samples,)
            Labels.

        Raises
        ------
        InputError
            X, y or a parameter is not what it must be; a recipe that calibrates needs three samples of each
            class, one that draws what is no digit needs all ten.
        RecipeError
            There is no such recipe, field or value.
        MissingExtraError
            The packages of the extra `train` are not installed.
        """
        recipe, seed = self._find_recipe(), self._choose_seed()
        squares, labels = check_samples(X, y)
        self._check_names(X, squares, is_fit=True)
        scale, side = choose_scale(squares), squares.shape[1]
        logger.info("X was taken as %d×%d pixels from 0 to %d.", side, side, scale)
        samples = Split(to_images(squares, scale), labels)
        try:
            trained = train_graph(recipe, samples, seed=seed)
        except DatasetError as error:
            raise InputError(str(error)) from error
        command = (
            f"DigitClassifier({self.recipe!r}, settings={self.settings!r}, random_state={seed}).fit(X, y)"
        )
        card = make_card(recipe, _describe(samples), command, seed=seed, thresholds=trained.thresholds)
        self.model_ = add_card(trained.graph, card)
        self.recognizer_ = Recognizer(self.model_)
        self.scale_ = scale
        self.classes_: Labels = np.unique(labels)
        return self

    def predict(self, X: object) -> Labels:  # noqa: N803
        """Return the most probable of `classes_` for each digit.

        Parameters
        ----------
        X : array-like
            As `fit` takes it, with the pixels and the scale that it had there.

        Raises
        ------
        NotFittedError
            `fit` was not called.
        InputError
            X is not as it was in `fit`.
        """
        probabilities = self.predict_proba(X)
        labels: Labels = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def predict_proba(self, X: object) -> NDArray[np.float64]:  # noqa: N803
        """Return the probability of each of `classes_`, given that the digit is one of them.

        What the model gives to other classes, "not a digit" among them, is left out, and the rest divided by
        its sum; `recognizer_` has it all.

        Parameters
        ----------
        X : array-like
            As `predict` takes it.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), dtype=float64
            In the order of `classes_`; rows sum to 1.

        Raises
        ------
        NotFittedError, InputError
            As `predict` does.
        """
        check_is_fitted(self, "recognizer_")
        squares = check_squares(X)
        self._check_names(X, squares, is_fit=False)
        every = self.recognizer_.predict_proba(to_images(squares, self.scale_))
        seen = every[:, self.classes_].astype(np.float64)
        seen[~seen.any(axis=1)] = 1  # all of it went elsewhere: nothing tells the classes apart
        probabilities: NDArray[np.float64] = seen / seen.sum(axis=1, keepdims=True)
        return probabilities

    def save(self, path: str | Path) -> None:
        """Write the trained model file, as ``tenfold train --out`` does.

        Its card has no figures, since `fit` holds no samples out to measure them on.

        Raises
        ------
        NotFittedError
            `fit` was not called.
        OutputError
            The file cannot be written; what stood there before still stands there.
        """
        check_is_fitted(self, "recognizer_")
        save(path, self.model_)

    def _find_recipe(self) -> Recipe:
        """Return the recipe with the settings in place."""
        if not isinstance(self.recipe, str):
            raise InputError(f"recipe must be the name of a recipe. Got {self.recipe!r}.")
        if not isinstance(self.settings, Mapping | None):
            raise InputError(f"settings must be a mapping of fields to values. Got {self.settings!r}.")
        settings = {str(field): str(value) for field, value in (self.settings or {}).items()}
        recipe = find_recipe(self.recipe)
        if isinstance(recipe, LineRecipe):
            raise InputError(f"recipe must be one for single digits. Got {recipe.name}, which reads numbers.")
        return with_settings(recipe, settings)

    def _choose_seed(self) -> int:
        """Return the seed that was given, or draw one."""
        if isinstance(self.random_state, numbers.Integral):
            return int(self.random_state)
        try:
            return int(check_random_state(self.random_state).randint(2**31))
        except ValueError as error:
            raise InputError(
                f"random_state must be an int, a numpy.random.RandomState or None. Got {self.random_state!r}."
            ) from error

    def _check_names(self, X: object, squares: AnyArray, *, is_fit: bool) -> None:  # noqa: N803
        """Note the number and the names of the pixels, or hold them against those in `fit`."""
        rows = squares.reshape(len(squares), -1)
        is_table = hasattr(X, "columns")
        try:
            validate_data(self, X if is_table else rows, reset=is_fit, skip_check_array=True)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"X must have the pixels that it had in fit, under their names. {error}"
            ) from error

    def __getstate__(self) -> dict[str, Any]:
        """Return the state with the model file as bytes: an open model cannot be copied."""
        state = dict(super().__getstate__())
        if "recognizer_" in state:
            del state["recognizer_"]
            state["model_"] = self.model_.data
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Inspect and open the model file anew."""
        state = dict(state)
        if "model_" in state:
            state["model_"] = inspect(state["model_"])
            state["recognizer_"] = Recognizer(state["model_"])
        super().__setstate__(state)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401
        """Say what X may be."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.positive_only = True
        return tags


def _describe(samples: Split) -> dict[str, Any]:
    """Return what a card says of data that came as arrays."""
    checksums = {
        "train-images": idx_sha256(samples.images),
        "train-labels": idx_sha256(samples.labels.astype(np.uint8)),
    }
    return {"name": "arrays", "license": "unknown", "n_train": len(samples), "sha256": checksums}
