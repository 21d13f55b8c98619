"""docs/scale.md: the cluster that it starts by hand is a cluster."""

import re
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tenfold.batch.manifest import NAME
from tests.batch.cluster_processes import free_port, wait_for_port
from tests.batch.made import digit_files, read_rows, write_files

PAGE = Path(__file__).parent.parent.parent / "docs" / "scale.md"


def commands(heading: str) -> list[str]:
    """Return the commands below a heading."""
    section = PAGE.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)\n^```$", section, re.MULTILINE | re.DOTALL)


@pytest.mark.cluster
@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl, which makes the certificate")
def test_the_cluster_by_hand_runs(tmp_path: Path) -> None:
    """The page's commands, on this machine's loopback: certificate, scheduler, workers, job."""
    write_files(tmp_path / "scans", digit_files(30))
    port = free_port()
    certificate, scheduler, worker, job = (
        _here(command, port) for command in commands("Two machines, by hand")
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


def test_the_page_names_what_is_there() -> None:
    """Columns, endings and files on the page are those of the code."""
    from tenfold.batch.rows import SCHEMA
    from tenfold.batch.sources import PLANNERS

    text = PAGE.read_text("utf-8")
    assert NAME in text
    assert [name for name in (*SCHEMA.names, *PLANNERS) if f"`{name}`" not in text] == []
