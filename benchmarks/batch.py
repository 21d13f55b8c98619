"""Millions of pictures: how many a second, in how much memory, and what a second worker adds."""

import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from benchmarks.table import machine, markdown_table
from tenfold.arrays import Images
from tenfold.data import load_dataset, save_idx

N_IMAGES = 1_000_000
N_CROPS = 100_000
N_LARGE = 10_000

SCALE = 3
"""Side of a larger crop, in sides of a digit image."""

INTERVAL = 0.1
"""Seconds between looks at the memory of processes, whose peaks the system keeps."""

BILLION = 1_000_000_000
PRICE = 0.04
"""Of a core for an hour, in dollars: about that of a virtual processor by the hour."""


@dataclass(frozen=True)
class Usage:
    """Inputs a second, and the memory of the largest process in megabytes."""

    rate: float
    megabytes: float


def main(n_images: int = N_IMAGES, n_crops: int = N_CROPS, n_large: int = N_LARGE) -> str:
    """Measure, and return the table."""
    images = load_dataset("mnist").test.images
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = folder / "few", folder / "many"
        save_idx(few, np.resize(images, (n_images // 10, 28, 28)))
        save_idx(many, np.resize(images, (n_images, 28, 28)))
        crops = _write_crops(folder / "crops", images, n_crops)
        large = _write_crops(folder / "large", _enlarge(images[:500]), n_large)
        usages = {
            "tiny, a tenth": _measure(few, "tiny-cnn", 0),
            "tiny": _measure(many, "tiny-cnn", 0),
            "robust": _measure(many, "robust-cnn", 0),
            "tiny, two workers": _measure(many, "tiny-cnn", 2),
            "crops": _measure(crops, "robust-cnn", 0),
            "crops, two workers": _measure(crops, "robust-cnn", 2),
            "crops, one worker": _measure(crops, "robust-cnn", 1),
            "large": _measure(large, "robust-cnn", 0),
        }
    return _table(usages, n_images, n_crops, n_large)


def _enlarge(images: Images) -> Images:
    """Return digits as crops of scans show them: larger, and dark on light."""
    return np.asarray(240 - np.kron(images, np.ones((1, SCALE, SCALE))) * (200 / 255), np.uint8)


def _write_crops(folder: Path, images: Images, n: int) -> Path:
    """Write as many PNG files, a thousand to a folder."""
    for index in range(n):
        path = folder / f"{index // 1000:03}" / f"{index:06}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[index % len(images)]).save(path)
    return folder


def _measure(source: Path, model: str, workers: int) -> Usage:
    """Run `tenfold batch` as its user does."""
    with tempfile.TemporaryDirectory() as out:
        options = ["--out", f"{out}/rows", "--model", model, "--workers", str(workers), "--json"]
        command = [sys.executable, "-m", "tenfold", "batch", str(source), *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            megabytes = _watch(process)
            printed = process.stdout.read() if process.stdout else b""
    if process.returncode:
        sys.exit(f"{' '.join(command)} exited with {process.returncode}.")
    return Usage(json.loads(printed)["inputs_per_second"], megabytes)


def _watch(process: "subprocess.Popen[bytes]") -> float:
    """Wait for a program to end, and return the peak memory of the largest of its processes, in megabytes."""
    watched = psutil.Process(process.pid)
    largest = 0.0
    while process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            for one in (watched, *watched.children(recursive=True)):
                largest = max(largest, _peak(one.pid))
        time.sleep(INTERVAL)
    return largest


def _peak(pid: int) -> float:
    """Return the most memory that a process has had so far; 0 of one that has ended. Linux only."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _table(usages: dict[str, Usage], n_images: int, n_crops: int, n_large: int) -> str:
    memory = max(usage.megabytes for usage in usages.values())
    two = usages["crops, two workers"].rate
    digits, crops = f"{n_images:,} digit images from an IDX file", f"{n_crops:,} PNG files of 28×28"
    growth = usages["tiny"].megabytes - usages["tiny, a tenth"].megabytes
    rows = [
        [f"{digits}, `tiny-cnn`, in-process", _rate(usages["tiny"]), ">= 50,000"],
        [f"{digits}, `robust-cnn`, in-process", _rate(usages["robust"]), ">= 10,000"],
        [f"{digits}, `tiny-cnn`, two workers", _rate(usages["tiny, two workers"]), ""],
        [f"{crops}, `robust-cnn`, in-process", _rate(usages["crops"]), ">= 1,500"],
        [f"{crops}, two workers", _rate(usages["crops, two workers"]), ""],
        [f"{crops}, one worker", _rate(usages["crops, one worker"]), ""],
        ["two workers, of in-process", f"{two / usages['crops'].rate:.2f}", ">= 0.85"],
        ["two workers, of one", f"{two / usages['crops, one worker'].rate:.2f}", ">= 1.7"],
        [f"{n_large:,} PNG files of {28 * SCALE}×{28 * SCALE}, in-process", _rate(usages["large"]), ""],
        ["memory of the largest process of all these", f"{memory:.0f} MB", "<= 600"],
        ["of ten times as many digit images, above that of one tenth", f"{growth:+.0f} MB", "flat"],
    ]
    hours = BILLION / (two / 2) / 3600
    summary = (
        f"A billion PNG files of 28×28 at the rate of two workers: {hours:,.0f} core-hours, "
        f"{hours / 1000:.1f} hours on 1,000 cores; at ${PRICE} for a core-hour ${hours * PRICE:,.2f}."
    )
    where = machine("dask", "pyarrow", "onnxruntime")
    return f"{markdown_table(['what', 'figure', 'aim'], rows)}\n\n{summary}\n\n{where}"


def _rate(usage: Usage) -> str:
    return f"{usage.rate:,.0f}/s, {usage.megabytes:.0f} MB"
