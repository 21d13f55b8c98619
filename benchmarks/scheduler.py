"""A thousand threads of workers: what they ask of one scheduler, what it can do, whether they are kept busy.

What it can do is measured on a scheduler in a process of its own, by the processor time that it takes for a
shard without work. Whether a thousand are kept busy is simulated: scheduler, queue and look-ahead are the
real ones, but the workers are in the same process, and their work is a pause, as long as a shard takes here.
There one core does the scheduler's work and the workers' side of all messages: what is kept busy here is kept
busy where the scheduler has a core for itself; what is not need not be too much for that.
"""

import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
import numpy as np
import psutil
from distributed import Client, LocalCluster
from PIL import Image

from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.batch import Outcome, in_threads, make_job, run
from tenfold.batch.cluster import keep_busy
from tenfold.batch.files import in_files
from tenfold.batch.shard import Shard
from tenfold.batch.sources import N_PICTURES
from tenfold.data import load_dataset

N_WORKERS = 1000
THREADS = 10
"""Of each process that is simulated: a thousand processes in one take minutes to start."""

ROUNDS = 6
"""Shards of each worker, on average."""

N_BARE = 2000
"""Shards without work."""

BARE_THREADS = 100
"""Of the worker that does them: enough that the scheduler waits for none."""

QUIET = {
    "distributed.worker.profile.enabled": False,  # a thousand samplers in one process would be all it does
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.system-monitor.interval": "60s",
}


def main(n_workers: int = N_WORKERS, n_bare: int = N_BARE) -> str:
    """Measure, and return the table."""
    seconds = _measure_shard()
    factors = (1, 2, 4)
    with _start_scheduler() as (client, process):
        bare = [_measure_scheduler(client, process, n_bare, size) for size in (1, *_sizes(factors))]
    with (
        dask.config.set(QUIET),
        LocalCluster(
            n_workers=n_workers // THREADS,
            threads_per_worker=THREADS,
            processes=False,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        rows = [
            [
                *(f"{size:,}", f"{seconds * factor:.1f}"),
                *(f"{n_workers / seconds / factor:,.0f}", f"{rate:,.0f}"),
                *_simulate(client, n_workers, size, seconds * factor),
            ]
            for factor, size, rate in zip(factors, _sizes(factors), bare[1:], strict=True)
        ]
    headings = ["pictures in a shard", "seconds of work", "shards a second wanted", "the scheduler can do"]
    headings += ["the simulation can do", "did", "its workers at work"]
    summary = (
        f"{n_workers:,} threads, {THREADS} to a worker. Of tasks with nothing in them the scheduler can do "
        f"{bare[0]:,.0f} a second. {machine('distributed')}"
    )
    return f"{markdown_table(headings, rows)}\n\n{summary}"


def _sizes(factors: tuple[int, ...]) -> list[int]:
    return [factor * N_PICTURES for factor in factors]


def _measure_shard() -> float:
    """Return how long one thread works on a shard of PNG files of 28×28."""
    images = load_dataset("mnist").test.images[:N_PICTURES]
    with tempfile.TemporaryDirectory() as folder:
        for index, image in enumerate(images):
            Image.fromarray(image).save(Path(folder, f"{index}.png"))
        job = make_job(folder, f"{folder}/out", model_file.load("robust-cnn"))
        (outcome,) = run(job, in_threads(1))
    return outcome.seconds


@contextmanager
def _start_scheduler() -> Iterator[tuple[Client, psutil.Process]]:
    """Start a scheduler and a worker of many threads, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/scheduler.json"
        command = [sys.executable, "-m", "dask"]
        place = ["--host", "127.0.0.1", "--scheduler-file", file, "--dashboard-address", "127.0.0.1:0"]
        threads = ["--nthreads", str(BARE_THREADS), "--no-nanny"]
        with (
            _run([*command, "scheduler", "--port", "0", *place]) as scheduler,
            _run([*command, "worker", *threads, *place]),
            Client(scheduler_file=file, timeout=60) as client,
        ):
            client.wait_for_workers(1, timeout=60)
            yield client, psutil.Process(scheduler.pid)


@contextmanager
def _run(command: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def _measure_scheduler(client: Client, process: psutil.Process, n: int, size: int) -> float:
    """Return how many shards without work a scheduler does in a second of its processor's time."""
    before = process.cpu_times()
    for _ in keep_busy(client, lambda some: client.map(_do_nothing, some, pure=False), _shards(n, size), {}):
        pass
    after = process.cpu_times()
    return n / (after.user + after.system - before.user - before.system)


def _shards(n: int, size: int) -> Iterator[Shard]:
    """Yield shards of files as a folder has them; the names of the first are those of all."""
    (files,) = in_files((f"/data/scans/{index:03}/{index:06}.png" for index in range(size)), size)
    return (Shard(index, files) for index in range(n))


def _do_nothing(shard: Shard) -> Outcome:
    return Outcome(shard.index, len(shard.content), 0, 0, 0, 0)


def _simulate(client: Client, n_workers: int, size: int, seconds: float) -> list[str]:
    """Return shards for a second of processor, those done in a second, and the share of workers at work."""
    generator = np.random.default_rng(0)
    durations = generator.uniform(0.8, 1.2, ROUNDS * n_workers) * seconds
    shards = _shards(len(durations), size)

    def submit(some: list[Shard]) -> list[object]:
        pauses = [float(durations[shard.index]) for shard in some]
        return list(client.map(_pretend, some, pauses, pure=False))

    times, used = [time.perf_counter()], [time.process_time()]
    for _ in keep_busy(client, submit, shards, {}):
        times.append(time.perf_counter())
        used.append(time.process_time())
    n, passed = _steady(times, n_workers)
    _, busy = _steady(used, n_workers)
    return [f"{n / busy:,.0f}", f"{n / passed:,.0f}", f"{n / passed * seconds / n_workers:.0%}"]


async def _pretend(shard: Shard, seconds: float) -> Outcome:
    await asyncio.sleep(seconds)
    return Outcome(shard.index, len(shard.content), 0, 0, 0, seconds)


def _steady(times: list[float], n_workers: int) -> tuple[int, float]:
    """Return how many shards were done after the first round of all workers and before the last; how long."""
    return len(times) - 2 * n_workers, times[-n_workers] - times[n_workers]
