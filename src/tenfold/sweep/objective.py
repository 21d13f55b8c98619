"""What a trial does: draw values, train with them, and say how well that validates."""

import math
import time
from collections.abc import Callable
from typing import Any, Final

from optuna import Trial, TrialPruned
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from tenfold.data import Split
from tenfold.recipes import LbfgsRecipe, Recipe
from tenfold.sweep.plan import Plan
from tenfold.sweep.space import Choices, Searched
from tenfold.training.progress import OnProgress, Progress
from tenfold.training.validate import validate

END: Final = 1000
"""Accuracies are kept by how far a trial was, in thousandths: its epochs may be searched."""

TASK, SECONDS, ERROR, DIVERGED, SAME = "task", "seconds", "error", "diverged", "same_as"
"""Attributes of a trial: which piece of work does it, how long it took, why it cannot be done, that its loss
is no number any more, and which trial had the same values before."""

CAUGHT: Final = (MemoryError, RuntimeError)
"""What torch raises where values ask for too much. It costs the trial, not the sweep."""


def make_objective(
    plan: Plan, samples: Split, task: str, on_report: Callable[[], None]
) -> Callable[[Trial], float]:
    """Return what Optuna maximizes.

    Parameters
    ----------
    plan : Plan
        What is searched.
    samples : Split
        The training split: most of it is trained on, a part scored on.
    task : str
        What the trial will be known by.
    on_report : callable
        Called several times a second while it trains. What it raises ends the trial.
    """

    def objective(trial: Trial) -> float:
        trial.set_user_attr(TASK, task)
        values = {part.field: _suggest(trial, part) for part in plan.space.searched}
        same = _find_same(trial, plan)
        if same is not None:
            return _repeat(trial, same)
        started = time.perf_counter()
        try:
            recipe = plan.space.place(values)
            watch = _watch(trial, recipe, on_report)
            return validate(recipe, samples, seed=plan.seed, on_progress=watch)
        except UpdateFinishedTrialError:
            raise
        except CAUGHT as error:
            trial.set_user_attr(ERROR, _first_line(error))
            raise
        finally:
            trial.set_user_attr(SECONDS, time.perf_counter() - started)

    return objective


def _suggest(trial: Trial, part: Searched) -> Any:  # noqa: ANN401
    if isinstance(part, Choices):
        return trial.suggest_categorical(part.field, part.values)
    if isinstance(part.low, int) and isinstance(part.high, int):
        return trial.suggest_int(part.field, part.low, part.high, log=part.is_log)
    return trial.suggest_float(part.field, part.low, part.high, log=part.is_log)


def _find_same(trial: Trial, plan: Plan) -> FrozenTrial | None:
    """Return a trial that had the same values: with the same seed it would only be repeated."""
    states = (TrialState.COMPLETE, TrialState.PRUNED) if plan.is_pruning else (TrialState.COMPLETE,)
    trials = trial.study.get_trials(deepcopy=False, states=states)
    return next((other for other in trials if other.params == trial.params), None)


def _repeat(trial: Trial, same: FrozenTrial) -> float:
    """Give the result that a trial had before."""
    trial.set_user_attr(SAME, same.number)
    trial.set_user_attr(SECONDS, 0.0)
    if DIVERGED in same.user_attrs:
        trial.set_user_attr(DIVERGED, same.user_attrs[DIVERGED])
    for step, accuracy in same.intermediate_values.items():
        trial.report(accuracy, step)
    if same.state == TrialState.PRUNED or same.value is None:
        raise TrialPruned
    return same.value


def _watch(trial: Trial, recipe: Recipe, on_report: Callable[[], None]) -> OnProgress:
    """Return what ends a training early that lags behind or has come to nothing."""
    last = 0

    def watch(progress: Progress) -> None:
        nonlocal last
        on_report()
        if not math.isfinite(progress.loss):
            trial.set_user_attr(DIVERGED, True)  # noqa: FBT003  # a value, not a flag
            raise TrialPruned
        step = _find_step(progress, recipe)
        if step > last and progress.validation_accuracy is not None:
            last = step
            trial.report(progress.validation_accuracy, step)
            if step < END and trial.should_prune():
                raise TrialPruned

    return watch


def _find_step(progress: Progress, recipe: Recipe) -> int:
    """Return how far a trial was when it was last validated; of several networks the first alone counts."""
    is_first = progress.stage == "fit" or progress.stage.startswith("fit 1 ")
    if isinstance(recipe, LbfgsRecipe) or not progress.epochs_done or not is_first:
        return 0
    return END * progress.epochs_done // recipe.epochs


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
