"""A thousand threads of workers, simulated: whether one scheduler keeps them busy, by the size of shards.

The scheduler, its queue and the look-ahead are the real ones; the workers are in the same process, and
their work is a pause, as long as a shard takes here. So the core that the scheduler has for itself elsewhere
is shared with the workers' side of all messages: what is kept busy here is kept busy there.
"""

import asyncio
import logging
import tempfile
import time
from pathlib import Path

import dask
import numpy as np
from distributed import Client, LocalCluster
from PIL import Image

from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.batch import Outcome, in_threads, make_job, run
from tenfold.batch.cluster import keep_busy
from tenfold.batch.files import Files
from tenfold.batch.shard import Shard
from tenfold.batch.sources import N_PICTURES
from tenfold.data import load_dataset

N_WORKERS = 1000
THREADS = 10
"""Of each process that is simulated: a thousand processes in one take minutes to start."""

ROUNDS = 6
"""Shards of each worker, on average."""

QUIET = {
    "distributed.worker.profile.enabled": False,  # a thousand samplers in one process would be all it does
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.system-monitor.interval": "60s",
}


def main(n_workers: int = N_WORKERS) -> str:
    """Measure, and return the table."""
    seconds = _measure_shard()
    rows = []
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
        for factor in (1, 2, 4):
            rows.append(_simulate(client, n_workers, factor * N_PICTURES, factor * seconds))
    headings = ["pictures in a shard", "seconds of work", "shards a second", "workers at work"]
    summary = f"{n_workers:,} threads, {THREADS} to a worker. {machine('distributed')}"
    return f"{markdown_table(headings, rows)}\n\n{summary}"


def _measure_shard() -> float:
    """Return how long one thread works on a shard of PNG files of 28×28."""
    images = load_dataset("mnist").test.images[:N_PICTURES]
    with tempfile.TemporaryDirectory() as folder:
        for index, image in enumerate(images):
            Image.fromarray(image).save(Path(folder, f"{index}.png"))
        job = make_job(folder, f"{folder}/out", model_file.load("robust-cnn"))
        (outcome,) = run(job, in_threads(1))
    return outcome.seconds


def _simulate(client: Client, n_workers: int, size: int, seconds: float) -> list[str]:
    """Return a row: how many shards a second were done, and the share of the workers' time that was work."""
    generator = np.random.default_rng(0)
    durations = generator.uniform(0.8, 1.2, ROUNDS * n_workers) * seconds
    shards = (Shard(index, Files(("",) * size)) for index in range(len(durations)))
    times = [time.perf_counter()]
    for _ in keep_busy(client, lambda shard: _submit(client, shard, durations), shards, {}):
        times.append(time.perf_counter())
    rate, busy = _steady(times, n_workers, seconds)
    return [f"{size:,}", f"{seconds:.1f}", f"{rate:,.0f} of {n_workers / seconds:,.0f}", f"{busy:.0%}"]


def _submit(client: Client, shard: Shard, durations: np.ndarray) -> object:
    return client.submit(_pretend, shard, float(durations[shard.index]), pure=False)


async def _pretend(shard: Shard, seconds: float) -> Outcome:
    await asyncio.sleep(seconds)
    return Outcome(shard.index, len(shard.content), 0, 0, 0, seconds)


def _steady(times: list[float], n_workers: int, seconds: float) -> tuple[float, float]:
    """Return the rate between the first round of all workers and the last, and the share of time at work."""
    begun, ended = times[n_workers], times[-n_workers]
    rate = (len(times) - 2 * n_workers) / (ended - begun)
    return rate, rate * seconds / n_workers
