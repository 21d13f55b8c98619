"""The store of corrections: what people say a digit should have been.

It keeps the digit image, the prediction, the correction, the model and the time, and nothing else.
Each has a fixed size, so a limit on rows is one on bytes: a row takes about a kilobyte.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import platformdirs
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from tenfold.errors import InputError, StoreError, StoreUnavailableError
from tenfold.serve.correction import N_BYTES, Correction, check_correction
from tenfold.serve.database import (
    file_of,
    identity,
    make_engine,
    make_file,
    name_of,
    parse_store,
    transaction,
)

MOST_ROWS: Final = 100_000
"""Corrections that are kept, by default: about 100 MB."""

VERSION: Final = 1

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
        Its file, or its URL without a password.
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
    opened = Store(name_of(url), make_engine(url), file_of(url), most_rows)
    if opened.file is not None:
        _check_file(opened.file, opened.name, create=create)
    try:
        with transaction(opened.engine, opened.name, is_writing=True) as connection:
            _prepare(connection, opened.name, create=create)
    except StoreUnavailableError as error:
        raise StoreError(f"{error} Mend it, or choose another store.") from error
    return opened


def default_file() -> Path:
    """Return where corrections are kept unless it is said otherwise: in the user's data folder.

    Raises
    ------
    StoreError
        The user has no home.
    """
    try:
        folder = platformdirs.user_data_path("tenfold", appauthor=False).expanduser()
    except RuntimeError as error:
        raise StoreError("The user must have a home folder. Got none. Say where: --store FILE.") from error
    return folder / "corrections.db"


def make_default_store() -> str:
    """Make the user's own store where it does not exist, in a folder that its owner alone may read.

    Returns
    -------
    str
        Its path, as `open_store` takes it.

    Raises
    ------
    StoreError
        The user has no home, or the store cannot be made, opened or written there.
    """
    file = default_file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{file.parent} cannot be made: {error.strerror or error}. Say where: --store FILE."
        ) from error
    open_store(str(file))
    return str(file)


def _check_file(file: Path, name: str, *, create: bool) -> None:
    """Make sure that there is a file."""
    if not create and not file.is_file():
        raise StoreError(f"{name} must be a store of corrections. Got no such file. Say which: --store URL.")
    make_file(file, name)


def _prepare(connection: Connection, name: str, *, create: bool) -> None:
    """Check that the tables are ours, or make them."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})"))
    tables = inspect(connection)
    if tables.has_table(_FORMAT.name):
        version = connection.scalar(select(_FORMAT.c.version))
        if version != VERSION:
            raise StoreError(
                f"{name} must be of version {VERSION}. Got version {version!r}. Install the tenfold "
                "that wrote it, or a newer one, or choose another store."
            )
    elif tables.has_table(_CORRECTIONS.name) or not create:
        raise StoreError(
            f"{name} must be a store of corrections. Got another database. Choose another store."
        )
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
    before = identity(store.file, store.name)
    with transaction(store.engine, store.name, is_writing=True) as connection:
        _check_room(connection, store)
        statement = insert(_CORRECTIONS).values(
            time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            image=correction.image,
            predicted=correction.predicted,
            label=correction.label,
            model=correction.model,
        )
        number: int = connection.execute(statement.returning(_CORRECTIONS.c.id)).scalar_one()
    if identity(store.file, store.name) != before:  # the row is gone with the file that it was written to
        raise StoreUnavailableError(f"{store.name} cannot be used: another file took its place.")
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


def count_answers(store: Store) -> list[tuple[int | None, int | None, int]]:
    """Count the corrections by what was answered and what it should have been.

    Returns
    -------
    list of tuple of predicted, label, count
        The most frequent first; None is no digit.

    Raises
    ------
    StoreUnavailableError
        The store cannot be read.
    """
    pair = (_CORRECTIONS.c.predicted, _CORRECTIONS.c.label)
    statement = select(*pair, func.count()).group_by(*pair).order_by(func.count().desc(), *pair)
    with transaction(store.engine, store.name, is_writing=False) as connection:
        return [(predicted, label, count) for predicted, label, count in connection.execute(statement)]


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
    columns = _CORRECTIONS.c
    wanted = (columns.id, columns.time, columns.image, columns.label, columns.predicted, columns.model)
    statement = select(*wanted).order_by(columns.id.desc()).limit(newest)
    with transaction(store.engine, store.name, is_writing=False) as connection:
        rows = connection.execute(statement).all()
    return [Entry(number, time, Correction(*said)) for number, time, *said in reversed(rows)]
