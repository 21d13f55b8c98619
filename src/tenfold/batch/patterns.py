"""Patterns such as `scans/**/*.png`, here and elsewhere."""

import fnmatch
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAGIC: Final = frozenset("*?[")
"""Letters that make a pattern."""


@dataclass(frozen=True)
class Listing:
    """What is in a folder: paths.

    Attributes
    ----------
    files, folders : list of str
        The latter without links.
    links : list of str
        Links to folders.
    is_closed : bool
        Whether it cannot be listed.
    """

    files: list[str]
    folders: list[str]
    links: list[str]
    is_closed: bool = False


def is_pattern(text: str) -> bool:
    """Tell whether a path is a pattern."""
    return not MAGIC.isdisjoint(text)


def find_matching(parts: list[str], list_folder: Callable[[str], Listing], separator: str = "/") -> list[str]:
    """Return the files that match a pattern, sorted; folders that cannot be listed are among them.

    Parameters
    ----------
    parts : list of str
        Of the pattern. ``**`` stands for any folders, but leads through no links, which may go round in
        circles. What begins with a dot must be asked for.
    list_folder : callable
        Returns what is in a folder.
    separator : str
        Between the parts.
    """
    n_fixed = next((n for n, part in enumerate(parts) if is_pattern(part)), len(parts))
    if n_fixed == len(parts):
        return []
    return sorted(set(_match(list_folder, separator.join(parts[:n_fixed]), parts[n_fixed:])))


def list_here(folder: str) -> Listing:
    """Return what is in a folder of this machine."""
    found = Listing([], [], [])
    try:
        with os.scandir(folder or os.sep) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    found.folders.append(entry.path)
                else:  # a link may lead nowhere, or round in circles
                    is_link = entry.is_symlink() and Path(entry.path).is_dir()
                    (found.links if is_link else found.files).append(entry.path)
    except (FileNotFoundError, NotADirectoryError):
        return Listing([], [], [])
    except OSError:
        return Listing([], [], [], is_closed=True)
    return found


def _match(list_folder: Callable[[str], Listing], folder: str, parts: list[str]) -> Iterator[str]:
    first, *rest = parts
    found = list_folder(folder)
    if found.is_closed:
        yield folder
    elif first == "**":
        yield from _match(list_folder, folder, rest or ["*"])
        for below in found.folders:
            if not os.path.basename(below).startswith("."):  # noqa: PTH119  # of any file system
                yield from _match(list_folder, below, parts)
    else:
        for path in found.folders + found.links if rest else found.files:
            if _fits(os.path.basename(path), first):  # noqa: PTH119
                yield from _match(list_folder, path, rest) if rest else [path]


def _fits(name: str, part: str) -> bool:
    return fnmatch.fnmatchcase(name, part) and name.startswith(".") <= part.startswith(".")
