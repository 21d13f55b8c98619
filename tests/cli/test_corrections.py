"""`tenfold corrections`: what is listed, counted and exported; and docs/corrections.md, which shows it."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tenfold.cli.main import app
from tenfold.data import Dataset, load_dataset
from tenfold.serve.correction import Correction
from tenfold.serve.store import add_correction, open_store
from tests.cli.program import invoke, read_json, run_main
from tests.serve.postgres_server import make_server, running

ROOT = Path(__file__).parents[2]
MODEL = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, where the store is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TENFOLD_STORE", "corrections.db")


def fill(store: str, digits: Dataset, *, n: int) -> list[Correction]:
    """Keep real digits with their labels, and one scribble that is no digit; return them in order."""
    opened = open_store(store)
    samples = digits.test.take(np.arange(n))
    corrections = [
        Correction(image.tobytes(), int(label), int(label + 1) % 10, MODEL)
        for image, label in zip(samples.images, samples.labels, strict=True)
    ]
    corrections.insert(1, replace(corrections[0], label=None))
    for correction in corrections:
        add_correction(opened, correction)
    return corrections


def test_review_draws_the_newest(digits: Dataset) -> None:
    """Each digit is drawn above its number, what it is, what was answered, the time and the model."""
    kept = fill("corrections.db", digits, n=4)
    lines = invoke("corrections", "review", "--newest", "2").splitlines()
    assert [len(line) for line in lines[:14]] == [28] * 14
    assert set("".join(lines[:14])) <= set(" ▄▀█")
    described = [line for line in lines if re.match(r"\d+: ", line)]
    for line, (number, correction) in zip(described, [(4, kept[3]), (5, kept[4])], strict=True):
        said = f"{number}: {correction.label}, not {correction.predicted} ("
        assert re.fullmatch(
            re.escape(said) + r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, model 0123456789ab\)", line
        ), line
    assert lines[-1] == "2 of 5 corrections in corrections.db"


def test_review_says_what_is_no_digit(digits: Dataset) -> None:
    """A correction to "not a digit" is said in words."""
    kept = fill("corrections.db", digits, n=2)
    assert f"2: no digit, not {kept[1].predicted} (" in invoke("corrections", "review")


def test_review_prints_json(digits: Dataset) -> None:
    """--json has each field, and the pixels as they were kept."""
    kept = fill("sub.db", digits, n=3)
    listed = read_json("corrections", "review", "--store", "sqlite:///sub.db")
    assert [list(item) for item in listed] == [["id", "time", "label", "predicted", "model", "pixels"]] * 4
    for number, (item, correction) in enumerate(zip(listed, kept, strict=True), start=1):
        assert np.array(item["pixels"], np.uint8).tobytes() == correction.image
        assert (item["id"], item["label"], item["predicted"], item["model"]) == (
            number,
            correction.label,
            correction.predicted,
            MODEL,
        )


def test_review_counts(digits: Dataset) -> None:
    """--counts has a row for each pair of an answer and a correction, the most frequent first."""
    kept = fill("corrections.db", digits, n=60)
    counted = read_json("corrections", "review", "--counts")
    assert sum(row["count"] for row in counted) == 61
    assert counted[0]["count"] == max(row["count"] for row in counted)
    for row in counted:
        same = [one for one in kept if (one.predicted, one.label) == (row["predicted"], row["label"])]
        assert row["count"] == len(same)
    table = invoke("corrections", "review", "--counts").splitlines()
    assert table[0].split() == ["answered", "should", "be", "corrections"]
    assert len(table) == 1 + len(counted)
    assert any("no digit" in line for line in table)


def test_an_empty_store_is_reviewed() -> None:
    """A store without corrections is no error."""
    open_store("corrections.db")
    assert invoke("corrections", "review") == "0 of 0 corrections in corrections.db\n"
    assert read_json("corrections", "review") == []
    assert read_json("corrections", "review", "--counts") == []


def test_export_makes_what_train_and_evaluate_take(digits: Dataset) -> None:
    """The exported folder is evaluated and trained on; it has every corrected digit with its label."""
    kept = fill("corrections.db", digits, n=200)
    text = invoke("corrections", "export", "my-digits")
    loaded = load_dataset("my-digits")
    assert text.splitlines() == [
        f"Wrote my-digits: {len(loaded.train)} digits to train on, {len(loaded.test)} to test.",
        "of each class, 0 to 9: " + " ".join(map(str, np.bincount(loaded.whole().labels))),
        "left out: 1 that are no digit",
    ]
    whole = loaded.whole()
    exported = {(image.tobytes(), label) for image, label in zip(whole.images, whole.labels, strict=True)}
    assert exported == {(one.image, one.label) for one in kept if one.label is not None}
    assert read_json("evaluate", "tiny-cnn", "--dataset", "my-digits", "--split", "all")["n"] == 200
    options = ("--set", "max_iter=2", "--set", "hidden_units=8", "--out", "new.onnx")
    trained = read_json("train", "--recipe", "tutorial-mlp", "--dataset", "my-digits", *options)
    assert (trained["dataset"], trained["n_test"]) == ("my-digits", len(loaded.test))


def test_export_prints_json(digits: Dataset) -> None:
    """--json says where what was written, and how much of it."""
    fill("corrections.db", digits, n=100)
    made = read_json("corrections", "export", "my-digits")
    assert list(made) == ["folder", "store", "n_train", "n_test", "n_left_out", "class_counts"]
    assert made["n_train"] + made["n_test"] == sum(made["class_counts"]) == 100
    assert (made["folder"], made["store"], made["n_left_out"]) == ("my-digits", "corrections.db", 1)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (
            ["review"],
            r"corrections\.db must be a store of corrections\. Got no such file\. Say which: --store",
        ),
        (["export", "new"], r"corrections\.db must be a store of corrections\. Got no such file"),
        (["export", "taken", "--store", "good.db"], r"taken cannot be written: it exists"),
        (["export", "nowhere/new", "--store", "good.db"], r"nowhere/new cannot be written: No such file"),
        (["export", "new", "--store", "empty.db"], r"two different images at least.* Got 0 with a digit"),
        (["review", "--store", "garbage.db"], r"garbage\.db cannot be used: file is not a database"),
        (
            ["review", "--store", "mysql://ann:secret@h/d"],
            r"store must be a path.* Got 'mysql://ann:\*\*\*@h/d'",
        ),
        (["review", "--store", "taken"], r"taken must be a store of corrections\. Got no such file"),
    ],
    ids=" ".join,
)
def test_errors_are_one_line(digits: Dataset, arguments: list[str], match: str) -> None:
    """What cannot be done ends with exit code 1 and one line, and leaves no file."""
    fill("good.db", digits, n=9)
    open_store("empty.db")
    Path("garbage.db").write_bytes(b"garbage" * 1000)
    Path("taken").mkdir()
    before = sorted(Path().rglob("*"))
    result = CliRunner().invoke(app, ["corrections", *arguments])
    assert (result.exit_code, result.output) == (1, "")
    assert re.search(match, str(result.exception))
    assert "\n" not in str(result.exception)
    assert sorted(Path().rglob("*")) == before


def test_an_error_ends_the_program_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """An error is one line without a traceback, and a usage error exit code 2."""
    assert run_main(["corrections", "review"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("tenfold: corrections.db must be a store")
    assert run_main(["corrections", "reveiw"]) == 2


def test_the_extra_is_named_where_it_is_missing() -> None:
    """Without the packages of the extra, the error says how to install them."""
    program = (
        "import sys; sys.modules['sqlalchemy'] = None; sys.argv = ['tenfold', 'corrections', 'review']\n"
        "from tenfold.cli.main import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        "tenfold: This needs sqlalchemy, which is not installed. "
        "Install it with: pip install 'tenfold[serve]'\n"
    )


@pytest.mark.parametrize("command", ["export", "review"])
def test_help_shows_examples(command: str) -> None:
    """Each command's help has examples that begin with the command itself."""
    text = invoke("corrections", command, "--help")
    assert "Examples:" in text
    assert re.search(rf"• .*tenfold corrections {command}", text)
    assert re.search(rf"^│ {command} ", invoke("corrections", "--help"), re.MULTILINE)


