"""One shard: its inputs are read, and its rows written."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tenfold.arrays import DigitImage, Images, Ink
from tenfold.batch.digit_images import DigitImages
from tenfold.batch.inputs import Input
from tenfold.batch.job import Job
from tenfold.batch.places import exists, open_stream, write_whole
from tenfold.batch.shard import Content, Shard
from tenfold.data.folders import is_digit_image
from tenfold.errors import InputError, OutputError, PictureError, TenfoldError
from tenfold.pictures import read_pages
from tenfold.reading import Reader, decide

if TYPE_CHECKING:
    import pyarrow as pa

    from tenfold.batch.rows import Row

TOGETHER: Final = 2_000
"""Rows that are held in memory."""

Named = tuple[str, DigitImage]
"""A digit image that is still to be read, and its name."""

COUNTS: Final = b"tenfold"
"""Where a file of rows keeps its counts, among its metadata."""


@dataclass(frozen=True)
class Outcome:
    """What became of a shard.

    Attributes
    ----------
    index : int
        Of the shard.
    n_inputs : int
        What it held.
    n_rows : int
        One for each input; for each page of a PDF.
    n_abstained : int
        Rows whose `reason` says why there is no answer, or none to rely on.
    n_errors : int
        Rows whose `error` says why nothing was read.
    seconds : float
        What it took.
    was_there : bool
        Whether it had been done before.
    """

    index: int
    n_inputs: int
    n_rows: int
    n_abstained: int
    n_errors: int
    seconds: float
    was_there: bool = False


def work_on(shard: Shard, job: Job, reader: Reader) -> Outcome:
    """Write the rows of a shard, unless they are there.

    Parameters
    ----------
    shard : Shard
        What to read.
    job : Job
        Where the rows go, and what is expected.
    reader : Reader
        The job's model.

    Raises
    ------
    OutputError
        The rows cannot be written, or those that are there cannot be read.
    InputError
        What holds the inputs cannot be opened. An input that cannot be read is a row.
    """
    started = time.perf_counter()
    url = f"{job.out}/{shard.name}"
    try:
        was_there = exists(url)
        counts = _read_counts(url) if was_there else _write(shard, job, reader)
    except OSError as error:  # and not that of a lost scheduler, which is a ConnectionError as well
        raise OutputError(url, error.strerror or str(error)) from error
    seconds = time.perf_counter() - started
    return Outcome(shard.index, len(shard.content), **counts, seconds=seconds, was_there=was_there)


def _write(shard: Shard, job: Job, reader: Reader) -> dict[str, int]:
    """Write the rows, and return how many there are of each kind."""
    import pyarrow.parquet as pq

    from tenfold.batch.rows import SCHEMA

    counts = {"n_rows": 0, "n_abstained": 0, "n_errors": 0}
    with (
        write_whole(job.out, shard.name) as file,
        pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer,
    ):
        for batch in _read(shard, job, reader):
            writer.write_batch(batch)
            counts["n_rows"] += len(batch)
            counts["n_abstained"] += len(batch) - batch["reason"].null_count
            counts["n_errors"] += len(batch) - batch["error"].null_count
        writer.add_key_value_metadata({COUNTS.decode(): json.dumps(counts)})
    return counts


def _read_counts(url: str) -> dict[str, int]:
    """Return the counts that a file of rows keeps.

    Raises
    ------
    InputError
        The file is damaged, or none of this job's.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open_stream(url) as stream:
            metadata = pq.read_metadata(stream).metadata or {}
        counts: dict[str, int] = json.loads(metadata[COUNTS])
    except (pa.ArrowInvalid, OSError, KeyError, ValueError) as error:
        raise InputError(
            f"{url} must hold the rows of a shard. Got a damaged file. Delete it, and run again."
        ) from error
    return counts


def _read(shard: Shard, job: Job, reader: Reader) -> "Iterator[pa.RecordBatch]":
    """Yield the rows of a shard, some at a time.

    Raises
    ------
    InputError
        What holds the inputs cannot be opened.
    """
    try:
        yield from _read_content(shard.content, job, reader)
    except OSError as error:
        raise InputError(f"{job.source} cannot be read: {error.strerror or error}.") from error


def _read_content(content: Content, job: Job, reader: Reader) -> "Iterator[pa.RecordBatch]":
    if isinstance(content, DigitImages):
        for piece in content.split(TOGETHER):
            yield _predict(piece.names(), piece.load(), reader)
        return
    pages = (page for one in content.read() for page in _name_pages(one))
    sorted_out = _sort(pages, job, reader)
    while some := list(islice(sorted_out, TOGETHER)):
        yield from _finish(some, reader)


def _sort(
    pages: "Iterator[tuple[str, Ink | Exception]]", job: Job, reader: Reader
) -> "Iterator[Row | Named]":
    """Read pictures, but for digit images of which nothing is expected: those are read together, later."""
    for name, page in pages:
        if isinstance(page, np.ndarray) and not job.expectation.rules and is_digit_image(page):
            yield name, page
        else:
            yield _read_page(name, page, job, reader)


def _finish(some: "list[Row | Named]", reader: Reader) -> "Iterator[pa.RecordBatch]":
    """Yield rows, and those of the digit images among them."""
    from tenfold.batch.rows import rows_to_batch

    rows = [one for one in some if isinstance(one, dict)]
    digits = [one for one in some if isinstance(one, tuple)]
    if rows:
        yield rows_to_batch(rows)
    if digits:
        names, images = zip(*digits, strict=True)
        yield _predict(names, np.stack(images), reader)


def _predict(names: Sequence[str], images: Images, reader: Reader) -> "pa.RecordBatch":
    from tenfold.batch.rows import digits_to_batch

    probabilities = reader.predict_proba(images)
    return digits_to_batch(names, images, probabilities, least=reader.least, model=reader.sha256)


def _name_pages(one: Input) -> "Iterator[tuple[str, Ink | Exception]]":
    """Yield a picture, or each page of a PDF, with its name."""
    pages = _open_pages(one)
    first = list(islice(pages, 2))
    for number, page in enumerate(chain(first, pages), 1):
        yield one.name if len(first) == 1 else f"{one.name}#page={number}", page


def _open_pages(one: Input) -> "Iterator[Ink | Exception]":
    """Yield pages and, where there are no more for a reason, the reason."""
    if one.error is not None:
        yield PictureError(one.error)
        return
    try:
        yield from read_pages(one.data)
    except TenfoldError as error:
        yield PictureError(f"{one.name}: {error}")
    except Exception as error:  # noqa: BLE001  # a bug of a decoder, which one picture in a million wakes
        yield error


def _read_page(name: str, page: "Ink | Exception", job: Job, reader: Reader) -> "Row":
    """Return a row; whatever is wrong with a picture, it costs no other its own."""
    from tenfold.batch.rows import error_to_row, reading_to_row

    if not isinstance(page, Exception):
        try:
            reading = decide(reader.find(page), job.expectation, least=reader.least)
            return reading_to_row(name, reading, reader.sha256)
        except Exception as error:  # noqa: BLE001  # as above, of ours
            page = error
    words = str(page) if isinstance(page, TenfoldError) else f"{name}: {type(page).__name__}: {page}"
    return error_to_row(name, words, reader.sha256)
