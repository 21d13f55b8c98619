"""Where `tenfold serve` keeps corrections when nobody says where: in the user's data folder."""

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from tenfold.errors import StoreError
from tenfold.serve.store import add_correction, default_file, list_corrections, make_default_store, open_store
from tests.cli.program import read_json, run_main
from tests.serve.killed_writers import make_correction
from tests.serve.process import Service, head, running
from tests.serve.test_corrections import GOOD

BODY = json.dumps(GOOD).encode()
KEPT = "tenfold: corrections are kept, with consent, in "


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work as somebody whose home is empty, and who says nothing of a store."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("TENFOLD_STORE")
    return home


def correct(service: Service) -> bytes:
    """Send a good correction, and return the answer."""
    lines = ("Content-Type: application/json", f"Content-Length: {len(BODY)}")
    return service.ask(head("POST", "/v1/corrections", *lines) + BODY)


def end(service: Service) -> str:
    """End a service, and return what it wrote on stderr."""
    service.process.send_signal(signal.SIGTERM)
    return service.process.communicate(timeout=20)[1]


def test_default_store_is_its_owners_alone(home: Path) -> None:
    """Folder and file are made for the owner alone; a store that is there stays."""
    file = Path(make_default_store())
    assert file == default_file()
    assert file.is_relative_to(home)
    assert [path.stat().st_mode & 0o777 for path in (file.parent, file)] == [0o700, 0o600]
    add_correction(open_store(str(file)), make_correction(1))
    assert len(list_corrections(open_store(make_default_store()))) == 1


def test_default_store_leaves_a_folder_as_it_is(home: Path) -> None:
    """The rights of a folder that exists are its owner's business."""
    default_file().parent.mkdir(parents=True, mode=0o755)
    assert Path(make_default_store()).parent.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(("blocked", "match"), [(2, "cannot be made: "), (0, "cannot be opened: ")])
def test_default_store_that_cannot_be_made_is_one_error(home: Path, blocked: int, match: str) -> None:
    """A file where the folder must be, or a folder where the file must be, is an error of the store."""
    place = [default_file(), *default_file().parents][blocked]
    place.parent.mkdir(parents=True, exist_ok=True)
    if blocked:
        place.touch()
    else:
        place.mkdir()
    with pytest.raises(StoreError, match=match):
        make_default_store()


def test_default_store_needs_a_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody whom the system does not know has no data folder, and nothing is made in this one."""
    pwd = pytest.importorskip("pwd", reason="needs a system with a list of users")

    def know_nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", know_nobody)
    monkeypatch.delenv("HOME")
    monkeypatch.chdir(home)
    with pytest.raises(StoreError, match=r"must have a home folder\. Got none\. .*--store"):
        make_default_store()
    assert list(home.iterdir()) == []


def test_serve_keeps_corrections_by_default(home: Path) -> None:
    """Without --store corrections are kept in the user's data folder, as a line says, and reviewed there."""
    with running(TENFOLD_STORE="") as service:
        assert correct(service).startswith(b"HTTP/1.1 201")
        said = end(service)
    (entry,) = read_json("corrections", "review")
    assert (entry["label"], entry["predicted"]) == (GOOD["label"], GOOD["predicted"])
    assert said.splitlines() == [KEPT + str(default_file())]
    with sqlite3.connect(default_file()) as database:
        assert database.execute("SELECT count(*) FROM corrections").fetchone() == (1,)


@pytest.mark.slow
def test_serve_goes_on_without_a_default_store(home: Path) -> None:
    """Where the data folder cannot be made one warning says so, nothing is kept, and all else is served."""
    home.rmdir()
    home.write_bytes(b"")
    with running(TENFOLD_STORE="") as service:
        assert b'"no_store"' in correct(service)
        assert service.ask(head("GET", "/readyz")).startswith(b"HTTP/1.1 200")
        said = end(service)
    (line,) = (line for line in said.splitlines() if line.startswith("tenfold: "))
    assert line.startswith(f"tenfold: {default_file().parent} cannot be made: Not a directory.")
    assert line.endswith(" No corrections are kept.")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["option", "variable"])
def test_serve_takes_the_store_that_is_named(home: Path, tmp_path: Path, how: str) -> None:
    """The option, or the variable, names another store; the user's own is not made."""
    address = f"sqlite:///{tmp_path / 'named.db'}"
    options = ("--store", address) if how == "option" else ()
    with running(*options, TENFOLD_STORE=address if how == "variable" else "") as service:
        assert correct(service).startswith(b"HTTP/1.1 201")
        said = end(service)
    assert said.splitlines() == [KEPT + str(tmp_path / "named.db")]
    assert len(read_json("corrections", "review", "--store", address)) == 1
    assert not default_file().exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["option", "variable"])
def test_serve_keeps_none_where_it_is_told_to(home: Path, how: str) -> None:
    """The word `none` keeps no corrections, and makes no file."""
    options = ("--store", "none") if how == "option" else ()
    with running(*options, TENFOLD_STORE="none" if how == "variable" else "") as service:
        assert b'"no_store"' in correct(service)
        assert end(service) == ""
    assert not default_file().exists()


@pytest.mark.parametrize("how", ["option", "variable"])
def test_serve_ends_where_the_named_store_cannot_be_opened(
    home: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A store that was named and cannot be opened ends the start, with one line."""
    file = home / "nowhere" / "c.db"
    options = ("--store", str(file)) if how == "option" else ()
    if how == "variable":
        monkeypatch.setenv("TENFOLD_STORE", str(file))
    assert run_main(["serve", "--model", "tiny-cnn", "--port", "0", *options]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"tenfold: {file} cannot be opened: No such file or directory.")
    assert not default_file().exists()


def test_corrections_are_looked_for_in_the_data_folder(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing was kept yet, `review` and `export` name the file that they looked for, and make none."""
    for command in (["review"], ["export", str(home / "new")]):
        assert run_main(["corrections", *command]) == 1
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert err.startswith(f"tenfold: {default_file()} must be a store of corrections. Got no such")
    assert not default_file().exists()
