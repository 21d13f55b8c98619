"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from tenfold.data import SOURCES
from tenfold.errors import InputError
from tenfold.model_file import Card

OfflineOption = Annotated[
    bool | None,
    typer.Option(
        "--offline/--online",
        help="Whether downloads are off. By default TENFOLD_OFFLINE=1 switches them off.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
ModelArgument = Annotated[
    Path,
    typer.Argument(
        help="A model file that tenfold wrote, or one that comes with it: robust-cnn or tiny-cnn.",
        show_default=False,
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="TENFOLD_STORE",
        help="Where corrections are kept: a path, sqlite:///PATH, postgresql+psycopg://USER@HOST/DATABASE, "
        "or none. By default corrections.db in the user's data folder.",
        show_default=False,
    ),
]
DATASET_HELP = (
    "mnist, digits, or a path: a folder of IDX files, a folder per class of pictures, an .npz archive."
)


def trained_on(card: Card) -> str:
    """Return the name of the dataset that a model was trained on, if it has one.

    Raises
    ------
    InputError
        It was trained on a dataset without a name.
    """
    name = str(card.data.get("name"))
    if name not in SOURCES:
        raise InputError(
            f"The model was trained on {name!r}, which is no named dataset. Say which data: --dataset PATH."
        )
    return name
