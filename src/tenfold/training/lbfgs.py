"""Fit scikit-learn's perceptron by L-BFGS, and say how far it is."""

import functools
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tenfold.data.splits import Split
from tenfold.errors import MissingExtraError
from tenfold.recipes import LbfgsRecipe
from tenfold.training.progress import Progress

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def fit_lbfgs(
    recipe: LbfgsRecipe, samples: Split, *, seed: int, on_progress: Callable[[Progress], None]
) -> "Pipeline":
    """Fit the recipe's scaler and perceptron on digit images.

    Parameters
    ----------
    recipe : LbfgsRecipe
        What to fit.
    samples : Split
        All of these are used; none is held out.
    seed : int
        Of the initial weights.
    on_progress : callable
        Called after each iteration.

    Returns
    -------
    Pipeline
        A fitted `StandardScaler` and a fitted `MLPClassifier`, in float64.

    Raises
    ------
    MissingExtraError
        scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error

    perceptron = MLPClassifier(
        solver="lbfgs",
        alpha=recipe.alpha,
        hidden_layer_sizes=(recipe.hidden_units,),
        max_iter=recipe.max_iter,
        tol=recipe.tol,
        random_state=seed,
    )
    pipeline = make_pipeline(StandardScaler(), perceptron)
    with warnings.catch_warnings(), _watched(recipe, on_progress):
        warnings.simplefilter("ignore", ConvergenceWarning)  # max_iter is the recipe's to choose
        return pipeline.fit(samples.images.reshape(len(samples), -1), samples.labels)


@contextmanager
def _watched(recipe: LbfgsRecipe, on_progress: Callable[[Progress], None]) -> Iterator[None]:
    """Report each iteration of the fits inside the block.

    scikit-learn offers no callback for lbfgs. It calls `scipy.optimize.minimize`, which does, so that
    public function is given one for the length of the block.
    """
    import scipy.optimize

    minimize = scipy.optimize.minimize
    started = time.perf_counter()
    iteration = 0

    def report(intermediate_result: Any) -> None:  # noqa: ANN401  # the name is SciPy's contract
        nonlocal iteration
        iteration += 1
        loss = float(intermediate_result.fun)
        on_progress(Progress(iteration, recipe.max_iter, loss, time.perf_counter() - started))

    scipy.optimize.minimize = functools.partial(minimize, callback=report)
    try:
        yield
    finally:
        scipy.optimize.minimize = minimize
