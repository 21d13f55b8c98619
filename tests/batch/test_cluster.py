"""What happens to clusters: workers die and come, schedulers start again. No row is lost, none doubled."""

import itertools
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import trustme
from distributed import Client

from tenfold.batch import Job, prepare, run
from tenfold.batch.cluster import Certificates, Cluster, reach, start_here
from tenfold.batch.inputs import Input
from tenfold.batch.shard import Shard
from tenfold.errors import InputError
from tests.batch.cluster_processes import cluster, free_port, scheduler, worker
from tests.batch.made import digit_files, job_of, read_rows, write_files

pytestmark = pytest.mark.cluster

N = 1200


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Return a job of many small shards, of pictures on which the larger model takes seconds."""
    return job_of(write_files(tmp_path / "in", digit_files(N)), tmp_path / "out", "robust-cnn", shard_size=20)


def check_complete(job: Job, started: Cluster, meanwhile: dict[int, object]) -> None:
    """Do a job, call something after so many shards, and hold the rows against the files."""
    outcomes = []
    for n_done, outcome in enumerate(run(job, started.engine), 1):
        outcomes.append(outcome)
        happen = meanwhile.get(n_done)
        if callable(happen):
            happen()
    rows = read_rows(job.out, outcomes)
    assert [row["path"] for row in rows] == [f"{job.source}/{name}" for name in sorted(digit_files(N))]
    assert [row["error"] for row in rows] == [None] * N
    assert len({outcome.index for outcome in outcomes}) == len(outcomes) == N // 20
    assert not list(Path(job.out).glob(".*"))


def test_workers_that_are_killed_cost_nothing(job: Job) -> None:
    """Both workers of this machine are killed, one after the other, while they work; others take over."""

    def kill() -> None:
        children = psutil.Process().children(recursive=True)
        victim = next(child for child in children if "spawn_main" in " ".join(child.cmdline()))
        victim.send_signal(signal.SIGKILL)

    with start_here(2) as started:
        check_complete(job, started, {5: kill, 20: kill})


def test_a_worker_elsewhere_that_is_killed_costs_nothing(job: Job) -> None:
    """One of two machines is gone, with what it had begun; the other does the rest."""
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(free_port()))
        first = stack.enter_context(worker(address, "--no-nanny"))
        stack.enter_context(worker(address, "--no-nanny"))
        started = stack.enter_context(reach(address))
        check_complete(job, started, {5: first.kill})


def test_a_worker_that_comes_later_is_used(job: Job) -> None:
    """A machine that joins while a job runs loads the model and takes its share."""
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(free_port()))
        stack.enter_context(worker(address))
        started = stack.enter_context(reach(address))
        client = stack.enter_context(Client(address, set_as_default=False))

        def join() -> None:
            stack.enter_context(worker(address))
            client.wait_for_workers(2, timeout=60)

        check_complete(job, started, {3: join})
        done = [len(log) for log in client.run(_count_tasks).values()]
        assert len(done) == 2
        assert min(done) > 0


def _count_tasks(dask_worker: object) -> list[object]:
    """Return what a worker has logged of tasks that it has done."""
    log = dask_worker.state.log  # type: ignore[attr-defined]
    return [entry for entry in log if "memory" in entry and str(entry[0]).startswith("work_in_worker")]


def test_a_scheduler_that_is_started_again_costs_nothing(job: Job) -> None:
    """The scheduler dies with all it knew, and comes back with its workers: the job goes on by itself."""
    port = free_port()
    with ExitStack() as lasting:
        first = lasting.enter_context(ExitStack())
        address = first.enter_context(scheduler(port))
        first.enter_context(worker(address))
        started = lasting.enter_context(reach(address))

        def restart() -> None:
            first.close()
            lasting.enter_context(scheduler(port))
            lasting.enter_context(worker(address))

        check_complete(job, started, {10: restart})


def test_a_scheduler_that_does_not_come_back_is_one_error(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some patience the job ends with an error, and goes on when it is given again."""
    monkeypatch.setattr("tenfold.batch.cluster.PATIENCE", 2)
    with cluster(1) as address, reach(address) as started:
        outcomes = run(job, started.engine)
        list(itertools.islice(outcomes, 3))
    with pytest.raises(InputError, match=r"The scheduler at tcp://127\.0\.0\.1:\d+ cannot be reached"):
        list(outcomes)
    with start_here(1) as again:
        check_complete(job, again, {})


