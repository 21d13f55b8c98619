"""How long it takes to say what a model is worth: whole commands, from the shell's prompt to the next.

Each is a process of its own; its memory is the most that it held at any moment.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import tenfold
from benchmarks.child import Usage
from benchmarks.table import machine, markdown_table

MODEL = "robust-cnn"
ROUNDS = 5


@dataclass(frozen=True)
class Command:
    """A command line of tenfold, and how often it is run."""

    arguments: tuple[str, ...]
    rounds: int = ROUNDS


def main() -> str:
    """Measure, and return the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TENFOLD_CACHE"] = folder
        picture, report = Path(folder, "digit.png"), Path(folder, "report.html")
        Image.fromarray(255 - tenfold.load_dataset("mnist").test.images[0]).resize((280, 280)).save(picture)
        explain = ("explain", MODEL, str(picture))
        ways = {
            f"`tenfold evaluate {MODEL}`": Command(("evaluate", MODEL)),
            f"`tenfold explain {MODEL} digit.png`, the first time": Command(explain, rounds=1),
            "the same, its index in the cache": Command(explain),
            f"`tenfold evaluate {MODEL} --report report.html`": Command(
                ("evaluate", MODEL, "--report", str(report)), rounds=1
            ),
            "`tenfold data-check mnist --split test --networks 16`": Command(
                ("data-check", "mnist", "--split", "test", "--networks", "16"), rounds=1
            ),
        }
        rows = [_row(way, [_run(command) for _ in range(command.rounds)]) for way, command in ways.items()]
        size = report.stat().st_size / 1e6
    headings = ["command", "runs", "seconds, median", "range", "memory, MB"]
    return f"{markdown_table(headings, rows)}\n\nThe report has {size:.1f} MB. {machine('onnxruntime')}"


def _row(way: str, runs: list[Usage]) -> list[str]:
    seconds = [run.seconds for run in runs]
    return [
        way,
        str(len(runs)),
        f"{statistics.median(seconds):.2f}",
        f"{min(seconds):.2f}–{max(seconds):.2f}",
        f"{max(run.megabytes for run in runs):.0f}",
    ]


def _run(command: Command) -> Usage:
    """Run a command, and take its time and its peak memory."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "tenfold", *command.arguments], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"tenfold {' '.join(command.arguments)} failed.")
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return Usage(seconds, kilobytes / 1024)


if __name__ == "__main__":
    print(main())