def commands() -> list[str]:
    """Return the commands of docs/corrections.md, in order."""
    text = (ROOT / "docs" / "corrections.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def run(command: str, **environment: str) -> None:
    """Run a command as a reader of the page does, with the program of these tests."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command.replace("tenfold ", f"{sys.executable} -m tenfold "),
        shell=True,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, **environment},
    )
    assert done.returncode == 0, (command, done.stderr)
    assert done.stdout or not command.startswith("tenfold")


@pytest.mark.slow
@pytest.mark.timeout(300)  # seven programs start, one after the other
def test_commands_of_the_page_run(digits: Dataset) -> None:
    """Each command that the page shows for a file works, one after the other, on a store of corrections."""
    kept = fill("corrections.db", digits, n=150)
    for command in commands():
        if "$STORE" not in command:
            run(command)
    assert len(read_json("corrections", "review", "--store", "backup.db", "--newest", "999")) == len(kept)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_commands_of_the_page_run_on_postgresql(digits: Dataset) -> None:
    """The command that the page shows for PostgreSQL works on one."""
    with make_server() as server, running(server):
        fill(server.url(), digits, n=5)
        (command,) = (one for one in commands() if "$STORE" in one)
        run(command, STORE=server.url())
        assert read_json("corrections", "export", "new", "--store", server.url())["n_left_out"] == 1
