"""A search for better values of `fast-cnn`, with and without ending early the trials that are behind.

All is chosen, and scored, on validation images cut from the training split; the test images have no part.
"""

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.table import machine, markdown_table
from tenfold.data import Dataset, load_dataset
from tenfold.recipes import fast_cnn
from tenfold.sweep import Plan, Result, compute_checksums, parse_space, sweep
from tenfold.training.network import validate_network

RECIPE: Final = fast_cnn.RECIPE
SEARCHED: Final = (("learning_rate", "4e-3..4e-1"), ("weight_decay", "1e-4..1"))
EPOCHS: Final = 4
N_TRIALS: Final = 16


def main() -> str:
    """Measure, and return the table."""
    return measure(load_dataset("mnist"))


def measure(dataset: Dataset, n_trials: int = N_TRIALS, epochs: int = EPOCHS) -> str:
    """Search a dataset, and return the table."""
    space = parse_space(RECIPE, (*SEARCHED, ("epochs", str(epochs))))
    started = time.perf_counter()
    accuracy = validate_network(space.recipe, dataset.train, seed=0, on_progress=lambda _: None)
    seconds = time.perf_counter() - started
    rows = [
        ["the recipe's own values", "1", "", str(epochs), f"{seconds:.0f}", f"{100 * accuracy:.2f}", "", ""]
    ]
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(
            space=space,
            dataset=dataset.name,
            checksums=compute_checksums(dataset.train),
            seed=0,
            n_trials=n_trials,
            store=str(Path(folder) / "trials.db"),
            study="all to the end",
            is_pruning=False,
        )
        for one in (plan, dataclasses.replace(plan, study="those behind end early", is_pruning=True)):
            started = time.perf_counter()
            result = sweep(one, dataset.train)
            rows.append(_row(result, time.perf_counter() - started))
    headings = [
        *("way", "trials", "ended early", "epochs", "seconds", "best validation accuracy, %"),
        *(f"its {name}" for name, _ in SEARCHED),
    ]
    return f"{markdown_table(headings, rows)}\n\n{machine('torch', 'optuna')}"


def _row(result: Result, seconds: float) -> list[str]:
    best = result.ranked()[0]
    return [
        result.plan.study,
        str(len(result.trials)),
        str(len(result.where("pruned", "diverged"))),
        str(sum(trial.epochs or 0 for trial in result.trials)),
        f"{seconds:.0f}",
        f"{100 * (best.accuracy or 0):.2f}",
        *(f"{best.values[name]:.2g}" for name, _ in SEARCHED),
    ]


if __name__ == "__main__":
    print(main())
