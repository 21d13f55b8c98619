"""`tenfold sweep`: what it prints, how it ends, and what it refuses."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tenfold.cli.main import app
from tenfold.data import Dataset, save_idx
from tests.cli.program import read_json, run_main, spawn_on_terminal

SWEEP = ("sweep", "fast-mlp", "--dataset", "small", "--set", "lr=1e-3..1e-1", "--set", "epochs=2")
NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def write_dataset(folder: Path, digits: Dataset, test_labels: Any) -> None:
    """Write a small dataset with these labels of its test images."""
    folder.mkdir()
    train = digits.train.take(np.arange(240))
    arrays = (train.images, train.labels, digits.test.images, test_labels)
    for name, array in zip(NAMES, arrays, strict=True):
        save_idx(folder / name, array.astype(np.uint8))


@pytest.fixture(autouse=True)
def _dataset(tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a small dataset."""
    monkeypatch.chdir(tmp_path)
    write_dataset(tmp_path / "small", digits, digits.test.labels)


def test_sweep_prints_a_table_and_a_command_and_draws() -> None:
    """The best trials, the best of all, and the command line that trains it; beside the store a picture."""
    result = CliRunner().invoke(app, [*SWEEP, "--trials", "3"], catch_exceptions=False)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["trial", "learning_rate", "validation", "epochs", "run", "seconds", "state"]
    assert sorted(line.split()[0] for line in lines[1:4]) == ["0", "1", "2"]
    assert lines[5].startswith(
        f"Best of 3 trials: {lines[1].split()[2]} of the validation images. The recipe's"
    )
    assert shlex.split(lines[6])[:6] == [
        "tenfold",
        "train",
        "--recipe",
        "fast-mlp",
        "--dataset",
        str(Path("small").absolute()),
    ]
    assert result.stderr.startswith(
        "Searching learning_rate in 0.001..0.1 of fast-mlp, on the training images"
    )
    assert "Trials are kept in fast-mlp-sweep.db." in result.stderr
    assert "The test images were not looked at." in result.stderr
    assert Path("fast-mlp-sweep.db").is_file()
    with Image.open("fast-mlp-sweep.png") as picture:
        assert picture.size == (800, 320)


def test_sweep_prints_json_and_goes_on() -> None:
    """--json has every trial; the same command with more trials does the rest."""
    first = read_json(*SWEEP, "--trials", "2", "--store", "here.db", "--study", "a study")
    more = read_json(*SWEEP, "--trials", "3", "--store", "here.db", "--study", "a study")
    assert more["trials"][:2] == first["trials"]
    assert len(more["trials"]) == 3
    assert more["best"] in more["trials"]
    assert (more["recipe"], more["study"], more["store"]) == ("fast-mlp", "a study", "here.db")
    assert more["plot"] == "a-study-sweep.png"
    assert Path(more["plot"]).is_file()
    assert more["searched"] == {"learning_rate": "0.001..0.1"}


@pytest.mark.slow
def test_the_test_images_are_not_looked_at(tmp_path: Path, digits: Dataset) -> None:
    """With test labels that are all wrong the same trials have the same scores."""
    write_dataset(tmp_path / "wrong", digits, (digits.test.labels + 1) % 10)
    scores = []
    for name in ("small", "wrong"):
        arguments = [name if word == "small" else word for word in SWEEP]
        found = read_json(*arguments, "--trials", "3", "--store", f"{name}.db")
        scores.append([(trial["values"], trial["accuracy"]) for trial in found["trials"]])
    assert scores[0] == scores[1]


