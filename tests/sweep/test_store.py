"""Where a sweep is kept: what a store may be, what it says when it fails, and who may share it."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest

from tenfold.data import Dataset, Split
from tenfold.errors import InputError, MissingExtraError, StoreError, StoreUnavailableError, TenfoldError
from tenfold.serve.store import open_store as open_corrections
from tenfold.sweep import Plan, check_reachable, parse_store, sweep
from tenfold.sweep.result import read_result
from tenfold.sweep.study import ORIGIN, open_study
from tests.full_disk import files_at_most
from tests.serve.postgres_server import Server, make_server, running
from tests.sweep.small import plan_of, some

NOWHERE = "postgresql+psycopg://ann:secret@127.0.0.1:1/sweeps"


@pytest.fixture(scope="module")
def samples(digits: Dataset) -> Split:
    """Return a few images."""
    return some(digits)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """Return a running PostgreSQL, or skip."""
    with make_server() as server, running(server):
        yield server


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trials.db", "sqlite:///trials.db"),
        ("sqlite:///trials.db", "sqlite:///trials.db"),
        ("postgresql://ann@host/d", "postgresql+psycopg://ann@host/d"),
        ("postgresql+psycopg://ann:secret@host/d", "postgresql+psycopg://ann:***@host/d"),
    ],
)
def test_parse_store_takes_paths_and_urls(text: str, expected: str) -> None:
    """A path is a file of SQLite's; PostgreSQL is reached by the driver that tenfold has."""
    assert str(parse_store(text)) == expected


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("sqlite://", InputError, "The store must be a path, sqlite:///PATH"),
        ("sqlite:///:memory:", InputError, "The store must be a path, sqlite:///PATH"),
        ("redis://:secret@host/1", InputError, "a database that SQLAlchemy knows"),
        ("://", InputError, "a database that SQLAlchemy knows"),
    ],
)
def test_parse_store_refuses_other_places(text: str, error: type[TenfoldError], message: str) -> None:
    """What is no database, or cannot be reached from here, is told without its password."""
    with pytest.raises(error, match=message) as caught:
        parse_store(text)
    assert "secret" not in str(caught.value)


def test_a_missing_driver_of_postgresql_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg the error says what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tenfold\[postgres\]'"):
        open_study_at("postgresql://ann@127.0.0.1:1/d")


