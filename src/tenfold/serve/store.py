"""The store of corrections: what people say a digit should have been.

It keeps the digit image, the prediction, the correction, the model and the time, and nothing else. Each has a fixed
size, so a limit on rows is one on bytes: a row takes about a kilobyte.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    SmallInteger,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from tenfold.data.folders import DARK
from tenfold.data.splits import N_CLASSES
from tenfold.errors import InputError, StoreError, StoreUnavailableError
from tenfold.image import SIDE
from tenfold.serve.database import file_of, identity, make_engine, make_file, parse_store, transaction

DEFAULT_STORE: Final = "sqlite:///corrections.db"
MOST_ROWS: Final = 100_000
"""Corrections that are kept, by default: about 100 MB."""

VERSION: Final = 1
N_BYTES: Final = SIDE * SIDE

_METADATA: Final = MetaData()
_FORMAT: Final = Table("corrections_format", _METADATA, Column("version", Integer, nullable=False))
_CORRECTIONS: Final = Table(
    "corrections",
    _METADATA,
    Column("id", Integer, primary_key=True),
    Column("time", String(20), nullable=False),
    Column("image", LargeBinary, CheckConstraint(f"length(image) = {N_BYTES}"), nullable=False),
    Column("predicted", SmallInteger, CheckConstraint("predicted BETWEEN 0 AND 9")),
    Column("label", SmallInteger, CheckConstraint("label BETWEEN 0 AND 9")),
    Column("model", String(64), CheckConstraint("length(model) = 64"), nullable=False),
    Index("corrections_label", "label"),  # small, so counting rows need not pass their images
    sqlite_autoincrement=True,  # the number of a row that was deleted is not given again
)
_LOCK_NUMBER: Final = 784_010
"""Of PostgreSQL's advisory lock, held by whoever makes the tables."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Correction:
    """What a person says of an answer.

    Attributes
    ----------
    image : bytes
        The digit image, 784 bytes row by row, 0 paper … 255 ink.
    label : int or None
        What it is: 0–9, or None for "not a digit".
    predicted : int or None
        What was answered: 0–9, or None where there was no answer.
    model : str
        The sha256 of the model file that answered, in lower-case hexadecimal.
    """

    image: bytes
    label: int | None
    predicted: int | None
    model: str


@dataclass(frozen=True)
class Entry:
    """A correction that was kept, its number, and when: UTC, as ``2026-01-31T23:59:59Z``."""

    id: int
    time: str
    correction: Correction


@dataclass(frozen=True, eq=False)
class Store:
    """An open store.

    Attributes
    ----------
    name : str
        Its URL, without a password.
    engine : Engine
        What opens connections.
    file : Path or None
        The file that holds it, if it is SQLite's.
    most_rows : int
        The number of corrections at which no more are taken.
    """

    name: str
    engine: Engine
    file: Path | None
    most_rows: int


def open_store(store: str, *, most_rows: int = MOST_ROWS, create: bool = True) -> Store:
    """Open a store of corrections, and make it where it does not exist.

    Parameters
    ----------
    store : str
        A path, ``sqlite:///PATH`` or ``postgresql+psycopg://USER@HOST/DATABASE``.
    most_rows : int
        The number of corrections at which no more are taken.
    create : bool
        Whether to make one that does not exist.

    Raises
    ------
    InputError
        `store` is of another form, or `most_rows` below 1.
    MissingExtraError
        PostgreSQL's driver is not installed.
    StoreError
        It cannot be opened or written, is something else, or is of a newer version.
    """
    if most_rows < 1:
        raise InputError(f"most_rows must be 1 or more. Got {most_rows}.")
    url = parse_store(store)
    opened = Store(url.render_as_string(hide_password=True), make_engine(url), file_of(url), most_rows)
    if opened.file is not None:
        _check_file(opened.file, opened.name, create=create)
    try:
        with transaction(opened.engine, opened.name, is_writing=True) as connection:
            _prepare(connection, opened.name, create=create)
    except StoreUnavailableError as error:
        raise StoreError(f"{error} Mend it, or choose another store.") from error
    return opened


def _check_file(file: Path, name: str, *, create: bool) -> None:
    """Make sure that there is a file."""
    if not create and not file.is_file():
        raise StoreError(f"{name} must be a store of corrections. Got no such file. Say which: --store URL.")
    try:
        make_file(file)
    except OSError as error:
        raise StoreError(
            f"{name} cannot be opened: {error.strerror or error}. Choose a file in a folder that can be written."
        ) from error


