"""A job: one row for each input, whatever happens to it and to the process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from tenfold.batch import in_threads, run
from tenfold.batch.manifest import NAME
from tenfold.batch.places import write_whole
from tenfold.batch.shard import Shard
from tenfold.batch.work import Outcome
from tenfold.data import save_idx
from tenfold.errors import InputError, OutputError
from tenfold.reading import parse_expectation
from tests.batch.made import digit_files, digit_images, do, job_of, png, read_rows, write_files
from tests.full_disk import files_at_most

N = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of pictures."""
    return write_files(tmp_path / "in", digit_files(N))


def test_shards_are_taken_as_they_are_needed(folder: Path, tmp_path: Path) -> None:
    """No more shards are listed than threads need: memory stays flat, whatever is to be read."""
    listed = []

    def watch(job: object, shards: Iterator[Shard]) -> Iterator[Outcome]:
        return in_threads(2)(job, (listed.append(shard.index) or shard for shard in shards))  # type: ignore[arg-type, func-returns-value]

    for n_done, _ in enumerate(run(job_of(folder, tmp_path / "out", shard_size=2), watch), 1):
        assert len(listed) <= n_done + 2 * 2 + 2
    assert n_done == N // 2


@pytest.mark.parametrize("damage", [b"", b"PAR1 is not all", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_damaged_shard_is_named(damage: bytes, folder: Path, tmp_path: Path) -> None:
    """A file of rows that was damaged since is no traceback: an error names it, and says what to do."""
    job = job_of(folder, tmp_path / "out", shard_size=20)
    do(job)
    shard = min((tmp_path / "out").glob("*.parquet"))
    whole = shard.read_bytes()
    shard.write_bytes(damage)
    with pytest.raises(InputError, match=rf"{shard.name} must hold the rows of a shard\..* Delete it"):
        do(job)
    shard.unlink()
    do(job)
    assert len(shard.read_bytes()) == len(whole)


def test_a_job_goes_on_where_it_was(folder: Path, tmp_path: Path) -> None:
    """What was written stays as it is, bit for bit; the rest is done; the counts are those of all."""
    job = job_of(folder, tmp_path / "out", shard_size=7)
    first = [outcome for outcome, _ in zip(run(job, in_threads(1)), range(3), strict=False)]
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.parquet")}
    outcomes = do(job)
    assert sum(outcome.was_there for outcome in outcomes) == len(before) >= len(first)
    assert before.items() <= {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}.items()
    rows = read_rows(job.out, outcomes)
    assert [row["path"] for row in rows] == sorted(str(path) for path in folder.iterdir())


def test_a_job_goes_on_with_leftovers_of_a_killed_writer(folder: Path, tmp_path: Path) -> None:
    """What a killed process wrote of a shard is removed when the shard is done again."""
    job = job_of(folder, tmp_path / "out")
    (outcome,) = do(job)
    (shard,) = (tmp_path / "out").glob("*.parquet")
    left = shard.with_name(f".{shard.name}.0123abcd.part")
    shard.rename(left)
    (again,) = do(job)
    assert (again.n_rows, again.was_there) == (outcome.n_rows, False)
    assert not left.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "robust-cnn"}, r"holds the results of another model [0-9a-f]+, not [0-9a-f]+"),
        ({"shard_size": 9}, r"holds the results of another shard size None, not 9"),
        ({"expect": ("length=1",)}, r"another expectation \[\], not \['length=1'\]"),
    ],
)
def test_another_job_is_refused(
    options: dict[str, object], message: str, folder: Path, tmp_path: Path
) -> None:
    """Rows of another model, size or expectation never come into a folder."""
    do(job_of(folder, tmp_path / "out"))
    before = sorted((tmp_path / "out").iterdir())
    if "expect" in options:
        options |= {"expectation": parse_expectation("length=1")}
    with pytest.raises(InputError, match=message):
        do(job_of(folder, tmp_path / "out", **options))
    assert sorted((tmp_path / "out").iterdir()) == before


