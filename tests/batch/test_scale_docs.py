"""docs/scale.md: the cluster that it starts by hand is a cluster."""

import re
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from tenfold.batch.manifest import NAME
from tests.batch.cluster_processes import free_port, wait_for_port
from tests.batch.made import digit_files, do, job_of, read_rows, write_files, write_mixed

PAGE = Path(__file__).parent.parent.parent / "docs" / "scale.md"


def blocks(language: str, heading: str) -> list[str]:
    """Return the blocks of code below a heading."""
    section = PAGE.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)\n^```$", section, re.MULTILINE | re.DOTALL)


@pytest.mark.cluster
@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl, which makes the certificate")
def test_the_cluster_by_hand_runs(tmp_path: Path) -> None:
    """The page's commands, on this machine's loopback: certificate, scheduler, workers, job."""
    write_files(tmp_path / "scans", digit_files(30))
    port = free_port()
    certificate, scheduler, worker, job = (
        _here(command, port) for command in blocks("sh", "Two machines, by hand")
    )
    with ExitStack() as stack:
        subprocess.run(certificate, cwd=tmp_path, check=True, capture_output=True)
        _start(stack, scheduler, tmp_path)
        wait_for_port(port)
        for _ in range(2):
            _start(stack, worker, tmp_path)
        done = subprocess.run(job, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("30 inputs, 30 rows: ")
    assert len(read_rows(tmp_path / "results")) == 30


def _here(command: str, port: int) -> list[str]:
    """Return a command for this machine, and this Python."""
    here = command.replace("192.0.2.1", "127.0.0.1").replace("127.0.0.1:8787", "127.0.0.1:0")
    program, *arguments = shlex.split(here.replace("8786", str(port)))
    return [*([sys.executable, "-m"] if program in {"dask", "tenfold"} else []), program, *arguments]


def _start(stack: ExitStack, command: list[str], folder: Path) -> None:
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)


def test_tables_are_read_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's lines for pandas, polars and DuckDB find every row, or each number."""
    monkeypatch.chdir(tmp_path)
    do(job_of(write_mixed(tmp_path / "in", 20), "results", shard_size=9))
    rows = read_rows("results")
    names = {"pandas": pd, "polars": pl, "duckdb": duckdb}
    tables, numbers = (
        [eval(line, names) for line in block.splitlines()] for block in blocks("python", "What is written")
    )
    sure = sum(row["error"] is None and row["reason"] is None for row in rows)
    assert [len(table) for table in tables] == [len(rows), len(rows), sure]
    texts = sorted(number["text"] for row in rows for number in row["numbers"] or [])
    of_pandas, of_polars, of_duckdb = numbers
    assert sorted(number["text"] for number in of_pandas["numbers"].dropna()) == texts
    assert sorted(of_polars["text"].drop_nulls()) == texts
    assert sorted(row[1] for row in of_duckdb.fetchall()) == texts


def test_the_page_names_what_is_there() -> None:
    """Columns, endings and files on the page are those of the code."""
    from tenfold.batch.rows import SCHEMA
    from tenfold.batch.sources import PLANNERS

    text = PAGE.read_text("utf-8")
    assert NAME in text
    assert [name for name in (*SCHEMA.names, *PLANNERS) if f"`{name}`" not in text] == []
