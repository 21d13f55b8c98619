"""How many of MNIST's known label errors are found, by how many networks say what they think of each label.

Of ten test labels a majority of people said that they are wrong. The source of both lists is the appendix of
C. Northcutt, A. Athalye, J. Mueller, "Pervasive label errors in test sets destabilize machine learning
benchmarks", NeurIPS 2021 (labelerrors.com). Networks for 64 opinions of each label train for ten minutes.
"""

import numpy as np

from benchmarks.table import machine, markdown_table
from tenfold.data import load_dataset
from tenfold.evaluation import rank_label_errors
from tenfold.training.check_data import QUICK
from tenfold.training.out_of_fold import predict_out_of_fold

BY_MAJORITY = (947, 1621, 1901, 2462, 2597, 3558, 5937, 6651, 6783, 9729)
FIRST = 40
GROUPS, IN_GROUP = 16, 4
TINY = 1e-12
SIZES = (4, 16, 32, 64)
"""Networks that say what they think of a label: whole groups."""


def main() -> str:
    """Measure, and return the table."""
    dataset = load_dataset("mnist")
    labels = dataset.test.labels
    predicted = [
        predict_out_of_fold(QUICK, dataset.whole(), n_repeats=IN_GROUP, seed=seed)[-len(labels) :]
        for seed in range(GROUPS)
    ]
    logs = [np.log(np.maximum(group.astype(np.float64), TINY)) for group in predicted]
    rows = [_row(size, _rank_each(labels, np.stack(logs), size // IN_GROUP)) for size in SIZES]
    headings = [
        "networks for each label",
        "committees",
        f"found in the first {FIRST}",
        "mean",
        "ninth stands at",
    ]
    return f"{markdown_table(headings, rows)}\n\n{machine('torch')}"


def _rank_each(labels: np.ndarray, logs: np.ndarray, n_groups: int) -> list[np.ndarray]:
    """Return the ranks of the known errors, from 1, in ascending order, by each so many groups together."""
    found = []
    for start in range(0, len(logs), n_groups):
        means = np.exp(logs[start : start + n_groups].mean(axis=0))
        ranking = rank_label_errors(labels, means / means.sum(axis=1, keepdims=True))
        ranks = np.empty(len(labels), np.int64)
        ranks[ranking.positions] = np.arange(1, len(labels) + 1)
        found.append(np.sort(ranks[list(BY_MAJORITY)]))
    return found


def _row(size: int, together: list[np.ndarray]) -> list[str]:
    counts = [int((ranks <= FIRST).sum()) for ranks in together]
    ninth = sorted(int(ranks[8]) for ranks in together)
    spread = str(counts[0]) if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
    places = str(ninth[0]) if len(ninth) == 1 else f"{ninth[0]} to {ninth[-1]}"
    return [str(size), str(len(counts)), spread, f"{np.mean(counts):.1f}", places]


if __name__ == "__main__":
    print(main())
