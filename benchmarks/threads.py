"""How torch's threads wait for each other: alone on the machine, and beside busy neighbors.

Where another process has taken a core, every step waits for the thread that got none.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.table import machine, markdown_table
from tenfold.recipes import find_recipe

WAYS: Mapping[str, Mapping[str, str]] = {
    "libgomp's own": {},
    "asleep": {"OMP_WAIT_POLICY": "passive"},
}
THREADS = (1, 2)
NEIGHBORS = (0, 1, 2)
ROUNDS = 3
RECIPE = "robust-cnn"

_TRAIN = """
import dataclasses, sys, time
import numpy as np
import torch
import tenfold
from tenfold.recipes import find_recipe
from tenfold.training.fit import fit_network

torch.set_num_threads(int(sys.argv[1]))
recipe = dataclasses.replace(find_recipe(sys.argv[2]), epochs=1)
samples = tenfold.load_dataset("mnist").train.take(np.arange(20 * recipe.batch_size))
ignore = lambda _: None
fit_network(recipe, samples.take(np.arange(2 * recipe.batch_size)), seed=0, on_progress=ignore)
started = time.perf_counter()
fit_network(recipe, samples, seed=0, on_progress=ignore)
print(len(samples) / (time.perf_counter() - started))
"""


def main() -> str:
    """Measure, and return the table."""
    rows, alone = [], 0.0
    for n_neighbors in NEIGHBORS:
        with _neighbors(n_neighbors):
            rates = {
                (way, n): [_images_per_second(n, WAYS[way]) for _ in range(ROUNDS)]
                for n in THREADS
                for way in WAYS
            }
        alone = alone or statistics.median(rates["libgomp's own", THREADS[-1]])
        rows += [
            [str(n_neighbors), str(n), way, f"{statistics.median(rate):,.0f}", f"{min(rate):,.0f}"]
            for (way, n), rate in rates.items()
        ]
    headings = ["busy neighbors", "threads", "wait", "images/s, median", "least"]
    minutes = _count_shown() / alone / 60
    note = (
        f"Training steps of `{RECIPE}`, {ROUNDS} rounds, each in a process of its own. A whole run shows "
        f"{_count_shown() / 1e6:.2f} million images, its trial's included: {minutes:.0f} min at the rate of "
        f"{THREADS[-1]} threads without neighbors."
    )
    return f"{markdown_table(headings, rows)}\n\n{note} {machine('torch')}"


def _count_shown() -> float:
    """Return how many images a whole run shows: a trial is shown ten twelfths of MNIST's 60,000."""
    recipe = find_recipe(RECIPE)
    n_epochs = recipe.epochs + recipe.trial_epochs * 10 / 12
    return recipe.members * n_epochs * 60_000 * (1 + recipe.none_share)


def _images_per_second(threads: int, waiting: Mapping[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN, str(threads), RECIPE],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **waiting},
    )
    return float(done.stdout)


@contextmanager
def _neighbors(n: int) -> Iterator[None]:
    """Keep n other processes busy, each on one core."""
    neighbors = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for neighbor in neighbors:
            neighbor.kill()
            neighbor.wait()


if __name__ == "__main__":
    print(main())
