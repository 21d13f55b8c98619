"""Files that appear whole or not at all."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tenfold.atomic import (
    check_writable,
    make_folder_atomically,
    remove_files,
    remove_leftovers,
    write_atomically,
)
from tenfold.errors import OutputError

KILLED_WRITER = """
import os, pathlib, signal, sys
from tenfold.atomic import write_atomically
with write_atomically(pathlib.Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    """Return what stands in a folder."""
    return sorted(path.name for path in folder.iterdir())


def write_and_raise(path: Path, error: BaseException) -> None:
    """Start to write a file and fail."""
    with write_atomically(path) as file:
        file.write(b"new")
        raise error


@pytest.mark.parametrize("before", [None, b"old"])
def test_write_atomically_replaces_the_file_at_the_end(tmp_path: Path, before: bytes | None) -> None:
    """Until the block ends the old file, or none, stands under the name; then the new one, alone."""
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)

    with write_atomically(path) as file:
        file.write(b"new")
        file.flush()
        assert (path.read_bytes() if path.exists() else None) == before

    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt("bad"), SystemExit("bad")])
def test_write_atomically_leaves_the_old_file_when_the_block_fails(
    tmp_path: Path, error: BaseException
) -> None:
    """What the block raises comes out as it is; the old file stands and the temporary one is gone."""
    (tmp_path / "file").write_bytes(b"old")

    with pytest.raises(type(error), match="bad"):
        write_and_raise(tmp_path / "file", error)

    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_write_atomically_turns_an_os_error_into_ours(tmp_path: Path) -> None:
    """When the system refuses a write, the error names the final path and the reason."""
    path = tmp_path / "file"
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match=f"{path} cannot be written: No space left on device") as caught:
        write_and_raise(path, error)

    assert caught.value.path == path
    assert caught.value.reason == "No space left on device"
    assert names(tmp_path) == []


def test_write_atomically_killed_leaves_the_old_file(tmp_path: Path) -> None:
    """After kill -9 the old file stands; the temporary one beside it goes with `remove_leftovers`."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    killed = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(path)], check=False)

    assert killed.returncode == -9
    assert path.read_bytes() == b"old"
    assert re.fullmatch(r"\.file\.[0-9a-f]{8}\.part", names(tmp_path)[0])
    remove_leftovers(path)
    assert names(tmp_path) == ["file"]


def test_remove_leftovers_touches_no_other_file(tmp_path: Path) -> None:
    """Only temporary files of that very name are removed."""
    kept = [".file.0123abcd", ".file.part", ".file2.0123abcd.part", "file", "file.0123abcd.part"]
    for name in [*kept, ".file.0123abcd.part", ".file.ffffffff.part"]:
        (tmp_path / name).touch()

    remove_leftovers(tmp_path / "file")

    assert names(tmp_path) == kept


def test_remove_leftovers_of_a_missing_folder_is_nothing(tmp_path: Path) -> None:
    """Where nobody wrote there is nothing to remove."""
    remove_leftovers(tmp_path / "nowhere" / "file")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere/file", "No such file or directory"),
        ("taken/file", "Not a directory"),
        ("folder", "it is a folder"),
        ("n" * 255, "File name too long"),
    ],
)
def test_writing_reports_an_impossible_path(tmp_path: Path, name: str, reason: str) -> None:
    """A path that cannot be written is a typed error, beforehand and while writing, and changes nothing."""
    (tmp_path / "taken").touch()
    (tmp_path / "folder" / "inside").mkdir(parents=True)

    with pytest.raises(OutputError, match=f"cannot be written: ({reason}).*choose another path"):
        check_writable(tmp_path / name)
    with (
        pytest.raises(OutputError, match=f"cannot be written: ({reason})"),
        write_atomically(tmp_path / name) as file,
    ):
        file.write(b"new")

    assert names(tmp_path) == ["folder", "taken"]


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere: run as another user"
)
def test_writing_reports_a_folder_without_permission(tmp_path: Path) -> None:
    """A folder where the user may not write is a typed error."""
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        check_writable(tmp_path / "closed" / "file")


def test_check_writable_leaves_nothing(tmp_path: Path) -> None:
    """The probe goes away, and a file that stands there keeps its content."""
    (tmp_path / "file").write_bytes(b"old")

    check_writable(tmp_path / "file")
    check_writable(tmp_path / "other")

    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_remove_files_leaves_what_is_not_of_the_pattern(tmp_path: Path) -> None:
    """Files of the pattern are gone, also in folders below, and so are the folders that held nothing else."""
    for name in ("run/epoch-1.bin", "run/trial/epoch-2.bin", "run/fit/epoch-3.bin", "run/fit/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    remove_files(tmp_path / "run", "epoch-*.bin")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "run",
        "run/fit",
        "run/fit/notes.txt",
    ]
    remove_files(tmp_path / "nowhere", "*")


def test_a_folder_appears_at_the_end(tmp_path: Path) -> None:
    """Until the block ends nothing stands under the name; then the folder with its files, alone."""
    path = tmp_path / "folder"
    with make_folder_atomically(path) as folder:
        (folder / "file").write_bytes(b"new")
        assert not path.exists()
    assert (path / "file").read_bytes() == b"new"
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt("bad")])
def test_a_folder_does_not_appear_when_the_block_fails(tmp_path: Path, error: BaseException) -> None:
    """What the block raises comes out as it is, and nothing is left."""

    def make_and_raise() -> None:
        with make_folder_atomically(tmp_path / "folder") as folder:
            (folder / "file").write_bytes(b"new")
            raise error

    with pytest.raises(type(error), match="bad"):
        make_and_raise()
    assert names(tmp_path) == []


def test_a_folder_takes_no_name_that_is_taken(tmp_path: Path) -> None:
    """Neither what stood there before, nor what came in the meantime, is replaced."""
    path = tmp_path / "folder"

    def make_while_another_does() -> None:
        with make_folder_atomically(path):
            path.mkdir()
            (path / "file").write_bytes(b"another")

    with pytest.raises(OutputError, match=r"folder cannot be written: Directory not empty"):
        make_while_another_does()
    with (
        pytest.raises(OutputError, match=r"folder cannot be written: it exists"),
        make_folder_atomically(path),
    ):
        pass
    with (
        pytest.raises(OutputError, match=r"nowhere.folder cannot be written: No such file"),
        make_folder_atomically(tmp_path / "nowhere" / "folder"),
    ):
        pass
    assert (path / "file").read_bytes() == b"another"
    assert names(tmp_path) == ["folder"]
