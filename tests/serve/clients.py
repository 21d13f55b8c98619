"""Runs apps in this process, and makes what is sent to them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from tenfold.serve import Settings, make_app
from tests.picture_files import encoded

MODEL = Path("tiny-cnn")
BASE = "http://localhost:8000"
BINARY = {"content-type": "application/octet-stream"}


@contextmanager
def serving(**settings: Any) -> Iterator[TestClient]:
    """Run an app with these settings, and close it."""
    app = make_app(Settings(**{"model": MODEL, "readers": 1, "threads": 1} | settings))
    with TestClient(app, base_url=BASE, raise_server_exceptions=True) as client:
        yield client


def drawing(image: np.ndarray[Any, Any], *, side: int = 200) -> bytes:
    """Return a digit image as a PNG file, dark on light, of that size."""
    return encoded(Image.fromarray(255 - image).resize((side, side)))


def get_raw(client: TestClient, target: str) -> tuple[int, bytes]:
    """Send a GET whose path no client has tidied up; return status and body."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(target),
        "raw_path": target.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 8000),
        "scheme": "http",
        "http_version": "1.1",
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)
