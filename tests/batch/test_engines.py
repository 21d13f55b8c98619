"""One contract for all engines: the same rows on the same input, whoever works on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenfold
from tenfold.batch import Engine, in_threads, run
from tenfold.data import save_idx
from tenfold.errors import InputError, OutputError, PictureError
from tenfold.reading import parse_expectation
from tests.batch.made import (
    BAD_IN_MIXED,
    digit_files,
    digit_images,
    do,
    find_reason,
    job_of,
    read_rows,
    tar_of,
    write_mixed,
)
from tests.full_disk import files_at_most

ON_A_CLUSTER = pytest.mark.cluster


@pytest.fixture(
    scope="module",
    params=[
        "threads",
        pytest.param("workers here", marks=ON_A_CLUSTER),
        pytest.param("a cluster elsewhere", marks=ON_A_CLUSTER),
    ],
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Return each engine in turn."""
    if request.param == "threads":
        yield in_threads(2)
        return
    from tenfold.batch.cluster import reach, start_here
    from tests.batch.cluster_processes import cluster

    if request.param == "workers here":
        with start_here(2) as started:
            yield started.engine
        return
    with cluster() as address, reach(address) as reached:
        yield reached.engine


def test_every_input_is_a_row(engine: Engine, tmp_path: Path) -> None:
    """Good pictures have what `tenfold read` says of them, bad ones their error, and none is left out."""
    folder = write_mixed(tmp_path / "in", 60)
    job = job_of(folder, tmp_path / "out", shard_size=9)
    rows = read_rows(job.out, do(job, engine))
    assert [row["path"] for row in rows] == sorted(map(str, folder.rglob("*.png")))
    assert [Path(row["path"]).name for row in rows if row["error"]] == sorted(
        BAD_IN_MIXED, key=lambda name: (name in {"gone.png", "pipe.png"}, name)
    )
    reader = tenfold.load("tiny-cnn", threads=1)
    for row in rows:
        if row["error"]:
            assert (row["text"], row["confidence"], row["numbers"]) == (None, None, None)
            if not row["path"].endswith("pipe.png"):
                with pytest.raises(PictureError):
                    reader.read(row["path"])
            continue
        reading = reader.read(row["path"])
        assert (row["text"], row["reason"]) == (reading.text, find_reason(reading))
        assert row["confidence"] == pytest.approx(reading.confidence, abs=1e-6)


@pytest.mark.parametrize("kind", ["images", "images.gz", "in.tar", "in.tar.gz", "in.parquet"])
def test_what_holds_many_is_read(kind: str, engine: Engine, tmp_path: Path) -> None:
    """Parts of large files, and pictures that travel with their shard, give the rows that threads give."""
    files = digit_files(50)
    if kind.startswith("images"):
        save_idx(tmp_path / kind, digit_images(50))
    elif kind == "in.parquet":
        pq.write_table(pa.table({"bytes": list(files.values())}), tmp_path / kind)
    else:
        (tmp_path / kind).write_bytes(tar_of(files, "w:gz" if kind.endswith("gz") else "w"))
    job, twin = (job_of(tmp_path / kind, tmp_path / name, shard_size=8) for name in ("out", "twin"))
    assert read_rows(job.out, do(job, engine)) == read_rows(twin.out, do(twin))


def test_what_is_expected_reaches_the_workers(engine: Engine, tmp_path: Path) -> None:
    """A list that is expected is known wherever the work is done."""
    (tmp_path / "list.txt").write_text("5\n")
    expect = (f"list={tmp_path / 'list.txt'}",)
    expectation = parse_expectation(expect)
    (tmp_path / "list.txt").unlink()
    folder = write_mixed(tmp_path / "in", 20)
    job = job_of(folder, tmp_path / "out", expect=expect, expectation=expectation)
    assert {row["text"] for row in read_rows(job.out, do(job, engine))} == {"5", "", None}


def test_two_jobs_use_an_engine_one_after_the_other(engine: Engine, tmp_path: Path) -> None:
    """Each job is read by its own model."""
    folder = write_mixed(tmp_path / "in", 10)
    for model in ("tiny-cnn", "robust-cnn"):
        job = job_of(folder, tmp_path / model, model)
        models = {row["model"] for row in read_rows(job.out, do(job, engine))}
        assert models == {job.model_sha256} == {tenfold.load(model).sha256}


def test_a_job_goes_on_on_any_engine(engine: Engine, tmp_path: Path) -> None:
    """What another engine did is not done again."""
    job = job_of(write_mixed(tmp_path / "in", 30), tmp_path / "out", shard_size=5)
    next(run(job, in_threads(1)))
    n_before = len(list((tmp_path / "out").glob("*.parquet")))
    outcomes = do(job, engine)
    assert n_before == sum(outcome.was_there for outcome in outcomes) >= 1
    assert len(read_rows(job.out, outcomes)) == 30 + len(BAD_IN_MIXED) + 1


def test_a_source_that_vanishes_is_one_error(engine: Engine, tmp_path: Path) -> None:
    """An error of the work keeps its class and its words on its way here."""
    path = tmp_path / "images"
    save_idx(path, digit_images(30))
    job = job_of(path, tmp_path / "out", shard_size=8)
    outcomes = run(job, lambda job, shards: _without(path, engine, job, list(shards)))
    with pytest.raises(InputError, match=r"images cannot be read: No such file or directory\."):
        list(outcomes)


def _without(path: Path, engine: Engine, job: Any, shards: list[Any]) -> Any:
    path.unlink()
    return engine(job, iter(shards))


@pytest.mark.cluster
def test_a_full_disk_of_a_worker_is_one_error(tmp_path: Path) -> None:
    """An error of the worker's disk reaches the user as it is; what was written is whole."""
    from tenfold.batch.cluster import start_here

    job = job_of(write_mixed(tmp_path / "in", 30), tmp_path / "out", shard_size=10)
    words = r"part-\w+-\w+\.parquet cannot be written: File too large"
    with files_at_most(5000), start_here(1) as started, pytest.raises(OutputError, match=words):
        do(job, started.engine)
    assert not list((tmp_path / "out").glob("part*"))
    assert len(read_rows(job.out, do(job))) == 30 + len(BAD_IN_MIXED) + 1
