"""Make docs/commands.md from ``--help``: ``python -m tests.commands_page``."""

import os
import subprocess
import sys
from pathlib import Path

from tenfold.cli.main import app

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
INTRODUCTION = """# Commands

Made by `make docs` from `--help`. Every command exits with 0, with 1 after an error (one line, no
traceback), with 2 when it was called wrongly, with 130 after Ctrl-C.

| variable | what it does |
|---|---|
| `TENFOLD_DATA` | a folder that holds data sets by name (`mnist/…`), looked at first |
| `TENFOLD_CACHE` | where downloads are kept, in place of the user's cache folder |
| `TENFOLD_OFFLINE` | `1` switches downloads off |
| `TENFOLD_API_KEY` | the key that requests to `tenfold serve` must carry |
| `TENFOLD_STORE` | where corrections are kept, as `--store` says it; `none` keeps none |
"""


def make_page() -> str:
    """Return the page as it should be."""
    names = [command.name for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance
        for command in group.typer_instance.registered_commands:
            assert command.callback
            names.append(f"{group.name} {command.callback.__name__}")
    sections = [f"## tenfold {name}\n\n```text\n{_help(name)}\n```\n" for name in names]
    return "\n".join([INTRODUCTION, *sections])


def _help(name: str) -> str:
    """Return a command's help as it stands on a terminal 100 columns wide."""
    environment = os.environ | {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "tenfold", *name.split(), "--help"],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment | {"PYTHONIOENCODING": "utf-8"},
    )
    lines = (
        line.rstrip() for line in done.stdout.replace("python -m tenfold", "tenfold").strip("\n").splitlines()
    )
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
