"""The database that keeps a study: SQLite in a file, or any that SQLAlchemy reaches."""

import logging
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import optuna
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from tenfold.errors import InputError, MissingExtraError, StoreError, StoreUnavailableError
from tenfold.serve.database import POSTGRES, file_of, make_file, name_of, reason_of
from tenfold.serve.database import parse_store as parse_file_or_postgres

HEARTBEAT: Final = 10
"""Seconds between signs of life of a trial that runs."""

GRACE: Final = 60
"""Seconds without one, after which a trial is taken for dead and done again."""

MOST_AGAIN: Final = 2
"""Times that a trial is done again whose process died."""

PATIENCE: Final = 60
"""Seconds to wait for another process that writes to the same file."""

TRIES: Final = 20
PAUSE: Final = 0.1
"""How often, and how many seconds apart, to make tables that another process may be making, too."""

FIRST_TABLES: Final = frozenset({"studies", "version_info"})

DATABASE_ERRORS: Final = (SQLAlchemyError, StorageInternalError, sqlite3.Error)


class _Storage(RDBStorage):
    """Optuna's, where a sign of life that cannot be given is left out, for the next may be."""

    def record_heartbeat(self, trial_id: int) -> None:
        """Say that a trial is alive."""
        try:
            super().record_heartbeat(trial_id)
        except DATABASE_ERRORS:
            logging.getLogger("tenfold.sweep").debug("No sign of life of trial %d.", trial_id)


def parse_store(text: str) -> URL:
    """Tell where a study is kept.

    Parameters
    ----------
    text : str
        A path, ``sqlite:///PATH``, ``postgresql://USER@HOST/DATABASE`` or another URL that SQLAlchemy takes.

    Raises
    ------
    InputError
        It is none of these.
    """
    if "://" not in text or text.startswith("sqlite"):
        return parse_file_or_postgres(text)
    try:
        url = make_url(text)
        url.get_dialect()
    except (ArgumentError, ValueError):
        raise InputError(
            "The store must be a path or the URL of a database that SQLAlchemy knows, such as "
            f"{POSTGRES}://USER@HOST/DATABASE. Got another."
        ) from None
    except ImportError as error:
        raise _missing(url, error) from error
    return url.set(drivername=POSTGRES) if url.drivername == "postgresql" else url


def check_reachable(store: str) -> None:
    """Raise an InputError for a store that workers elsewhere cannot reach."""
    url = parse_store(store)
    if file_of(url) is not None:
        raise InputError(
            f"Workers elsewhere must reach the store. Got the file {name_of(url)}, which only this machine "
            "has. Use a database: --store postgresql+psycopg://USER@HOST/DATABASE."
        )


def open_storage(url: URL) -> RDBStorage:
    """Open a store of studies, and make its tables where there are none.

    Parameters
    ----------
    url : URL
        As `parse_store` returns it.

    Raises
    ------
    StoreError
        It cannot be opened or written, or is something else.
    MissingExtraError, InputError
        The driver of its database is not installed.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    file = file_of(url)
    if file is not None:
        _check_file(file, name_of(url))
    try:
        with using(name_of(url)):
            storage = _make_tables(url, file)
    except StoreUnavailableError as error:
        raise StoreError(f"{error} Mend it, or choose another store.") from error
    except ImportError as error:
        raise _missing(url, error) from error
    if file is not None:
        event.listen(storage.engine, "begin", _begin)
    return storage


def again() -> RetryHeartbeatStaleTrialCallback:
    """Return what puts a trial back, with the values that it had, for the next process to do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return RetryHeartbeatStaleTrialCallback(max_retry=MOST_AGAIN)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Turn what a database says into one error.

    Parameters
    ----------
    name : str
        What errors call the store; without a password.

    Raises
    ------
    StoreUnavailableError
        The database is locked, gone, full, damaged or out of reach.
    """
    try:
        yield
    except DATABASE_ERRORS as error:
        cause = error.__cause__ if isinstance(error, StorageInternalError) else error
        raise StoreUnavailableError(f"{name} cannot be used: {reason_of(cause or error)}.") from error


def using_store(store: str) -> AbstractContextManager[None]:
    """Do as `using` does, for a store as a plan names it."""
    return using(name_of(parse_store(store)))


def _check_file(file: Path, name: str) -> None:
    """Make sure that there is a file, and that it is nothing but a store of studies, or empty."""
    make_file(file, name)
    try:
        with using(name):
            connection = _connect(file)
            try:
                rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            finally:
                connection.close()
    except StoreUnavailableError as error:
        raise StoreError(f"{error} Mend it, or choose another store.") from error
    if rows and not FIRST_TABLES & {row[0] for row in rows}:
        raise StoreError(f"{name} must be a store of trials. Got another database. Choose another store.")


def _make_tables(url: URL, file: Path | None) -> RDBStorage:
    """Make the tables, or find them; try again where another process makes them at the same time."""
    _check_reached(url, file)
    for _ in range(TRIES - 1):
        try:
            return _make_storage(url, file)
        except DATABASE_ERRORS:
            time.sleep(PAUSE)
    return _make_storage(url, file)


def _make_storage(url: URL, file: Path | None) -> RDBStorage:
    address = "sqlite://" if file else url.render_as_string(hide_password=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return _Storage(
            address.replace("{", "{{").replace("}", "}}"),  # it is taken for a template
            _engine_options(url, file),
            heartbeat_interval=HEARTBEAT,
            grace_period=GRACE,
            heartbeat_stale_trial_callback=again(),
        )


def _engine_options(url: URL, file: Path | None) -> dict[str, Any]:
    """Return how to connect: anew each time.

    So it is noticed if a file is gone, and of many workers few are connected to a server at a time.
    """
    options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if file is not None:
        return options | {"creator": lambda: _connect(file)}
    is_postgres = url.drivername == POSTGRES and "connect_timeout" not in url.query
    return options | ({"connect_args": {"connect_timeout": 5}} if is_postgres else {})


def _check_reached(url: URL, file: Path | None) -> None:
    """Connect once, so that what is out of reach is not tried again and again."""
    if file is None:
        create_engine(url, **_engine_options(url, None)).connect().close()


def _connect(file: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(file))}?mode=rw"  # rw: a file that is gone is not made anew
    return sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)


def _begin(connection: Connection) -> None:
    """Wait for other writers before the first statement: what was read then stays so until it is written."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _missing(url: URL, error: ImportError) -> MissingExtraError | InputError:
    if url.drivername.startswith("postgresql"):
        return MissingExtraError("psycopg", "postgres")
    return InputError(
        f"A driver must be installed for {url.drivername}. Got none: {error}. Install it, or use SQLite or "
        "PostgreSQL."
    )
