"""`tenfold recipes`."""

import dataclasses
import json

from rich.console import Console
from rich.table import Table

from tenfold.cli.options import JsonOption
from tenfold.recipes import RECIPES


def recipes(as_json: JsonOption = False) -> None:
    """List the recipes that `train` knows, and the score that each must reach on MNIST's test images.

    Examples:

    - `tenfold recipes`
    - `tenfold recipes --json`
    """
    if as_json:
        print(json.dumps([dataclasses.asdict(recipe) for recipe in RECIPES.values()], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "what it is", "must reach"):
        table.add_column(heading)
    for recipe in RECIPES.values():
        table.add_row(recipe.name, recipe.summary, f"{recipe.must_reach:.2%}")
    Console().print(table)
