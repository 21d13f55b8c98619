"""A job on the workers of a Dask cluster: this machine's cores, or machines elsewhere."""

import functools
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

import dask
from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.security import Security

from tenfold.batch import worker
from tenfold.batch.elsewhere import RETRIES
from tenfold.batch.job import Job
from tenfold.batch.run import AHEAD, Engine
from tenfold.batch.shard import Shard
from tenfold.batch.work import Outcome
from tenfold.batch.worker import LoadModel, work_in_worker
from tenfold.errors import InputError

PATIENCE: Final = 60
"""Seconds for which a scheduler, and a first worker, are waited for."""

COUNTED: Final = 5
"""Seconds for which the number of workers is taken to stay the same."""

SETTINGS: Final = {
    "distributed.admin.large-graph-warning-threshold": "100MB",  # a shard may carry its pictures
}

TOGETHER: Final = 8
"""Shards that are given at a time, if as many are wanted: each message costs the scheduler a millisecond."""

Submit = Callable[[list[Shard]], list[Any]]
"""Gives shards to a cluster, and returns Dask's futures of their outcomes."""

logger: Final = logging.getLogger("tenfold.batch")


@dataclass(frozen=True)
class Certificates:
    """What TLS needs to reach a scheduler.

    Attributes
    ----------
    ca, certificate, key : str
        Paths of PEM files: who signs, and who we are.
    """

    ca: str
    certificate: str
    key: str


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    Attributes
    ----------
    connect : callable
        Opens a client of it, and closes it.
    engine : callable
        Works on its workers.
    dashboard : str or None
        Where its dashboard is.
    """

    connect: Callable[[], AbstractContextManager[Client]]
    engine: Engine
    dashboard: str | None


class _SchedulerLostError(Exception):
    """The scheduler has gone, and with it all that it knew."""


@contextmanager
def start_here(n_workers: int) -> Iterator[Cluster]:
    """Start workers on this machine, one thread each, that nobody else can reach.

    Parameters
    ----------
    n_workers : int
        How many, at least 1.
    """
    security = Security.temporary()
    with (
        dask.config.set(SETTINGS),
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            security=security,
            silence_logs=logging.CRITICAL,
            preload=[worker.__name__],
        ) as cluster,
    ):
        yield _describe(cluster.scheduler_address, security, cluster.dashboard_link)


@contextmanager
def reach(address: str, certificates: Certificates | None = None) -> Iterator[Cluster]:
    """Use a cluster that runs.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://192.0.2.1:8786`` or ``tls://…``. Whoever runs it can run programs
        here.
    certificates : Certificates, optional
        Where it asks for TLS.

    Raises
    ------
    InputError
        It cannot be reached.
    """
    security = None
    if certificates:
        security = Security(
            tls_ca_file=certificates.ca,
            tls_client_cert=certificates.certificate,
            tls_client_key=certificates.key,
            require_encryption=True,
        )
    with dask.config.set(SETTINGS):
        with _connect(address, security) as client:
            dashboard = _find_dashboard(client)
        yield _describe(address, security, dashboard)


def _describe(address: str, security: Security | None, dashboard: str | None) -> Cluster:
    return Cluster(functools.partial(_connect, address, security), _engine(address, security), dashboard)


def _find_dashboard(client: Client) -> str | None:
    """Return where a scheduler says its dashboard is, if it has one."""
    try:
        return str(client.dashboard_link)
    except KeyError:
        return None


def _engine(address: str, security: Security | None) -> Engine:
    """Return an engine that works on a cluster, and waits for a scheduler that is started again."""

    def engine(job: Job, shards: Iterator[Shard]) -> Iterator[Outcome]:
        left: dict[int, Shard] = {}
        while True:
            with _connect(address, security) as client:
                try:
                    yield from keep_busy(client, _prepare(client, job), shards, left)
                except _SchedulerLostError:
                    logger.warning("The scheduler is gone; waiting for it to come back.")
                    continue
                return

    return engine


@contextmanager
def _connect(address: str, security: Security | None) -> Iterator[Client]:
    try:
        client = Client(address, security=security, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"The scheduler at {address} cannot be reached: {error}.") from error
    try:
        yield client
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=5)


def keep_busy(
    client: Client, submit: Submit, shards: Iterator[Shard], left: dict[int, Shard]
) -> Iterator[Outcome]:
    """Work on what is left of another try, and then on the shards, a few of them for each thread at a time.

    Parameters
    ----------
    client : Client
        Of the cluster.
    submit : callable
        Gives it shards, and returns Dask's futures of their outcomes.
    shards : iterator of Shard
        Is taken from as far as workers need.
    left : dict of int to Shard
        Those that were taken and are not done, by index. Is kept up to date.

    Raises
    ------
    _SchedulerLostError
        The scheduler is gone.
    """
    waiting = as_completed(loop=client.loop)
    todo = chain(list(left.values()), shards)
    n_threads = _count_threads(client)
    given: dict[str, Shard] = {}
    while True:
        n_free = max(0, AHEAD * next(n_threads) - len(given))
        while some := list(islice(todo, min(n_free, TOGETHER))):
            left.update((shard.index, shard) for shard in some)
            with _watching():
                futures = submit(some)
            given.update((future.key, shard) for future, shard in zip(futures, some, strict=True))
            waiting.update(futures)
            n_free -= len(some)
        if not given:
            return
        futures = waiting.next_batch()
        done = [given.pop(future.key) for future in futures]
        for shard, outcome in zip(done, _gather(client, futures, done), strict=True):
            del left[shard.index]
            yield outcome


def _prepare(client: Client, job: Job) -> Submit:
    """Wait for a worker, and let each load the model, at once or when it comes."""
    loaded = LoadModel(job)
    wait_for_worker(client)
    with _watching():
        client.register_plugin(loaded)
    return lambda some: client.map(work_in_worker, some, name=loaded.name, pure=False, retries=RETRIES)


def wait_for_worker(client: Client) -> None:
    """Wait until a cluster has a worker.

    Raises
    ------
    InputError
        None has come within some time.
    """
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise InputError(f"The cluster must have a worker. Got none within {PATIENCE} s.") from error


def _gather(client: Client, futures: list[Any], shards: list[Shard]) -> list[Outcome]:
    """Return what became of shards that are done, asked for at once."""
    for future, shard in zip(futures, shards, strict=True):
        if future.status == "error" and isinstance(future.exception(), KilledWorker):
            raise InputError(
                f"Shard {shard.index} killed several workers: one of its {len(shard.content)} inputs makes a "
                "decoder crash, or needs more memory than a worker has. Take it out of the source."
            )
    with _watching():
        outcomes: list[Outcome] = client.gather(futures)
    for future in futures:
        future.release()
    return outcomes


@contextmanager
def _watching() -> Iterator[None]:
    """Tell a scheduler that is gone from an error of the work."""
    try:
        yield
    except (CancelledError, ConnectionError) as error:
        raise _SchedulerLostError from error


def _count_threads(client: Client) -> Iterator[int]:
    """Yield how many threads the cluster has, at least 1; it is asked now and then."""
    n_threads, asked = 0, -float("inf")
    while True:
        if time.monotonic() - asked > COUNTED:
            with _watching():
                n_threads, asked = sum(client.nthreads().values()), time.monotonic()
        yield max(1, n_threads)
