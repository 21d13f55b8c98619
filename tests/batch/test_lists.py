"""Lists of paths: each line is a row, whatever is in it."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.batch.made import digit_files, do, job_of, read_rows, write_files

PICTURE = digit_files(1)["000000.png"]
NAMES = ("a.png", "b c.png", 'say "7".png', "one, two.png", "two\nlines.png", "ä.png", "\udcff.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of pictures of odd names."""
    return write_files(tmp_path, dict.fromkeys(NAMES, PICTURE))


def read(path: Path, **options: Any) -> dict[str, list[str | None]]:
    """Return the errors of each path in a list, one for each time that it is there."""
    errors: dict[str, list[str | None]] = {}
    for row in read_rows(path.parent / "out", do(job_of(path, path.parent / "out", **options))):
        errors.setdefault(row["path"].removeprefix(f"{path.parent}/"), []).append(row["error"])
    return errors


def test_a_list_as_spreadsheets_write_it_is_read(folder: Path) -> None:
    """With a mark at its start, quotes, commas and line ends in names, empty lines, and any bytes."""
    cells = ('"' + name.replace('"', '""') + '"' for name in NAMES)
    lines = ["n,path,label", *(f"{n},{cell},7\r\n" for n, cell in enumerate(cells)), "", "8,a.png"]
    text = "\ufeff" + "\r\n".join(lines) + "\r\n\r\n"
    (folder / "list.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    expected = {name.replace("\udcff", "\ufffd"): [None] for name in NAMES}
    assert read(folder / "list.csv") == expected | {"a.png": [None, None]}


def test_a_line_without_a_path_is_a_row(folder: Path) -> None:
    """A line that ends before its path, or has an empty one, is an error; so is a folder."""
    (folder / "list.csv").write_text("n,path\n1\n2,\n3,a.png\n4,.\n")
    errors = read(folder / "list.csv")
    assert errors.pop("a.png") == [None]
    ((wrong, *others),) = errors.values()
    assert wrong == f"{folder} cannot be read: it is no regular file."
    assert others == [wrong] * 2


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_path_that_is_listed_twice_is_two_rows(kind: str, size: int, folder: Path) -> None:
    """One row for each line, in one shard or in several; and no more when the job is given again."""
    names = ["a.png", "b c.png", "a.png", "a.png"]
    if kind == "csv":
        (folder / "list.csv").write_text("\n".join(["path", *names]))
    else:
        pq.write_table(pa.table({"path": names}), folder / "list.parquet")
    for _ in range(2):
        assert read(folder / f"list.{kind}", shard_size=size) == {"a.png": [None] * 3, "b c.png": [None]}


def test_a_table_of_paths_may_lack_some(folder: Path) -> None:
    """Null, nothing and what can be no path are errors, and the others are read."""
    pq.write_table(pa.table({"path": [None, "a.png", "", "a\0.png", "a.png"]}), folder / "list.parquet")
    errors = read(folder / "list.parquet")
    assert errors.pop("a.png") == [None, None]
    assert sorted(map(len, errors.values())) == [1, 2]
    assert all(" cannot be read: " in error for several in errors.values() for error in several if error)
    assert "a\ufffd.png" in errors
