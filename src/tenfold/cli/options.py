"""Options that several commands take."""

import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from tenfold.cli.progress import download_bar
from tenfold.data import SOURCES, Dataset, load_dataset
from tenfold.errors import DatasetNotFoundError, InputError, MissingExtraError, RecipeError
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

TrainingDataOption = Annotated[
    str | None,
    typer.Option(
        help=f"{DATASET_HELP} Without it MNIST, or digits where MNIST is not here and cannot be reached.",
        show_default=False,
    ),
]


def check_extra(extra: str, modules: Iterable[str]) -> None:
    """Raise a MissingExtraError for the first of an extra's modules that is not installed."""
    for module in modules:
        if find_spec(module) is None:
            raise MissingExtraError(module, extra)


def split_settings(settings: Iterable[str], example: str) -> list[tuple[str, str]]:
    """Return the fields and the values of ``--set FIELD=VALUE``.

    Raises
    ------
    RecipeError
        One is of another form.
    """
    wrong = [setting for setting in settings if "=" not in setting]
    if wrong:
        raise RecipeError(f"--set must be FIELD=VALUE. Got {', '.join(wrong)}. For example --set {example}.")
    return [(name, value) for name, _, value in (setting.partition("=") for setting in settings)]


def load_training_data(dataset: str | None, *, offline: bool | None) -> Dataset:
    """Load what was asked for; if nothing was, MNIST or the digits that come with the package."""
    with download_bar() as on_progress:
        try:
            return load_dataset(dataset or "mnist", offline=offline, on_progress=on_progress)
        except DatasetNotFoundError:
            if dataset is not None:
                raise
    print(
        "MNIST is neither on this machine nor reachable, so this trains on the 1,797 embedded digits "
        "(`--dataset mnist` says where it was looked for).",
        file=sys.stderr,
    )
    return load_dataset("digits")


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