def test_another_source_is_refused(folder: Path, tmp_path: Path) -> None:
    """Neither another folder nor one to which files came, or from which they went, is taken for the same."""
    do(job_of(folder, tmp_path / "out", shard_size=10))
    other = write_files(tmp_path / "other", digit_files(3))
    with pytest.raises(InputError, match=r"results of another source .*in, not .*other"):
        do(job_of(other, tmp_path / "out", shard_size=10))
    (folder / "000010.png").rename(folder / "0.png")
    with pytest.raises(InputError, match=r"must be as it was when .*part-0000000\d-\w+\.parquet was written"):
        do(job_of(folder, tmp_path / "out", shard_size=10))
    for path in sorted(folder.iterdir())[20:]:
        path.unlink()
    (folder / "0.png").rename(folder / "000010.png")
    with pytest.raises(InputError, match=r"must be as it was when .*part-00000002"):
        do(job_of(folder, tmp_path / "out", shard_size=10))


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    """An archive or IDX file of another date or size is another source."""
    save_idx(tmp_path / "images", digit_images(9))
    do(job_of(tmp_path / "images", tmp_path / "out"))
    os.utime(tmp_path / "images", (0, 0))
    with pytest.raises(InputError, match=r"another size or date of the source"):
        do(job_of(tmp_path / "images", tmp_path / "out"))


def test_a_folder_of_other_files_is_refused(folder: Path, tmp_path: Path) -> None:
    """Shards without the file that says whose they are, or with a damaged one, are nobody's."""
    do(job_of(folder, tmp_path / "out"))
    (tmp_path / "out" / NAME).write_text("{")
    with pytest.raises(InputError, match=r"is damaged: .* Use another folder"):
        do(job_of(folder, tmp_path / "out"))
    (tmp_path / "out" / NAME).unlink()
    with pytest.raises(InputError, match=r"must be a new folder, or that of a batch\. Got one without"):
        do(job_of(folder, tmp_path / "out"))


def test_a_folder_that_cannot_be_made_is_one_error(folder: Path) -> None:
    """Results cannot go where a file is."""
    with pytest.raises(OutputError, match=r"cannot be written: "):
        do(job_of(folder, folder / "000000.png"))


def test_a_full_disk_ends_the_job_and_costs_nothing(folder: Path, tmp_path: Path) -> None:
    """The error names the file; what was written is whole, and the job goes on when there is room."""
    job = job_of(folder, tmp_path / "out", shard_size=8)
    next(run(job, in_threads(1)))
    with files_at_most(1000), pytest.raises(OutputError, match=r"part-\w+-\w+\.parquet cannot be written"):
        do(job)
    for path in (tmp_path / "out").iterdir():
        assert path.name == NAME or pq.read_metadata(path).num_rows == 8
    assert len(read_rows(job.out, do(job))) == N


def test_paths_that_vanish_are_rows(folder: Path, tmp_path: Path) -> None:
    """A file that was listed and is gone when it is read is an error, and no other row is lost."""

    def engine(job: object, shards: Iterator[Shard]) -> Iterator[Outcome]:
        listed = list(shards)
        (folder / "000003.png").unlink()
        return in_threads(2)(job, iter(listed))  # type: ignore[arg-type]

    job = job_of(folder, tmp_path / "out", shard_size=8)
    rows = read_rows(job.out, list(run(job, engine)))
    (error,) = [row["error"] for row in rows if row["error"]]
    assert error == f"{folder}/000003.png cannot be read: No such file or directory."
    assert len(rows) == N


def test_an_archive_that_vanishes_ends_the_job(tmp_path: Path) -> None:
    """What cannot be opened at all has no rows: the job ends, and goes on when it is there again."""
    path = tmp_path / "images"
    save_idx(path, digit_images(30))

    def engine(job: object, shards: Iterator[Shard]) -> Iterator[Outcome]:
        listed = list(shards)
        path.rename(tmp_path / "away")
        return in_threads(2)(job, iter(listed))  # type: ignore[arg-type]

    job = job_of(path, tmp_path / "out", shard_size=8)
    with pytest.raises(InputError, match=r"images cannot be read: No such file or directory"):
        list(run(job, engine))
    (tmp_path / "away").rename(path)
    assert len(read_rows(job.out, do(job))) == 30


