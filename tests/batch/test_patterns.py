"""Patterns and folders: what they find, and that links and closed folders lose nothing and double nothing."""

import glob
import os
from pathlib import Path
from typing import Any

import pytest

from tests.batch.made import digit_files, do, job_of, read_rows, write_files

PICTURE = digit_files(1)["000000.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of folders of pictures."""
    names = (
        "a.png",
        "b.png",
        ".hidden.png",
        "x/a.png",
        "x/y/a.png",
        ".h/c.png",
        "x/y.png/a.png",
        "x[1]/d.png",
    )
    return write_files(tmp_path / "in", dict.fromkeys(names, PICTURE))


def find(source: object, out: Path) -> dict[str, str | None]:
    """Return the error of each path that a source has; none may be there twice."""
    rows = read_rows(out, do(job_of(str(source), out)))
    errors = {row["path"]: row["error"] for row in rows}
    assert len(errors) == len(rows)
    return errors


@pytest.mark.parametrize(
    "pattern",
    [
        *("*.png", "?.png", "[!a].png", ".*.png", "*/a.png", "x/*/*.png", "*/*"),
        *("**/*.png", "**/a.png", "x/**/a.png", "**/y*/*", "**", "x[[]1]/*.png", ".h/*.png"),
    ],
)
def test_a_pattern_finds_what_pythons_glob_finds(pattern: str, folder: Path, tmp_path: Path) -> None:
    """Of files: the same, hidden ones only where they are asked for."""
    names = glob.glob(f"{folder}/{pattern}", recursive=True)  # noqa: PTH207  # pathlib's finds hidden ones
    found = [name for name in names if Path(name).is_file()]
    assert found
    assert find(f"{folder}/{pattern}", tmp_path / "out") == dict.fromkeys(found)


def test_links_that_go_in_circles_double_nothing(folder: Path, tmp_path: Path) -> None:
    """Two links to the folder above, between which there are endless ways, are not followed."""
    expected = {path: error for path, error in find(folder, tmp_path / "before").items() if ".h" not in path}
    for name in ("one", "two"):
        (folder / "x" / name).symlink_to(folder)
    (folder / "x" / "self.png").symlink_to(folder / "x" / "self.png")
    looped = {
        f"{folder}/x/self.png": f"{folder}/x/self.png cannot be read: Too many levels of symbolic links."
    }
    assert find(f"{folder}/**/*.png", tmp_path / "pattern") == expected | looped
    assert expected.items() < find(folder, tmp_path / "folder").items()


def test_a_link_to_a_folder_is_followed_where_it_is_asked_for(folder: Path, tmp_path: Path) -> None:
    """By its name, and by a star, but not by two."""
    (folder / "link").symlink_to(folder / "x")
    assert f"{folder}/link/a.png" in find(f"{folder}/*/a.png", tmp_path / "star")
    assert list(find(f"{folder}/link/a.*", tmp_path / "name")) == [f"{folder}/link/a.png"]
    assert not any(
        path.startswith(f"{folder}/link/") for path in find(f"{folder}/**/*.png", tmp_path / "stars")
    )


@pytest.mark.parametrize("pattern", ["", "/**/*.png", "/*/*.png"])
def test_a_folder_that_cannot_be_listed_is_a_row(
    pattern: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what is in it, so it is an error; what stands beside it is read."""

    def scan(path: str) -> Any:
        if path == f"{folder}/x":
            raise PermissionError
        return listed(path)

    listed = os.scandir
    monkeypatch.setattr("os.scandir", scan)
    found = find(f"{folder}{pattern}", tmp_path / "out")
    (path,) = (path for path, error in found.items() if error)
    assert path.rstrip("/") == f"{folder}/x"
    assert found[path] == f"{path} cannot be read: it is no regular file."
    assert f"{folder}/x[1]/d.png" in found
