"""A job from its source to its rows, by the threads of this process or by the workers of a cluster."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Final

from tenfold.batch.addresses import hiding
from tenfold.batch.elsewhere import persist
from tenfold.batch.job import Job
from tenfold.batch.manifest import claim, sweep
from tenfold.batch.places import list_names
from tenfold.batch.shard import Shard
from tenfold.batch.sources import plan
from tenfold.batch.work import Outcome, work_on
from tenfold.errors import InputError

Engine = Callable[[Job, Iterator[Shard]], Iterator[Outcome]]
"""Works on shards, some at a time, and yields what became of them as they are done."""

AHEAD: Final = 2
"""Shards that are listed for each thread, one at work and one waiting."""


def run(job: Job, engine: Engine) -> Iterator[Outcome]:
    """Do a job, or what is left of one.

    Parameters
    ----------
    job : Job
        What is to be done.
    engine : callable
        `in_threads(n)`, or a cluster's.

    Yields
    ------
    Outcome
        Of each shard, in the order in which they are done; those done before are counted again.

    Raises
    ------
    InputError
        The source does not exist, or the folder holds the results of another job.
    OutputError
        The folder takes no more. What is done is kept: run again, the job goes on.
    PlaceError
        Source or folder are elsewhere and cannot be reached; else as with OutputError.
    """
    return carry_out(job, prepare(job), engine)


def prepare(job: Job) -> Iterator[Shard]:
    """Make or find the folder of a job, and return the shards of its source.

    Raises
    ------
    InputError, OutputError, PlaceError
        As `run`.
    """
    with hiding():
        shards = plan(job.source, job.shard_size)
        done = claim(job)
    return _check(job, shards, done)


def carry_out(job: Job, shards: Iterator[Shard], engine: Engine) -> Iterator[Outcome]:
    """Yield what became of each shard; see `run`."""
    with hiding():
        yield from engine(job, shards)
        sweep(job, list_names(job.out))  # of workers that were killed


def in_threads(n: int) -> Engine:
    """Return an engine that works in threads of this process.

    Parameters
    ----------
    n : int
        How many, at least 1.
    """

    def engine(job: Job, shards: Iterator[Shard]) -> Iterator[Outcome]:
        reader = job.open_reader()
        pool = ThreadPoolExecutor(n, "tenfold-batch")
        waiting: set[Future[Outcome]] = set()
        try:
            while True:
                some = islice(shards, AHEAD * n - len(waiting))
                waiting |= {pool.submit(persist, work_on, shard, job, reader) for shard in some}
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(cancel_futures=True)

    return engine


def _check(job: Job, shards: Iterator[Shard], done: dict[int, str]) -> Iterator[Shard]:
    """Pass shards on as long as the source is that of the shards that are there.

    Raises
    ------
    InputError
        It is not: files were added, taken away or changed.
    """
    n_shards = 0
    for shard in shards:
        if done.get(shard.index, shard.name) != shard.name:
            raise InputError(_changed(job, done[shard.index]))
        n_shards += 1
        yield shard
    beyond = [name for index, name in done.items() if index >= n_shards]
    if beyond:
        raise InputError(_changed(job, min(beyond)))


def _changed(job: Job, name: str) -> str:
    return (
        f"{job.source} must be as it was when {job.out}/{name} was written. Files were added, taken away or "
        "changed. Use another --out."
    )
