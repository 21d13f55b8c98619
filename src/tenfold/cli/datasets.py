"""`tenfold datasets`."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from tenfold.cli.options import JsonOption
from tenfold.data.dataset import find_local
from tenfold.data.sources import SOURCES, Source


def datasets(as_json: JsonOption = False) -> None:
    """List the datasets that have a name, and where they are.

    Examples:

    - `tenfold datasets`
    - `tenfold datasets --json`
    """
    rows = [_describe(source) for source in SOURCES.values()]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "train", "test", "license", "location"):
        table.add_column(
            heading, justify="right" if heading in {"train", "test"} else "left", overflow="fold"
        )
    for row in rows:
        place = row["location"] or f"not here yet: tenfold fetch {row['name']}"
        table.add_row(row["name"], f"{row['n_train']:,}", f"{row['n_test']:,}", row["license"], place)
    Console().print(table)


def _describe(source: Source) -> dict[str, Any]:
    local = find_local(source) if source.mirrors else "in the package"
    return {
        "name": source.name,
        "title": source.title,
        "n_train": source.n_train,
        "n_test": source.n_test,
        "license": source.license,
        "homepage": source.homepage,
        "location": str(local) if local else None,
    }
