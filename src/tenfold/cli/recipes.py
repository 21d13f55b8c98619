"""`tenfold recipes`."""

import dataclasses
import json

from rich.console import Console
from rich.table import Table

from tenfold.cli.options import JsonOption
from tenfold.recipes import MEASURED, RECIPES, Measured


def recipes(as_json: JsonOption = False) -> None:
    """List the recipes that `train` knows, with what they reached on MNIST's test images, and how soon.

    For `number-reader` it is the share of strings, composed of these, that are read without any error.

    The time is that of the fastest training on a machine of two cores; the first lines of each recipe's file
    say more.

    Examples:

    - `tenfold recipes`
    - `tenfold recipes --json`
    """
    if as_json:
        listed = [
            dataclasses.asdict(recipe) | {"measured": dataclasses.asdict(MEASURED[name])}
            for name, recipe in RECIPES.items()
        ]
        print(json.dumps(listed, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "what it is", "reached", "seeds", "training"):
        table.add_column(heading, no_wrap=heading != "what it is")
    for name, recipe in RECIPES.items():
        table.add_row(name, recipe.summary, *_figures(MEASURED[name]))
    Console().print(table)


def _figures(measured: Measured) -> tuple[str, str, str]:
    """Return accuracy, number of seeds and duration, as text."""
    spread = f" ± {100 * measured.deviation:.2f}" if measured.seeds > 1 else ""
    accuracy = f"{100 * measured.accuracy:.2f}{spread} %"
    seconds = measured.seconds
    duration = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return accuracy, str(measured.seeds), duration
