"""Ask a service as often as is said, over connections that stay open, and take the times.

The requests are laid byte by byte and the answers are looked at as little as possible: the generator runs
on the same cores as what it measures.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(eq=False)
class Load:
    """What came back.

    Attributes
    ----------
    seconds : list of float
        Of each request that was answered with 200, from when it was due.
    statuses : Counter
        How many were answered how; 0 for those whose connection failed.
    n_hints : int
        Of the refusals, how many said when to come back.
    duration : float
        Seconds, all in all.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    n_hints: int = 0
    duration: float = 0.0

    def percentile(self, share: float) -> float:
        """Return the time in milliseconds that this share of the answers is not above."""
        ordered = sorted(self.seconds) or [float("nan")]
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def per_second(self) -> float:
        """Return the answers with 200 per second."""
        return self.statuses[200] / self.duration


def post(path: str, body: bytes, content_type: str, *, accept: str = "*/*") -> bytes:
    """Return a whole request."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {content_type}",
        f"Accept: {accept}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def ask_at_rate(
    port: int,
    requests: Sequence[bytes],
    *,
    rate: float,
    seconds: float,
    connections: int,
    from_due: bool = True,
) -> Load:
    """Ask at a steady rate, whether or not answers come: an open loop.

    A request that finds no free connection waits for one, and its time counts from when it was due; or,
    where more is asked than the connections can carry, from when it was sent.
    """
    load, due = Load(), asyncio.Queue[tuple[float, bytes] | None]()
    asking = [
        asyncio.create_task(_take_due(_Client(port, load), due, from_due=from_due))
        for _ in range(connections)
    ]
    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        at = started + number / rate
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait((at, requests[number % len(requests)]))
    for _ in asking:
        due.put_nowait(None)
    await asyncio.gather(*asking)
    load.duration = time.perf_counter() - started
    return load


async def ask_in_turn(port: int, requests: Sequence[bytes], *, seconds: float, connections: int) -> Load:
    """Ask over each connection as soon as the last answer is there: a closed loop, for the peak.

    A connection that was refused comes back after a tenth of a second.
    """
    load, started = Load(), time.perf_counter()

    async def ask(first: int) -> None:
        client = _Client(port, load)
        number = first
        while (at := time.perf_counter()) < started + seconds:
            if await client.ask(requests[number % len(requests)], at) != 200:
                await asyncio.sleep(0.1)
            number += 1
        client.close()

    await asyncio.gather(*(ask(first) for first in range(connections)))
    load.duration = time.perf_counter() - started
    return load


async def _take_due(
    client: "_Client", due: "asyncio.Queue[tuple[float, bytes] | None]", *, from_due: bool
) -> None:
    while item := await due.get():
        await client.ask(item[1], item[0] if from_due else time.perf_counter())
    client.close()


class _Client:
    """One connection, opened again when it was closed."""

    def __init__(self, port: int, load: Load) -> None:
        self._port = port
        self._load = load
        self._pipes: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, due: float) -> int:
        """Ask, and return the status."""
        try:
            status, head = await self._exchange(request)
        except (OSError, EOFError):
            status, head = 0, b""
            self.close()
        self._load.statuses[status] += 1
        self._load.n_hints += b"retry-after:" in head
        if status == 200:
            self._load.seconds.append(time.perf_counter() - due)
        return status

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._pipes is None:
            self._pipes = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        reader, writer = self._pipes
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), head

    def close(self) -> None:
        if self._pipes:
            self._pipes[1].close()
            self._pipes = None
