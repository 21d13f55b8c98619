"""Runs `tenfold serve` as its user does, and talks to it over sockets."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Service:
    """A service that runs, and how it is reached."""

    process: "subprocess.Popen[str]"
    port: int

    @property
    def address(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        """Return a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def ask(self, request: bytes) -> bytes:
        """Send bytes and return all that comes back until the connection is closed."""
        with self.connect() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(request)
            return receive_all(connection)


@contextmanager
def running(
    *options: str, model: str = "tiny-cnn", port: int = 0, before: str = "", **environment: str
) -> Iterator[Service]:
    """Start `tenfold serve`, after some Python if need be, and end it.

    It keeps no corrections, unless options or environment say where.
    """
    program = f"{before}\nfrom tenfold.cli.main import main\nmain()"
    command = [sys.executable, "-c", program, "serve", "--model", model, "--port", str(port), *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"TENFOLD_STORE": "none"} | environment,
    ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            assert found, process.communicate()
            yield Service(process, int(found[1]))
        finally:
            process.kill()


def receive_all(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def head(method: str, path: str, *lines: str) -> bytes:
    """Return the head of a request that ends its connection."""
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""]
    ).encode()


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share is not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(service: Service, path: str) -> float:
    """Return the seconds that a request takes which must be answered with 200."""
    started = time.perf_counter()
    answer = service.ask(head("GET", path))
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
    return time.perf_counter() - started
