"""Firefox's own protocol for being steered: WebDriver's commands as JSON over a socket."""

import json
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.browser.handwriting import Point, Stroke

PATIENCE: Final = 60.0
"""Seconds for Firefox to start, and for a page to answer."""


class Marionette:
    """A connection to a Firefox."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rwb")
        self._read()
        self._count = 0
        self.ask("WebDriver:NewSession", {})

    def ask(self, command: str, parameters: dict[str, Any]) -> Any:
        """Have a command done, and return its result."""
        self._count += 1
        text = json.dumps([0, self._count, command, parameters]).encode()
        self._file.write(b"%d:%s" % (len(text), text))
        self._file.flush()
        _, _, error, result = self._read()
        assert error is None, error
        return result

    def open(self, address: str) -> None:
        """Show a page."""
        self.ask("WebDriver:Navigate", {"url": address})

    def run(self, script: str) -> Any:
        """Return what a script returns, apart from the page's own."""
        return self.ask("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def wait_for(self, script: str) -> Any:
        """Return what a script returns as soon as that is true."""
        end = time.monotonic() + PATIENCE
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"{script} did not become true"
            time.sleep(0.05)
        return value

    def draw(self, strokes: Iterable[Stroke]) -> None:
        """Draw strokes, points as shares of the pad's sides, with the mouse."""
        left, top, width, height = self.run(
            "const { left, top, width, height } = document.getElementById('paper').getBoundingClientRect();"
            "return [left, top, width, height];"
        )
        for stroke in strokes:
            points = [(left + x * width, top + y * height) for x, y in stroke]
            pointer = {"type": "pointer", "id": "mouse", "actions": list(_follow(points))}
            self.ask("WebDriver:PerformActions", {"actions": [pointer]})

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._file.read(1)
        return json.loads(self._file.read(int(length[:-1])))


@contextmanager
def steering(profile: Path) -> Iterator[Marionette]:
    """Connect to the Firefox that runs on a profile."""
    port = profile / "MarionetteActivePort"
    end = time.monotonic() + PATIENCE
    while not (port.exists() and port.read_text()):
        assert time.monotonic() < end, "Firefox did not start"
        time.sleep(0.05)
    with socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=PATIENCE) as connection:
        yield Marionette(connection)


def _follow(points: Iterable[Point]) -> Iterator[dict[str, Any]]:
    """Yield what a mouse does along a stroke."""
    for position, (x, y) in enumerate(points):
        yield {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 5}
        if not position:
            yield {"type": "pointerDown", "button": 0}
    yield {"type": "pointerUp", "button": 0}
