"""Whether a digit image should wait for others to be read with it: requests a second, and how long they take.

Without waiting, images gather while the threads are busy. The generator and the service share the cores.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.load import Load, ask_at_rate, ask_in_turn, post
from benchmarks.table import machine, markdown_table
from tenfold.data import load_dataset

WINDOWS = (0, 1, 3)
"""In milliseconds."""

CONNECTIONS = (1, 8, 32, 128)
SECONDS = 6.0
ROUNDS = 2

PROGRAM = """
import sys
from tenfold.serve import Settings, make_app
from tenfold.serve.server import bind, run

with bind("127.0.0.1", 0) as listener:
    app = make_app(Settings(window=float(sys.argv[1])))
    run(app, listener, on_ready=lambda: print(listener.getsockname()[1], flush=True))
"""


def main() -> str:
    """Measure each window, in turns, and return the table of the better round."""
    images = load_dataset("mnist").test.images[:500]
    requests = [post("/v1/predict", image.tobytes(), "application/octet-stream") for image in images]
    rounds = [[_measure(window, requests) for window in WINDOWS] for _ in range(ROUNDS)]
    rows = [
        [f"{window} ms", *_write(max(loads, key=lambda load: load[0].per_second))]
        for window, *loads in zip(WINDOWS, *rounds, strict=True)
    ]
    over = [f"{n} connections, requests/s" for n in CONNECTIONS]
    headings = ["window", *over, "200 requests/s: p50", "p99"]
    return f"{markdown_table(headings, rows)}\n\n{machine('uvicorn', 'httptools', 'onnxruntime')}"


def _measure(window: int, requests: list[bytes]) -> list[Load]:
    with _running(window / 1000) as port:
        asyncio.run(ask_in_turn(port, requests, seconds=2, connections=8))  # to warm up
        peaks = [
            asyncio.run(ask_in_turn(port, requests, seconds=SECONDS, connections=n)) for n in CONNECTIONS
        ]
        steady = asyncio.run(ask_at_rate(port, requests, rate=200, seconds=SECONDS, connections=32))
    return [*peaks, steady]


@contextmanager
def _running(window: float) -> Iterator[int]:
    """Run the service with a window in seconds; yield its port."""
    command = [sys.executable, "-c", PROGRAM, str(window)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline() if process.stdout else 0)
        finally:
            process.terminate()


def _write(loads: list[Load]) -> list[str]:
    *peaks, steady = loads
    times = [f"{steady.percentile(share):.1f} ms" for share in (0.5, 0.99)]
    return [*(f"{peak.per_second:,.0f}" for peak in peaks), *times]


if __name__ == "__main__":
    print(main())
