"""`tenfold corrections`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.console import Console

from tenfold.cli.draw import half_blocks
from tenfold.cli.options import JsonOption, StoreOption
from tenfold.cli.tables import new_table
from tenfold.errors import MissingExtraError, OutputError
from tenfold.image import SIDE

if TYPE_CHECKING:
    from tenfold.arrays import DigitImage
    from tenfold.serve.store import Entry, Store

app = typer.Typer(
    help="Look at what people corrected, and make a data set of it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.command(no_args_is_help=True)
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.", show_default=False)],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the corrected digits as a data set that `--dataset` takes.

    About a fifth of them is for testing; which ones follows from their pixels, so a later export does not
    train on what an earlier one tested on. What is no digit has no label there, and is left out.

    Examples:

    - `tenfold corrections export my-digits`
    - `tenfold corrections export my-digits --store /var/lib/tenfold/corrections.db`
    - `tenfold evaluate robust-cnn --dataset my-digits --split all`
    """
    if folder.exists():
        raise OutputError(folder, "it exists")
    opened = _open(store)
    from tenfold.serve.export import export_corrections
    from tenfold.serve.store import list_corrections

    made = export_corrections(list_corrections(opened), folder)
    if as_json:
        summary = {
            "folder": str(folder),
            "store": opened.name,
            "n_train": len(made.train),
            "n_test": len(made.test),
            "n_left_out": made.n_left_out,
            "class_counts": made.class_counts(),
        }
        print(json.dumps(summary))
        return
    print(f"Wrote {folder}: {len(made.train):,} digits to train on, {len(made.test):,} to test.")
    print("of each class, 0 to 9: " + " ".join(f"{count:,}" for count in made.class_counts()))
    if made.n_left_out:
        print(f"left out: {made.n_left_out:,} that are no digit")


@app.command()
def review(
    store: StoreOption = None,
    newest: Annotated[int, typer.Option(min=1, metavar="N", help="Only so many of the newest.")] = 10,
    counts: Annotated[
        bool, typer.Option("--counts", help="Count instead what was answered, and what it should have been.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at the newest corrections, drawn in the terminal, or count all.

    Nothing is changed, and no model learns from them unless you train one.

    Examples:

    - `tenfold corrections review`
    - `tenfold corrections review --counts`
    - `tenfold corrections review --newest 100 --json`
    """
    opened = _open(store)
    from tenfold.serve.store import count_answers, list_corrections

    if counts:
        _print_counts(count_answers(opened), as_json=as_json)
        return
    entries = list_corrections(opened, newest=newest)
    if as_json:
        print(json.dumps([_to_json(entry) for entry in entries]))
        return
    _draw(entries)
    n_kept = sum(count for *_, count in count_answers(opened))
    print(f"{len(entries):,} of {n_kept:,} corrections in {opened.name}")


def _open(store: str | None) -> "Store":
    """Open a store that exists: the one that is named, or the user's own."""
    try:
        from tenfold.serve.store import default_file, open_store
    except ImportError as error:
        raise MissingExtraError(error.name or "sqlalchemy", "serve") from error
    return open_store(str(default_file()) if store is None else store, create=False)


def _print_counts(pairs: list[tuple[int | None, int | None, int]], *, as_json: bool) -> None:
    if as_json:
        keys = ("predicted", "label", "count")
        print(json.dumps([dict(zip(keys, pair, strict=True)) for pair in pairs]))
        return
    table = new_table("answered", "should be", "corrections")
    for predicted, label, count in pairs:
        table.add_row(_name(predicted), _name(label), f"{count:,}")
    Console().print(table)


def _draw(entries: "list[Entry]") -> None:
    console = Console()
    shades = console.color_system in {"256", "truecolor"}
    for entry in entries:
        correction = entry.correction
        console.print(half_blocks(_pixels(entry), shades=shades))
        print(
            f"{entry.id}: {_name(correction.label)}, not {_name(correction.predicted)} "
            f"({entry.time}, model {correction.model[:12]})\n"
        )


def _to_json(entry: "Entry") -> dict[str, Any]:
    correction = entry.correction
    return {
        "id": entry.id,
        "time": entry.time,
        "label": correction.label,
        "predicted": correction.predicted,
        "model": correction.model,
        "pixels": _pixels(entry).tolist(),
    }


def _pixels(entry: "Entry") -> "DigitImage":
    return np.frombuffer(entry.correction.image, np.uint8).reshape(SIDE, SIDE)


def _name(label: int | None) -> str:
    return "no digit" if label is None else str(label)
