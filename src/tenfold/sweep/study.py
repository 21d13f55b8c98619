"""A study in its store: what it is of, and what becomes of its trials."""

import time
from collections.abc import Callable
from typing import Final

import optuna
from optuna import Study
from optuna.exceptions import DuplicatedStudyError
from optuna.pruners import BasePruner, NopPruner, PercentilePruner
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from tenfold.data import Split
from tenfold.errors import InputError, TenfoldError
from tenfold.serve.database import name_of
from tenfold.sweep.objective import CAUGHT, END, ERROR, TASK, make_objective
from tenfold.sweep.plan import Plan
from tenfold.sweep.sampler import TrialSampler
from tenfold.sweep.storage import again, open_storage, parse_store, using, using_store
from tenfold.training.origin import name_differences

ORIGIN: Final = "tenfold"
"""The study's attribute that says what it is of."""

KEPT: Final = 75.0
"""Percent of the complete trials that one may be behind, as far as it is, without being ended."""

COMPARED_FROM: Final = END // 2
"""How far a trial is when it is first compared, of `END`.

A high learning rate is behind until it falls, so that the usual rule, the median from the first epoch on,
would end the best.
"""

N_BEFORE_PRUNING: Final = 5
"""Trials that are complete before any is ended early."""

CLAIMED: Final = 5.0
"""Seconds within which a process that made a study says what it is of."""


def open_study(plan: Plan) -> Study:
    """Open the study of a plan, and make it where there is none.

    The first of its trials has the recipe's own values, if they lie in the space.

    Raises
    ------
    InputError
        The study is of another sweep; the error says what differs.
    StoreError, MissingExtraError
        The store cannot be opened.
    """
    url = parse_store(plan.store)
    storage = open_storage(url)
    with using(name_of(url)):
        study = _find_or_make(storage, plan)
        differing = name_differences(study.user_attrs[ORIGIN], plan.origin())
    if differing:
        raise InputError(
            f"The study {plan.study} in {name_of(url)} must be of this sweep. Got one of {differing}. "
            "Repeat the options it was started with, or choose another --study."
        )
    return study


def _find_or_make(storage: RDBStorage, plan: Plan) -> Study:
    sampler, pruner = TrialSampler(plan.seed), _make_pruner(plan)
    try:
        study = optuna.create_study(
            storage=storage, sampler=sampler, pruner=pruner, study_name=plan.study, direction="maximize"
        )
    except DuplicatedStudyError:
        study = optuna.load_study(storage=storage, sampler=sampler, pruner=pruner, study_name=plan.study)
        _wait_until_claimed(study)
    if ORIGIN not in study.user_attrs:
        if any(trial.state != TrialState.WAITING for trial in study.trials):
            raise InputError(
                f"The study {plan.study} must be one of tenfold's. Got another. Choose another --study."
            ) from None
        _claim(study, plan)
    return study


def _make_pruner(plan: Plan) -> BasePruner:
    if not plan.is_pruning:
        return NopPruner()
    return PercentilePruner(KEPT, n_startup_trials=N_BEFORE_PRUNING, n_warmup_steps=COMPARED_FROM)


def _wait_until_claimed(study: Study) -> None:
    """Wait for a process that has made a study just now."""
    until = time.monotonic() + CLAIMED
    while ORIGIN not in study.user_attrs and time.monotonic() < until:
        time.sleep(0.05)


def _claim(study: Study, plan: Plan) -> None:
    """Let a study begin with the recipe's own values, and say what it is of: then others may begin, too."""
    usual = plan.space.usual()
    if usual is not None:
        study.enqueue_trial(usual, skip_if_exists=True)
    study.set_user_attr(ORIGIN, plan.origin())


def run_trial(
    study: Study, plan: Plan, samples: Split, *, task: str, on_report: Callable[[], None] = lambda: None
) -> None:
    """Do one trial: a new one, or one that was put back.

    Parameters
    ----------
    study, plan
        What is searched.
    samples : Split
        The training split of the plan's dataset.
    task : str
        What this piece of work is called, by `name_task`. If a process that is dead had begun it, its trial
        is done again; if it was ended before, it is not.
    on_report : callable, optional
        Called several times a second while it trains. If it raises KeyboardInterrupt, the trial is put back.

    Raises
    ------
    StoreUnavailableError
        The store cannot be used.
    TenfoldError
        The recipe cannot be trained on these samples.
    """
    with using_store(plan.store):
        if any(_is_finished(trial) for trial in _find(study, task)):
            return
        put_back(study, task)
        try:
            study.optimize(make_objective(plan, samples, task, on_report), n_trials=1, catch=CAUGHT)
        except KeyboardInterrupt:
            _put_back_own(study, task)
            raise
        except ValueError as error:
            if isinstance(error, TenfoldError) or not str(error).startswith("Cannot tell a"):
                raise  # otherwise others took this trial for dead, and it is done again


def name_task(run: str, number: int) -> str:
    """Return what a piece of work is called: the run that it is of, and its number there."""
    return f"{run}/{number}/"


def put_back(study: Study, task: str) -> None:
    """Let trials of a task, or of all whose names begin so, be done again: their processes are dead."""
    for trial in _find(study, task):
        if trial.state == TrialState.RUNNING:
            study.tell(trial.number, state=TrialState.FAIL)
            again()(study, trial)


def _put_back_own(study: Study, task: str) -> None:
    """Let the trial of a task that is interrupted be done again, whether its end was written or not."""
    put_back(study, task)
    for trial in _find(study, task):
        if trial.state == TrialState.FAIL and not _is_finished(trial):
            again()(study, trial)


def _find(study: Study, task: str) -> list[FrozenTrial]:
    trials = study.get_trials(deepcopy=False)
    return [trial for trial in trials if trial.user_attrs.get(TASK, "").startswith(task)]


def _is_finished(trial: FrozenTrial) -> bool:
    """Tell whether a trial has a result, if only that it cannot be done."""
    return trial.state in {TrialState.COMPLETE, TrialState.PRUNED} or ERROR in trial.user_attrs


def count_finished(study: Study) -> int:
    """Return how many trials have a result, if only that they cannot be done."""
    return sum(map(_is_finished, study.get_trials(deepcopy=False)))