def test_a_scheduler_that_is_not_there_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address at which nobody listens, or that is none, is told at once."""
    monkeypatch.setattr("tenfold.batch.cluster.PATIENCE", 1)
    with (
        pytest.raises(InputError, match=r"The scheduler at .* cannot be reached"),
        reach("tcp://127.0.0.1:1"),
    ):
        pass
    with pytest.raises(InputError, match=r"The scheduler at 10.0.0 cannot be reached"), reach("10.0.0"):
        pass


def test_a_cluster_without_workers_is_one_error(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for workers for ever."""
    monkeypatch.setattr("tenfold.batch.cluster.PATIENCE", 1)
    words = r"The cluster must have a worker\. Got none within 1 s"
    with scheduler(free_port()) as address, reach(address) as started, pytest.raises(InputError, match=words):
        list(run(job, started.engine))


def test_workers_that_do_not_see_the_results_are_one_error(job: Job) -> None:
    """A folder that only this machine has is told before anything is read."""
    hidden = {"claimed": False}

    with cluster(1) as address, reach(address) as started:
        outcomes = run(job, started.engine)
        for path in Path(job.out).iterdir():
            path.unlink()
            hidden["claimed"] = True
        with pytest.raises(InputError, match=rf"Every worker must see {job.out}\. One does not"):
            list(outcomes)
    assert hidden["claimed"]


def test_a_cluster_with_certificates_is_reached(job: Job, tmp_path: Path) -> None:
    """TLS takes the authority, a certificate and its key; without them the scheduler is not reached."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    names = [str(tmp_path / name) for name in ("ca.pem", "cert.pem", "key.pem")]
    authority.cert_pem.write_to_path(names[0])
    issued.cert_chain_pems[0].write_to_path(names[1])
    issued.private_key_pem.write_to_path(names[2])
    options = [f"--tls-{kind}={name}" for kind, name in zip(("ca-file", "cert", "key"), names, strict=True)]
    port = free_port()
    address = f"tls://127.0.0.1:{port}"
    with (
        scheduler(port, "--protocol", "tls", *options),
        worker(address, "--protocol", "tls", *options),
        reach(address, Certificates(*names)) as started,
    ):
        check_complete(job, started, {})


@dataclass(frozen=True)
class Deadly:
    """Pictures that kill whoever reads them, as a bug in a decoder might."""

    def __len__(self) -> int:
        return 1

    def identify(self) -> str:
        """Return a name."""
        return "deadly"

    def read(self) -> Iterator[Input]:
        """Kill the process."""
        os._exit(1)
        yield Input("never")


def test_a_picture_that_kills_its_worker_is_one_error(job: Job) -> None:
    """After several workers have died of it, the job ends, and says which shard it is."""
    prepare(job)
    words = r"Shard 0 killed several workers: one of its 1 inputs"
    with start_here(1) as started, pytest.raises(InputError, match=words):
        list(started.engine(job, iter([Shard(0, Deadly())])))


def test_the_dashboard_is_bound_to_loopback() -> None:
    """Neither scheduler, workers nor dashboard of this machine's own cluster listen elsewhere."""
    with start_here(1) as started:
        assert started.dashboard
        assert started.dashboard.startswith("http://127.0.0.1:")
        here = psutil.Process()
        listening = [
            connection.laddr.ip
            for one in (here, *here.children(recursive=True))
            for connection in one.net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]
    assert len(listening) >= 3
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_strangers_on_this_machine_cannot_use_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster on this machine asks for a certificate that nobody else has."""
    monkeypatch.setattr("tenfold.batch.cluster.PATIENCE", 2)
    with start_here(1) as started:
        assert started.dashboard
        others = _listened_at() - {int(started.dashboard.rpartition("/")[0].rpartition(":")[2])}
        assert others
        for port in others:
            with pytest.raises(InputError, match="cannot be reached"), reach(f"tcp://127.0.0.1:{port}"):
                pass


def _listened_at() -> set[int]:
    """Return the ports that this process, in which the scheduler is, listens at."""
    connections = psutil.Process().net_connections()
    return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}
