"""Model files on disk: written whole, read back exactly, and never anything else."""

import dataclasses
import hashlib
import os
from pathlib import Path

import numpy as np
import onnx
import pytest

import tenfold
from tenfold import model_file, training
from tenfold.data import Dataset
from tenfold.errors import ModelFileError, OutputError

GOLDEN = Path(__file__).parents[1] / "golden" / "model-format-1.onnx"
GOLDEN_SHA256 = "7a6eeb77434a1baeb9df05937386e815dab9ad4f697f50ff27455f75255c9786"


def test_save_and_load_give_the_same_bytes(run: training.Run, tmp_path: Path) -> None:
    """What is loaded is what was saved, byte for byte, and nothing else is left in the folder."""
    path = tmp_path / "model.onnx"
    model_file.save(path, run.model)
    assert path.read_bytes() == run.model.data
    assert model_file.load(str(path)) == run.model
    assert model_file.load(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert list(tmp_path.iterdir()) == [path]


def test_save_refuses_a_missing_folder(run: training.Run, tmp_path: Path) -> None:
    """A folder that does not exist is an OutputError that names the path."""
    with pytest.raises(OutputError, match=r"nowhere/model\.onnx cannot be written: No such file"):
        model_file.save(tmp_path / "nowhere" / "model.onnx", run.model)


def test_add_card_keeps_the_graph_bit_for_bit(run: training.Run) -> None:
    """Whatever card is added, the bytes of the graph stay in front of it as they were."""
    bare = onnx.load_from_string(run.model.data)
    bare.metadata_props.clear()
    graph = bare.SerializeToString()
    for changes in ({}, {"seed": 7}, {"metrics": {}, "license": "CC0"}):
        card = dataclasses.replace(run.model.card, **changes)
        model = model_file.add_card(graph, card)
        assert model.data.startswith(graph)
        assert dataclasses.replace(model.card, sha256=card.sha256) == card
        assert len(onnx.load_from_string(model.data).metadata_props) == 1


def test_add_card_refuses_a_graph_that_has_one(run: training.Run) -> None:
    """A second card on the same graph is refused."""
    with pytest.raises(ModelFileError, match=r"one tenfold card\. Got 2"):
        model_file.add_card(run.model.data, run.model.card)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", ["folder", "pipe", "link to /dev/zero", "link to a pipe"])
def test_load_refuses_what_is_no_regular_file(kind: str, tmp_path: Path) -> None:
    """A folder, a pipe without a writer or an endless device is refused by its path, without waiting."""
    path = tmp_path / "model.onnx"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to a pipe":
        os.mkfifo(tmp_path / "pipe")
        path.symlink_to(tmp_path / "pipe")
    else:
        path.symlink_to("/dev/zero")
    if not path.exists():
        pytest.skip("this system has no /dev/zero")
    with pytest.raises(ModelFileError, match=r"model\.onnx must be a model file\. Got a folder or device"):
        model_file.load(path)


@pytest.mark.parametrize(
    ("name", "match"),
    [
        (
            "gone.onnx",
            r"gone\.onnx must be a model file, or robust-cnn or tiny-cnn\. Got no such file\. "
            r"`tenfold train .*gone",
        ),
        ("file/model.onnx", r"file/model\.onnx cannot be read: Not a directory\."),
        ("x" * 300, r"x{300} cannot be read: File name too long\."),
        ("model\0.onnx", r"cannot be read: embedded null byte\."),
        ("~nobody-of-that-name/model.onnx", r"~nobody.*cannot be read: Could not determine home directory\."),
    ],
)
def test_load_refuses_what_cannot_be_opened(
    name: str, match: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that leads to no file is refused, named, and with the system's reason."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    with pytest.raises(ModelFileError, match=match):
        model_file.load(name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file: run as another user")
def test_load_refuses_an_unreadable_file(run: training.Run, tmp_path: Path) -> None:
    """A file without the right to read it is refused with the system's reason."""
    path = tmp_path / "model.onnx"
    model_file.save(path, run.model)
    path.chmod(0)
    with pytest.raises(ModelFileError, match=r"model\.onnx cannot be read: Permission denied"):
        model_file.load(path)


def test_load_names_the_path_of_what_does_not_pass(tmp_path: Path) -> None:
    """The path stands before what `inspect` says, which is the cause."""
    path = tmp_path / "garbage.onnx"
    path.write_bytes(b"garbage")
    with pytest.raises(
        ModelFileError, match=r"garbage\.onnx is not a model.*must be an ONNX model"
    ) as caught:
        model_file.load(path)
    assert isinstance(caught.value.__cause__, ModelFileError)


def test_load_stops_reading_at_20_mb(tmp_path: Path) -> None:
    """A file of a terabyte is refused without being read."""
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ModelFileError, match=r"may have 20000000 bytes\. Got 20000001 or more"):
        model_file.load(path)


def test_format_1_still_loads(digits: Dataset) -> None:
    """A model of format 1 opens with its card as it was, and reads digits as it did.

    It is `digits` trained with hidden_units=3, max_iter=30 and seed 5 by tenfold 0.1.0.
    """
    reader = tenfold.load(GOLDEN)
    assert reader.sha256 == GOLDEN_SHA256
    assert "".join(map(str, reader.predict(digits.test.images[:20]))) == "28892173170263664527"
    np.testing.assert_allclose(
        reader.predict_proba(digits.test.images[:4]).max(axis=1), [0.5285, 0.6174, 0.6811, 0.7878], atol=1e-4
    )
    card = reader.card
    assert (card.format, card.seed, card.license, card.tenfold_version) == (1, 5, "MIT", "0.1.0")
    assert (card.recipe["name"], card.recipe["hidden_units"]) == ("tutorial-mlp", 3)
    assert (card.data["name"], card.data["n_train"]) == ("digits", 1438)
    assert (card.metrics["test"]["n"], card.metrics["test"]["errors"], card.thresholds) == (359, 74, {})
