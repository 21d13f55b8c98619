"""Pictures in Parquet files, and lists of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tenfold.batch.files import PATH, beside, in_files
from tenfold.batch.inputs import Broken, Input, Pictures
from tenfold.batch.places import find_stamp, open_stream
from tenfold.errors import InputError
from tenfold.pictures import MAX_BYTES

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: Final = ("image", "bytes", "image.bytes")
"""Columns that hold the bytes of pictures, the last as data sets on hubs have it."""

TOGETHER: Final = 64
"""Rows that are read at a time."""

BUFFER: Final = 1 << 20
"""Bytes of a column that are read at a time: without it a column is held whole, for all rows of a group."""


@dataclass(frozen=True)
class ParquetRows:
    """Pictures that follow each other in a file.

    Attributes
    ----------
    url : str
        The Parquet file.
    stamp : str
        What changes when it does.
    column : str
        The one that holds their bytes.
    group : int
        The row group they are in.
    first : int
        Position of the group's first row in the file, from 0.
    start, stop : int
        Position of the first, and of the one after the last, in the group.
    """

    url: str
    stamp: str
    column: str
    group: int
    first: int
    start: int
    stop: int

    def __len__(self) -> int:
        """Return how many there are."""
        return self.stop - self.start

    def identify(self) -> str:
        """Return which part of which file it is."""
        return f"parquet {self.url} {self.stamp} {self.group} {self.start} {self.stop}"

    def read(self) -> Iterator[Input]:
        """Yield each picture. Where the file is damaged, those that are lost have an error each."""
        import pyarrow as pa

        row = self.start
        try:
            for value in self._values():
                yield _make_input(self._name(row), value)
                row += 1
        except (pa.ArrowException, EOFError, OSError) as error:
            if getattr(error, "errno", None) is not None:  # the file is gone, not damaged
                raise
            for lost in range(row, self.stop):
                yield Input(self._name(lost), error=f"{self.url} is damaged: {error}.")

    def _name(self, row: int) -> str:
        return f"{self.url}#row={self.first + row}"

    def _values(self) -> "Iterator[pa.Scalar]":
        """Yield the cells; those before them in the group are passed over."""
        import pyarrow.parquet as pq

        with open_stream(self.url) as stream:
            file = pq.ParquetFile(stream, buffer_size=BUFFER)
            batches = file.iter_batches(TOGETHER, row_groups=[self.group], columns=[self.column])
            position = 0
            for batch in batches:
                cells = _take_out(batch.column(0))
                yield from cells[max(0, self.start - position) : max(0, self.stop - position)]
                position += len(batch)
                if position >= self.stop:
                    return


def plan_parquet(url: str, size: int) -> Iterator[Pictures]:
    """Yield the pictures of a file or, where it has none but a column `path`, those that it lists.

    Raises
    ------
    InputError
        It has no such column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open_stream(url) as stream:
            file = pq.ParquetFile(stream)
            column = _find_column(url, file.schema_arrow)
            if column == PATH:
                yield from in_files(_list_paths(url, file), size)
            else:
                yield from _plan_rows(url, file.metadata, column, size)
    except pa.ArrowException as error:
        yield Broken(url, f"{url} must be a Parquet file: {error}.")


def _plan_rows(url: str, metadata: Any, column: str, size: int) -> Iterator[ParquetRows]:  # noqa: ANN401
    stamp, first = find_stamp(url), 0
    for group in range(metadata.num_row_groups):
        n_rows = metadata.row_group(group).num_rows
        for start in range(0, n_rows, size):
            yield ParquetRows(url, stamp, column, group, first, start, min(start + size, n_rows))
        first += n_rows


def _find_column(url: str, schema: "pa.Schema") -> str:
    import pyarrow as pa

    kinds = {field.name: field.type for field in schema}
    for field in schema:
        if pa.types.is_struct(field.type):
            kinds |= {f"{field.name}.{inner.name}": inner.type for inner in field.type}
    for name in COLUMNS:
        kind = kinds.get(name)
        if kind is not None and (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
            return name
    if PATH in kinds and (pa.types.is_string(kinds[PATH]) or pa.types.is_large_string(kinds[PATH])):
        return PATH
    raise InputError(
        f"{url} must have a column of bytes, {' or '.join(COLUMNS)}, or a column {PATH} of strings. "
        f"Got {', '.join(kinds):.200}."
    )


def _list_paths(url: str, file: Any) -> Iterator[str]:  # noqa: ANN401
    for batch in file.iter_batches(columns=[PATH]):
        for name in batch.column(0).to_pylist():
            yield beside(url, name or "")


def _take_out(column: "pa.Array") -> "pa.Array":
    """Return a column, or the only one in it."""
    import pyarrow as pa

    return column.field(0) if pa.types.is_struct(column.type) else column


def _make_input(name: str, cell: "pa.Scalar") -> Input:
    if not cell.is_valid:
        return Input(name, error=f"{name} must be a picture. Got nothing.")
    buffer = cell.as_buffer()
    if buffer.size > MAX_BYTES:
        return Input(name, error=f"{name}: a picture may have {MAX_BYTES} bytes. Got {buffer.size}.")
    return Input(name, buffer.to_pybytes())
