"""The store of corrections: what it keeps, and that it keeps it."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from tenfold.errors import InputError, MissingExtraError, StoreError, StoreUnavailableError
from tenfold.serve import database
from tenfold.serve.store import VERSION, Store, add_correction, count_answers, list_corrections, open_store
from tests.full_disk import files_at_most
from tests.serve.killed_writers import make_correction
from tests.serve.postgres_server import Server, make_server, running

GOOD = make_correction(7)
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
"""
OPENER = """
import sys
from tenfold.serve.store import open_store, add_correction
from tests.serve.killed_writers import make_correction
print("ready", flush=True)
sys.stdin.readline()
store = open_store(sys.argv[1])
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 25):
    print(add_correction(store, make_correction(number)))
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """Return a running PostgreSQL, or skip."""
    with make_server() as server, running(server):
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where a store may be, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'corrections.db'}"
        return
    server: Server = request.getfixturevalue("postgres")
    server.execute("CREATE DATABASE corrections")
    yield server.url("corrections")
    server.execute("DROP DATABASE corrections WITH (FORCE)")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a store of SQLite's may be."""
    return tmp_path / "corrections.db"


def execute(address: str, statement: str) -> None:
    """Change a database behind the store's back."""
    from sqlalchemy import create_engine, text

    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def images(address: str) -> list[bytes]:
    """Return the images that are kept, by a store that is opened anew."""
    return [entry.correction.image for entry in list_corrections(open_store(address, create=False))]


def add_many(store: Store, acknowledged: list[int]) -> None:
    """Write until it fails, and note the number of each that was acknowledged."""
    for number in range(200):
        add_correction(store, make_correction(number))
        acknowledged.append(number)


