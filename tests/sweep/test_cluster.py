"""A sweep by the workers of a cluster: they share the study, and one that dies costs nothing."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tenfold.batch.cluster import reach
from tenfold.data import Dataset
from tenfold.errors import InputError
from tenfold.sweep import Plan, Result, sweep
from tenfold.sweep.cluster import sweep_here, sweep_on
from tests.batch.cluster_processes import cluster
from tests.serve.postgres_server import Server, make_server, running
from tests.sweep.small import RATES, plan_of

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """Return a running PostgreSQL, or skip."""
    with make_server() as server, running(server):
        yield server


@pytest.fixture
def plan(digits: Dataset, tmp_path: Path) -> Plan:
    """Return a plan whose trials take about a second."""
    return plan_of(digits.train, tmp_path, RATES, ("epochs", "8"), n_trials=8, is_pruning=False)


def test_processes_here_share_a_study(plan: Plan, digits: Dataset) -> None:
    """Two workers do as many trials as were asked for, each once, and one process goes on with them."""
    seen: list[int] = []
    result = sweep_here(plan, 2, lambda result: seen.append(len(result.trials)))
    assert [trial.state for trial in result.trials] == ["complete"] * 8
    assert len({trial.values["learning_rate"] for trial in result.trials}) == 8
    assert (seen[0], seen[-1]) == (0, 8)
    assert sweep(plan, digits.train).trials == result.trials


def test_a_worker_that_is_killed_costs_nothing(plan: Plan) -> None:
    """The trial that it was at is done again, with its values, by the next."""

    def kill(result: Result) -> None:
        if len(result.trials) >= 3 and not killed:  # two may end between two looks
            children = psutil.Process().children(recursive=True)
            victim = next(child for child in children if "spawn_main" in " ".join(child.cmdline()))
            killed.append(victim.pid)
            victim.send_signal(signal.SIGKILL)

    killed: list[int] = []
    result = sweep_here(plan, 2, kill)
    assert killed
    assert [trial.state for trial in result.trials] == ["complete"] * 8
    assert len({trial.values["learning_rate"] for trial in result.trials}) == 8


def test_a_cluster_elsewhere_shares_a_study_on_a_server(
    plan: Plan, digits: Dataset, postgres: Server
) -> None:
    """Workers load the dataset themselves, and reach the study by its address."""
    postgres.execute("CREATE DATABASE sweeps")
    shared = plan_of(digits.train, Path(), RATES, ("epochs", "4"), store=postgres.url("sweeps"))
    with cluster(2) as address, reach(address) as reached:
        result = sweep_on(shared, reached)
    assert len(result.trials) == shared.n_trials


def test_workers_with_other_data_are_one_error(plan: Plan, digits: Dataset, postgres: Server) -> None:
    """What a worker finds under the dataset's name must be what the plan is for."""
    postgres.execute("CREATE DATABASE others")
    other = plan_of(digits.test, Path(), store=postgres.url("others"))
    with (
        cluster(1) as address,
        reach(address) as reached,
        pytest.raises(InputError, match="digits must be the same for every worker"),
    ):
        sweep_on(other, reached)


def test_a_cluster_elsewhere_takes_no_file(plan: Plan) -> None:
    """A store that only this machine has is refused before anything is done."""
    with (
        cluster(1) as address,
        reach(address) as reached,
        pytest.raises(InputError, match="Workers elsewhere must reach the store"),
    ):
        sweep_on(plan, reached)
