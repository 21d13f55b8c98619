"""Runs apps in this process, and makes what is sent to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