def is_intact(file: Path) -> bool:
    """Tell whether SQLite finds nothing wrong with a file."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


@pytest.mark.parametrize(("label", "predicted"), [(3, 8), (0, 9), (None, 4), (5, None), (None, None)])
def test_what_was_kept_is_listed(address: str, label: int | None, predicted: int | None) -> None:
    """Each field comes back as it was, with a number and the time in UTC."""
    correction = replace(GOOD, label=label, predicted=predicted, model="0123456789abcdef" * 4)
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    number = add_correction(open_store(address), correction)
    (entry,) = list_corrections(open_store(address))
    assert (entry.id, entry.correction) == (number, correction)
    assert before <= entry.time <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def test_the_newest_are_listed_in_order(address: str) -> None:
    """Numbers rise; of many the newest are returned, the last one last, and all are counted."""
    store = open_store(address)
    numbers = [add_correction(store, make_correction(number % 2)) for number in range(5)]
    assert numbers == sorted(set(numbers))
    assert [entry.id for entry in list_corrections(store, newest=2)] == numbers[-2:]
    assert [entry.id for entry in list_corrections(store)] == numbers
    assert count_answers(store) == [(None, 0, 3), (None, 1, 2)]


def test_no_more_are_taken_than_the_limit(address: str) -> None:
    """Of many that write at once, exactly as many succeed as there is room for; one more finds none."""
    store = open_store(address, most_rows=6)

    with ThreadPoolExecutor(4) as threads:
        attempts = [threads.submit(add_correction, store, make_correction(number)) for number in range(12)]
    failed = [attempt for attempt in attempts if attempt.exception()]
    assert len(images(address)) == len(failed) == 6
    with pytest.raises(StoreUnavailableError, match=r"cannot take more than 6 corrections\. Got 6\."):
        failed[0].result()
    assert add_correction(open_store(address, most_rows=7), GOOD)


def test_the_last_place_is_given_once(address: str) -> None:
    """Of two that find one place left at the same time, one gets it."""
    store = open_store(address, most_rows=1)
    both_have_counted = threading.Barrier(2)

    @event.listens_for(store.engine, "before_cursor_execute")
    def _wait(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT"):
            with contextlib.suppress(threading.BrokenBarrierError):  # the other was held up, as it should be
                both_have_counted.wait(0.5)

    with ThreadPoolExecutor(2) as threads:
        attempts = [threads.submit(add_correction, store, make_correction(number)) for number in range(2)]
    assert sorted(attempt.exception() is None for attempt in attempts) == [False, True]
    assert len(images(address)) == 1


@pytest.mark.parametrize("version", [VERSION + 1, 0])
def test_another_version_is_refused_by_name(address: str, version: int) -> None:
    """A store of an unknown version is not opened, and one that becomes so is not written."""
    store = open_store(address)
    execute(address, f"UPDATE corrections_format SET version = {version}")
    with pytest.raises(StoreError, match=rf"must be of version 1\. Got version {version}\. Install"):
        open_store(address)
    with pytest.raises(StoreUnavailableError, match=f"it is of version {version} now"):
        add_correction(store, GOOD)
    execute(address, f"UPDATE corrections_format SET version = {VERSION}")
    assert images(address) == []


def test_a_database_of_something_else_is_refused(address: str, file: Path) -> None:
    """A table of the same name that is not ours is left as it is; an empty database is no store to read."""
    if address.startswith("sqlite"):
        file.touch()
    with pytest.raises(StoreError, match=r"must be a store of corrections\. Got another database"):
        open_store(address, create=False)
    execute(address, "CREATE TABLE corrections (essay TEXT)")
    with pytest.raises(StoreError, match=r"must be a store of corrections\. Got another database"):
        open_store(address)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"image": b"\xff" * 783}, r"image must be 784 bytes, 28×28\. Got 783"),
        ({"image": b""}, r"image must be 784 bytes, 28×28\. Got 0"),
        ({"image": bytes(784)}, r"image must have ink\. Got a blank one"),
        ({"image": b"\xff" * 784}, r"Got a mean of 255 in the top and bottom rows\. Invert it"),
        ({"label": 10}, r"label must be 0–9, or none for what is no digit\. Got 10"),
        ({"label": -1}, r"label must be 0–9.* Got -1"),
        ({"predicted": 10}, r"predicted must be 0–9.* Got 10"),
        ({"model": ""}, r"model must be a sha256, 64 characters of 0–9 and a–f\. Got ''"),
        ({"model": "A" * 64}, r"model must be a sha256.* Got 'AAA"),
        ({"model": "a" * 64 + "\n"}, r"model must be a sha256"),
        ({"label": 11, "predicted": 12, "model": "x"}, r"Got 11\. predicted .*Got 12\. model .*Got 'x'"),
    ],
)
def test_what_is_no_correction_is_refused(file: Path, changes: dict[str, object], match: str) -> None:
    """Each field is checked, all that is wrong is said at once, and nothing is kept."""
    store = open_store(str(file))
    with pytest.raises(InputError, match=match):
        add_correction(store, replace(GOOD, **changes))
    assert list_corrections(store) == []


@pytest.mark.parametrize(
    ("address", "match"),
    [
        ("", r"Got 'sqlite:///'"),
        ("sqlite://", r"must be a path, sqlite:///PATH or postgresql\+psycopg://.* Got 'sqlite://'"),
        (":memory:", r"Got 'sqlite:///%3Amemory%3A'"),
        ("sqlite:///c.db?mode=ro", r"Got 'sqlite:///c\.db\?mode=ro'"),
        ("mysql://ann:secret@host/d", r"Got 'mysql://ann:\*\*\*@host/d'"),
        ("postgresql://ann:secret@host/d", r"Got 'postgresql://ann:\*\*\*@host/d'"),
        ("sqlite://host/c.db", r"Got 'sqlite://host/c\.db'"),
        ("://", r"Got a URL that cannot be parsed"),
        ("a\0b", r"must be a path"),
    ],
)
def test_an_address_of_another_form_is_refused(address: str, match: str) -> None:
    """Only files and PostgreSQL are stores, and no password is repeated."""
    with pytest.raises(InputError, match=match) as caught:
        open_store(address)
    assert "secret" not in str(caught.value)


def test_a_store_that_cannot_be_opened_is_one_error(tmp_path: Path, file: Path) -> None:
    """A folder, a file elsewhere, bytes that are no database, a limit of none: each says what is wrong."""
    file.write_bytes(b"no database at all" * 1000)
    for place, match in [
        (tmp_path, "cannot be opened: Is a directory"),
        (tmp_path / "nowhere" / "c.db", "cannot be opened: No such file or directory"),
        (file, "cannot be used: file is not a database. Mend it"),
        ("postgresql+psycopg://ann:secret@127.0.0.1:1/d", r"ann:\*\*\*@127\.0\.0\.1:1/d cannot be used: "),
    ]:
        with pytest.raises(StoreError, match=match):
            open_store(str(place))
    with pytest.raises(StoreError, match=r"none\.db must be a store of corrections\. Got no such file"):
        open_store(str(tmp_path / "none.db"), create=False)
    with pytest.raises(InputError, match=r"most_rows must be 1 or more\. Got 0"):
        open_store(str(tmp_path / "none.db"), most_rows=0)
    assert not (tmp_path / "none.db").exists()


def test_postgresql_needs_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"needs psycopg.* pip install 'tenfold\[postgres\]'"):
        open_store("postgresql+psycopg://ann@127.0.0.1:1/d")


def test_a_path_and_a_url_are_the_same_store(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain path, one in the home folder and a URL open the same file, which the owner alone can read."""
    monkeypatch.setenv("HOME", str(file.parent))
    monkeypatch.chdir(file.parent)
    for address in ("corrections.db", "~/corrections.db", f"sqlite:///{file}", "sqlite:///corrections.db"):
        add_correction(open_store(address), GOOD)
    assert images(str(file)) == [GOOD.image] * 4
    assert file.stat().st_mode & 0o777 == 0o600


