"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

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
DATASET_HELP = (
    "mnist, digits, or a path: a folder of IDX files, a folder per class of pictures, an .npz archive."
)
