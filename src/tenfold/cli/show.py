"""`tenfold show`."""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from tenfold.arrays import Images, Indices, Ink, Labels
from tenfold.cli.draw import half_blocks
from tenfold.cli.options import DATASET_HELP, JsonOption, OfflineOption
from tenfold.cli.progress import download_bar
from tenfold.data import Split, load_dataset
from tenfold.data.contact_sheet import save_contact_sheet
from tenfold.errors import InputError

Grid = tuple[int, int]


class SplitName(StrEnum):
    """The splits of every dataset."""

    train = "train"
    test = "test"


def show(
    dataset: Annotated[str, typer.Argument(help=DATASET_HELP, show_default=False)],
    index: Annotated[
        int | None,
        typer.Option(help="Position in the split, from 0. Without it a random one.", show_default=False),
    ] = None,
    split: Annotated[SplitName, typer.Option(help="The split to look at.")] = SplitName.train,
    seed: Annotated[
        int | None, typer.Option(help="Makes the random choice repeatable.", show_default=False)
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option(
            help="A contact sheet, ROWSxCOLUMNS: random digits, or those from --index on.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a PNG picture instead of drawing in the terminal.", show_default=False),
    ] = None,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at digits, in the terminal or as a picture.

    Examples:

    - `tenfold show mnist --index 7`
    - `tenfold show digits --grid 3x5 --seed 1`
    - `tenfold show mnist --grid 10x10 --out digits.png`
    """
    shape = _parse_grid(grid) if grid else (1, 1)
    with download_bar() as on_progress:
        loaded = load_dataset(dataset, offline=offline, on_progress=on_progress)
    samples = loaded.train if split is SplitName.train else loaded.test
    indices = _choose(len(samples), shape, index=index, seed=seed)
    chosen = samples.take(indices)
    if out:
        titles = [
            str(label) if grid else f"{loaded.name} {split} {position}: {label}"
            for position, label in zip(indices, chosen.labels, strict=True)
        ]
        save_contact_sheet(out, chosen.images, titles, n_columns=shape[1])
    if as_json:
        print(json.dumps(_to_json(loaded.name, split, indices, chosen)))
    elif out:
        print(f"Wrote {out}.")
    else:
        _draw(chosen.images, shape)
        print(f"{loaded.name} {split} " + _caption(indices, chosen.labels, shape))


def _parse_grid(text: str) -> Grid:
    match = re.fullmatch(r"([1-9]\d{0,2})[x×]([1-9]\d{0,2})", text)
    if not match:
        raise InputError(f"--grid must be ROWSxCOLUMNS, each 1 to 999. Got {text!r}. For example 10x10.")
    return int(match[1]), int(match[2])


def _choose(n_samples: int, shape: Grid, *, index: int | None, seed: int | None) -> Indices:
    """Return the positions to show: from `index` on, or random ones."""
    n_shown = shape[0] * shape[1]
    if n_shown > n_samples:
        raise InputError(f"--grid must hold at most the {n_samples} images of the split. Got {n_shown}.")
    if index is None:
        if seed is not None and seed < 0:
            raise InputError(f"--seed must be 0 or more. Got {seed}.")
        return np.random.default_rng(seed).choice(n_samples, n_shown, replace=False)
    if not 0 <= index <= n_samples - n_shown:
        raise InputError(f"--index must be 0 to {n_samples - n_shown}. Got {index}.")
    return np.arange(index, index + n_shown)


def _to_json(name: str, split: SplitName, indices: Indices, chosen: Split) -> list[dict[str, object]]:
    return [
        {
            "dataset": name,
            "split": split.value,
            "index": int(index),
            "label": int(label),
            "pixels": image.tolist(),
        }
        for index, image, label in zip(indices, chosen.images, chosen.labels, strict=True)
    ]


def _draw(images: Images, shape: Grid) -> None:
    """Draw one digit at full size, several at half of it."""
    console = Console()
    sheet = images[0] if shape == (1, 1) else _sheet(images, shape)
    if console.is_terminal and sheet.shape[1] > console.width:
        raise InputError(
            f"The terminal must be {sheet.shape[1]} columns wide for this grid. Got {console.width}. "
            "Use fewer columns, or --out digits.png."
        )
    console.print(half_blocks(sheet, shades=console.color_system in {"256", "truecolor"}), soft_wrap=True)


def _sheet(images: Images, shape: Grid) -> Ink:
    """Halve the digits and lay them out in rows."""
    halved = images.reshape(*shape, 14, 2, 14, 2).mean(axis=(3, 5))
    rows, columns = shape
    sheet: Ink = halved.transpose(0, 2, 1, 3).reshape(rows * 14, columns * 14).round().astype(np.uint8)
    return sheet


def _caption(indices: Indices, labels: Labels, shape: Grid) -> str:
    if shape == (1, 1):
        return f"{indices[0]}: {labels[0]}"
    return "labels:\n" + "\n".join(" ".join(map(str, row)) for row in labels.reshape(shape))
