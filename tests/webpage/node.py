"""The runtime's modules, run by Node."""

import functools
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest

HERE: Final = Path(__file__).parent
RUNTIME: Final = Path(str(files("tenfold.webpage"))) / "js"
OLDEST: Final = (20, 19)
"""Version of Node from which it takes modules for modules whatever their file is called."""


def run_node(script: str | Path, *arguments: str, data: bytes = b"", timeout: float = 110) -> bytes:
    """Return what a script of this folder, or any other, prints; skip where Node is missing."""
    command = [find_node(), str(HERE / script), *arguments]
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=timeout)
    assert not done.returncode, done.stderr.decode()
    return done.stdout


def ask_node(script: str | Path, question: object, *arguments: str) -> Any:
    """Return a script's answer to a question, both JSON."""
    return json.loads(run_node(script, *arguments, data=json.dumps(question).encode()))


@functools.cache
def find_node() -> str:
    """Return the path of Node, or skip."""
    node = shutil.which("node")
    if not node:
        pytest.skip("needs Node.js: the program `node`")
    version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", version)
    if not found or tuple(map(int, found.groups())) < OLDEST:
        pytest.skip(f"needs Node.js {'.'.join(map(str, OLDEST))} or newer. Got {version.strip()}.")
    return node
