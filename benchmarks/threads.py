"""How training uses two cores: alone on the machine, and beside busy neighbors.

Two threads on one network wait for each other at every step, and where another process has taken a core,
each step waits for the thread that got none. Networks side by side do not wait.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from benchmarks.table import machine, markdown_table
from tenfold.recipes import robust_cnn


@dataclass(frozen=True)
class Way:
    """How many networks are trained at once, on how many threads together, in which environment."""

    networks: int
    threads: int
    environment: Mapping[str, str] = field(default_factory=dict)


WAYS: Final = {
    "one network, one thread": Way(1, 1),
    "one network, two threads": Way(1, 2),
    "the same, asleep while they wait": Way(1, 2, {"OMP_WAIT_POLICY": "passive"}),
    "two networks side by side": Way(2, 2),
}
NEIGHBORS = (0, 1, 2)
ROUNDS = 3
RECIPE: Final = robust_cnn.RECIPE.name

_TRAIN = """
import dataclasses, sys, time
import numpy as np
import torch
import tenfold
from tenfold.recipes import find_recipe
from tenfold.training.network import train_network

networks, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
plain = {"epochs": 1, "trial_epochs": 0, "none_share": 0.0, "variants": 0.0}
recipe = dataclasses.replace(find_recipe(sys.argv[3]), members=networks, **plain)
samples = tenfold.load_dataset("mnist").train.take(np.arange(60 * recipe.batch_size))

def train(samples):
    train_network(recipe, samples, seed=0, on_progress=lambda _: None, folder=None, resuming=False)

train(samples.take(np.arange(5 * recipe.batch_size)))
started = time.perf_counter()
train(samples)
print(networks * len(samples) / (time.perf_counter() - started))
"""


def main() -> str:
    """Measure, and return the table."""
    rates: dict[tuple[int, str], list[float]] = {}
    for n_neighbors in NEIGHBORS:
        with _neighbors(n_neighbors):
            for name, way in WAYS.items():
                rates[n_neighbors, name] = [_images_per_second(way) for _ in range(ROUNDS)]
    rows = [
        [str(n), name, f"{statistics.median(rate):,.0f}", f"{min(rate):,.0f}"]
        for (n, name), rate in rates.items()
    ]
    shown, alone = _count_shown(), statistics.median(rates[0, "two networks side by side"])
    note = (
        f"Training steps of `{RECIPE}`, {ROUNDS} rounds, each in a process of its own. A whole run shows "
        f"{shown / 1e6:.2f} million images, its trial's included: {shown / alone / 60:.1f} min at the rate "
        "of two networks without neighbors."
    )
    headings = ["busy neighbors", "training", "images/s, median", "least"]
    return f"{markdown_table(headings, rows)}\n\n{note} {machine('torch')}"


def _count_shown() -> float:
    """Return how many images a whole run shows: a trial is shown ten twelfths of MNIST's 60,000."""
    recipe = robust_cnn.RECIPE
    n_epochs = recipe.epochs + recipe.trial_epochs * 10 / 12
    return recipe.members * n_epochs * 60_000 * (1 + recipe.none_share + recipe.variants)


def _images_per_second(way: Way) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN, str(way.networks), str(way.threads), RECIPE],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **way.environment},
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
