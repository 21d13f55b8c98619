"""Processes that read strangers' pictures, with limits of time and memory."""

import asyncio
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, cast

from tenfold import errors
from tenfold.errors import TenfoldError
from tenfold.serve.failures import Failure, busy, from_table
from tenfold.serve.messages import receive, send
from tenfold.serve.settings import Settings

START_SECONDS = 30.0
"""That a process may take to open its model."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What was read.

    Attributes
    ----------
    content : bytes
        JSON, as it is sent.
    summary : dict
        What is counted: `labels`, `reasons`, `confidences`.
    """

    content: bytes
    summary: dict[str, Any]


class Readers:
    """Processes that read pictures with one model.

    Each is started when it is first needed, and again when it has died. They end with the service, as their
    standard input then ends.

    Parameters
    ----------
    model : bytes
        An inspected model file.
    settings : Settings
        How many, and their limits.
    """

    def __init__(self, model: bytes, settings: Settings) -> None:
        self.n_waiting = 0
        self._model = model
        self._settings = settings
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False
        self._pool = ThreadPoolExecutor(settings.readers, thread_name_prefix="tenfold-read")

    async def start(self) -> None:
        """Start the processes, so that the first pictures need not wait for them."""
        loop = asyncio.get_running_loop()
        started = [loop.run_in_executor(self._pool, self._spawn) for _ in range(self._settings.readers)]
        for process in await asyncio.gather(*started):
            self._idle.put(process)

    async def read(self, picture: bytes, *, expect: Sequence[str], with_images: bool) -> Answer:
        """Read a picture; see `tenfold.serve.answer.answer_picture`.

        Raises
        ------
        Failure
            Too many pictures wait already, or this one cannot be read, at all or within the limits.
        """
        if self.n_waiting >= self._settings.max_pictures_waiting + self._settings.readers:
            raise busy("Too many pictures wait to be read.")
        self.n_waiting += 1
        asked = {"expect": list(expect), "images": with_images}
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._ask, asked, picture)
        finally:
            self.n_waiting -= 1

    def close(self) -> None:
        """End the processes: those that read when they have answered."""
        self._is_closed = True
        self._end_idle()
        self._pool.shutdown(wait=False)

    def kill(self) -> None:
        """End all processes at once."""
        self._is_closed = True
        for process in list(self._processes):
            self._end(process)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, asked: dict[str, Any], picture: bytes) -> Answer:
        process = self._take()
        reply = _exchange(process, asked, picture, seconds=self._settings.read_seconds)
        if reply is None:
            self._end(process)
            limits = (
                f"{self._settings.read_seconds:g} seconds and {self._settings.read_memory // 1_000_000} MB"
            )
            raise Failure(
                422, "too_costly", f"A picture must be read within {limits}. Got none.", "Scale it down."
            )
        self._idle.put(process)
        if self._is_closed:
            self._end_idle()
        head, content = reply
        if "error" in head:
            raise from_table(getattr(errors, head["error"], TenfoldError), head["message"])
        return Answer(content, head)

    def _take(self) -> "subprocess.Popen[bytes]":
        """Return a process that lives."""
        with suppress(queue.Empty):
            while True:
                process = self._idle.get_nowait()
                if process.poll() is None:
                    return process
                self._end(process)
        return self._spawn()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-P", "-m", "tenfold.serve.reading_worker"]
        process = subprocess.Popen(  # noqa: S603  # our own program, without a shell
            [*command, str(self._settings.read_memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # so that Ctrl-C lets it finish what it reads
        )
        self._processes.add(process)
        if _exchange(process, {}, self._model, seconds=START_SECONDS) is None:
            self._end(process)
            raise Failure(503, "no_reader", "No process to read pictures could be started.", "Try again.")
        return process

    def _end_idle(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._end(self._idle.get_nowait())

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast("IO[bytes]", pipe).close()
        process.wait()
        self._processes.discard(process)


def _exchange(
    process: "subprocess.Popen[bytes]", head: dict[str, Any], body: bytes, *, seconds: float
) -> tuple[dict[str, Any], bytes] | None:
    """Send a message and return the answer; None where the process died, or was ended for being late."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        send(cast("IO[bytes]", process.stdin), head, body)
        return receive(cast("IO[bytes]", process.stdout))
    except (OSError, ValueError):  # a pipe that is broken, or was closed
        return None
    finally:
        timer.cancel()
