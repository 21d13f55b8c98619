"""How quickly the service answers, how much it takes, and what it does when it is asked for more.

The generator and the service share the cores. `TENFOLD_BENCH_SECONDS` (60) is how long each load lasts.
"""

import asyncio
import io
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from tests.serve.process import running

from benchmarks.load import Load, ask_at_rate, ask_in_turn, post
from benchmarks.table import machine, markdown_table
from tenfold.data import load_dataset

BINARY = "application/octet-stream"
MODEL = os.environ.get("TENFOLD_BENCH_MODEL", "robust-cnn")
SECONDS = float(os.environ.get("TENFOLD_BENCH_SECONDS", "60"))


def main() -> str:
    """Measure, and return the table."""
    images = load_dataset("mnist").test.images
    one = [post("/v1/predict", image.tobytes(), BINARY) for image in images[:500]]
    rows: list[list[str]] = []
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        running("--store", f"{folder}/c.db", model=MODEL) as service,
    ):
        port, process = service.port, service.process.pid
        rows.append(["from `tenfold serve` to ready", f"{time.perf_counter() - started:.2f} s", "<= 2 s"])
        asyncio.run(ask_in_turn(port, one, seconds=min(2.0, SECONDS), connections=8))  # to warm up
        rows += asyncio.run(_measure_predict(port, one, images))
        rows += asyncio.run(_measure_pictures(port, images))
        rows += asyncio.run(_measure_overload(port, one))
        mixed = _mixed(one, images)
        asyncio.run(ask_in_turn(port, mixed, seconds=SECONDS / 6, connections=16))
        memory = _megabytes(process)
        load = asyncio.run(ask_in_turn(port, mixed, seconds=SECONDS, connections=16))
        what = f"{load.statuses.total():,} mixed requests, 2 % pictures, 1 % bad: memory of all processes"
        rows.append([what, f"{_megabytes(process) - memory:+.0f} MB", "<= 30 MB in 100,000"])
    note = f"`{MODEL}`, {SECONDS:g} s for each load. {machine('uvicorn', 'starlette', 'onnxruntime')}"
    return f"{markdown_table(['what', 'figure', 'aim'], rows)}\n\n{note}"


async def _measure_predict(port: int, one: list[bytes], images: np.ndarray) -> list[list[str]]:
    steady = await ask_at_rate(port, one, rate=200, seconds=SECONDS, connections=32)
    peak = await ask_in_turn(port, one, seconds=SECONDS, connections=32)
    many = await ask_in_turn(port, one, seconds=SECONDS, connections=500)
    large = [post("/v1/predict", images[:10_000].tobytes(), BINARY, accept=BINARY)]
    whole = await ask_in_turn(port, large, seconds=min(10.0, SECONDS), connections=1)
    what = "`POST /v1/predict`, one image"
    return [
        [f"{what}, 200 requests/s: p50", f"{steady.percentile(0.5):.1f} ms", "<= 5 ms"],
        [f"{what}, 200 requests/s: p99", f"{steady.percentile(0.99):.1f} ms", "<= 30 ms"],
        [f"{what}, 200 requests/s: not answered with 200", str(_n_refused(steady)), "0"],
        [f"{what}, peak, 32 connections", f"{peak.per_second:.0f} requests/s", ">= 800"],
        [f"{what}, 500 connections, of the peak", f"{many.per_second / peak.per_second:.0%}", ">= 90 %"],
        ["10,000 images in one binary request: p50", f"{whole.percentile(0.5) / 1000:.2f} s", "<= 1 s"],
    ]


async def _measure_pictures(port: int, images: np.ndarray) -> list[list[str]]:
    pictures = [post("/v1/read", _draw(image), "image/png") for image in images[:100]]
    load = await ask_in_turn(port, pictures, seconds=min(10.0, SECONDS), connections=1)
    return [["`POST /v1/read`, a drawn digit as PNG: p50", f"{load.percentile(0.5):.1f} ms", "<= 12 ms"]]


async def _measure_overload(port: int, one: list[bytes]) -> list[list[str]]:
    """Ask for five times what the peak is, over as many connections as it takes."""
    peak = await ask_in_turn(port, one, seconds=min(5.0, SECONDS), connections=32)
    load = await ask_at_rate(
        port, one, rate=5 * peak.per_second, seconds=min(10.0, SECONDS), connections=1000, from_due=False
    )
    hinted = f"{load.n_hints} of {_n_refused(load)}"
    return [
        [
            "5 times the peak, over 1,000 connections: p99 of what was admitted",
            f"{load.percentile(0.99):.0f} ms",
            "<= 500 ms",
        ],
        ["5 times the peak: refused with Retry-After", hinted, "all"],
    ]


def _n_refused(load: Load) -> int:
    return load.statuses.total() - load.statuses[200]


def _mixed(one: list[bytes], images: np.ndarray) -> list[bytes]:
    """Return requests, small ones most of them; every fiftieth is a picture, every hundredth is bad."""
    nested = post("/v1/predict", json.dumps({"images": [[0] * 784]}).encode(), "application/json")
    bad = [post("/v1/predict", b"x" * 783, BINARY), post("/v1/read", b"no picture", "image/png")]
    mixed = [*one, nested]
    mixed[25::50] = [post("/v1/read", _draw(image), "image/png") for image in images[: len(mixed[25::50])]]
    mixed[::100] = [bad[number % 2] for number in range(len(mixed[::100]))]
    return mixed


def _draw(image: np.ndarray) -> bytes:
    """Return a digit as a canvas of 280×280 pixels."""
    file = io.BytesIO()
    Image.fromarray(255 - image).resize((280, 280)).save(file, "PNG")
    return file.getvalue()


def _megabytes(process: int) -> float:
    """Return the resident memory of a process and its children; of Linux alone."""
    status = Path(f"/proc/{process}/status").read_text()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = int(status.split("VmRSS:")[1].split()[0]) / 1024
    return own + sum(_megabytes(int(child)) for child in children)


if __name__ == "__main__":
    print(main())
