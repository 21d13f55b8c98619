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
    sections = [
        f"## tenfold {name}\n\n```text\n{text}\n```\n" for name, text in zip(names, _ask(names), strict=True)
    ]
    return "\n".join([INTRODUCTION, *sections])


PROGRAM = """
import sys
from tenfold.cli.main import app

for name in sys.argv[1:]:
    app([*name.split(), "--help"], prog_name="tenfold", standalone_mode=False)
    print("\\0")
"""


def _ask(names: list[str]) -> list[str]:
    """Return each command's help as it stands on a terminal 100 columns wide."""
    environment = os.environ | {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *names],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment | {"PYTHONIOENCODING": "utf-8"},
    )
    texts = done.stdout.split("\0\n")[:-1]
    return ["\n".join(line.rstrip() for line in text.strip("\n").splitlines()) for text in texts]


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
