"""`tenfold card`: the text, the file, and what it refuses."""

import re
from pathlib import Path

import pytest

import tenfold
from tenfold import model_file, training
from tenfold.cli import card as command
from tenfold.data import Dataset
from tenfold.errors import ModelFileError
from tests.cli.program import invoke, run_main, spawn
from tests.evaluation.yaml_lines import split_card


@pytest.fixture(autouse=True)
def _workplace(run: training.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that holds a model and a folder."""
    monkeypatch.chdir(tmp_path)
    model_file.save("model.onnx", run.model)
    Path("folder").mkdir()


def test_card_is_printed_or_written() -> None:
    """--out writes the bytes that are printed without it, again and again."""
    printed = invoke("card", "model.onnx")
    for _ in range(2):
        assert invoke("card", "model.onnx", "--out", "README.md") == "Wrote README.md.\n"
        assert Path("README.md").read_bytes().decode() == printed


def test_card_has_the_files_own_figures(run: training.Run) -> None:
    """The accuracy in front is that of the card inside, to the last digit, and the checksum the file's."""
    values, body = split_card(invoke("card", "model.onnx"))
    (result,) = values["model-index"][0]["results"]
    assert result["metrics"][0]["value"] == run.evaluation.accuracy
    assert tenfold.load("model.onnx").sha256 in body


def test_card_evaluates_now(digits: Dataset) -> None:
    """--dataset adds the figures of an evaluation, those of `evaluate`."""
    values, body = split_card(invoke("card", "tiny-cnn", "--dataset", "digits"))
    recorded, new = values["model-index"][0]["results"]
    assert (recorded["dataset"]["name"], new["dataset"]["name"]) == ("mnist", "digits")
    accuracy = tenfold.load("tiny-cnn", threads=1).score(digits.test.images, digits.test.labels)
    assert new["metrics"][0]["value"] == accuracy
    assert re.search(r"^\| `digits` \| `test` \| 359 \| \d+ \| .* \| for this card \|$", body, re.MULTILINE)


def test_card_evaluates_a_model_of_lines(monkeypatch: pytest.MonkeyPatch, digits: Dataset) -> None:
    """Strings are composed of the test images, as many as its recipe says, and read."""
    model = model_file.load("number-reader")
    monkeypatch.setitem(model.card.recipe, "test_strings", 12)
    monkeypatch.setattr(model_file, "load", lambda _: model)
    values, body = split_card(invoke("card", "number-reader", "--dataset", "digits"))
    new = values["model-index"][0]["results"][1]
    assert (new["dataset"]["name"], new["task"]["type"]) == ("digits", "image-to-text")
    assert re.search(r"^\| `digits` \| `test` \| 12 \| \d+ \| .*% \| for this card \|$", body, re.MULTILINE)


@pytest.mark.parametrize("n", [None, 0, -1, 10**9, "12", True])
def test_card_refuses_strings_without_number(n: object, digits: Dataset) -> None:
    """A card that does not say how many strings, or says too many, is refused before any work."""
    model = model_file.load("number-reader")
    model.card.recipe["test_strings"] = n
    with pytest.raises(ModelFileError, match=r"must have test_strings, 1 to 100000"):
        command._evaluate_lines(model, digits.test)


def test_card_prints_where_ascii_is_all_there_is() -> None:
    """A console without 'é' or '×' gets question marks, not a traceback."""
    result = spawn("card", "model.onnx", env={"PYTHONIOENCODING": "ascii", "PATH": ""})
    assert (result.returncode, result.stderr) == (0, "")
    assert "28?28 pixels" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["missing.onnx"], r"missing\.onnx must be a model file"),
        (["folder"], r"folder must be a model file\. Got a folder"),
        (["model.onnx", "--out", "nowhere/card.md"], r"nowhere/card\.md cannot be written"),
        (["model.onnx", "--out", "folder"], r"folder cannot be written: it is a folder"),
        (["model.onnx", "--dataset", "digit"], r"Did you mean digits\?"),
        (["model.onnx", "--dataset", "mnist"], r"mnist was not found"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_card_errors_are_one_line(
    arguments: list[str], match: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be opened or written ends with 1 and one line, and leaves no file."""
    before = sorted(Path().rglob("*"))
    assert run_main(["card", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"tenfold: .*{match}.*\n", err)
    assert sorted(Path().rglob("*")) == before
