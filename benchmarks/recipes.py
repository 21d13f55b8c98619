"""The recipes that take minutes: what their model files reach over several seeds, on MNIST's test images.

Trained models are kept in the folder ``TENFOLD_RUNS`` (by default ``runs``), where a run that was cut off is
resumed and one that is done is not repeated.
"""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import tenfold
from benchmarks.shipped import read_test_images
from benchmarks.table import machine, markdown_table, mean_and_deviation
from tenfold.data import Dataset

SEEDS = {"tiny-cnn": (0, 1, 2), "robust-cnn": (0, 1, 2), "committee": (0,)}


@dataclass(frozen=True)
class Result:
    """One model file: shares are of all test images, `wrong` of those it answers."""

    accuracy: float
    ece: float
    answered: float
    wrong: float
    seconds: float
    n_bytes: int


def main() -> str:
    """Train what is missing, measure, and return the table."""
    dataset = tenfold.load_dataset("mnist")
    rows = [
        _row(name, [_measure(trained(name, seed), dataset) for seed in seeds])
        for name, seeds in SEEDS.items()
    ]
    headings = ["recipe", "seeds", "test accuracy, %, mean ± sd", "each", "ECE, %", "answered, %"]
    headings += ["of these wrong, %", "model file, bytes", "training, s, least"]
    return f"{markdown_table(headings, rows)}\n\n{machine('torch', 'onnxruntime')}"


def trained(name: str, seed: int) -> Path:
    """Return the model file of a recipe and a seed, trained now if it is not there."""
    folder = Path(os.environ.get("TENFOLD_RUNS", "runs"))
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{seed}.onnx"
    if not path.exists():
        begun = any(path.with_name(f"{path.name}.checkpoints").rglob("*.safetensors"))
        command = f"train --recipe {name} --dataset mnist --seed {seed} --out {path}{' --resume' * begun}"
        subprocess.run([sys.executable, "-m", "tenfold", *command.split()], check=True)
    return path


def _measure(path: Path, dataset: Dataset) -> Result:
    """Read a model file back, and the test images by it."""
    reader = tenfold.load(path)
    answers = read_test_images(reader, dataset)
    return Result(
        accuracy=float(answers.is_right.mean()),
        ece=answers.ece,
        answered=float(answers.is_accepted.mean()),
        wrong=answers.n_wrong / int(answers.is_accepted.sum()),
        seconds=json.loads(path.with_name(f"{path.name}.json").read_bytes())["seconds"],
        n_bytes=path.stat().st_size,
    )


def _row(name: str, results: list[Result]) -> list[str]:
    accuracies = [100 * result.accuracy for result in results]
    return [
        f"`{name}`",
        str(len(results)),
        mean_and_deviation(accuracies),
        ", ".join(f"{accuracy:.2f}" for accuracy in accuracies),
        f"{100 * statistics.mean(result.ece for result in results):.2f}",
        f"{100 * statistics.mean(result.answered for result in results):.2f}",
        ", ".join(f"{100 * result.wrong:.3f}" for result in results),
        f"{max(result.n_bytes for result in results):,}",
        f"{min(result.seconds for result in results):,.0f}",
    ]


if __name__ == "__main__":
    print(main())