def test_sqlite_is_set_to_lose_nothing(file: Path) -> None:
    """Each connection writes ahead and flushes each commit, also where another program has changed that."""
    store = open_store(str(file))
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
    with store.engine.connect() as connection:
        for setting, value in [("journal_mode", "wal"), ("synchronous", 2)]:
            assert connection.exec_driver_sql(f"PRAGMA {setting}").scalar() == value


def test_postgresql_flushes_before_it_answers(postgres: Server) -> None:
    """A server that is set to answer earlier is told not to; the store's waits are limited."""
    postgres.execute("CREATE DATABASE hasty")
    postgres.execute("ALTER DATABASE hasty SET synchronous_commit = off")
    store = open_store(postgres.url("hasty"))
    with store.engine.begin() as connection:
        for setting, value in [("synchronous_commit", "on"), ("lock_timeout", "2s")]:
            assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value


def test_a_locked_database_is_unavailable(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process holds the lock, writing fails soon; reading goes on; then all is well again."""
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    store = open_store(str(file))
    add_correction(store, GOOD)
    command = [sys.executable, "-c", LOCKER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(StoreUnavailableError, match="cannot be used: database is locked"):
            add_correction(store, GOOD)
        assert len(list_corrections(store)) == 1
        other.communicate(b"\n")
    assert add_correction(store, GOOD)


@pytest.mark.slow
def test_a_locked_table_is_unavailable(postgres: Server) -> None:
    """While another session of PostgreSQL holds the lock, writing fails within seconds; then all is well."""
    import psycopg

    postgres.execute("CREATE DATABASE locked")
    store = open_store(postgres.url("locked"))
    with psycopg.connect(f"host=127.0.0.1 port={postgres.port} user=tenfold dbname=locked") as other:
        other.execute("LOCK TABLE corrections, corrections_format")
        with pytest.raises(StoreUnavailableError, match="cannot be used: canceling statement due to lock"):
            add_correction(store, GOOD)
    assert add_correction(store, GOOD)


def test_a_deleted_file_is_unavailable_and_not_made_anew(file: Path) -> None:
    """No row is acknowledged that went with the file; once the file is back, writing goes on."""
    store = open_store(str(file))
    add_correction(store, GOOD)
    kept = file.rename(file.with_name("elsewhere"))
    for use in (lambda: add_correction(store, GOOD), lambda: list_corrections(store)):
        with pytest.raises(StoreUnavailableError, match="cannot be used: "):
            use()
    assert not file.exists()
    kept.rename(file)
    add_correction(store, GOOD)
    assert len(images(str(file))) == 2


@pytest.mark.parametrize("then", ["deleted", "replaced"])
def test_a_row_that_goes_with_its_file_is_not_acknowledged(file: Path, then: str) -> None:
    """A file that is deleted or replaced during the write is noticed after it."""
    store = open_store(str(file))

    @event.listens_for(store.engine, "commit")
    def _delete(_: object) -> None:
        file.unlink()
        if then == "replaced":
            file.with_name("other").touch()
            file.with_name("other").rename(file)

    with pytest.raises(StoreUnavailableError, match=r"another file took its place|No such file"):
        add_correction(store, GOOD)


def test_a_damaged_file_is_unavailable(file: Path) -> None:
    """Garbage in place of the database is an error of the store, not a crash."""
    store = open_store(str(file))
    file.write_bytes(b"garbage" * 5000)
    with pytest.raises(StoreUnavailableError, match="cannot be used: file is not a database"):
        add_correction(store, GOOD)


def test_a_full_disk_is_unavailable(file: Path) -> None:
    """What was acknowledged before the disk was full is kept, and writing goes on when there is room."""
    store = open_store(str(file))
    acknowledged: list[int] = []
    with files_at_most(60_000), pytest.raises(StoreUnavailableError, match=r"disk I/O error|disk is full"):
        add_many(store, acknowledged)
    assert 10 < len(acknowledged) < 60
    assert images(str(file)) == [make_correction(number).image for number in acknowledged]
    assert is_intact(file)
    add_correction(store, GOOD)
    assert len(images(str(file))) == len(acknowledged) + 1


@pytest.mark.parametrize("n_kills", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_kill_9_loses_no_acknowledged_row(file: Path, n_kills: int) -> None:
    """Whenever a writing process is killed, each row that it was told of is there, and the file is whole."""
    command = [sys.executable, "-m", "tests.serve.killed_writers", str(file), str(n_kills)]
    acknowledged = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert len(acknowledged) >= n_kills
    kept = {entry.id: entry.correction for entry in list_corrections(open_store(str(file)))}
    for number, which in acknowledged:
        assert kept[number] == make_correction(which)
    assert len(acknowledged) <= len(kept) <= len(acknowledged) + n_kills
    assert is_intact(file)


def test_processes_write_at_once(address: str) -> None:
    """Processes that open a new store at once, and write at once, keep every row of each."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, address, str(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for start in (0, 1000)
    ]
    for writer in writers:
        assert writer.stdin
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        print(file=writer.stdin, flush=True)
    numbers = [line for writer in writers for line in writer.communicate(timeout=60)[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(set(numbers)) == 50
    expected = [make_correction(start + number).image for start in (0, 1000) for number in range(25)]
    assert sorted(images(address)) == sorted(expected)


def test_a_server_that_stops_is_unavailable() -> None:
    """While PostgreSQL is down writing fails; when it runs again, writing goes on and nothing is lost."""
    with make_server() as server:
        with running(server):
            store = open_store(server.url())
            add_correction(store, GOOD)
        with pytest.raises(StoreUnavailableError, match=r"cannot be used: .*refused"):
            add_correction(store, GOOD)
        with running(server):
            assert [entry.id for entry in list_corrections(store)] == [1]
            assert add_correction(store, GOOD) > 1


def test_the_model_is_hexadecimal_alone(file: Path) -> None:
    """No other character passes, so no text of strangers is ever kept."""
    store = open_store(str(file))
    for character in "'\";<>&\0\n gG\u00e9\u0661\U0001f600":
        with pytest.raises(InputError, match="model must be a sha256"):
            add_correction(store, replace(GOOD, model=character + "a" * 63))
    assert list_corrections(store) == []