def test_an_error_of_one_picture_costs_no_other(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug that one picture wakes, of whatever kind, is the error of that picture."""
    calls = iter(range(1000))

    def stumble(*_: object, **__: object) -> object:
        if next(calls) == 3:
            raise ZeroDivisionError("three")
        return found

    job = job_of(folder, tmp_path / "out")
    found = job.open_reader().find(np.full((28, 28), 255, np.uint8))
    monkeypatch.setattr("tenfold.reading.reader.find_numbers", stumble)
    rows = read_rows(job.out, do(job, in_threads(1)))
    assert [row["error"] for row in rows if row["error"]] == [
        f"{folder}/000003.png: ZeroDivisionError: three"
    ]
    assert len(rows) == N


def test_rows_go_to_other_file_systems(folder: Path) -> None:
    """Elsewhere a shard is written under another name first, and then moved; nothing else is left."""
    out = "memory://results/a"
    outcomes = do(job_of(folder, out, shard_size=16))
    system = fsspec.filesystem("memory")
    names = sorted(name.rpartition("/")[2] for name in system.ls("/results/a", detail=False))
    assert names[0] == NAME
    assert len(names) == 1 + len(outcomes) == 4
    with system.open(f"/results/a/{names[1]}") as file:
        assert pq.read_table(file).num_rows == 16
    assert json.loads(system.cat_file(f"/results/a/{NAME}"))["source"] == str(folder)
    assert all(outcome.was_there for outcome in do(job_of(folder, out, shard_size=16)))


def test_an_upload_that_fails_leaves_nothing() -> None:
    """A block that raises leaves neither the file nor a part of it, where a folder is elsewhere."""

    def fail() -> None:
        with write_whole("memory://gone", "name") as file:
            file.write(b"half")
            raise OSError("no")

    with pytest.raises(OutputError, match=r"memory://gone/name cannot be written: no"):
        fail()
    assert fsspec.filesystem("memory").find("/gone") == []


PROGRAM = """
import sys
from tests.batch.made import job_of
from tenfold.batch import in_threads, run
for outcome in run(job_of(sys.argv[1], sys.argv[2], shard_size=10), in_threads(2)):
    print(outcome.index, flush=True)
"""


@pytest.mark.slow
def test_a_job_that_is_killed_at_any_moment_goes_on(tmp_path: Path) -> None:
    """After SIGKILL at ten moments, one of them at the start, no row is missing and none is there twice."""
    folder = write_files(tmp_path / "in", digit_files(1500))
    out = tmp_path / "out"
    generator = np.random.default_rng(0)
    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, folder, out], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            for _ in range(generator.integers(0, 9)):
                process.stdout.readline()
            time.sleep(generator.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
    done = len(list(out.glob("*.parquet")))
    outcomes = do(job_of(folder, out, shard_size=10))
    assert 1 <= done == sum(outcome.was_there for outcome in outcomes) < 150
    rows = read_rows(out, outcomes)
    assert [row["path"] for row in rows] == [str(path) for path in sorted(folder.iterdir())]
    assert not list(out.glob(".*"))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_in_a_hundred_of_many_is_broken(tmp_path: Path) -> None:
    """Of 100,000 files, 1 % of them broken, each is a row, and each broken one an error."""
    folder = tmp_path / "in"
    files = [png(image) for image in digit_images(200)]  # which are read fast
    for n in range(100_000):
        path = folder / f"{n // 1000:03}" / f"{n:06}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[n % 200] if n % 100 else files[n % 200][: n % 60])
    rows = read_rows(tmp_path / "out", do(job_of(folder, tmp_path / "out")))
    assert len({row["path"] for row in rows}) == len(rows) == 100_000
    assert [row["path"][-8:-4] for row in rows if row["error"]] == [
        f"{n % 10_000:04}" for n in range(0, 100_000, 100)
    ]
