"""Sources: every kind gives the same rows for the same pictures, and is listed a shard at a time."""

import gzip
import itertools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenfold
from tenfold.batch import count_inputs
from tenfold.batch.sources import plan
from tenfold.data import save_idx
from tenfold.errors import InputError
from tests.batch.made import (
    digit_files,
    digit_images,
    do,
    find_reason,
    job_of,
    png,
    read_rows,
    read_source,
    tar_of,
    write_files,
    zip_of,
)
from tests.batch.stubborn import register
from tests.picture_files import pdf

N = 25
FILES = digit_files(N)
Maker = Callable[[Path], Path | str]


def _folder(folder: Path) -> Path:
    return write_files(folder / "in", {f"{name[:5]}/{name}": data for name, data in FILES.items()})


def _glob(folder: Path) -> str:
    return f"{write_files(folder / 'in', FILES)}/*.png"


def _deep_glob(folder: Path) -> str:
    return f"{_folder(folder)}/**/*.png"


def _csv(folder: Path) -> Path:
    names = write_files(folder / "in", FILES) and "".join(f"{n},in/{name}\n" for n, name in enumerate(FILES))
    (folder / "list.csv").write_text("n,path\n" + names, "utf-8-sig")
    return folder / "list.csv"


def _list_in_parquet(folder: Path) -> Path:
    write_files(folder / "in", FILES)
    pq.write_table(pa.table({"path": [f"in/{name}" for name in FILES]}), folder / "list.parquet")
    return folder / "list.parquet"


def _parquet(folder: Path, column: str = "image") -> Path:
    path = folder / "in.parquet"
    pq.write_table(pa.table({"label": range(N), column: list(FILES.values())}), path, row_group_size=9)
    return path


def _hub_parquet(folder: Path) -> Path:
    cells = [{"bytes": data, "path": name} for name, data in FILES.items()]
    pq.write_table(pa.table({"image": cells}), folder / "in.parquet")
    return folder / "in.parquet"


def _archive(name: str, make: Callable[[dict[str, bytes]], bytes]) -> Maker:
    def maker(folder: Path) -> Path:
        (folder / name).write_bytes(make(FILES))
        return folder / name

    return maker


def _tars(folder: Path) -> str:
    names = list(FILES)
    for part in range(3):
        some = {name: FILES[name] for name in names[part::3]}
        (folder / f"{part}.tar").write_bytes(tar_of(some))
    return f"{folder}/*.tar"


def _in_memory(folder: Path) -> str:
    system = fsspec.filesystem("memory")
    for name, data in FILES.items():
        system.pipe_file(f"/{folder.name}/{name}", data)
    return f"memory://{folder.name}"


def _elsewhere(name: str, make: Callable[[dict[str, bytes]], bytes]) -> Maker:
    def maker(folder: Path) -> str:
        (folder / name).write_bytes(make(FILES))
        return f"stubborn://{folder}/{name}"

    return maker


MAKERS: dict[str, Maker] = {
    "folder": _folder,
    "glob": _glob,
    "deep glob": _deep_glob,
    "csv": _csv,
    "parquet of paths": _list_in_parquet,
    "parquet of images": _parquet,
    "parquet of bytes": lambda folder: _parquet(folder, "bytes"),
    "parquet of a hub": _hub_parquet,
    "tar": _archive("in.tar", tar_of),
    "tar.gz": _archive("in.tar.gz", lambda files: tar_of(files, "w:gz")),
    "tgz": _archive("in.tgz", lambda files: gzip.compress(tar_of(files))),
    "zip": _archive("in.zip", zip_of),
    "stored zip": _archive("in.zip", lambda files: zip_of(files, zipfile.ZIP_STORED)),
    "tars": _tars,
    "folder elsewhere": _in_memory,
    "tar elsewhere": _elsewhere("in.tar", tar_of),
    "tar.gz elsewhere": _elsewhere("in.tar.gz", lambda files: tar_of(files, "w:gz")),
    "zip elsewhere": _elsewhere("in.zip", zip_of),
    "csv elsewhere": lambda folder: f"stubborn://{_csv(folder)}",
    "parquet elsewhere": lambda folder: f"stubborn://{_parquet(folder, 'bytes')}",
}


