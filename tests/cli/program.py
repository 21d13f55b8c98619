"""How the tests run the program: in this process, or as its user does in one of its own."""

import json
import os
import pty
import subprocess
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from tenfold.cli.main import app, main


def invoke(*arguments: str) -> str:
    """Run a command in this process and return what it prints; it must end well."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def read_json(*arguments: str) -> Any:
    """Run a command with --json in this process and return the value that it prints."""
    return json.loads(invoke(*arguments, "--json"))


def run_main(arguments: list[str]) -> object:
    """Run the program in this process and return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["tenfold", *arguments])
        with pytest.raises(SystemExit, match=r"^\d$") as end:
            main()
    return end.value.code


def spawn(*arguments: str, **changes: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as its user does, in a process of its own."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "tenfold", *arguments], check=False, **{**options, **changes}
    )


def spawn_on_terminal(*arguments: str) -> bytes:
    """Run a command whose error stream is a terminal, and return what that shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tenfold", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env=os.environ | {"COLUMNS": "120"}
    ):
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # how a terminal ends
            pass
    os.close(ours)
    return shown
