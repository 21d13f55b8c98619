"""`tenfold data-check`."""

import dataclasses
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from tenfold.atomic import check_writable
from tenfold.cli.options import DATASET_HELP, JsonOption, OfflineOption
from tenfold.cli.progress import download_bar, parts_bar
from tenfold.cli.tables import new_table
from tenfold.data import load_dataset

if TYPE_CHECKING:
    from tenfold.arrays import Indices
    from tenfold.training.check_data import DataCheck, Pair, Place, SplitCheck, Suspect

N_DRAWN: Final = 50
N_PRINTED: Final = 20
N_PAIRS_PRINTED: Final = 10
N_POSITIONS_PRINTED: Final = 12

FAULTS: Final = {
    "blank": "blank",
    "inverted": "light on dark",
    "outside_box": "over 20×20",
    "off_center": "off center",
}
"""What may be wrong with an image, and how it is said."""


class Checked(StrEnum):
    """The splits that are checked."""

    train = "train"
    test = "test"
    both = "both"


def data_check(
    dataset: Annotated[str, typer.Argument(help=DATASET_HELP, show_default=False)],
    split: Annotated[Checked, typer.Option(help="The split to check.")] = Checked.both,
    out: Annotated[
        Path | None,
        typer.Option(help="Also draw the 50 most suspicious digits into this PNG.", show_default=False),
    ] = None,
    networks: Annotated[
        int,
        typer.Option(
            min=1, help="How many predict each label; of fewer the ranking owes more to chance.", metavar="N"
        ),
    ] = 64,
    seed: Annotated[int, typer.Option(help="The same seed gives the same ranking on the same machine.")] = 0,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for wrong labels, duplicates, blank images, and images that are no digit images.

    A label is suspicious where networks that were not trained on its image see another digit. So quick
    networks are trained, which takes minutes on MNIST: four for each that predicts a label, of which each saw
    three quarters of the images. None of them is kept. The test images are predicted by networks that saw the
    training images and the other test images.

    Examples:

    - `tenfold data-check digits`
    - `tenfold data-check mnist --split test --out suspicious.png`
    - `tenfold data-check mnist --networks 4`
    - `tenfold data-check my-digits/ --json`
    """
    from tenfold.training.check_data import SPLITS, check_data

    if out:
        check_writable(out)
    with download_bar() as on_progress:
        loaded = load_dataset(dataset, offline=offline, on_progress=on_progress)
    names = SPLITS if split is Checked.both else (split.value,)
    with parts_bar() as on_step:
        result = check_data(loaded, names, n_networks=networks, seed=seed, on_step=on_step)
    if out:
        _draw(out, result)
    if as_json:
        print(json.dumps(_to_json(loaded.name, seed, result), indent=2))
        return
    _print(loaded.name, result)
    if out:
        print(f"\nWrote {out}.")


def _draw(out: Path, result: "DataCheck") -> None:
    """Draw the most suspicious digits, each under its place, its label and what else it may be."""
    from tenfold.data.contact_sheet import save_contact_sheet

    images = {split.name: split.samples.images for split in result.splits}
    shown = result.suspects[:N_DRAWN]
    save_contact_sheet(
        out,
        np.stack([images[suspect.place.split][suspect.place.index] for suspect in shown]),
        [
            f"{suspect.place.split} {suspect.place.index}\n{suspect.place.label}? {_name(suspect.suggested)}"
            for suspect in shown
        ],
        n_columns=10,
        side=0.95,
    )


def _name(label: int) -> str:
    return str(label) if label < 10 else "none"


def _to_json(name: str, seed: int, result: "DataCheck") -> dict[str, Any]:
    """Return all that was found, and of the labels those that are flagged or drawn."""
    listed = [suspect for rank, suspect in enumerate(result.suspects) if rank < N_DRAWN or suspect.is_flagged]
    return {
        "dataset": name,
        "seed": seed,
        "splits": [_split_to_json(split) for split in result.splits],
        "duplicates": [dataclasses.asdict(pair) for pair in result.pairs],
        "suspicious": [
            {
                **dataclasses.asdict(suspect.place),
                "suggested": suspect.suggested,
                "score": suspect.score,
                "is_flagged": suspect.is_flagged,
            }
            for suspect in listed
        ],
    }


def _split_to_json(split: "SplitCheck") -> dict[str, Any]:
    return {
        "split": split.name,
        "n": len(split.samples),
        "class_counts": split.class_counts(),
        **{fault: getattr(split.condition, fault).tolist() for fault in FAULTS},
        "n_folds": split.n_folds,
        "n_flagged": int(split.ranking.is_flagged.sum()),
    }


def _print(name: str, result: "DataCheck") -> None:
    console = Console()
    console.print(_classes_table(name, result.splits))
    for lines in (_describe_images(result.splits), _describe_pairs(result.pairs)):
        console.print()
        for line in lines:
            console.print(line, highlight=False, soft_wrap=True)
    console.print()
    for split in result.splits:
        console.print(_describe_labels(split), highlight=False, soft_wrap=True)
    console.print()
    console.print(_suspects_table(result.suspects[:N_PRINTED]))


def _classes_table(name: str, splits: "list[SplitCheck]") -> Table:
    table = new_table("", *map(str, range(10)), "all", title=f"{name}: images of each class")
    for split in splits:
        table.add_row(split.name, *map(str, split.class_counts()), str(len(split.samples)))
    return table


def _describe_images(splits: "list[SplitCheck]") -> Iterator[str]:
    """Say which images are no digit images, in one line for each kind that there is."""
    for split in splits:
        found = {words: getattr(split.condition, fault) for fault, words in FAULTS.items()}
        counts = ", ".join(f"{len(positions)} {words}" for words, positions in found.items())
        yield f"images of {split.name}: {counts}"
        for words, positions in found.items():
            if len(positions):
                yield f"  {words}: {_list_first(positions)}"


def _describe_pairs(pairs: "list[Pair]") -> Iterator[str]:
    """Count the duplicates, and name the first."""
    n_exact = sum(pair.is_exact for pair in pairs)
    n_across = sum(pair.first.split != pair.second.split for pair in pairs)
    n_differing = sum(pair.first.label != pair.second.label for pair in pairs)
    yield (
        f"duplicates: {n_exact} the same, {len(pairs) - n_exact} nearly so; {n_across} between train and "
        f"test; {n_differing} with different labels"
    )
    for pair in pairs[:N_PAIRS_PRINTED]:
        alike = "the same" if pair.is_exact else f"similarity {pair.similarity:.4f}"
        yield f"  {_describe_place(pair.first)} and {_describe_place(pair.second)}: {alike}"
    if len(pairs) > N_PAIRS_PRINTED:
        yield f"  and {len(pairs) - N_PAIRS_PRINTED} more; --json lists all"


def _describe_place(place: "Place") -> str:
    return f"{place.split} {place.index} ({place.label})"


def _describe_labels(split: "SplitCheck") -> str:
    return (
        f"labels of {split.name}: networks of {split.n_folds} folds are confident of another digit in "
        f"{int(split.ranking.is_flagged.sum()):,} of {len(split.samples):,}"
    )


def _suspects_table(suspects: "list[Suspect]") -> Table:
    table = Table(box=None, pad_edge=False, title="the most suspicious labels", title_justify="left")
    for heading in ("split", "index", "label", "suggested", "score", "flagged"):
        table.add_column(heading, justify="left" if heading in {"split", "flagged"} else "right")
    for suspect in suspects:
        table.add_row(
            suspect.place.split,
            str(suspect.place.index),
            str(suspect.place.label),
            _name(suspect.suggested),
            f"{suspect.score:.3f}",
            "yes" if suspect.is_flagged else "",
        )
    return table


def _list_first(positions: "Indices") -> str:
    """List the first of many positions."""
    listed = ", ".join(map(str, positions[:N_POSITIONS_PRINTED]))
    n_more = len(positions) - N_POSITIONS_PRINTED
    return listed if n_more <= 0 else f"{listed} and {n_more} more; --json lists all"
