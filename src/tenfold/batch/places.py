"""Files on this machine and elsewhere: what a batch needs of fsspec."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from tenfold.atomic import write_atomically
from tenfold.errors import InputError, OutputError


def local_path(url: str) -> Path | None:
    """Return the path of a file on this machine; None where the address leads elsewhere."""
    if url.startswith("file://"):
        return Path(url.removeprefix("file://"))
    return None if "://" in url else Path(url)


def make_absolute(url: str) -> str:
    """Return an address that means the same in every process and folder."""
    path = local_path(url)
    return url.rstrip("/") if path is None else str(path.expanduser().absolute())


def locate(url: str) -> tuple[Any, str]:
    """Return the file system that holds an address, and the path there.

    Raises
    ------
    InputError
        There is no such file system, or the package for it is not installed.
    """
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise InputError(
            f"{url} cannot be reached: {error}. Install the package that fsspec names."
        ) from error
    return system, str(path)


def open_stream(url: str) -> Any:  # noqa: ANN401  # fsspec has no types
    """Open a file for reading, at any place in it.

    Raises
    ------
    OSError
        It cannot be opened.
    """
    path = local_path(url)
    if path is not None:
        return path.open("rb")
    system, there = locate(url)
    return system.open(there, "rb")


def find_stamp(url: str) -> str:
    """Return what changes when a file does.

    Raises
    ------
    OSError
        It cannot be looked at.
    """
    path = local_path(url)
    if path is None:
        system, there = locate(url)
        return str(system.ukey(there))
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def find_size(url: str) -> int:
    """Return how many bytes a file has."""
    system, there = locate(url)
    return int(system.size(there))


def exists(url: str) -> bool:
    """Tell whether something is there."""
    system, there = locate(url)
    return bool(system.exists(there))


def is_folder(url: str) -> bool:
    """Tell whether a folder is there."""
    system, there = locate(url)
    return bool(system.isdir(there))


def list_names(folder: str) -> list[str]:
    """Return the names in a folder; none where there is no folder."""
    system, there = locate(folder)
    try:
        listed = system.ls(there, detail=False, refresh=True)
    except FileNotFoundError:
        return []
    return [str(name).rstrip("/").rpartition("/")[2] for name in listed]


def make_folder(url: str) -> None:
    """Make a folder where there is none yet.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    system, there = locate(url)
    try:
        system.makedirs(there, exist_ok=True)
    except OSError as error:
        raise OutputError(url, error.strerror or str(error)) from error


def remove(url: str) -> None:
    """Remove a file, if it is there."""
    system, there = locate(url)
    with suppress(FileNotFoundError):
        system.rm(there)


@contextmanager
def write_whole(folder: str, name: str) -> Iterator[BinaryIO]:
    """Open a file that stands under its name when the block has ended well, and not before.

    Of two that write the same name at the same time, the last one stays.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    local = local_path(folder)
    if local is None:
        with _upload(folder, name) as file:
            yield file
        return
    with write_atomically(local / name) as file:
        yield file


@contextmanager
def _upload(folder: str, name: str) -> Iterator[BinaryIO]:
    """Write a file elsewhere under another name, and then move it."""
    system, there = locate(folder)
    temporary = f"{there}/.{name}.{secrets.token_hex(4)}.part"
    try:
        try:
            with system.open(temporary, "wb") as file:
                yield file
            system.mv(temporary, f"{there}/{name}")
        except BaseException:
            with suppress(OSError):
                system.rm(temporary)
            raise
    except OSError as error:
        raise OutputError(f"{folder}/{name}", error.strerror or str(error)) from error
