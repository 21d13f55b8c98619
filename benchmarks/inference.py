"""Reading digit images in memory: one at a time, and many at once; on one thread, and on two.

scikit-learn and torch stand for what people deploy without a model file. The images are of the training
split: what is measured is speed.
"""

import dataclasses
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import tenfold
from benchmarks.arithmetic import SIDES, count_flops, limited_threads, perceptron_flops, product_speed
from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.arrays import Images
from tenfold.data import Split
from tenfold.networks import Committee, find_network
from tenfold.recipes import find_recipe
from tenfold.training.contract import Contract
from tenfold.training.lbfgs import fit_lbfgs

THREADS = (1, 2)
CALLS, BATCH = 2000, 1024
WARM_UP, SECONDS = 0.5, 2.0
"""How long calls are repeated before any is timed, and how long those with a batch are timed."""

Predict = Callable[[Images], object]


@dataclass(frozen=True)
class Way:
    """One way to get probabilities: its size as a file, and the FLOP of its multiplications for one image."""

    label: str
    size: str
    flops: int
    make: Callable[[int], Predict]
    """From a number of threads to what predicts on so many."""


def main() -> str:
    """Measure, and return the table."""
    samples = tenfold.load_dataset("mnist").train.take(np.arange(BATCH))
    ways = [_sklearn(samples), _torch("robust-cnn"), *map(_shipped, model_file.SHIPPED)]
    rows, speeds = [], []
    for threads in THREADS:
        with limited_threads(threads):
            speeds.append(product_speed())
            rows += [_row(way, threads, samples.images, speeds[-1]) for way in ways]
    headings = [
        "way",
        "threads",
        "model file, bytes",
        "one image: p50, ms",
        "p99, ms",
        "arithmetic limit, ms",
    ]
    headings += [f"{BATCH:,} images: images/s", "arithmetic limit, images/s"]
    return f"{markdown_table(headings, rows)}\n\n{_notes(speeds)}"


def _row(way: Way, threads: int, images: Images, speed: float) -> list[str]:
    predict = way.make(threads)
    singles = np.split(images, len(images))
    middle, late = 1000 * np.quantile(_time_calls(predict, singles, at_least=CALLS), [0.5, 0.99])
    batch = np.median(_time_calls(predict, [images], at_least=5, seconds=SECONDS))
    limits = f"{1000 * way.flops / speed:.3f}", f"{speed / way.flops:,.0f}"
    one_image = f"{middle:.3f}", f"{late:.3f}", limits[0]
    return [way.label, str(threads), way.size, *one_image, f"{len(images) / batch:,.0f}", limits[1]]


def _notes(speeds: list[float]) -> str:
    """Say what was counted, and how."""
    reached = " and ".join(f"{speed / 1e9:.0f}" for speed in speeds)
    return (
        f"From uint8 images in memory to probabilities. p50 and p99 are of {CALLS:,} calls, images/s of the "
        f"median call of {SECONDS:g} s, each after {WARM_UP:g} s of warm-up. Arithmetic limit: the forward "
        f"multiplications at the {reached} GFLOP/s that a float32 product of matrices reached, the best of "
        f"{' and '.join(map(str, SIDES))} a side in torch and ONNX Runtime "
        f"(threads: {' and '.join(map(str, THREADS))}); scikit-learn computes in float64. "
        f"{machine('scikit-learn', 'torch', 'onnxruntime')}"
    )


def _time_calls(
    predict: Predict, inputs: list[Images], *, at_least: int, seconds: float = 0.0
) -> list[float]:
    """Return the seconds of each call, for so many calls and so long, with the inputs in turn."""
    turns = itertools.cycle(inputs)
    end = time.perf_counter() + WARM_UP
    while time.perf_counter() < end:
        predict(next(turns))
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < at_least or time.perf_counter() < end:
        images = next(turns)
        started = time.perf_counter()
        predict(images)
        times.append(time.perf_counter() - started)
    return times


def _sklearn(samples: Split) -> Way:
    """Return the tutorial's scaler and perceptron, hardly fitted, which makes them no faster or slower."""
    recipe = dataclasses.replace(find_recipe("tutorial-mlp"), max_iter=2)
    pipeline = fit_lbfgs(recipe, samples, seed=0, on_progress=lambda _: None)

    def predict(images: Images) -> object:
        return pipeline.predict_proba(images.reshape(len(images), -1))

    flops = perceptron_flops(recipe.hidden_units, backward=False)
    return Way("`tutorial-mlp` in scikit-learn", "–", flops, lambda _: predict)


def _torch(name: str) -> Way:
    """Return a recipe's network in torch, with new weights, which are as fast as any."""
    network = _make_network(dataclasses.asdict(find_recipe(name)))

    @torch.inference_mode()
    def predict(images: Images) -> object:
        return network(torch.from_numpy(images))[0].numpy()

    return Way(f"`{name}` in torch, eager", "–", _count_forward(network), lambda _: predict)


def _shipped(name: str) -> Way:
    """Return a model that comes with tenfold."""
    model = model_file.load(name)
    recipe, size = model.card.recipe, f"{len(model.data):,}"
    if "network" in recipe:
        flops = _count_forward(_make_network(recipe))
    else:
        flops = perceptron_flops(recipe["hidden_units"], backward=False)
    label = f"`{name}` in ONNX Runtime"
    return Way(label, size, flops, lambda threads: tenfold.load(name, threads=threads).predict_proba)


def _make_network(recipe: Mapping[str, Any]) -> Contract:
    """Return what a recipe's values train, between scaling and softmax, in the layout that training uses."""
    n_outputs = 10 + (recipe["none_share"] > 0)
    members = [find_network(recipe["network"])(n_outputs) for _ in range(recipe.get("members", 1))]
    network = members[0] if len(members) == 1 else Committee(members)
    return Contract(network.to(memory_format=torch.channels_last), temperature=1.0).eval()


def _count_forward(network: Contract) -> int:
    return count_flops(lambda: network(torch.zeros(1, 28, 28, dtype=torch.uint8)))


if __name__ == "__main__":
    print(main())
