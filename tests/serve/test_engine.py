"""The engine: a new model file takes over while requests run; a bad one does not."""

import shutil
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tenfold.data import Dataset
from tenfold.model_file import load
from tests.serve.clients import BINARY, drawing, serving

MODELS = Path(str(files("tenfold") / "models"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a model file."""
    return shutil.copy(MODELS / "tiny-cnn.onnx", tmp_path / "model.onnx")


@pytest.fixture
def client(path: Path) -> Iterator[TestClient]:
    """Return a client of an app that looks at its model file often."""
    with serving(model=path, watch_seconds=0.02) as client:
        yield client


def sha256(client: TestClient) -> str:
    """Return which model answers."""
    return str(client.get("/v1/model").json()["sha256"])


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that must happen within seconds."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def refused(client: TestClient) -> bool:
    """Tell whether a new file was refused."""
    return 'tenfold_model_files_total{outcome="refused"}' in client.get("/metrics").text


def test_engine_takes_a_new_file(client: TestClient, path: Path, digits: Dataset) -> None:
    """Another model under the same path answers, digit images and pictures; its name stays."""
    image = digits.test.images[:1]
    before = client.post("/v1/predict", content=image.tobytes(), headers=BINARY).json()
    shutil.copy(MODELS / "robust-cnn.onnx", path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)

    new = load(path).sha256
    wait_until(lambda: sha256(client) == new)

    after = client.post("/v1/predict", content=image.tobytes(), headers=BINARY).json()
    assert before["model"] != after["model"] == new
    assert before["predictions"] != after["predictions"]
    assert client.post("/v1/read", content=drawing(image[0])).json()["model"] == new
    assert client.get("/v1/model").json()["name"] == "model"


@pytest.mark.parametrize("kind", ["damaged", "cut", "no model", "a reader of lines"])
def test_engine_refuses_a_bad_file(client: TestClient, path: Path, digits: Dataset, kind: str) -> None:
    """A file that does not open changes nothing; a good one after it is taken."""
    old = sha256(client)
    good = path.read_bytes()
    lines = (MODELS / "number-reader.onnx").read_bytes()
    middle = len(good) // 2
    flipped = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
    bad = {"damaged": flipped, "cut": good[:-9], "no model": b"7", "a reader of lines": lines}
    path.write_bytes(bad[kind])

    wait_until(lambda: refused(client))

    image = digits.test.images[0]
    assert sha256(client) == old
    assert client.post("/v1/read", content=drawing(image)).json()["model"] == old
    shutil.copy(MODELS / "robust-cnn.onnx", path)
    wait_until(lambda: sha256(client) == load(MODELS / "robust-cnn.onnx").sha256)


def test_engine_goes_on_without_its_file(client: TestClient, path: Path) -> None:
    """A file that is gone leaves the model that was opened."""
    old = sha256(client)
    path.unlink()
    time.sleep(0.1)

    assert sha256(client) == old
    assert not refused(client)


def test_engine_ends_the_processes_of_the_last_model(client: TestClient, path: Path) -> None:
    """When another model has taken over, no process of the one before is left."""
    last = client.app.state.engine.current.readers  # type: ignore[attr-defined]
    assert len(last._processes) == 1
    shutil.copy(MODELS / "robust-cnn.onnx", path)

    wait_until(lambda: client.app.state.engine.current.readers is not last)  # type: ignore[attr-defined]
    wait_until(lambda: not last._processes)