def test_a_missing_driver_of_another_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that tenfold has no extra for needs what the error says."""
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(InputError, match=r"A driver must be installed for mysql\+pymysql") as caught:
        open_study_at("mysql+pymysql://ann:secret@127.0.0.1:1/d")
    assert "secret" not in str(caught.value)


def open_study_at(store: str, samples: Split | None = None) -> optuna.Study:
    """Open the study of a small plan in a store."""
    from tenfold.data import load_dataset

    return open_study(plan_of(samples or some(load_dataset("digits")), Path(), store=store))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_text("no database" * 100), "cannot be used: file is not a database"),
        (lambda path: path.mkdir(), "cannot be opened: Is a directory"),
        (lambda path: open_corrections(str(path)), "must be a store of trials. Got another database"),
    ],
)
def test_what_is_no_store_of_trials_stays_as_it_is(make: Any, message: str, tmp_path: Path) -> None:
    """A folder, another file and another database are refused."""
    path = tmp_path / "it.db"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(StoreError, match=message):
        open_study_at(str(path))
    assert before is None or path.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    """Nothing is made where nothing may be."""
    with pytest.raises(StoreError, match=r"nowhere/it\.db cannot be opened: No such file or directory"):
        open_study_at(str(tmp_path / "nowhere" / "it.db"))


def test_a_server_out_of_reach_is_one_error() -> None:
    """It is told at once, and without the password."""
    with pytest.raises(StoreError, match=r"ann:\*\*\*@127\.0\.0\.1:1/sweeps cannot be used") as caught:
        open_study_at(NOWHERE)
    assert "secret" not in str(caught.value)


def test_a_path_may_have_any_name(samples: Split, tmp_path: Path) -> None:
    """Braces, percent signs and spaces are no templates."""
    path = tmp_path / "a {b} %20 c?#.db"
    open_study_at(str(path), samples)
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_file_that_is_deleted_meanwhile_is_one_error(samples: Split, tmp_path: Path) -> None:
    """The sweep ends, and does not begin anew in silence."""
    plan = plan_of(samples, tmp_path)

    def delete(result: object) -> None:
        Path(plan.store).unlink()

    with pytest.raises(StoreUnavailableError, match=r"trials\.db cannot be used: unable to open"):
        sweep(plan, samples, delete)
    assert not Path(plan.store).exists()


@pytest.mark.slow
def test_a_full_disk_is_one_error(samples: Split, tmp_path: Path) -> None:
    """What was finished is kept, and the sweep goes on when there is room."""
    plan = plan_of(samples, tmp_path, n_trials=200)
    sweep(plan_of(samples, tmp_path, n_trials=1), samples)
    with (
        files_at_most(8192),
        pytest.raises(StoreUnavailableError, match=r"trials\.db cannot be used: (disk I/O|database or disk)"),
    ):
        sweep(plan, samples)
    kept = read_result(open_study(plan), plan).trials
    assert kept
    n = len(kept) + 1
    assert sweep(plan_of(samples, tmp_path, n_trials=n), samples).trials[: n - 1] == kept


def test_a_study_of_another_program_is_refused(
    samples: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study that tenfold did not make keeps its trials to itself."""
    monkeypatch.setattr("tenfold.sweep.study.CLAIMED", 0.1)
    plan = plan_of(samples, tmp_path)
    open_study(plan)
    other = optuna.create_study(storage=f"sqlite:///{plan.store}", study_name="other")
    other.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    with pytest.raises(InputError, match="The study other must be one of tenfold's"):
        open_study(plan_of(samples, tmp_path, study="other"))


def test_a_study_whose_maker_died_at_once_is_taken_over(
    samples: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study without trials that says of nothing what it is of becomes this sweep's."""
    monkeypatch.setattr("tenfold.sweep.study.CLAIMED", 0.1)
    plan = plan_of(samples, tmp_path)
    open_study(plan)
    optuna.create_study(storage=f"sqlite:///{plan.store}", study_name="orphan")
    assert open_study(plan_of(samples, tmp_path, study="orphan")).user_attrs[ORIGIN] == plan.origin()


def test_workers_elsewhere_need_a_server() -> None:
    """A file is nothing that other machines see."""
    with pytest.raises(InputError, match=r"Got the file trials\.db, which only this machine has"):
        check_reachable("trials.db")
    check_reachable(NOWHERE)


OPEN = """
import sys
from pathlib import Path
from tenfold.data import load_dataset
from tenfold.sweep.result import read_result
from tenfold.sweep.study import open_study
from tests.sweep.small import plan_of, some

samples = some(load_dataset("digits"))
for number in range({rounds}):
    plan = plan_of(samples, Path(), store="{store}".format(number=number), study="test")
    print("ready", flush=True)
    sys.stdin.readline()
    study = open_study(plan)
    print(len(study.trials), study.user_attrs["tenfold"] == plan.origin(), flush=True)
"""
"""Opens stores that are not there, each when it is told to."""


def open_at_once(n: int, rounds: int, store: str) -> list[str]:
    """Let so many processes open the same new stores at the same time; return what each says of them."""
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        OPEN.replace("{rounds}", str(rounds)).replace("{store}", store),
    ]
    with contextlib.ExitStack() as stack:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes: list[Any] = [
            stack.enter_context(subprocess.Popen(command, **pipes))
            for _ in range(n)  # type: ignore[call-overload]
        ]
        said = []
        for _ in range(rounds):
            assert [process.stdout.readline() for process in processes] == ["ready\n"] * n
            for process in processes:
                process.stdin.write("go\n")
                process.stdin.flush()
            said += [process.stdout.readline() for process in processes]
    return said


