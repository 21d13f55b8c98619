"""`tenfold export`: the files, what is printed, and what it refuses."""

import hashlib
import re
from pathlib import Path

import pytest

from tenfold import model_file, training
from tests.cli.program import invoke, read_json, run_main


@pytest.fixture(autouse=True)
def _workplace(run: training.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that holds a model and a folder."""
    monkeypatch.chdir(tmp_path)
    model_file.save("model.onnx", run.model)
    Path("folder.js").mkdir()


def test_export_says_what_it_wrote() -> None:
    """Without a model it takes the smallest; the number of bytes is the file's."""
    printed = invoke("export", "--to", "tenfold.js")
    assert printed == f"Wrote tenfold.js: {Path('tenfold.js').stat().st_size:,} bytes.\n"
    assert model_file.load("tiny-cnn").sha256 in Path("tenfold.js").read_text("utf-8")
    assert Path("tenfold.d.ts").exists()


def test_export_describes_the_file_as_json() -> None:
    """--json gives the path, the size and the checksum."""
    answer = read_json("export", "model.onnx", "--to", "reader.js")
    data = Path("reader.js").read_bytes()
    assert answer == {"path": "reader.js", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert '"name": "model"' in data.decode()


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["missing.onnx", "--to", "a.js"], r"missing\.onnx must be a model file"),
        (["--to", "a.pdf"], r"--to must end in \.html or \.js\. Got 'a\.pdf'"),
        (["--to", "a"], r"--to must end in \.html or \.js\. Got 'a'"),
        (["--to", "nowhere/a.js"], r"nowhere/a\.js cannot be written"),
        (["--to", "nowhere/a.html"], r"nowhere/a\.html cannot be written"),
        (["--to", "folder.js"], r"folder\.js cannot be written: it is a folder"),
        (["number-reader", "--to", "a.html"], r"The model must be one of digits\. Got one of lines"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_export_errors_are_one_line(
    arguments: list[str], match: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be opened or written ends with 1 and one line, and leaves no file."""
    before = sorted(Path().rglob("*"))
    assert run_main(["export", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"tenfold: .*{match}.*\n", err)
    assert sorted(Path().rglob("*")) == before
