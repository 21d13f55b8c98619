"""A Dask cluster as its operator starts it: a scheduler and workers, each a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from distributed import Client


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def process(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `dask` with arguments, and end it."""
    command = [sys.executable, "-m", "dask", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()


@contextmanager
def scheduler(port: int, *options: str) -> Iterator[str]:
    """Run a scheduler, and return its address."""
    place = ["--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0"]
    with process("scheduler", *place, *options):
        wait_for_port(port)
        yield f"tcp://127.0.0.1:{port}"


def worker(address: str, *options: str) -> "contextmanager[subprocess.Popen[bytes]]":  # type: ignore[type-arg]
    """Run a worker of one thread; `--no-nanny` makes it a single process."""
    place = ["--host", "127.0.0.1", "--nthreads", "1", "--dashboard-address", "127.0.0.1:0"]
    return process("worker", address, *place, *options)  # type: ignore[return-value]


@contextmanager
def cluster(n_workers: int = 2) -> Iterator[str]:
    """Run a scheduler and workers, and return the scheduler's address."""
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(free_port()))
        for _ in range(n_workers):
            stack.enter_context(worker(address))
        with Client(address, set_as_default=False, timeout=60) as client:
            client.wait_for_workers(n_workers, timeout=60)
        yield address


def wait_for_port(port: int) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(port)
