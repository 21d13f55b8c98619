"""What a sweep has found."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from optuna import Study
from optuna.trial import FrozenTrial, TrialState

from tenfold.recipes import LbfgsRecipe, Recipe
from tenfold.sweep.objective import DIVERGED, END, ERROR, SAME, SECONDS
from tenfold.sweep.plan import Plan
from tenfold.training.run import make_command


@dataclass(frozen=True)
class Tried:
    """A trial that has ended.

    Attributes
    ----------
    number : int
        From 0, in the order in which they began.
    values : dict
        Of the fields that are searched.
    accuracy : float or None
        On the validation images; where it was ended early, what it had then.
    epochs : int or None
        It was trained for; None where the optimizer knows none.
    seconds : float
        It took.
    state : str
        `complete`, `pruned` (it lagged behind), `diverged` (its loss became no number) or `failed`.
    same_as : int or None
        The trial that had these values before, and whose result this is.
    error : str or None
        Why it failed.
    """

    number: int
    values: dict[str, Any]
    accuracy: float | None
    epochs: int | None
    seconds: float
    state: str
    same_as: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class Result:
    """All trials of a study that have ended.

    Attributes
    ----------
    plan : Plan
        What was searched.
    trials : tuple of Tried
        By number.
    """

    plan: Plan
    trials: tuple[Tried, ...]

    @property
    def best(self) -> Tried | None:
        """The complete trial of the highest accuracy, the first of several; None before there is one."""
        return max(self.where("complete"), key=lambda trial: trial.accuracy or 0.0, default=None)

    @property
    def usual(self) -> Tried | None:
        """The complete trial that had the recipe's own values, if there is one."""
        usual = self.plan.space.usual()
        return next((trial for trial in self.where("complete") if trial.values == usual), None)

    def where(self, *states: str) -> list[Tried]:
        """Return the trials that ended in one of some states."""
        return [trial for trial in self.trials if trial.state in states]

    def ranked(self) -> list[Tried]:
        """Return the trials from the best on: those that are complete before those that were ended early."""
        return sorted(self.trials, key=lambda trial: (trial.state != "complete", -(trial.accuracy or 0.0)))

    def recipe(self, trial: Tried) -> Recipe:
        """Return the recipe that a trial trained."""
        return self.plan.space.place(trial.values)

    def command(self, trial: Tried) -> str:
        """Return the command line that trains the recipe of a trial on all training images."""
        return make_command(self.recipe(trial), self.plan.dataset, self.plan.seed)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as values that JSON has."""
        best = self.best
        return {
            "recipe": self.plan.space.recipe.name,
            "dataset": self.plan.dataset,
            "seed": self.plan.seed,
            "study": self.plan.study,
            "searched": {part.field: str(part) for part in self.plan.space.searched},
            "best": None if best is None else asdict(best),
            "command": None if best is None else self.command(best),
            "trials": [asdict(trial) for trial in self.trials],
        }


def read_result(study: Study, plan: Plan) -> Result:
    """Return what a study holds."""
    return Result(plan, tuple(_read_trials(study.get_trials(deepcopy=False), plan.space.recipe)))


def _read_trials(trials: Iterable[FrozenTrial], recipe: Recipe) -> Iterable[Tried]:
    for trial in trials:
        state = _name_state(trial)
        if state is not None:
            yield Tried(
                number=trial.number,
                values=trial.params,
                accuracy=None if state == "failed" else trial.value,
                epochs=_count_epochs(trial, recipe),
                seconds=trial.user_attrs.get(SECONDS, 0.0),
                state=state,
                same_as=trial.user_attrs.get(SAME),
                error=trial.user_attrs.get(ERROR),
            )


def _name_state(trial: FrozenTrial) -> str | None:
    """Say how a trial ended; None where it has not, or is done again."""
    if ERROR in trial.user_attrs:
        return "failed"
    if DIVERGED in trial.user_attrs:
        return "diverged"
    return {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned"}.get(trial.state)


def _count_epochs(trial: FrozenTrial, recipe: Recipe) -> int | None:
    if isinstance(recipe, LbfgsRecipe):
        return None
    epochs: int = trial.params.get("epochs", recipe.epochs)
    return round((trial.last_step or 0) * epochs / END)
