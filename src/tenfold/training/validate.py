"""Train a recipe to compare it with others: the test split has no part in it."""

from collections.abc import Callable

from tenfold.data import Split, split_training
from tenfold.errors import MissingExtraError
from tenfold.recipes import LbfgsRecipe, LineRecipe, Recipe
from tenfold.training.lbfgs import fit_lbfgs
from tenfold.training.progress import Progress
from tenfold.training.run import check_seed


def validate(
    recipe: Recipe,
    samples: Split,
    *,
    seed: int = 0,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> float:
    """Train a recipe on ten twelfths of some samples, and return its accuracy on another twelfth.

    Parameters
    ----------
    recipe : Recipe
        What to train. Its weights are taken as they are: not calibrated, and not in 8 bits.
    samples : Split
        The training split of a dataset.
    seed : int
        Of the parts, the weights and all draws: 0 to 2**32 - 1.
    on_progress : callable, optional
        Called as training goes on, and after each epoch with the accuracy so far. What it raises ends it.

    Returns
    -------
    float
        The share of the validation images whose label is right; of a recipe that reads numbers, the share of
        strings composed of them that are read exactly.

    Raises
    ------
    InputError
        The seed is out of range.
    DatasetError
        A class has fewer than three samples.
    MissingExtraError
        The packages of the extra `train` are not installed.
    """
    check_seed(seed)
    if isinstance(recipe, LbfgsRecipe):
        return _validate_lbfgs(recipe, samples, seed=seed, on_progress=on_progress)
    try:
        from tenfold.training.lines import validate_line_reader
        from tenfold.training.network import validate_network
    except ImportError as error:
        raise MissingExtraError(error.name or "torch", "train") from error
    if isinstance(recipe, LineRecipe):
        return validate_line_reader(recipe, samples, seed=seed, on_progress=on_progress)
    return validate_network(recipe, samples, seed=seed, on_progress=on_progress)


def _validate_lbfgs(
    recipe: LbfgsRecipe, samples: Split, *, seed: int, on_progress: Callable[[Progress], None]
) -> float:
    splits = split_training(samples, seed=seed)
    fitted = fit_lbfgs(recipe, splits.train, seed=seed, on_progress=on_progress)
    held_out = splits.validation
    predicted = fitted.predict(held_out.images.reshape(len(held_out), -1))
    return float((predicted == held_out.labels).mean())
