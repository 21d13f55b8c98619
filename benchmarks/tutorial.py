"""The tutorial's recipe on all of MNIST: the accuracy of its model file, held against scikit-learn."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import tenfold
from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.data import Dataset
from tenfold.evaluation import evaluate
from tenfold.recipes import find_recipe
from tenfold.training.lbfgs import fit_lbfgs
from tenfold.training.run import make_model_file
from tenfold.training.to_onnx import perceptron_to_onnx

SEEDS = (0, 1, 2)
RECIPE = find_recipe("tutorial-mlp")


@dataclass(frozen=True)
class Result:
    """One training run and its model file, beside scikit-learn's own answers."""

    seed: int
    seconds: float
    iterations: int
    accuracy: float
    interval: tuple[float, float]
    same_labels: int
    furthest: float
    megabytes: float


def main() -> str:
    """Measure, and return the table."""
    dataset = tenfold.load_dataset("mnist")
    results = [_run(dataset, seed) for seed in SEEDS]
    rows = [
        [
            str(result.seed),
            f"{result.seconds:.0f}",
            str(result.iterations),
            f"{result.accuracy:.2%}",
            f"{result.interval[0]:.2%}–{result.interval[1]:.2%}",
            f"{result.same_labels:,} of {len(dataset.test):,}",
            f"{result.furthest:.1e}",
            f"{result.megabytes:.2f}",
        ]
        for result in results
    ]
    headings = [
        "seed",
        "seconds",
        "iterations",
        "test accuracy of the file",
        "95 % interval",
        "label as scikit-learn's",
        "furthest probability",
        "MB",
    ]
    accuracies = [100 * result.accuracy for result in results]
    summary = (
        f"Mean {statistics.mean(accuracies):.2f} %, sd {statistics.stdev(accuracies):.2f} points, "
        f"n = {len(SEEDS)} seeds. {machine('scikit-learn', 'scipy', 'onnxruntime')}"
    )
    return f"{markdown_table(headings, rows)}\n\n{summary}"


def _run(dataset: Dataset, seed: int) -> Result:
    started = time.perf_counter()
    fitted = fit_lbfgs(RECIPE, dataset.train, seed=seed, on_progress=lambda _: None)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.onnx")
        model_file.save(path, make_model_file(perceptron_to_onnx(fitted), RECIPE, dataset, seed=seed)[0])
        reader = tenfold.load(path)
        size = path.stat().st_size
    images, labels = dataset.test.images, dataset.test.labels
    evaluation = evaluate(reader.predict_proba, images, labels)
    expected = fitted.predict_proba(images.reshape(len(images), -1))
    probabilities = reader.predict_proba(images)
    return Result(
        seed=seed,
        seconds=seconds,
        iterations=fitted[-1].n_iter_,
        accuracy=evaluation.accuracy,
        interval=(evaluation.accuracy_low, evaluation.accuracy_high),
        same_labels=int((probabilities.argmax(axis=1) == expected.argmax(axis=1)).sum()),
        furthest=float(np.abs(probabilities[:, :10] - expected).max()),
        megabytes=size / 1e6,
    )


if __name__ == "__main__":
    print(main())