@pytest.fixture(autouse=True)
def _storage() -> None:
    register()


@pytest.fixture(scope="module")
def expected() -> list[dict[str, Any]]:
    """Return what `tenfold read` makes of the pictures."""
    reader = tenfold.load("tiny-cnn", threads=1)
    readings = [reader.read(data) for data in FILES.values()]
    return [
        {"text": one.text, "reason": find_reason(one), "diagnosis": list(one.diagnosis)} for one in readings
    ]


@pytest.mark.parametrize("kind", MAKERS)
def test_every_source_gives_the_rows_of_its_pictures(
    kind: str, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Each picture is a row, with what `tenfold read` says of it, whatever it is kept in."""
    rows = read_source(MAKERS[kind](tmp_path), tmp_path, shard_size=7)
    assert len({row["path"] for row in rows}) == N
    if kind != "parquet of images":  # whose names are numbers, which sort otherwise
        rows = sorted(rows, key=lambda row: row["path"].rpartition("/")[2].zfill(40))
    keys = ("text", "reason", "diagnosis")
    found = sorted(tuple(map(str, (row[key] for key in keys))) for row in rows)
    assert found == sorted(tuple(map(str, (row[key] for key in keys))) for row in expected)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_source_is_listed_alike_each_time(kind: str, tmp_path: Path) -> None:
    """Two lists have the same shards, of names that differ; no shard is larger than asked for."""
    source = job_of(MAKERS[kind](tmp_path), tmp_path / "out").source
    first, second = ([shard.name for shard in plan(source, 7)] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first) >= 4
    assert max(len(shard.content) for shard in plan(source, 7)) == 7
    assert sum(len(shard.content) for shard in plan(source, 7)) == N


def test_a_row_has_the_whole_reading(tmp_path: Path) -> None:
    """Numbers, digits, boxes and probabilities are those of the reading."""
    write_files(tmp_path / "in", FILES)
    (row,) = (row for row in read_source(tmp_path / "in", tmp_path) if row["path"].endswith("000003.png"))
    reading = tenfold.load("tiny-cnn", threads=1).read(FILES["000003.png"])
    (number,), (expected,) = row["numbers"], reading.numbers
    assert (number["text"], number["box"]) == (expected.text, list(expected.box))
    assert row["confidence"] == number["confidence"] == pytest.approx(expected.confidence, abs=1e-6)
    (digit,), (one,) = number["digits"], expected.digits
    assert (digit["label"], digit["box"], digit["reason"]) == (one.label, list(one.box), one.reason)
    assert digit["probabilities"] == pytest.approx(one.probabilities.tolist(), abs=1e-6)
    assert row["path"] == str(tmp_path / "in" / "000003.png")
    assert row["model"] == tenfold.load("tiny-cnn").sha256


@pytest.mark.parametrize("place", ["", "stubborn://"])
@pytest.mark.parametrize("name", ["images", "images.gz"])
def test_digit_images_are_read_as_they_are(name: str, place: str, tmp_path: Path) -> None:
    """The rows of an IDX file are the model's own answers, in a table as of any other picture."""
    images = digit_images(60)
    images[5], images[6] = 0, 255
    save_idx(tmp_path / name, images)
    rows = read_source(f"{place}{tmp_path / name}", tmp_path, shard_size=7)
    rows.sort(key=lambda row: int(row["path"].partition("#index=")[2]))
    reader = tenfold.load("tiny-cnn", threads=1)
    probabilities = reader.predict_proba(images)
    assert [row["reason"] for row in rows[5:7]] == ["blank", "not a digit"]
    for row, ours in zip(rows, probabilities, strict=True):
        if row["reason"] in {"blank", "not a digit"}:
            assert (row["text"], row["confidence"], row["numbers"]) == ("", 0, [])
            continue
        (number,) = row["numbers"]
        (digit,) = number["digits"]
        assert row["text"] == number["text"] == str(digit["label"]) == str(ours.argmax())
        assert row["confidence"] == number["confidence"] == digit["confidence"] == pytest.approx(ours.max())
        assert digit["probabilities"] == pytest.approx(ours.tolist(), abs=1e-6)
        assert row["reason"] == ("unsure" if ours.max() < reader.least else None)
        assert (number["box"], digit["box"]) == ([0, 0, 28, 28], [0, 0, 28, 28])


def test_pictures_that_are_digit_images_are_read_as_they_are(tmp_path: Path) -> None:
    """Of 28×28 on dark paper, as data sets have them, the rows are those of an IDX file; among others too."""
    images = digit_images(20)
    save_idx(tmp_path / "images", images)
    files = {f"{index:06}.png": png(image) for index, image in enumerate(images)}
    write_files(
        tmp_path / "in", files | {f"{index}/crop.png": data for index, data in enumerate(FILES.values())}
    )
    rows = [row for row in read_source(tmp_path / "in", tmp_path) if not row["path"].endswith("crop.png")]
    expected = read_rows(tmp_path / "twin", do(job_of(tmp_path / "images", tmp_path / "twin")))
    expected.sort(key=lambda row: int(row["path"].partition("#index=")[2]))
    assert len(rows) == len(expected)
    for ours, theirs in zip(rows, expected, strict=True):
        assert {**ours, "path": "", "numbers": [], "confidence": 0} == {
            **theirs,
            "path": "",
            "numbers": [],
            "confidence": 0,
        }
        assert ours["confidence"] == pytest.approx(theirs["confidence"], abs=1e-6)
        assert [number["box"] for number in ours["numbers"]] == [
            number["box"] for number in theirs["numbers"]
        ]


@pytest.mark.parametrize(("name", "n_there"), [("images", 40), ("images.gz", 14)])
def test_a_file_of_digit_images_that_was_cut_loses_no_more(name: str, n_there: int, tmp_path: Path) -> None:
    """What is there is read, and one row says what is missing; of a gzip file, from the shard it broke in."""
    path = tmp_path / name
    generator = np.random.default_rng(0)
    save_idx(path, generator.integers(0, 256, (60, 28, 28), np.uint8))
    data = path.read_bytes()
    path.write_bytes(data[: 16 + 40 * 784 + 100] if name == "images" else data[: len(data) // 3])
    rows = read_source(path, tmp_path, shard_size=7)
    (error,) = [row["error"] for row in rows if row["error"]]
    assert len(rows) == n_there + 1
    assert error == f"{path} must hold 60 images. It ends after {n_there}."


def test_pages_are_rows(tmp_path: Path) -> None:
    """A PDF of two pages is two rows, in a folder and in an archive; of one page it is one."""
    files = {"one.pdf": pdf(), "two.pdf": pdf(n_pages=2)}
    write_files(tmp_path / "in", files)
    (tmp_path / "in" / "in.tar").write_bytes(tar_of(files))
    for source in (tmp_path / "in", tmp_path / "in" / "in.tar"):
        out = tmp_path / f"read-{source.name}"
        names = [row["path"].rpartition("/")[2] for row in read_rows(out, do(job_of(source, out)))]
        assert [name.removeprefix("in.tar#") for name in names] == [
            "one.pdf",
            "two.pdf#page=1",
            "two.pdf#page=2",
        ]


def test_a_source_is_not_listed_as_a_whole(tmp_path: Path) -> None:
    """Of a list of a million paths the first shard is known at once."""
    (tmp_path / "list.csv").write_text("path\n" + "a.png\n" * 1_000_000)
    shards = plan(str(tmp_path / "list.csv"), 10)
    assert [len(shard.content) for shard in itertools.islice(shards, 3)] == [10, 10, 10]


@pytest.mark.parametrize(
    ("kind", "n"),
    [("folder", N), ("zip", N), ("parquet of images", N), ("tar.gz", None), ("tar elsewhere", None)],
)
def test_inputs_are_counted_where_that_is_cheap(kind: str, n: int | None, tmp_path: Path) -> None:
    """The number of inputs is known beforehand, unless a whole archive must be read for it."""
    assert count_inputs(str(MAKERS[kind](tmp_path))) == n


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("nowhere", None, r"must be a folder, a file or a pattern of files\. Nothing is there"),
        ("none*.png", None, r"Nothing is there"),
        ("empty/x.txt", b"", r"must hold pictures \(\.png"),
        ("list.csv", b"name\na.png\n", r"must have a column path\. Got name"),
        ("list.csv", b"", r"must have a column path\. Got none"),
        ("list.csv", b"path\n" + b"a" * 200_000, r"must be a CSV file\. field larger than field limit"),
        (
            "labels",
            b"\0\0\x08\x03\0\0\0\x01\0\0\0\x02\0\0\0\x02abcd",
            r"must hold uint8 images of 28×28\. Got",
        ),
        ("gone://a/b.png", None, r"gone://a/b\.png cannot be reached: Protocol not known: gone"),
    ],
)
def test_a_source_that_is_none_is_refused(
    name: str, data: bytes | None, message: str, tmp_path: Path
) -> None:
    """What cannot be a source is one error, before anything is read."""
    if data is not None:
        write_files(tmp_path, {name: data})
    source = name if "://" in name else str(tmp_path / name.partition("/")[0])
    with pytest.raises(InputError, match=message):
        do(job_of(source, tmp_path / "out"))


def test_a_table_without_pictures_is_refused(tmp_path: Path) -> None:
    """A Parquet file without a column of bytes or paths is refused, with the columns it has."""
    pq.write_table(pa.table({"image": ["text"], "n": [1]}), tmp_path / "in.parquet")
    with pytest.raises(InputError, match=r"must have a column of bytes, image or .*Got image, n\."):
        do(job_of(tmp_path / "in.parquet", tmp_path / "out"))


def test_a_cell_that_is_no_picture_is_an_error(tmp_path: Path) -> None:
    """Null, text and a picture in one column give three rows."""
    pq.write_table(pa.table({"image": [None, b"text", *list(FILES.values())[:1]]}), tmp_path / "in.parquet")
    errors = [row["error"] for row in read_source(tmp_path / "in.parquet", tmp_path)]
    assert errors[0].endswith("#row=0 must be a picture. Got nothing.")
    assert "Got text" in errors[1]
    assert errors[2] is None


def test_a_table_that_is_damaged_loses_no_row(tmp_path: Path) -> None:
    """Rows whose pages are damaged have an error each; a file that is none is one error."""
    path = _parquet(tmp_path)
    data = bytearray(path.read_bytes())
    data[200 : len(data) // 2] = bytes(len(data) // 2 - 200)
    path.write_bytes(data)
    rows = read_source(path, tmp_path, shard_size=7)
    assert len(rows) == N
    assert any("is damaged" in (row["error"] or "") for row in rows)
    path.write_bytes(b"PAR1 and no more")
    (row,) = read_rows(tmp_path / "other", do(job_of(path, tmp_path / "other")))
    assert "must be a Parquet file" in row["error"]


def test_names_that_are_no_text_are_written_as_near_as_may_be(tmp_path: Path) -> None:
    """A file name of bytes that are not UTF-8 costs nothing."""
    write_files(tmp_path / "in", {"a\udcff.png": FILES["000000.png"]})
    (row,) = read_source(tmp_path / "in", tmp_path)
    assert row["path"].endswith("in/a�.png")
    assert row["error"] is None