@pytest.mark.slow
def test_the_command_that_is_printed_trains(capsys: pytest.CaptureFixture[str]) -> None:
    """It pastes into a shell as it is."""
    command = read_json(*SWEEP, "--trials", "1", "--set", "label_smoothing=0,0.1")["command"]
    assert CliRunner().invoke(app, [*shlex.split(command)[1:], "--out", "best.onnx"]).exit_code == 0
    assert Path("best.onnx").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep", "fast-mpl"], "Did you mean fast-mlp?"),
        (["sweep", "fast-mlp", "--set", "lr"], "--set must be FIELD=VALUE. Got lr."),
        (["sweep", "fast-mlp", "--set", "epochs=3"], "At least one field must be searched."),
        ([*SWEEP, "--store", "redis://h/1"], "The store must be a path or the URL of a database"),
        ([*SWEEP, "--store", "nowhere/it.db"], "cannot be written: No such file or directory"),
        ([*SWEEP, "--plot", "small"], "small cannot be written: it is a folder"),
        ([*SWEEP, "--seed", "-1"], "seed must be 0 to 4294967295. Got -1."),
        (
            [*SWEEP, "--scheduler", "tcp://127.0.0.1:1"],
            "Workers elsewhere must reach the store. Got the file",
        ),
        (
            [*SWEEP, "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"],
            "The workers are those of --scheduler, or --workers",
        ),
        ([*SWEEP, "--tls-ca", "ca.pem"], "TLS takes --tls-ca, --tls-cert and --tls-key together."),
        (["sweep", "fast-mlp", "--set", "lr=1..2", "--dataset", "mnits"], "Did you mean mnist?"),
    ],
)
def test_sweep_says_what_is_wrong(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each mistake is one line that says what to do, and leaves no store behind."""
    assert run_main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tenfold: ")
    assert message in err
    assert err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["small"]


@pytest.mark.parametrize(("module", "extra"), [("optuna", "scale"), ("torch", "train")])
def test_sweep_names_the_extra(module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a package of an extra the error says what to install."""
    from importlib.util import find_spec

    monkeypatch.setattr(
        "tenfold.cli.options.find_spec", lambda name: None if name == module else find_spec(name)
    )
    result = CliRunner().invoke(app, SWEEP)
    assert str(result.exception) == (
        f"This needs {module}, which is not installed. Install it with: pip install 'tenfold[{extra}]'"
    )


def test_sweep_says_where_nothing_came_of_it() -> None:
    """Where every trial diverges there is no command to print."""
    words = ["sweep", "fast-mlp", "--dataset", "small", "--set", "weight_decay=1e29..1e30", "--trials", "2"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    assert "No trial is complete: nothing to choose from." in result.stderr
    assert "tenfold train" not in result.stdout
    assert result.stdout.count("diverged") == 2


def start(*options: str, **changes: Any) -> "subprocess.Popen[str]":
    """Start a sweep in a process of its own."""
    command = [sys.executable, "-m", "tenfold", *SWEEP, *options]
    return subprocess.Popen(command, text=True, **changes)  # type: ignore[no-any-return]


@pytest.mark.slow
def test_sweep_shows_progress_on_a_terminal() -> None:
    """A terminal shows trials done of all, how many were pruned, and the best so far."""
    shown = spawn_on_terminal(*SWEEP, "--trials", "8")
    assert b"/8" in shown
    assert b" pruned  best " in shown


@pytest.mark.slow
def test_sweep_ends_on_ctrl_c() -> None:
    """Ctrl-C ends it with a line that says how to go on, and the same command does."""
    with start("--trials", "500", stderr=subprocess.PIPE, start_new_session=True) as process:
        until = time.monotonic() + 60
        while not Path("fast-mlp-sweep.db").exists() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(3)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[1:] == [
        "The trials that ended are kept. To go on: the same command.",
        "tenfold: interrupted.",
    ]
    n_kept = len(
        json.loads(start("--trials", "1", "--json", stdout=subprocess.PIPE).communicate()[0])["trials"]
    )
    assert 1 <= n_kept < 500


@pytest.mark.cluster
def test_sweep_runs_on_this_machines_cores() -> None:
    """Processes of this machine do the trials, and nothing but the result is said."""
    with start(
        "--trials", "4", "--workers", "2", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        out, err = process.communicate(timeout=110)
    assert process.returncode == 0, err
    assert [trial["number"] for trial in json.loads(out)["trials"]] == [0, 1, 2, 3]
    assert err.count("\n") == 1
