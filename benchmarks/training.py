"""Training from MNIST in memory: the tutorial's fit, what people copy, and the recipes, in one run.

Beside each time stands what its multiplications alone would take here, so that a fast processor cannot pass
for a fast program.
"""

import dataclasses
import statistics
import time
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import numpy as np
import torch

import tenfold
from benchmarks import fast_network, pytorch_example
from benchmarks.arithmetic import (
    SIDES,
    count_flops,
    counted_evaluations,
    perceptron_flops,
    product_speed,
)
from benchmarks.table import machine, markdown_table, mean_and_deviation
from tenfold import training
from tenfold.data import Dataset, Split
from tenfold.recipes import LbfgsRecipe, Recipe, find_recipe
from tenfold.training.lbfgs import fit_lbfgs
from tenfold.training.network import train_network

SEEDS = {"tutorial-mlp": 1, "fast-mlp": 5, "pytorch-example": 1, "fast-network": 3, "fast-cnn": 10}
OTHERS: dict[str, ModuleType] = {"pytorch-example": pytorch_example, "fast-network": fast_network}
"""What is no recipe. Each module has `LABEL`, `BATCH`, `prepare`, `train` and `measure_accuracy`."""


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes
    ----------
    prepared, trained : float
        Seconds to make what it trains on from loaded digit images, and from there to the weights.
    accuracy : float
        Of the test images, which are read for this alone.
    n_passes : int
        How often it did the multiplications that `_count_flops` returns.
    """

    prepared: float
    trained: float
    accuracy: float
    n_passes: int = 1


def main() -> str:
    """Measure, and return the table."""
    started = time.perf_counter()
    dataset = tenfold.load_dataset("mnist")
    loaded = time.perf_counter() - started
    flops = {name: _count_flops(name, dataset.train) for name in SEEDS}  # before all timing: it warms up
    speed = product_speed()
    runs = {name: [_run(name, dataset, seed) for seed in range(n)] for name, n in SEEDS.items()}
    slowest = statistics.median(run.trained for run in runs["tutorial-mlp"])
    rows = [
        [*_cells(name, runs[name], loaded, slowest), f"{flops[name] * runs[name][0].n_passes / speed:.2f}"]
        for name in SEEDS
    ]
    headings = ["way", "seeds", "data ready, s", "training, s, median", "range"]
    headings += ["test accuracy, %, mean ± sd", "faster", "arithmetic limit, s"]
    return f"{markdown_table(headings, rows)}\n\n{_notes(speed, runs['tutorial-mlp'][0].n_passes)}"


def _cells(name: str, runs: list[Run], loaded: float, slowest: float) -> list[str]:
    """Return a row of the table, but for its last cell."""
    accuracies = [100 * run.accuracy for run in runs]
    seconds = [run.trained for run in runs]
    return [
        OTHERS[name].LABEL if name in OTHERS else f"`{name}`",
        str(len(runs)),
        f"{loaded + statistics.median(run.prepared for run in runs):.2f}",
        f"{statistics.median(seconds):.2f}",
        f"{min(seconds):.2f}–{max(seconds):.2f}",
        mean_and_deviation(accuracies),
        f"{slowest / statistics.median(seconds):.3g}×",
    ]


def _notes(speed: float, n_evaluations: int) -> str:
    """Say what was counted, and how."""
    return (
        "Data ready: MNIST's files read from disk and verified, once in this run; for what is no recipe also "
        "its datasets made (the example's wait as bytes, the GPU network's are normalized whole). Training: "
        "from there to the weights, without import, conversion and evaluation. Each way trained on one batch "
        "before the first was timed. Arithmetic limit: the multiplications of one run, forward and backward, "
        f"at the {speed / 1e9:.0f} GFLOP/s that a float32 product of matrices reached, the best of "
        f"{' and '.join(map(str, SIDES))} a side in torch and ONNX Runtime "
        f"(threads: {torch.get_num_threads()}); for `tutorial-mlp`, which computes in float64, at the "
        f"{n_evaluations} evaluations of loss and gradient that its fit took. "
        f"{machine('scikit-learn', 'torch')}"
    )


def _count_flops(name: str, samples: Split) -> float:
    """Train on one batch, untimed, and return what a run on all samples multiplies at that rate.

    For L-BFGS it is one evaluation of loss and gradient.
    """
    if name in OTHERS:
        return _scaled_flops(OTHERS[name], samples)
    recipe = find_recipe(name)
    if isinstance(recipe, LbfgsRecipe):
        shortest = dataclasses.replace(recipe, max_iter=1)
        fit_lbfgs(shortest, samples.take(np.arange(256)), seed=0, on_progress=lambda _: None)
        return perceptron_flops(recipe.hidden_units, backward=True) * len(samples)
    batch = samples.take(np.arange(recipe.batch_size))
    work = partial(
        train_network, recipe, batch, seed=0, on_progress=lambda _: None, folder=None, resuming=False
    )
    return count_flops(work) * len(samples) / len(batch)


def _scaled_flops(way: ModuleType, samples: Split) -> float:
    batch = samples.take(np.arange(way.BATCH))
    return count_flops(lambda: way.train(way.prepare(batch), seed=0)) * len(samples) / len(batch)


def _run(name: str, dataset: Dataset, seed: int) -> Run:
    if name in OTHERS:
        return _run_other(OTHERS[name], dataset, seed)
    return _run_recipe(find_recipe(name), dataset, seed)


def _run_recipe(recipe: Recipe, dataset: Dataset, seed: int) -> Run:
    with counted_evaluations() as counts:
        run = training.train(recipe, dataset, seed=seed)
    n_passes = counts[0] if isinstance(recipe, LbfgsRecipe) else 1
    return Run(0.0, run.seconds, run.evaluation.accuracy, n_passes)


def _run_other(way: ModuleType, dataset: Dataset, seed: int) -> Run:
    began = time.perf_counter()
    samples = way.prepare(dataset.train)
    ready = time.perf_counter()
    network = way.train(samples, seed=seed)
    done = time.perf_counter()
    return Run(ready - began, done - ready, way.measure_accuracy(network, way.prepare(dataset.test)))


if __name__ == "__main__":
    print(main())