@pytest.mark.slow
def test_processes_that_make_a_store_at_once_all_have_it(tmp_path: Path) -> None:
    """Whoever is first makes the tables and the study, once; the others find them."""
    assert open_at_once(3, 4, f"{tmp_path}/{{number}}.db") == ["1 True\n"] * 12


@pytest.mark.slow
def test_processes_that_make_tables_on_a_server_at_once_all_have_them(postgres: Server) -> None:
    """PostgreSQL, where two that make the same table stand in each other's way, is no exception."""
    for number in range(2):
        postgres.execute(f"CREATE DATABASE sweep{number}")
    store = postgres.url("sweep{number}")
    assert open_at_once(3, 2, store) == ["1 True\n"] * 6


@pytest.mark.slow
def test_a_sweep_is_kept_on_a_server(samples: Split, postgres: Server, tmp_path: Path) -> None:
    """A database of PostgreSQL's does what a file does."""
    postgres.execute("CREATE DATABASE one")
    plan = plan_of(samples, tmp_path, store=postgres.url("one"), n_trials=2)
    assert len(sweep(plan, samples).trials) == 2
    again = sweep(plan_of(samples, tmp_path, store=plan.store, n_trials=4), samples)
    assert [trial.number for trial in again.trials] == [0, 1, 2, 3]


def sharing(store: Path, *options: str) -> "subprocess.Popen[str]":
    """Start a sweep in a process of its own, as its user does."""
    command = [sys.executable, "-m", "tenfold", "sweep", "fast-mlp", "--dataset", "digits", "--json"]
    settings = ["--set", "lr=1e-3..1e-1", "--set", "epochs=8", "--store", str(store)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, *settings, *options], **pipes)  # type: ignore[call-overload, no-any-return]


@pytest.mark.slow
def test_two_processes_share_a_study(tmp_path: Path) -> None:
    """Two that begin at once on a store that is not there do the trials together, none twice."""
    store = tmp_path / "shared.db"
    n = 12
    with sharing(store, "--trials", str(n)) as first, sharing(store, "--trials", str(n)) as second:
        results = [json.loads(process.communicate(timeout=110)[0]) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    trials = max((result["trials"] for result in results), key=len)
    assert n <= len(trials) <= n + 1
    assert len({json.dumps(trial["values"]) for trial in trials}) == len(trials)


KILLED = """
import os, signal, time
from pathlib import Path
from tenfold.data import load_dataset
from tenfold.sweep import objective, sweep
from tests.sweep.small import plan_of, some
from tests.sweep.test_store import short_lives

def die(recipe, samples, **options):
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)

samples = some(load_dataset("digits"))
with short_lives():
    sweep(plan_of(samples, Path(FOLDER), n_trials=2), samples)
    objective.validate = die
    sweep(plan_of(samples, Path(FOLDER)), samples)
"""


@contextlib.contextmanager
def short_lives() -> Iterator[None]:
    """Take trials for dead after two seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tenfold.sweep.storage.HEARTBEAT", 1)
        patch.setattr("tenfold.sweep.storage.GRACE", 2)
        yield


@pytest.mark.slow
def test_a_trial_whose_process_was_killed_is_done_again(samples: Split, tmp_path: Path) -> None:
    """After kill -9 another process takes the trial for dead, and does it again with its values."""
    killed = subprocess.run(
        [sys.executable, "-c", KILLED.replace("FOLDER", repr(str(tmp_path)))],
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -9
    plan: Plan = plan_of(samples, tmp_path, n_trials=5)
    with short_lives():
        study = open_study(plan)
        assert [trial.state.name for trial in study.trials] == ["COMPLETE", "COMPLETE", "RUNNING"]
        values = study.trials[2].params
        storage: Any = study._storage
        until = iter(range(100))
        while not storage._get_stale_trial_ids(study._study_id):
            next(until)
            time.sleep(0.2)
        result = sweep(plan, samples)
    assert [trial.number for trial in result.trials] == [0, 1, 3, 4, 5]
    assert result.trials[2].values == values
