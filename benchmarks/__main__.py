"""Run the measurements: ``python -m benchmarks [--write] [NAME …]``.

They need MNIST below ``TENFOLD_DATA``, and a machine that does nothing else. With ``--write`` each table
replaces the one in docs/benchmarks.md.
"""

import argparse
import importlib
import os
import re
import sys
from pathlib import Path

NAMES = (
    *("startup", "loading", "tutorial", "training", "recipes"),
    *("inference", "threads", "shipped", "trust", "label_errors", "robustness"),
    *("real_ink", "papers", "lone_numbers", "number_confidence"),
    *("serve", "batching", "page", "webpage", "batch", "scheduler", "sweep"),
)
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Run what was asked for and print, or write, the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; without any, all")
    parser.add_argument("--write", action="store_true", help="renew the tables in docs/benchmarks.md")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"NAME must be one of {', '.join(NAMES)}. Got {', '.join(sorted(unknown))}.")
    if not Path(os.environ.get("TENFOLD_DATA", ""), "mnist").is_dir():
        parser.error("TENFOLD_DATA must be set to a folder that holds mnist/.")
    if os.getloadavg()[0] > 0.5:
        print(f"This machine is busy (load {os.getloadavg()[0]:.1f}): times will be off.", file=sys.stderr)
    for name in arguments.names or NAMES:
        table = importlib.import_module(f"benchmarks.{name}").main()
        print(f"## {name}\n\n{table}\n", flush=True)
        if arguments.write:
            _write(name, table)


def _write(name: str, table: str) -> None:
    """Put a table between its marks on the page."""
    marks = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    pattern = re.escape(marks[0]) + ".*?" + re.escape(marks[1])
    page, n_replaced = re.subn(
        pattern, lambda _: marks[0] + table + marks[1], PAGE.read_text("utf-8"), flags=re.DOTALL
    )
    if n_replaced != 1:
        sys.exit(f"{PAGE} must have the marks of {name} once. Got {n_replaced}.")
    PAGE.write_text(page, "utf-8")


main()
