"""Files on this machine and elsewhere: what a batch needs of fsspec."""

import io
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Final

from tenfold.atomic import write_atomically
from tenfold.batch.addresses import hide, local_path
from tenfold.batch.elsewhere import FileElsewhere, asked, describe, is_of_one_file, locate, telling
from tenfold.batch.patterns import Listing, find_matching
from tenfold.errors import OutputError, PlaceError, TenfoldError

TOGETHER: Final = 16
"""Files that are asked for at the same time."""


def find_system(url: str) -> Any:  # noqa: ANN401  # fsspec has no types
    """Return the file system that holds an address, equal for all it holds; None for this machine's.

    Raises
    ------
    InputError
        There is no such file system.
    PlaceError
        The package for it is not installed, or it cannot be reached.
    """
    return None if local_path(url) is not None else locate(url)[0]


def open_stream(url: str) -> Any:  # noqa: ANN401  # fsspec has no types
    """Open a file for reading, at any place in it.

    Raises
    ------
    OSError, PlaceError
        It cannot be opened.
    """
    path = local_path(url)
    if path is not None:
        return path.open("rb")
    with asked(url) as (system, there):
        return io.BufferedReader(FileElsewhere(system.open(there, "rb"), url))


def read_range(url: str, start: int, stop: int) -> bytes:
    """Return the bytes of a file from one place to another; fewer where it ends.

    Raises
    ------
    OSError, PlaceError
        They cannot be read.
    """
    with asked(url) as (system, there):
        return bytes(system.cat_file(there, start=start, end=stop))


def read_together(names: Sequence[str], most: int) -> list[bytes | Exception]:
    """Return the beginnings of at most 16 files of one file system, or why one file cannot be read.

    Raises
    ------
    PlaceError
        Nothing can be read there, or none of sixteen: that is no matter of one file.
    """
    with asked(names[0]) as (system, _):
        paths = [locate(name)[1] for name in names]
        found: list[bytes | Exception] = list(system.cat_ranges(paths, 0, most, on_error="return"))
    errors = {name: one for name, one in zip(names, found, strict=True) if isinstance(one, Exception)}
    n_gone = sum(isinstance(error, FileNotFoundError) for error in errors.values())
    for name, error in errors.items():
        if len(errors) - n_gone == TOGETHER or not is_of_one_file(error):
            raise PlaceError(hide(name), describe(error))
    return found


def find_stamp(url: str) -> str:
    """Return what changes when a file does.

    Raises
    ------
    OSError, PlaceError
        It cannot be looked at.
    """
    path = local_path(url)
    if path is None:
        with asked(url) as (system, there):
            return str(system.ukey(hide(there)))  # the same for another signature
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def find_size(url: str) -> int:
    """Return how many bytes a file has."""
    with asked(url) as (system, there):
        return int(system.size(there))


def exists(url: str) -> bool:
    """Tell whether something is there."""
    with asked(url) as (system, there):
        if local_path(url) is not None:
            return bool(system.exists(there))
        try:
            system.info(there)  # while `exists` takes an error for an absence
        except FileNotFoundError:
            return False
    return True


def is_folder(url: str) -> bool:
    """Tell whether a folder is there."""
    with asked(url) as (system, there):
        return bool(system.isdir(there))


def list_names(folder: str) -> list[str]:
    """Return the names in a folder; none where there is no folder."""
    try:
        with asked(folder) as (system, there):
            listed = system.ls(there, detail=False, refresh=True)
    except FileNotFoundError:
        return []
    return [str(name).rstrip("/").rpartition("/")[2] for name in listed]


def walk(folder: str) -> Iterator[str]:
    """Yield the addresses of files in a folder elsewhere and below it, always in the same order."""
    system, there = locate(folder)
    waiting = [there]
    while waiting:
        files, folders = _list(system, waiting.pop())
        yield from map(str, map(system.unstrip_protocol, files))
        waiting += reversed(folders)


def match(pattern: str) -> list[str]:
    """Return the addresses of the files that match a pattern elsewhere, sorted."""
    system, there = locate(pattern)
    found = find_matching(there.split("/"), lambda folder: Listing(*_list(system, folder), []))
    return [str(system.unstrip_protocol(name)) for name in found]


def make_folder(url: str) -> None:
    """Make a folder where there is none yet.

    Raises
    ------
    OutputError, PlaceError
        It cannot be made.
    """
    try:
        with asked(url) as (system, there):
            system.makedirs(there, exist_ok=True)
    except OSError as error:
        raise OutputError(url, error.strerror or str(error)) from error


def remove(url: str) -> None:
    """Remove a file, if it is there."""
    with suppress(FileNotFoundError), asked(url) as (system, there):
        system.rm(there)


@contextmanager
def write_whole(folder: str, name: str) -> Iterator[BinaryIO]:
    """Open a file that stands under its name when the block has ended well, and not before.

    Of two that write the same name at the same time, the last one stays.

    Raises
    ------
    OutputError, PlaceError
        It cannot be written.
    """
    local = local_path(folder)
    if local is None:
        with _upload(folder, name) as file:
            yield file
        return
    with write_atomically(local / name) as file:
        yield file


def _list(system: Any, folder: str) -> tuple[list[str], list[str]]:  # noqa: ANN401
    """Return the files and the folders in a folder. Unlike fsspec's `walk`, it passes over no error."""
    with telling(str(system.unstrip_protocol(folder))):
        listed = system.ls(folder, detail=True)
    entries = {str(entry["name"]).rstrip("/"): entry["type"] for entry in listed}
    entries.pop(folder.rstrip("/"), None)  # as stores of objects have it
    folders = sorted(name for name, kind in entries.items() if kind == "directory")
    return sorted(entries.keys() - set(folders)), folders


@contextmanager
def _upload(folder: str, name: str) -> Iterator[BinaryIO]:
    """Write a file elsewhere under another name, and then move it."""
    url = f"{folder}/{name}"
    system, there = locate(folder)
    temporary = f"{there}/.{name}.{secrets.token_hex(4)}.part"
    try:
        with telling(url):
            opened = system.open(temporary, "wb")
        with FileElsewhere(opened, url) as file:
            yield file  # type: ignore[misc]
        with telling(url):
            system.mv(temporary, f"{there}/{name}")
    except BaseException as error:
        with suppress(OSError, TenfoldError), telling(url):
            system.rm(temporary)
        if isinstance(error, OSError):
            raise OutputError(url, error.strerror or str(error)) from error
        raise
