"""The database behind a store: SQLite in a file, or PostgreSQL.

Each use opens a connection of its own. That takes a millisecond or a few, and corrections are rare;
in return a file that was deleted, a server that was restarted and a disk that has room again are all
noticed at once.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from tenfold.errors import InputError, MissingExtraError, StoreError, StoreUnavailableError

PATIENCE: Final = 2
"""Seconds to wait for another process that writes."""

POSTGRES: Final = "postgresql+psycopg"

_WRITING: Final = "tenfold_is_writing"

_ON_BEGIN: Final = f"""
SET LOCAL lock_timeout = '{PATIENCE}s';
SET LOCAL statement_timeout = '{5 * PATIENCE}s';
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'
"""
"""A server may be set to answer before a row is on its disk."""


def parse_store(text: str) -> URL:
    """Tell what a store is: a file of SQLite's or a database of PostgreSQL's.

    Parameters
    ----------
    text : str
        A path, ``sqlite:///PATH`` or ``postgresql+psycopg://USER@HOST/DATABASE``.

    Raises
    ------
    InputError
        It is neither.

    Examples
    --------
    >>> parse_store("corrections.db")
    sqlite:///corrections.db
    """
    try:
        url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    except (ArgumentError, ValueError):
        raise InputError(_expected("a URL that cannot be parsed")) from None
    is_file = url.drivername == "sqlite" and url.database and not url.query and url.host is None
    if url.database == ":memory:" or "\0" in text or not (is_file or url.drivername == POSTGRES):
        raise InputError(_expected(repr(url.render_as_string(hide_password=True))))
    return url


def _expected(actual: str) -> str:
    return (
        f"The store must be a path, sqlite:///PATH or {POSTGRES}://USER@HOST/DATABASE. Got {actual}. "
        "The usual one is sqlite:///corrections.db."
    )


def name_of(url: URL) -> str:
    """Return what a store is called: its file, or its URL without a password."""
    if url.drivername != "sqlite" or url.database is None:
        return url.render_as_string(hide_password=True)
    return url.database


def file_of(url: URL) -> Path | None:
    """Return the file that holds the database, if it is SQLite's."""
    if url.drivername != "sqlite" or url.database is None:
        return None
    return Path(url.database).expanduser().absolute()


def make_engine(url: URL) -> Engine:
    """Make what opens connections to a database that exists, and opens none yet.

    Raises
    ------
    MissingExtraError
        PostgreSQL's driver is not installed.
    """
    file = file_of(url)
    return _make_postgres_engine(url) if file is None else _make_sqlite_engine(file)


def _make_postgres_engine(url: URL) -> Engine:
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except ImportError as error:
        raise MissingExtraError("psycopg", "postgres") from error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(_ON_BEGIN)

    return engine


def _make_sqlite_engine(file: Path) -> Engine:
    address = f"file:{quote(str(file))}?mode=rw"  # rw: a file that is gone is not made anew

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_writing = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Have a new file, or a restored backup, keep its latest rows in a second file, as others do already.

    While another process does the same, or closes the file, SQLite says at once that it is locked.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                connection.close()
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def transaction(engine: Engine, name: str, *, is_writing: bool) -> Iterator[Connection]:
    """Open a connection and a transaction, which is kept where the block ends well.

    Parameters
    ----------
    engine : Engine
        From `make_engine`.
    name : str
        What errors call the store.
    is_writing : bool
        Whether to wait for other writers before the first statement, not in its midst.

    Raises
    ------
    StoreUnavailableError
        The database is locked, gone, full, damaged or out of reach.
    """
    try:
        with engine.connect().execution_options(**{_WRITING: is_writing}) as connection, connection.begin():
            yield connection
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise StoreUnavailableError(f"{name} cannot be used: {reason_of(error)}.") from error


def reason_of(error: BaseException) -> str:
    """Return the first line of what the database itself said, which holds no parameters."""
    said: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(said, OSError):
        return said.strerror or str(said)
    return (str(said).strip().splitlines() or [type(said).__name__])[0].rstrip(".")


def make_file(file: Path, name: str) -> None:
    """Make an empty database that its owner alone may read, unless there is a file already.

    Raises
    ------
    StoreError
        It cannot be opened and written; the error calls it by its name.
    """
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"{name} cannot be opened: {error.strerror or error}. Choose a file in a folder that "
            "can be written."
        ) from error


def identity(file: Path | None, name: str) -> tuple[int, int] | None:
    """Return what tells a file from another that takes its place; None for a server's database.

    Raises
    ------
    StoreUnavailableError
        The file is gone.
    """
    if file is None:
        return None
    try:
        status = file.stat()
    except OSError as error:
        raise StoreUnavailableError(f"{name} cannot be used: {reason_of(error)}.") from error
    return status.st_dev, status.st_ino
