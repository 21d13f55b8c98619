"""A sweep by the workers of a Dask cluster, which share the study in its store."""

import itertools
import secrets
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

from distributed import Client, KilledWorker, Worker, WorkerPlugin, as_completed, get_worker
from optuna import Study

import tenfold
from tenfold.batch.cluster import Cluster, start_here, wait_for_worker
from tenfold.batch.elsewhere import RETRIES
from tenfold.data import Split, load_dataset
from tenfold.errors import InputError
from tenfold.sweep.interrupts import interrupts_held
from tenfold.sweep.plan import Plan, check_samples
from tenfold.sweep.result import Result, read_result
from tenfold.sweep.run import OnTrial
from tenfold.sweep.storage import check_reachable, using_store
from tenfold.sweep.study import count_finished, name_task, open_study, put_back, run_trial


def sweep_here(plan: Plan, n_workers: int, on_trial: OnTrial = lambda _: None) -> Result:
    """Do the trials of a plan in processes of this machine, of one thread each.

    Parameters
    ----------
    plan : Plan
        What is searched. Its dataset is loaded by each process.
    n_workers : int
        How many processes, at least 1.
    on_trial : callable, optional
        As `sweep` takes it.

    Raises
    ------
    InputError, StoreError, TenfoldError
        As `sweep` does.
    """
    run = secrets.token_hex(8)
    try:
        with start_here(n_workers) as cluster:
            return _sweep(plan, cluster, run, on_trial)
    finally:
        with interrupts_held():
            put_back(open_study(plan), run)  # what the workers, who are gone now, were at


def sweep_on(plan: Plan, cluster: Cluster, on_trial: OnTrial = lambda _: None) -> Result:
    """Do the trials of a plan on a cluster that runs.

    Parameters
    ----------
    plan : Plan
        What is searched. Every worker must see its dataset, and reach its store.
    cluster : Cluster
        From `tenfold.batch.cluster.reach`.
    on_trial : callable, optional
        As `sweep` takes it.

    Raises
    ------
    InputError, StoreError, TenfoldError
        As `sweep` does; or the workers cannot reach the store, see no such dataset, or have another tenfold.
    """
    check_reachable(plan.store)
    return _sweep(plan, cluster, secrets.token_hex(8), on_trial)


def _sweep(plan: Plan, cluster: Cluster, run: str, on_trial: OnTrial) -> Result:
    """Give out as many trials as are missing, and see the study grow."""
    with interrupts_held():
        study = open_study(plan)
    result, n_missing = _look(study, plan)
    on_trial(result)
    numbers = itertools.count()
    while n_missing > 0:
        tasks = [name_task(run, number) for number in itertools.islice(numbers, n_missing)]
        for _ in _work(plan, cluster, tasks):
            result, n_missing = _look(study, plan)
            on_trial(result)
    return result


def _look(study: Study, plan: Plan) -> tuple[Result, int]:
    """Return what a study holds, and how many trials are missing."""
    with interrupts_held(), using_store(plan.store):
        return read_result(study, plan), plan.n_trials - count_finished(study)


def _work(plan: Plan, cluster: Cluster, tasks: list[str]) -> Iterator[None]:
    """Yield as each task is done."""
    loaded = LoadSamples(plan)
    with _one_error(), cluster.connect() as client:
        wait_for_worker(client)
        with _registered(client, loaded):
            futures = client.map(
                run_in_worker, tasks, [loaded.name] * len(tasks), pure=False, retries=RETRIES
            )
            waiting = as_completed(futures, loop=client.loop)
            del futures  # each is forgotten when it is done
            for future in waiting:
                future.result()
                yield


@contextmanager
def _registered(client: Client, plugin: "LoadSamples") -> Iterator[None]:
    """Have a plugin in all workers, in those that come later too, until the block ends."""
    client.register_plugin(plugin)
    try:
        yield
    finally:
        with suppress(OSError, CancelledError, TimeoutError):
            client.unregister_worker_plugin(plugin.name)


@contextmanager
def _one_error() -> Iterator[None]:
    """Turn what Dask says of lost processes into one error."""
    try:
        yield
    except KilledWorker as error:
        raise InputError(
            "A trial killed several workers: it may need more memory than a worker has. Search less."
        ) from error
    except (CancelledError, ConnectionError) as error:
        raise InputError(
            "The scheduler is gone. The trials that ended are kept; the same command goes on."
        ) from error


class LoadSamples(WorkerPlugin):
    """Loads a plan's training images once in each worker process, in those that come later too.

    Parameters
    ----------
    plan : Plan
        What is to be done.
    """

    samples: Split

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.name = f"tenfold-sweep-{plan.key}"

    def setup(self, worker: Worker) -> None:  # noqa: ARG002
        """Load them.

        Raises
        ------
        InputError
            The worker has another tenfold, or other images under that name.
        TenfoldError
            It does not find the dataset, or cannot open the store.
        """
        if tenfold.__version__ != self.plan.version:
            raise InputError(
                f"Every worker must have tenfold {self.plan.version}. Got {tenfold.__version__}."
            )
        self.samples = load_dataset(self.plan.dataset).train
        check_samples(self.plan, self.samples)
        open_study(self.plan)


def run_in_worker(task: str, name: str) -> None:
    """Do a trial of the plan whose images the plugin of this name has loaded."""
    loaded: Any = get_worker().plugins[name]
    if not isinstance(loaded, LoadSamples):
        raise TypeError(loaded)
    study = open_study(loaded.plan)
    with using_store(loaded.plan.store):
        is_enough = count_finished(study) >= loaded.plan.n_trials
    if not is_enough:
        run_trial(study, loaded.plan, loaded.samples, task=task)
