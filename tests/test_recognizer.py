"""A model file in use: its predictions, its limits, and what it refuses."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jaxtyping
import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

import tenfold
from tenfold import model_file, recognizer, training
from tenfold.data import Dataset
from tenfold.errors import InputError, ModelFileError
from tenfold.recognizer import Recognizer

Answers = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def images(digits: Dataset) -> np.ndarray:
    """Return more images than one batch holds."""
    return digits.train.images[:1100]


@pytest.fixture(scope="module")
def answers(run: training.Run, images: np.ndarray) -> Answers:
    """Return what onnx's own evaluator, written in NumPy, makes of the images."""
    evaluator = ReferenceEvaluator(onnx.load_from_string(run.model.data))
    probabilities, embedding = evaluator.run(None, {"images": images})
    return {"probabilities": probabilities, "embedding": embedding}


@pytest.mark.parametrize("n", [0, 1, 2, 1023, 1024, 1025, 1100])
def test_predictions_are_those_of_the_graph(
    reader: Recognizer, images: np.ndarray, answers: Answers, n: int
) -> None:
    """Whatever the number of images, each gets what onnx's reference evaluator computes for it."""
    probabilities, embeddings = reader.predict_proba(images[:n]), reader.embed(images[:n])
    np.testing.assert_allclose(probabilities, answers["probabilities"][:n], atol=1e-5)
    np.testing.assert_allclose(embeddings, answers["embedding"][:n], atol=1e-4)
    np.testing.assert_array_equal(reader.predict(images[:n]), probabilities.argmax(axis=1))
    assert (probabilities.shape, probabilities.dtype) == ((n, 11), np.float32)
    assert (embeddings.shape, embeddings.dtype) == ((n, 32), np.float32)
    assert (reader.predict(images[:n]).shape, reader.predict(images[:n]).dtype) == ((n,), np.int64)


def test_probabilities_sum_to_one(reader: Recognizer) -> None:
    """Every row is a distribution without mass on `none`, also for images of noise, paper and ink."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 28, 28), np.uint8)
    extremes = np.stack([np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)])
    probabilities = reader.predict_proba(np.concatenate([noise, extremes]))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert probabilities.min() >= 0
    assert not probabilities[:, recognizer.NONE].any()


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(lambda images: images[::-3], id="strided"),
        pytest.param(np.asfortranarray, id="column-major"),
        pytest.param(lambda images: images.transpose(0, 2, 1), id="transposed"),
        pytest.param(lambda images: np.broadcast_to(images[:1], (5, 28, 28)), id="broadcast"),
    ],
)
def test_predictions_do_not_depend_on_memory_layout(
    reader: Recognizer, images: np.ndarray, view: Callable[[np.ndarray], np.ndarray]
) -> None:
    """A view, in whatever order and read-only, is read as its copy is, and stays as it was."""
    seen = view(images[:30])
    copy = np.array(seen, order="C")
    seen.flags.writeable = False
    np.testing.assert_allclose(reader.predict_proba(seen), reader.predict_proba(copy), atol=1e-6)
    np.testing.assert_array_equal(seen, copy)


def test_permuting_images_permutes_predictions(reader: Recognizer, images: np.ndarray) -> None:
    """No image's prediction depends on the others or on its place."""
    order = np.random.default_rng(0).permutation(len(images))
    probabilities, embeddings = reader.predict_proba(images), reader.embed(images)
    np.testing.assert_allclose(reader.predict_proba(images[order]), probabilities[order], atol=1e-6)
    np.testing.assert_allclose(reader.embed(images[order]), embeddings[order], atol=1e-5)


def test_one_thread_predicts_the_same(run: training.Run, reader: Recognizer, images: np.ndarray) -> None:
    """The number of threads changes speed alone."""
    alone = Recognizer(run.model, threads=1)
    np.testing.assert_allclose(alone.predict_proba(images), reader.predict_proba(images), atol=1e-6)


def test_score_is_the_share_of_right_labels(reader: Recognizer, digits: Dataset) -> None:
    """Score counts hits, whatever kind of sequence the labels come in."""
    images, labels = digits.test.images, digits.test.labels
    hits = sum(int(a) == int(b) for a, b in zip(reader.predict(images), labels, strict=True))
    assert reader.score(images, labels) == hits / len(labels)
    assert reader.score(images, labels.astype(np.uint8).tolist()) == hits / len(labels)
    assert reader.score(images, reader.predict(images)) == 1
    assert reader.score(images, (reader.predict(images) + 1) % 10) == 0


def test_load_opens_what_was_saved(run: training.Run, images: np.ndarray, tmp_path: Path) -> None:
    """A loaded file carries its card, checksum and classes, and predicts as before it was saved."""
    model_file.save(tmp_path / "model.onnx", run.model)
    reader = tenfold.load(tmp_path / "model.onnx")
    assert reader.card == run.model.card
    assert reader.sha256 == run.model.sha256
    assert reader.classes_.tolist() == list(range(11))
    np.testing.assert_array_equal(reader.predict(images), Recognizer(run.model).predict(images))