def _prepare(connection: Connection, name: str, *, create: bool) -> None:
    """Check that the tables are ours, or make them."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})"))
    tables = inspect(connection)
    if tables.has_table(_FORMAT.name):
        version = connection.scalar(select(_FORMAT.c.version))
        if version != VERSION:
            raise StoreError(
                f"{name} must be of version {VERSION}. Got version {version!r}. Install the tenfold that wrote "
                "it, or a newer one, or choose another store."
            )
    elif tables.has_table(_CORRECTIONS.name) or not create:
        raise StoreError(f"{name} must be a store of corrections. Got another database. Choose another store.")
    else:
        _METADATA.create_all(connection)
        connection.execute(insert(_FORMAT).values(version=VERSION))


def add_correction(store: Store, correction: Correction) -> int:
    """Keep a correction; when this returns, it is on the disk.

    Returns
    -------
    int
        Its number.

    Raises
    ------
    InputError
        A field is not what it must be; the error names each.
    StoreUnavailableError
        The store is locked, gone or full. The correction is not kept.
    """
    check_correction(correction)
    with transaction(store.engine, store.name, is_writing=True) as connection:
        before = identity(store.file)
        _check_room(connection, store)
        statement = insert(_CORRECTIONS).values(
            time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            image=correction.image,
            predicted=correction.predicted,
            label=correction.label,
            model=correction.model,
        )
        number = connection.execute(statement.returning(_CORRECTIONS.c.id)).scalar_one()
    _check_identity(store, before)
    return number


def _check_room(connection: Connection, store: Store) -> None:
    """Refuse a store that another version has taken over, or that is full; locks out other writers."""
    version = connection.scalar(select(_FORMAT.c.version).with_for_update())
    if version != VERSION:
        raise StoreUnavailableError(f"{store.name} cannot be used: it is of version {version!r} now.")
    n_rows = connection.scalar(select(func.count()).select_from(_CORRECTIONS)) or 0
    if n_rows >= store.most_rows:
        raise StoreUnavailableError(
            f"{store.name} cannot take more than {store.most_rows:,} corrections. Got {n_rows:,}."
        )


def _check_identity(store: Store, before: tuple[int, int] | None) -> None:
    """Notice that the file was deleted or replaced while it was written: the row is gone with it."""
    try:
        after = identity(store.file)
    except OSError as error:
        raise StoreUnavailableError(f"{store.name} cannot be used: {error.strerror}.") from error
    if after != before:
        raise StoreUnavailableError(f"{store.name} cannot be used: it was replaced by another file.")


def check_correction(correction: Correction) -> None:
    """Raise one error that names all that is wrong with a correction.

    Raises
    ------
    InputError
        The image is no digit image or blank, a label is out of range, or the model is no sha256.
    """
    problems = [*_image_problems(correction.image)]
    for name, value in (("label", correction.label), ("predicted", correction.predicted)):
        if value is not None and (type(value) is not int or not 0 <= value < N_CLASSES):
            problems.append(f"{name} must be 0–9 or null. Got {value!r:.80}.")
    if not (isinstance(correction.model, str) and _SHA256.fullmatch(correction.model)):
        problems.append(f"model must be a sha256, 64 digits of 0–9 and a–f. Got {correction.model!r:.80}.")
    if problems:
        raise InputError(" ".join(problems))


def _image_problems(image: bytes) -> Iterator[str]:
    """Say why an image is none that a model was shown: it would spoil the data set it is exported into."""
    if not isinstance(image, bytes) or len(image) != N_BYTES:
        yield f"image must be {N_BYTES} bytes, {SIDE}×{SIDE}. Got {len(image)}."
        return
    rows = np.frombuffer(image, np.uint8).reshape(SIDE, SIDE)
    if not rows.any():
        yield "image must have ink. Got a blank one."
    elif rows[[0, -1]].mean() >= DARK:
        yield (
            "image must be 0 where there is paper and 255 where there is ink. "
            f"Got a mean of {rows[[0, -1]].mean():.0f} in its top and bottom rows. Turn it into 255 - image."
        )


def count_corrections(store: Store) -> int:
    """Return how many corrections are kept.

    Raises
    ------
    StoreUnavailableError
        The store cannot be read.
    """
    with transaction(store.engine, store.name, is_writing=False) as connection:
        return connection.scalar(select(func.count()).select_from(_CORRECTIONS)) or 0


def list_corrections(store: Store, *, newest: int | None = None) -> list[Entry]:
    """Return the corrections that are kept, in the order in which they came.

    Parameters
    ----------
    store : Store
        An open one.
    newest : int, optional
        Only so many of the newest.

    Raises
    ------
    StoreUnavailableError
        The store cannot be read.
    """
    statement = select(_CORRECTIONS).order_by(_CORRECTIONS.c.id.desc()).limit(newest)
    with transaction(store.engine, store.name, is_writing=False) as connection:
        return [_to_entry(row) for row in connection.execute(statement)][::-1]


def _to_entry(row: Row[tuple[object, ...]]) -> Entry:
    correction = Correction(bytes(row.image), row.label, row.predicted, row.model)
    return Entry(row.id, row.time, correction)
