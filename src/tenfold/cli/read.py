"""`tenfold read`."""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.atomic import check_writable
from tenfold.cli.options import JsonOption
from tenfold.cli.progress import count_bar
from tenfold.errors import InputError
from tenfold.model_file import SHIPPED

if TYPE_CHECKING:
    from tenfold.arrays import Ink
    from tenfold.reading import Expectation, Page, Reader, Reading

COLUMNS = ("path", "text", "confidence", "reason", "diagnosis", "error")


@dataclass(frozen=True, eq=False)
class Row:
    """One picture, and what was read, or why it was not."""

    name: str
    reading: "Reading | None"
    grey: "Ink | None" = None
    error: str | None = None


def read(
    paths: Annotated[
        list[Path], typer.Argument(help="Pictures, PDFs, and folders of them.", show_default=False)
    ],
    model: Annotated[
        Path, typer.Option(help="A model file that tenfold wrote, or one that comes with it.")
    ] = Path(SHIPPED[0]),
    expect: Annotated[
        list[str] | None,
        typer.Option(
            help="What the numbers may be: length=8, range=0..100, pattern=20##-##-##, checksum=luhn (or "
            "mod11, ean13, iban-digits), list=FILE, sum=total. Several are separated by commas.",
            show_default=False,
        ),
    ] = None,
    unique: Annotated[
        bool, typer.Option("--unique", help="Give each picture another number of the list.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Candidates to name for each number, with --json.")] = 3,
    annotate: Annotated[
        Path | None,
        typer.Option(
            help="Also draw boxes, digits and confidences on the picture, into this PNG.", show_default=False
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row of a table for each picture.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read the numbers in pictures: photos, scans, drawings, whole pages.

    Prints the numbers of a line with a space between them. A picture that cannot be opened costs its own row
    and the exit status 1, nothing else.

    Examples:

    - `tenfold read photo.jpg`
    - `tenfold read folder/ --csv > numbers.csv`
    - `tenfold read scan.pdf --json`
    - `tenfold read id.png --expect length=8`
    - `tenfold read page.jpg --annotate out.png`
    """
    from tenfold.reading import list_pictures, load, parse_expectation

    if as_csv and as_json:
        raise InputError("The output must be --csv or --json. Got both. Leave one out.")
    expectation = parse_expectation(expect or ())
    files = list_pictures(paths)
    if annotate:
        check_writable(annotate)
    reader = load(model)
    rows = (_read_together if unique else _read_each)(files, reader, expectation, top)
    alone = str(files[0]) if len(files) == 1 else None
    n_failed = _print(rows, as_csv=as_csv, as_json=as_json, alone=alone, annotate=annotate)
    if n_failed:
        raise typer.Exit(1)


def _read_each(files: list[Path], reader: "Reader", expectation: "Expectation", top: int) -> Iterator[Row]:
    """Read page after page."""
    from tenfold.reading import decide

    for page in _open(files):
        if page.grey is None:
            yield Row(page.name, None, error=str(page.error))
            continue
        found = reader.find(page.grey)
        yield Row(page.name, decide(found, expectation, least=reader.least, top=top), page.grey)


def _read_together(
    files: list[Path], reader: "Reader", expectation: "Expectation", _top: int
) -> Iterator[Row]:
    """Read all pages, and then give each a number that no other has."""
    from tenfold.reading import decide_unique

    pages = list(_open(files))
    opened = [page for page in pages if page.grey is not None]
    found = [reader.find(page.grey) for page in opened if page.grey is not None]
    readings = iter(decide_unique(found, expectation, least=reader.least))
    for page in pages:
        if page.grey is None:
            yield Row(page.name, None, error=str(page.error))
        else:
            yield Row(page.name, next(readings), page.grey)


def _open(files: list[Path]) -> "Iterator[Page]":
    from tenfold.reading import open_pages

    with count_bar("Reading", len(files)) as advance:
        for file in files:
            yield from open_pages(file)
            advance()


def _print(
    rows: Iterator[Row], *, as_csv: bool, as_json: bool, alone: str | None, annotate: Path | None
) -> int:
    """Print the rows as they come, or together as JSON; return how many failed."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if as_csv:
        writer.writerow(COLUMNS)
    listed: list[dict[str, Any]] = []
    n_failed = 0
    for position, row in enumerate(rows):
        n_failed += row.error is not None
        if annotate:
            _annotate(annotate, row, position)
        if as_json:
            listed.append(_to_json(row))
        elif as_csv:
            writer.writerow(_to_columns(row))
        else:
            _print_text(row, is_alone=row.name == alone)
    if as_json:
        print(json.dumps(listed, ensure_ascii=False))
    return n_failed


def _annotate(path: Path, row: Row, position: int) -> None:
    """Write the picture with what was read on it; of a further page beside that of the first."""
    from tenfold.reading import save_annotated

    if row.reading is not None and row.grey is not None:
        save_annotated(
            path if not position else path.with_stem(f"{path.stem}-{position + 1}"), row.grey, row.reading
        )


def _print_text(row: Row, *, is_alone: bool) -> None:
    if row.reading is None:
        print(f"tenfold: {row.error}", file=sys.stderr)
        return
    text = row.reading.text or f"({row.reading.reason})"
    if is_alone:
        print(text)
    else:
        print(f"{row.name}: {text}" if "\n" not in text else f"{row.name}:\n{text}")


def _to_columns(row: Row) -> list[str]:
    if row.reading is None:
        return [row.name, "", "", "", "", row.error or ""]
    reading = row.reading
    unsure = next((number.reason for number in reading.numbers if number.reason), None)
    reason = reading.reason or unsure or ""
    return [
        row.name,
        reading.text,
        f"{reading.confidence:.4f}",
        reason,
        "; ".join(reading.diagnosis),
        "",
    ]


def _to_json(row: Row) -> dict[str, Any]:
    """Return a row as it is printed with --json."""
    if row.reading is None:
        return {"path": row.name, "error": row.error}
    return {"path": row.name, **row.reading.to_dict()}
