"""`tenfold explain`: what it prints and draws, and what it does with pictures that it cannot explain."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold import model_file, training
from tenfold.data import Dataset
from tenfold.recognizer import Recognizer
from tests.cli.program import invoke, read_json, run_main
from tests.image.drawn import enlarged, on_paper
from tests.reading.pages import Drawn, doodle, enlarge, lay_out, on_sheet

KEYS = [
    *("model", "path", "dataset", "text", "digit", "n_digits", "read_as", "diagnosis"),
    *("label", "probabilities", "second", "image", "occlusion", "neighbors", "counterfactual"),
]
MODEL = "good.onnx"


@pytest.fixture(autouse=True)
def _pictures(run: training.Run, digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a model, a digit, a number, doodles, blank paper, and what is no picture."""
    monkeypatch.chdir(tmp_path)
    model_file.save(MODEL, run.model)
    images, labels = digits.test.images, digits.test.labels
    Image.fromarray(on_paper(enlarged(images[1]))).save("digit.png")
    inks = [enlarge(images[np.flatnonzero(labels == label)[2]]) for label in (4, 0, 6)]
    number: Drawn = lay_out(inks, "406", [14, 14])
    Image.fromarray(on_paper(on_sheet(number))).save("number.png")
    for name, kind in (("doodle", "spiral"), ("line", "zigzag")):
        Image.fromarray(on_paper(doodle(kind, np.random.default_rng(0)))).save(f"{name}.png")
    Image.new("L", (90, 60), 220).save("blank.png")
    Path("broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Path("folder").mkdir()


def test_explain_prints_what_is_known() -> None:
    """Below the digit stand the answer, its foundation, the neighbors, and what would change it."""
    lines = invoke("explain", MODEL, "digit.png").splitlines()
    drawn, (verdict, foundation, neighbors, alternative) = lines[:-4], lines[-4:]
    assert len([line for line in drawn if set(line) <= set(" ▄▀█")]) == 14
    percent = r"\d+\.\d+%"
    assert re.fullmatch(
        rf"The model says \d \({percent}\), then .+ \({percent}\), .+ \({percent}\)\.", verdict
    )
    assert re.fullmatch(
        rf"The ink .+ counts most: without it \d falls from {percent} to {percent}\.", foundation
    )
    assert neighbors.startswith("Nearest in digits, with their distances: ")
    assert len(re.findall(r"\d \(index \d+, \d\.\d\d\)", neighbors)) == 5
    assert re.match(rf"It would be .+ \({percent}\) with .*pixels? ", alternative)


def test_explain_prints_json(reader: Recognizer) -> None:
    """--json has the documented keys, and the numbers are those of the model."""
    values = read_json("explain", MODEL, "digit.png")
    assert list(values) == KEYS
    assert (values["model"], values["path"], values["dataset"]) == (MODEL, "digit.png", "digits")
    image = np.array(values["image"], np.uint8)
    probabilities = reader.predict_proba(image[None])[0]
    assert values["probabilities"] == pytest.approx(probabilities.tolist(), abs=1e-5)
    assert values["label"] == probabilities.argmax()
    assert values["text"] == str(values["label"])
    changed = np.array(values["counterfactual"]["image"], np.uint8)
    assert reader.predict(changed[None])[0] == values["second"] == values["counterfactual"]["label"]


def test_explained_digit_is_the_one_that_is_read() -> None:
    """The digit image has the very probabilities that `tenfold read` prints."""
    (number,) = read_json("read", "digit.png", "--model", MODEL)[0]["numbers"]
    values = read_json("explain", MODEL, "digit.png")
    assert values["probabilities"] == pytest.approx(number["digits"][0]["probabilities"], abs=1e-5)


def test_explain_takes_one_digit_of_a_number() -> None:
    """Of several digits it explains the first, or the one asked for, and says which in a line."""
    (number,) = read_json("read", "number.png")[0]["numbers"]
    for position in (1, 3):
        digit = number["digits"][position - 1]
        values = read_json(
            "explain", "tiny-cnn", "number.png", "--digit", str(position), "--dataset", "digits"
        )
        assert (values["digit"], values["n_digits"], values["text"]) == (position, 3, "406")
        assert values["label"] == digit["label"]
    said = invoke("explain", "tiny-cnn", "number.png", "--dataset", "digits")
    assert said.startswith("Read as 406. This is digit 1 of 3; --digit takes another.\n")


def test_explain_explains_what_is_no_digit() -> None:
    """Ink that is read as no digit has an explanation too, by the model's eleventh answer."""
    values = read_json("explain", "tiny-cnn", "doodle.png", "--dataset", "digits")
    assert (values["digit"], values["n_digits"], values["text"], values["label"]) == (0, 0, "", 10)
    said = invoke("explain", "tiny-cnn", "doodle.png", "--dataset", "digits")
    assert "The model says no digit (" in said


def test_explain_says_where_the_line_was_read_otherwise() -> None:
    """A digit that the line as a whole speaks for, and not its own ink, is explained as its ink is read."""
    values = read_json("explain", "tiny-cnn", "line.png", "--dataset", "digits")
    assert (values["read_as"], values["label"]) == (1, 10)
    said = invoke("explain", "tiny-cnn", "line.png", "--dataset", "digits")
    assert "In the picture it was read as 1, as part of a line. Alone it is another answer:\n" in said


def test_explain_draws_and_keeps_its_index(cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--out writes a PNG, and the index stays in the cache, where the second call leaves it."""
    assert invoke("explain", MODEL, "digit.png", "--out", "why.png").endswith("Wrote why.png.\n")
    with Image.open("why.png") as picture:
        assert picture.format == "PNG"
    (index,) = (cache / "neighbors").iterdir()
    before = index.stat().st_mtime_ns
    read_json("explain", MODEL, "digit.png")
    assert index.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ([MODEL, "blank.png"], r"blank\.png must show a digit\. Got no ink"),
        ([MODEL, "missing.png"], r"missing\.png"),
        ([MODEL, "broken.png"], r"broken\.png"),
        ([MODEL, "folder"], r"folder"),
        (["missing.onnx", "digit.png"], r"missing\.onnx must be a model file"),
        (["number-reader", "digit.png"], r"model must be one of digits\. Got one of lines"),
        ([MODEL, "digit.png", "--out", "nowhere/why.png"], r"nowhere/why\.png cannot be written"),
        ([MODEL, "digit.png", "--out", "folder"], r"folder cannot be written: it is a folder"),
        ([MODEL, "number.png", "--digit", "9"], r"--digit must be 1 to 3 for number\.png\. Got 9\."),
        ([MODEL, "digit.png", "--digit", "0"], r"--digit must be 1 to 1 for digit\.png\. Got 0\."),
        (["tiny-cnn", "doodle.png", "--digit", "2"], r"--digit must be 1 to 1 for doodle\.png\. Got 2\."),
        (["tiny-cnn", "digit.png"], r"mnist was not found\. Looked in"),
        ([MODEL, "digit.png", "--dataset", "mnits"], r"Got 'mnits'\. Did you mean mnist"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else "",
)
def test_explain_fails_with_one_line(
    arguments: list[str], match: str, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it cannot explain is one line on the error stream and exit code 1, before the index is built."""
    assert run_main(["explain", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.match(rf"tenfold: .*{match}", err)
    assert not cache.exists()
