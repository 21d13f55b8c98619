"""`tenfold batch`: what it prints, how it ends, and what it refuses."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from typer.testing import CliRunner

from tenfold.cli.main import app
from tenfold.data import save_idx
from tests.batch.made import BAD_IN_MIXED, digit_files, digit_images, read_rows, write_files, write_mixed
from tests.cli.program import invoke, read_json, run_main, spawn, spawn_on_terminal

HERE = ("--workers", "0", "--model", "tiny-cnn", "--out", "out")


@pytest.fixture(autouse=True)
def _pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with pictures of digits."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "in", digit_files(12))


def test_batch_prints_a_summary() -> None:
    """One line says how many inputs there were, what became of them, and where the rows are."""
    words = invoke("batch", "in", *HERE).split(". ")
    assert words[0].startswith("12 inputs, 12 rows: ")
    assert words[0].endswith(" abstained, 0 errors")
    assert words[1] == "1 shards"
    assert words[-1] == f"Wrote {Path('out').absolute()}.\n"
    assert len(read_rows("out")) == 12


def test_batch_prints_json() -> None:
    """--json prints the same, and a second run says what was done before."""
    first = read_json("batch", "in", *HERE, "--shard-size", "5")
    again = read_json("batch", "in", *HERE, "--shard-size", "5")
    counts = {"inputs": 12, "rows": 12, "errors": 0, "shards": 3}
    assert counts.items() <= first.items()
    assert counts.items() <= again.items()
    assert (first["shards_done_before"], again["shards_done_before"]) == (0, 3)
    assert (again["inputs_per_second"], again["abstained"]) == (0, first["abstained"])
    assert first["inputs_per_second"] == pytest.approx(12 / first["seconds"], rel=0.05)


def test_batch_exits_with_1_where_a_row_failed(tmp_path: Path) -> None:
    """Files that are no pictures are counted, and cost the exit status; also when they were before."""
    write_mixed(tmp_path / "mixed", 5)
    for _ in range(2):
        result = CliRunner().invoke(app, ["batch", "mixed", *HERE], catch_exceptions=False)
        assert result.exit_code == 1
        assert f" {len(BAD_IN_MIXED)} errors. " in result.stdout


def test_batch_reads_what_is_expected() -> None:
    """--expect is as for `tenfold read`."""
    invoke("batch", "in", *HERE, "--expect", "range=3..3")
    assert {row["text"] for row in read_rows("out")} <= {"3", ""}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", *HERE], "nowhere must be a folder, a file or a pattern of files."),
        (["in", "--out", "out", "--model", "big"], "big must be a model file"),
        (
            ["in", *HERE, "--scheduler", "tcp://127.0.0.1:1"],
            "The workers are those of --scheduler, or --workers",
        ),
        (["in", *HERE, "--expect", "lenght=1"], "Did you mean length?"),
        (["in", *HERE, "--tls-ca", "ca.pem"], "TLS takes --tls-ca, --tls-cert and --tls-key together."),
        (
            [
                "in",
                "--out",
                "out",
                "--scheduler",
                "tls://a:1",
                *(f"--tls-{n}=x" for n in ("ca", "cert", "key")),
            ],
            "Certificates must be files. Got x, x, x.",
        ),
    ],
)
def test_batch_says_what_is_wrong(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each mistake is one line that says what to do, before anything is written."""
    assert run_main(["batch", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tenfold: ")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("out").exists()


def test_batch_refuses_certificates_without_tls(capsys: pytest.CaptureFixture[str]) -> None:
    """Certificates for a scheduler that asks for none are a mistake."""
    for name in ("ca", "cert", "key"):
        Path(name).touch()
    options = [f"--tls-{name}={name}" for name in ("ca", "cert", "key")]
    assert run_main(["batch", "in", "--out", "out", "--scheduler", "tcp://127.0.0.1:1", *options]) == 1
    assert "Certificates are for --scheduler tls://HOST:PORT." in capsys.readouterr().err


def test_batch_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyarrow the error says what to install."""
    monkeypatch.setattr("tenfold.cli.options.find_spec", lambda _: None)
    result = CliRunner().invoke(app, ["batch", "in", *HERE])
    assert str(result.exception) == (
        "This needs pyarrow, which is not installed. Install it with: pip install 'tenfold[scale]'"
    )


@pytest.mark.slow
def test_batch_shows_progress_on_a_terminal() -> None:
    """A terminal shows inputs done of all, and how they went."""
    save_idx("images", np.resize(digit_images(500), (50_000, 28, 28)))
    shown = spawn_on_terminal("batch", "images", *HERE, "--shard-size", "2000")
    assert b"/50000" in shown
    assert b" abstained  0 errors" in shown
    assert re.search(rb"[\d,]+/s +\d:\d\d:\d\d ", shown)  # rate, and time left


@pytest.mark.cluster
def test_batch_runs_on_this_machines_cores() -> None:
    """By default processes do the work; the dashboard's address is on loopback, and nothing else is said."""
    done = spawn("batch", "in", "--out", "out", "--model", "tiny-cnn", "--workers", "2")
    assert (done.returncode, done.stdout.partition(" rows")[0]) == (0, "12 inputs, 12")
    assert done.stderr.startswith("Dask's dashboard: http://127.0.0.1:")
    assert done.stderr.count("\n") == 1


@pytest.mark.cluster
def test_batch_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    """After SIGKILL its workers end by themselves, and the same command goes on."""
    write_files(tmp_path / "many", digit_files(3000))
    command = [sys.executable, "-m", "tenfold", "batch", "many", "--out", "out", "--shard-size", "20"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not list(Path("out").glob("*.parquet")):
            time.sleep(0.05)
            assert process.poll() is None
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert len(workers) >= 2
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert json.loads(spawn(*command[3:], "--json").stdout)["rows"] == len(read_rows("out")) == 3000


@pytest.mark.cluster
def test_batch_ends_on_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C ends workers and all with one line, and the same command goes on."""
    write_files(tmp_path / "many", digit_files(3000))
    command = [sys.executable, "-m", "tenfold", "batch", "many", "--out", "out", "--shard-size", "20"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while not list(Path("out").glob("*.parquet")):
            time.sleep(0.05)
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[1:] == ["tenfold: interrupted."]
    again = json.loads(spawn(*command[3:], "--json").stdout)
    assert (again["rows"], again["errors"]) == (3000, 0)
    assert again["shards_done_before"] > 0
    assert len(read_rows("out")) == 3000