@pytest.mark.parametrize("method", ["predict", "predict_proba", "embed"])
@pytest.mark.parametrize(
    ("images", "match"),
    [
        (np.zeros((3, 28, 28)), r"Got float64 of shape \(3, 28, 28\)\. Scale to 0 paper"),
        (np.zeros((3, 28, 28), np.int64), r"Got int64 of .*astype\(numpy\.uint8\)"),
        (np.zeros((3, 28, 28), object), r"Got object of .*astype\(numpy\.uint8\)"),
        (np.zeros((3, 28, 28), bool), r"Got bool of .*astype\(numpy\.uint8\)"),
        (np.zeros((3, 784), np.uint8), r"shape \(3, 784\)\. Pass images\.reshape\(-1, 28, 28\)"),
        (np.zeros((28, 28), np.uint8), r"shape \(28, 28\)\. For a single image pass images\[None\]"),
        (np.zeros((3, 28, 28, 1), np.float32), r"\(3, 28, 28, 1\)\. Take images\[\.\.\., 0\] and scale"),
        (np.zeros((3, 8, 8), np.uint8), r"shape \(3, 8, 8\)\. Make each picture a digit image with"),
        (np.zeros(0, np.uint8), r"shape \(0,\)\. Make each picture a digit image"),
        ([[[0] * 28] * 28], r"Got list\. Pass numpy\.asarray\(images, numpy\.uint8\)"),
        (None, r"must be a NumPy array.* Got NoneType\."),
    ],
)
def test_other_arrays_are_refused_with_a_remedy(
    reader: Recognizer, monkeypatch: pytest.MonkeyPatch, method: str, images: Any, match: str
) -> None:
    """What is no batch of digit images is an InputError that says what it is and what to do."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as it is outside the tests
    with pytest.raises(InputError, match=match):
        getattr(reader, method)(images)


@pytest.mark.parametrize("labels", [[], [1, 2], [[1], [2], [3]]])
def test_score_refuses_labels_of_another_number(reader: Recognizer, images: np.ndarray, labels: Any) -> None:
    """Labels that are not one to an image are an InputError that shows both numbers."""
    with pytest.raises(InputError, match=r"at least one image\. Got shape \(.*\) for 3 images"):
        reader.score(images[:3], labels)


def test_score_refuses_no_images(reader: Recognizer, images: np.ndarray) -> None:
    """There is no share of nothing."""
    with pytest.raises(InputError, match=r"at least one image\. Got shape \(0,\) for 0 images"):
        reader.score(images[:0], [])


def set_weights(name: str, weights: np.ndarray) -> Callable[[onnx.ModelProto], object]:
    """Return an edit that puts other weights under a name."""
    return lambda model: next(
        tensor.CopyFrom(numpy_helper.from_array(weights, name))
        for tensor in model.graph.initializer
        if tensor.name == name
    )


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (
            lambda m: m.graph.node[-1].input.__setitem__(0, "nowhere"),
            r"runtime refuses the model\. .*nowhere",
        ),
        (lambda m: m.graph.node.append(m.graph.node[0]), r"runtime refuses the model\. .*Duplicate"),
        (lambda m: setattr(m.graph.node[0].attribute[0], "i", 8), r"runtime refuses the model\. .*string"),
        (lambda m: setattr(m.graph.node[1].attribute[0], "i", 0), r"runtime refuses the model\."),
        (
            lambda m: setattr(m.graph.output[1].type.tensor_type.shape.dim[1], "dim_value", 2**40),
            r"and 1099511627776 numbers\. Got shapes \[\(2, 11\), \(2, 32\)\]",
        ),
        (set_weights("add_none", np.eye(12, dtype=np.float32)[:10]), r"11 probabilities .*\(2, 12\)"),
        (set_weights("add_none", 2 * np.eye(11, dtype=np.float32)[:10]), r"sum to 1.*sums \[2\. +2\.\]"),
        (set_weights("scale", np.zeros(784, np.float32)), r"sum to 1.*sums \[nan nan\]"),
    ],
)
def test_recognizer_refuses_graphs_that_do_not_compute_what_they_declare(
    run: training.Run, edit: Callable[[onnx.ModelProto], object], match: str
) -> None:
    """A graph that passes inspection but does not run, or gives other outputs, is refused when opened."""
    graph = onnx.load_from_string(run.model.data)
    edit(graph)
    graph.metadata_props.clear()
    with pytest.raises(ModelFileError, match=match):
        Recognizer(model_file.add_card(graph.SerializeToString(), run.model.card))


def test_load_refuses_before_the_runtime_is_imported(tmp_path: Path) -> None:
    """What does not pass inspection never reaches ONNX Runtime: it is not even imported."""
    (tmp_path / "garbage.onnx").write_bytes(b"\x08\x07garbage")
    program = (
        "import sys, tenfold\n"
        "try: tenfold.load(sys.argv[1])\n"
        "except tenfold.recognizer.ModelFileError as error: print(error)\n"
        "print('onnxruntime' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "garbage.onnx")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "garbage.onnx is not a model that this tenfold opens" in said[0]
    assert said[1:] == ["False"]


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    """A model is opened and used without a file in the user's home: the runtime's telemetry is off."""
    program = "import numpy, tenfold; tenfold.load().predict(numpy.zeros((1, 28, 28), numpy.uint8))"
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}

    subprocess.run([sys.executable, "-c", program], check=True, env=environment)

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
