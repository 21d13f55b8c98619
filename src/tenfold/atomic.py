"""Write a file so that its name never stands over half of it."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tenfold.errors import OutputError


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that takes the name `path` when the block ends well.

    The bytes and the new name are flushed to the disk before the block is left. If the block
    raises, or the process dies, whatever stood under `path` before still stands there. A process
    that is killed leaves its temporary file, ``.NAME.????????.part``, beside it.

    Parameters
    ----------
    path : Path
        The final name. Its folder must exist.

    Raises
    ------
    OutputError
        The folder is missing, read-only or full, or `path` is a folder or device.
    """
    _refuse_special(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


@contextmanager
def make_folder_atomically(path: Path) -> Iterator[Path]:
    """Make a temporary folder that takes the name `path` when the block ends well.

    If the block raises, nothing stands under `path`. A process that is killed leaves its temporary
    folder, ``.NAME.????????.part``, beside it. Files in it are the caller's to flush.

    Parameters
    ----------
    path : Path
        The final name, which nothing may have yet. The folder above it must exist.

    Raises
    ------
    OutputError
        Something stands there, or the folder above is missing, read-only or full.
    """
    if path.exists() or path.is_symlink():
        raise OutputError(path, "it exists")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            temporary.mkdir()
            yield temporary
            _sync_folder(temporary)
            temporary.rename(path)
            _sync_folder(path.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def remove_leftovers(path: Path) -> None:
    """Delete the temporary files that killed writers of `path` left. No writer may be at work."""
    for leftover in path.parent.glob(f".{path.name}.????????.part"):
        leftover.unlink(missing_ok=True)


def remove_files(folder: Path, pattern: str) -> None:
    """Delete the files of a pattern in a folder and below it, and the folders that this leaves empty."""
    for path in folder.rglob(pattern):
        path.unlink(missing_ok=True)
    for emptied in (*folder.glob("*/"), folder):
        with suppress(OSError):  # something else is in it
            emptied.rmdir()


def check_writable(path: Path) -> None:
    """Raise now what `write_atomically` would raise after the work is done.

    Raises
    ------
    OutputError
        The folder is missing or read-only, or `path` is a folder or device.
    """
    _refuse_special(path)
    probe = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def _refuse_special(path: Path) -> None:
    """Refuse a path that a rename must not replace: a folder, a device, a pipe."""
    if path.exists() and not path.is_file():
        raise OutputError(path, "it is a folder" if path.is_dir() else "it is no regular file")


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can open folders."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
