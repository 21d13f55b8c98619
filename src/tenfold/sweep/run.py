"""A sweep in this process."""

import itertools
import secrets
from collections.abc import Callable

from tenfold.data import Split
from tenfold.sweep.interrupts import interrupts_held
from tenfold.sweep.plan import Plan, check_samples
from tenfold.sweep.result import Result, read_result
from tenfold.sweep.storage import using_store
from tenfold.sweep.study import count_finished, name_task, open_study, run_trial

OnTrial = Callable[[Result], None]
"""Takes what there is at the beginning, and after each trial."""


def sweep(plan: Plan, samples: Split, on_trial: OnTrial = lambda _: None) -> Result:
    """Do trials until the study has as many as the plan says, those of other processes among them.

    Parameters
    ----------
    plan : Plan
        What is searched. A study that is there already is gone on with.
    samples : Split
        The training split of the plan's dataset. Each trial trains on ten twelfths of it and is scored on
        another twelfth.
    on_trial : callable, optional
        Takes what there is at the beginning, and after each trial.

    Returns
    -------
    Result
        All trials of the study. Processes that share it may do one more each than was asked for.

    Raises
    ------
    InputError
        The study is of another sweep, or the samples are not those of the plan.
    StoreError
        The store cannot be opened, or used any more. The trials that ended are kept: the same plan goes on.
    TenfoldError
        The recipe cannot be trained on these samples.
    """
    check_samples(plan, samples)
    run = secrets.token_hex(8)
    with interrupts_held() as release, using_store(plan.store):
        study = open_study(plan)
        result = read_result(study, plan)
        on_trial(result)
        for number in itertools.count():
            if count_finished(study) >= plan.n_trials:
                break
            run_trial(study, plan, samples, task=name_task(run, number), on_report=release)
            result = read_result(study, plan)
            on_trial(result)
            release()
    return result
