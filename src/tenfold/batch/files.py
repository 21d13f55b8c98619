"""Picture files, one by one: those of a folder, of a glob, of a list."""

import csv
import io
import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenfold.batch.addresses import local_path, make_absolute
from tenfold.batch.elsewhere import describe
from tenfold.batch.inputs import Input
from tenfold.batch.patterns import find_matching, list_here
from tenfold.batch.places import (
    TOGETHER,
    find_system,
    match,
    open_stream,
    read_together,
    walk,
)
from tenfold.errors import InputError, PictureError
from tenfold.pictures import MAX_BYTES, SUFFIXES, read_file

PICTURES: Final = (*SUFFIXES, ".pdf")
"""What the names of pictures end in, in folders and archives."""

PATH: Final = "path"
"""The column of a list that holds the paths."""


@dataclass(frozen=True)
class Files:
    """Picture files.

    Attributes
    ----------
    packed : str
        Their paths, or addresses that fsspec knows, with NUL between: thousands of texts would cost a
        scheduler, which unpacks and packs what it passes on, several times as much.
    n : int
        How many there are.
    """

    packed: str
    n: int

    def __len__(self) -> int:
        """Return how many files there are."""
        return self.n

    def identify(self) -> str:
        """Return the names."""
        return f"files\0{self.packed}"

    def read(self) -> Iterator[Input]:
        """Yield each file; of those elsewhere, some at a time."""
        for system, names in itertools.groupby(self.packed.split("\0"), _find_system):
            if isinstance(system, InputError):
                yield from (Input(name, error=str(system)) for name in names)
                continue
            if system is None:
                yield from map(_read_here, names)
                continue
            while some := tuple(itertools.islice(names, TOGETHER)):
                yield from _read_elsewhere(some)


def is_picture_name(name: str) -> bool:
    """Tell whether a name ends as those of pictures do."""
    return name.lower().endswith(PICTURES)


def in_files(names: Iterable[str], size: int) -> Iterator[Files]:
    """Yield as many names together as a shard takes."""
    iterator = iter(names)
    while some := list(itertools.islice(iterator, size)):
        yield Files("\0".join(name.replace("\0", "\ufffd") for name in some), len(some))


def list_folder(url: str) -> Iterator[str]:
    """Yield the pictures in a folder and below it, always in the same order."""
    path = local_path(url)
    return filter(is_picture_name, walk(url)) if path is None else _walk_here(path)


def list_glob(pattern: str) -> list[str]:
    """Return the files that match a pattern, sorted."""
    path = local_path(pattern)
    if path is None:
        return match(pattern)
    return find_matching(str(path).split(os.sep), list_here, os.sep)  # noqa: PTH206  # joined again


def list_csv(url: str) -> Iterator[str]:
    """Yield the paths that a CSV file lists in its column `path`, those relative to it made absolute.

    Raises
    ------
    InputError
        There is no such column, or it is no CSV file.
    """
    with io.TextIOWrapper(open_stream(url), "utf-8-sig", "surrogateescape", newline="") as file:
        rows = csv.DictReader(file)
        try:
            if PATH not in (rows.fieldnames or ()):
                found = ", ".join(rows.fieldnames or ()) or "none"
                raise InputError(f"{url} must have a column {PATH}. Got {found:.200}.")
            for row in rows:
                yield beside(url, row[PATH] or "")
        except csv.Error as error:
            raise InputError(f"{url} must be a CSV file. {error}, in line {rows.line_num}.") from error


def beside(url: str, name: str) -> str:
    """Return a name that a list has, relative to the list, as an absolute one."""
    if "://" in name or Path(name).is_absolute():
        return name
    return make_absolute(f"{url.rpartition('/')[0]}/{name}")


def _find_system(name: str) -> object:
    """Return the file system that a name leads to, None for this machine's, or why it leads nowhere."""
    try:
        return find_system(name)
    except InputError as error:
        return error


def _walk_here(folder: Path) -> Iterator[str]:
    """Yield pictures, those of a folder before those of the folders in it."""
    waiting = [str(folder)]
    while waiting:
        current = waiting.pop()
        files, folders = _list_here(current)
        yield from (os.path.join(current, name) for name in files)  # noqa: PTH118  # a million times
        waiting += (os.path.join(current, name) for name in reversed(folders))  # noqa: PTH118


def _list_here(folder: str) -> tuple[list[str], list[str]]:
    """Return the names of pictures and of folders; a folder that cannot be listed is a picture of no name."""
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif is_picture_name(entry.name):
                    files.append(entry.name)
    except OSError:
        return [""], []
    return sorted(files), sorted(folders)


def _read_here(name: str) -> Input:
    """Read a file on this machine, of which neither a pipe nor a device is one."""
    try:
        path = local_path(name) or Path(name)
        if not stat.S_ISREG(path.stat().st_mode):
            return Input(name, error=f"{name} cannot be read: it is no regular file.")
        return Input(name, read_file(path))
    except PictureError as error:
        return Input(name, error=str(error))
    except (OSError, ValueError) as error:
        return Input(name, error=f"{name} cannot be read: {getattr(error, 'strerror', None) or error}.")


def _read_elsewhere(names: tuple[str, ...]) -> Iterator[Input]:
    """Read files of one file system at the same time, each no further than a picture may reach."""
    for name, data in zip(names, read_together(names, MAX_BYTES + 1), strict=True):
        if isinstance(data, Exception):
            yield Input(name, error=f"{name} cannot be read: {describe(data)}.")
        else:
            yield Input(name, bytes(data))
