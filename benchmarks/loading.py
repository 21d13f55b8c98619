"""Loading MNIST's training images: the tutorial's way and ours, in turn."""

import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.child import Usage, measure
from benchmarks.table import machine, markdown_table
from tenfold.data import load_idx, save_idx
from tenfold.data.sources import MNIST

ROUNDS = 5
FILE = MNIST.files[0]

TUTORIAL = """
with open({path!r}, "rb") as data:
    images = np.array(list(data.read()))
"""
TENFOLD = "images = load_idx({path!r}, sha256={sha256!r})"


def main() -> str:
    """Measure, and return the table."""
    packed = Path(os.environ["TENFOLD_DATA"], "mnist", f"{FILE.name}.gz")
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder, FILE.name)
        save_idx(unpacked, load_idx(packed))
        numpy, tenfold = "import numpy as np", "from tenfold.data.idx import load_idx"
        ways = {
            "the tutorial: `np.array(list(data.read()))`": (numpy, TUTORIAL.format(path=str(unpacked))),
            "tenfold, from the cache, sha256 verified": (tenfold, _tenfold(unpacked)),
            "tenfold, from `.gz`, sha256 verified": (tenfold, _tenfold(packed)),
        }
        usages: dict[str, list[Usage]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, (setup, work) in ways.items():
                usages[way].append(measure(setup, work))
    return _table(usages)


def _tenfold(path: Path) -> str:
    return TENFOLD.format(path=str(path), sha256=FILE.sha256)


def _table(usages: dict[str, list[Usage]]) -> str:
    first = next(iter(usages.values()))
    slowest = statistics.median(usage.seconds for usage in first)
    largest = statistics.median(usage.megabytes for usage in first)
    rows = []
    for way, runs in usages.items():
        seconds = [usage.seconds for usage in runs]
        megabytes = statistics.median(usage.megabytes for usage in runs)
        rows.append(
            [
                way,
                f"{statistics.median(seconds):.3f}",
                f"{min(seconds):.3f}–{max(seconds):.3f}",
                f"{slowest / statistics.median(seconds):.0f}×",
                f"{megabytes:.0f}",
                f"1/{largest / megabytes:.0f}",
            ]
        )
    headings = ["way", "seconds, median", "range", "faster", "peak memory, MB", "of the tutorial's"]
    summary = f"{ROUNDS} rounds in turn, each in a new process. {machine('numpy')}"
    return f"{markdown_table(headings, rows)}\n\n{summary}"


if __name__ == "__main__":
    print(main())
