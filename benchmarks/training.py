"""Training from data in memory: the tutorial's fit beside the recipes that replace it, in one run."""

import statistics

import tenfold
from benchmarks.table import machine, markdown_table
from tenfold import training
from tenfold.data import Dataset
from tenfold.recipes import find_recipe

SEEDS = {"tutorial-mlp": 1, "fast-mlp": 5}


def main() -> str:
    """Measure, and return the table."""
    dataset = tenfold.load_dataset("mnist")
    runs = {name: [_run(name, dataset, seed) for seed in range(n)] for name, n in SEEDS.items()}
    slowest = statistics.median(run.seconds for run in runs["tutorial-mlp"])
    rows = []
    for name, repeated in runs.items():
        accuracies = [100 * run.evaluation.accuracy for run in repeated]
        seconds = [run.seconds for run in repeated]
        spread = f" ± {statistics.stdev(accuracies):.2f}" if len(accuracies) > 1 else ""
        rows.append(
            [
                f"`{name}`",
                str(len(repeated)),
                f"{statistics.mean(accuracies):.2f}{spread}",
                f"{statistics.median(seconds):.2f}",
                f"{min(seconds):.2f}–{max(seconds):.2f}",
                f"{slowest / statistics.median(seconds):.0f}×",
            ]
        )
    headings = ["recipe", "seeds", "test accuracy, %, mean ± sd", "seconds, median", "range", "faster"]
    return f"{markdown_table(headings, rows)}\n\n{machine('scikit-learn', 'torch')}"


def _run(name: str, dataset: Dataset, seed: int) -> training.Run:
    return training.train(find_recipe(name), dataset, seed=seed)


if __name__ == "__main__":
    print(main())
