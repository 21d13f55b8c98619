"""How `tenfold serve` ends: in order, or killed."""

import base64
import json
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tenfold.serve.store import list_corrections, open_store
from tests.reading.pages import Hand
from tests.serve.clients import drawing
from tests.serve.killed_writers import make_correction
from tests.serve.process import Service, head, receive_all, running
from tests.serve.test_store import is_intact

BINARY = "application/octet-stream"
ROOM = (
    "from functools import partial\n"
    "from tenfold import serve\n"
    "serve.Settings = partial(serve.Settings, max_waiting=100_000)"
)
"""Lets a service take ten times a thousand images at once, where it would ask some to come back."""


def post(path: str, kind: str, body: bytes) -> bytes:
    """Return a whole request, for an answer of the same kind."""
    lines = (f"Content-Type: {kind}", f"Accept: {kind}", f"Content-Length: {len(body)}")
    return head("POST", path, *lines) + body


class Asker(threading.Thread):
    """Sends a request, and waits for its answer."""

    def __init__(self, service: Service, request: bytes, sent: threading.Barrier) -> None:
        super().__init__()
        self._service, self._request, self._sent = service, request, sent
        self.head = self.body = b""

    def run(self) -> None:
        """Send, say that it is sent, and take what comes."""
        with self._service.connect() as connection:
            connection.sendall(self._request)
            self._sent.wait()
            self.head, _, self.body = receive_all(connection).partition(b"\r\n\r\n")


@pytest.mark.slow
def test_serve_ends_without_dropping_requests(hand: Hand) -> None:
    """After SIGTERM 100 requests in flight are answered, slow clients are let go, and it is gone in 6 s."""
    images = np.resize(hand.images, (1000, 28, 28))
    small, large = (post("/v1/predict", BINARY, images[:n].tobytes()) for n in (8, 1000))
    picture = post("/v1/read", "image/png", drawing(hand.images[0]))
    sent = threading.Barrier(101)
    with running(before=ROOM) as service:
        slow = [service.connect() for _ in range(10)]
        for number, connection in enumerate(slow):
            connection.sendall(b"GET / HT" if number % 2 else small[:-1])
        askers = [Asker(service, request, sent) for request in [small] * 80 + [large] * 10 + [picture] * 10]
        for asker in askers:
            asker.start()
        sent.wait()
        started = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=20)
        seconds = time.monotonic() - started
        for asker in askers:
            asker.join()
        for connection in slow:
            connection.close()

    assert seconds < 6
    assert [asker.head[:12] for asker in askers] == [b"HTTP/1.1 200"] * 100
    assert [len(asker.body) for asker in askers[:90]] == [8 * 11 * 4] * 80 + [1000 * 11 * 4] * 10
    assert [json.loads(asker.body)["text"] for asker in askers[90:]] == [str(hand.labels[0])] * 10
    assert service.process.returncode in {0, -signal.SIGTERM}


def correct_until_gone(service: Service, numbers: range, acknowledged: dict[int, int]) -> None:
    """Send corrections until the service is gone, and note which it kept, by their ids."""
    for number in numbers:
        kept = make_correction(number)
        fields = {"image": base64.b64encode(kept.image).decode(), "label": kept.label, "predicted": None}
        body = json.dumps(fields | {"model": kept.model, "consent": True}).encode()
        try:
            answer = service.ask(post("/v1/corrections", "application/json", body))
        except ConnectionError:
            return
        if answer.startswith(b"HTTP/1.1 201") and answer.endswith(b"}"):
            acknowledged[json.loads(answer.partition(b"\r\n\r\n")[2])["id"]] = number


@pytest.mark.slow
def test_serve_loses_no_correction_when_it_is_killed(tmp_path: Path) -> None:
    """Each correction that was answered with 201 is there after `kill -9`, and the store is whole."""
    file = tmp_path / "corrections.db"
    chance = random.Random(0)
    acknowledged: dict[int, int] = {}
    for position in range(5):
        before = len(acknowledged)
        with running("--store", str(file)) as service, ThreadPoolExecutor(4) as threads:
            for start in range(4):
                numbers = range(10_000 * (4 * position + start), 10_000 * (4 * position + start + 1))
                threads.submit(correct_until_gone, service, numbers, acknowledged)
            time.sleep(chance.uniform(0.5, 1.0))
            service.process.kill()
        assert len(acknowledged) > before
    kept = {entry.id: entry.correction for entry in list_corrections(open_store(str(file), create=False))}
    assert {number: kept[number] for number in acknowledged} == {
        number: make_correction(which) for number, which in acknowledged.items()
    }
    assert is_intact(file)


@pytest.mark.slow
def test_serve_leaves_no_process_behind() -> None:
    """When the service is killed, the processes that read pictures end by themselves."""
    with running() as service:
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
        if not children.exists():
            pytest.skip("needs Linux to list the processes of a process")
        pids = [
            int(pid)
            for path in Path(f"/proc/{service.process.pid}/task").glob("*/children")
            for pid in path.read_text().split()
        ]
        assert pids
        service.process.kill()
        service.process.wait()
        end = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in pids):
            assert time.monotonic() < end
            time.sleep(0.05)
