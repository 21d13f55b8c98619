"""`tenfold fetch`."""

import json
from typing import Annotated

import typer

from tenfold.cli.options import JsonOption, OfflineOption
from tenfold.cli.progress import download_bar
from tenfold.data.dataset import fetch_dataset


def fetch(
    name: Annotated[
        str, typer.Argument(help="The name of a dataset; `tenfold datasets` lists them.", show_default=False)
    ],
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a dataset into the cache and verify it; what is there and intact stays.

    Examples:

    - `tenfold fetch mnist`
    - `TENFOLD_CACHE=/data/cache tenfold fetch mnist`
    """
    with download_bar() as on_progress:
        folder = fetch_dataset(name, offline=offline, on_progress=on_progress)
    location = str(folder) if folder else "the package"
    print(
        json.dumps({"name": name, "location": location}) if as_json else f"{name} is in {location}, verified."
    )
