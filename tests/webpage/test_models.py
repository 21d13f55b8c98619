"""Whole models say the same in JavaScript as in ONNX Runtime."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

import tenfold
from tenfold import training
from tenfold.arrays import Images
from tenfold.data import Dataset
from tenfold.image.ink import NOISE
from tenfold.serve.answer import answer_images
from tests.webpage.node import ask_node, run_node
from tests.webpage.parity import TOLERANCE, check_parity

MODELS = Path(tenfold.__file__).parent / "models"
GOLDEN = Path(__file__).parent.parent / "golden" / "model-format-1.onnx"
SOME = 500


def run_model(path: Path, images: Images, *methods: str) -> NDArray[np.float32]:
    """Return the numbers that methods of the page's recognizer give, one after the other."""
    data = run_node("run_model.mjs", str(path), *methods, data=images.tobytes(), timeout=500)
    return np.frombuffer(data, np.float32)


def encode(data: bytes) -> str:
    """Return bytes as a script takes them."""
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "path",
    [MODELS / "tiny-cnn.onnx", GOLDEN, pytest.param(MODELS / "robust-cnn.onnx", marks=pytest.mark.slow)],
    ids=lambda path: path.stem,
)
def test_model_says_what_it_says_in_onnx_runtime(path: Path, digits: Dataset) -> None:
    """Of 500 digits labels are equal, probabilities and embeddings near."""
    images = digits.train.images[:SOME]
    reader = tenfold.load(path, threads=1)
    numbers = run_model(path, images, "predictProba", "embed")
    probabilities, embeddings = numbers[: 11 * SOME].reshape(SOME, 11), numbers[11 * SOME :].reshape(SOME, -1)
    check_parity(probabilities, reader.predict_proba(images))
    expected = reader.embed(images)
    assert np.abs(embeddings - expected).max() <= TOLERANCE * np.abs(expected).max()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["tiny-cnn", "robust-cnn"])
def test_model_says_the_same_of_all_test_images(name: str, mnist: Dataset) -> None:
    """Of MNIST's 10,000 test images every label is equal."""
    probabilities = run_model(MODELS / f"{name}.onnx", mnist.test.images, "predictProba")
    check_parity(probabilities.reshape(-1, 11), tenfold.load(name).predict_proba(mnist.test.images))


def test_predictions_are_those_of_the_service(digits: Dataset) -> None:
    """Labels, confidences and reasons are those of POST /v1/predict: for digits, noise, and blank paper."""
    rng = np.random.default_rng(0)
    images = np.concatenate([
        digits.test.images[:60],
        rng.integers(0, 256, (10, 28, 28), np.uint8),
        rng.integers(0, NOISE, (3, 28, 28), np.uint8),
        np.full((1, 28, 28), NOISE, np.uint8),
    ])  # fmt: skip
    reader = tenfold.load("tiny-cnn", threads=1)
    question = {"model": str(MODELS / "tiny-cnn.onnx"), "images": encode(images.tobytes())}
    (answer,) = ask_node("answer.mjs", [["predict", question]])
    assert answer["least"] == reader.least
    expected = answer_images(images, reader.predict_proba(images), reader.least)
    assert {one["reason"] for one in expected} == {None, "unsure", "not a digit", "blank"}
    for got, wanted in zip(answer["predictions"], expected, strict=True):
        assert (got["label"], got["reason"]) == (wanted["label"], wanted["reason"])
        assert got["confidence"] == pytest.approx(wanted["confidence"], abs=TOLERANCE)
        assert got["probabilities"] == pytest.approx(wanted["probabilities"], abs=TOLERANCE)


def edit(data: bytes, **changes: Any) -> bytes:
    """Return a model with some fields of its card replaced."""
    model = onnx.load_from_string(data)
    card = json.loads(model.metadata_props[0].value)
    model.metadata_props[0].value = json.dumps({**card, **changes})
    return model.SerializeToString()


def with_field(data: bytes) -> bytes:
    """Return a model with a field that no tenfold model has."""
    model = onnx.load_from_string(data)
    model.functions.add(name="f")
    return model.SerializeToString()


def with_nan(data: bytes) -> bytes:
    """Return a model with a weight that is no number."""
    model = onnx.load_from_string(data)
    model.graph.initializer[0].raw_data = np.full(784, np.nan, np.float32).tobytes()
    return model.SerializeToString()


def without(data: bytes, output: str) -> bytes:
    """Return a model that does not compute one of its outputs."""
    model = onnx.load_from_string(data)
    node = next(node for node in model.graph.node if output in node.output)
    model.graph.node.remove(node)
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda _: b"", "Got bytes without a graph"),
        (lambda _: b"<html></html>", "."),
        (lambda data: data[:-20], "ends? too early|must be JSON"),
        (lambda data: data + bytes(20_000_000), "A model may have 20000000 bytes"),
        (lambda data: data + data, "must be there once"),
        (with_field, "A model may use a part of ONNX only. Got field 25 in its model"),
        (with_nan, "The tensor mean must hold finite numbers"),
        (lambda data: edit(data, format=2), "The model's format must be 1. Got 2"),
        (lambda data: edit(data, kind="lines"), "The model must be one of digits. Got one of lines"),
        (lambda data: without(data, "embedding"), "embedding must be computed by a node .* Got none"),
        (lambda _: (MODELS / "number-reader.onnx").read_bytes(), "The model must be one of digits"),
    ],
)
def test_what_is_no_model_of_digits_is_refused(change: Any, match: str, run: training.Run) -> None:
    """Damaged, foreign, too large and changed files end with what is wrong with them."""
    (answer,) = ask_node("answer.mjs", [["open", {"model": encode(change(run.model.data))}]])
    assert re.search(f"^ModelFileError: .*({match})", answer["error"])


@pytest.mark.parametrize("n_bytes", [1, 783, 785])
def test_images_of_other_sizes_are_refused(n_bytes: int, run: training.Run) -> None:
    """Bytes that are no whole number of images are an InputError that says how many there were."""
    question = {"model": encode(run.model.data), "images": encode(bytes(n_bytes))}
    (answer,) = ask_node("answer.mjs", [["predictProba", question]])
    expected = f"images must be a Uint8Array with 784 bytes of each image. Got {n_bytes} bytes."
    assert answer["error"] == f"InputError: {expected}"


def test_no_images_have_no_probabilities(run: training.Run) -> None:
    """No images are no error."""
    question = {"model": encode(run.model.data), "images": ""}
    assert ask_node("answer.mjs", [["predictProba", question]]) == [[]]
