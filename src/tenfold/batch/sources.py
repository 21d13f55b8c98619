"""What there is to read: a source as shards, listed as they are needed and never as a whole."""

import itertools
from collections.abc import Callable, Iterator
from typing import Final

from tenfold.batch.addresses import local_path
from tenfold.batch.digit_images import is_idx, plan_digits
from tenfold.batch.files import PICTURES, Files, in_files, is_picture_name, list_csv, list_folder, list_glob
from tenfold.batch.parquet import plan_parquet
from tenfold.batch.patterns import is_pattern
from tenfold.batch.places import exists, is_folder, open_stream
from tenfold.batch.shard import Content, Shard
from tenfold.batch.tar import plan_packed_tar, plan_tar
from tenfold.batch.zip import plan_zip
from tenfold.errors import InputError

N_PICTURES: Final = 5_000
"""Pictures in a shard: seconds of work, so that a thousand workers ask for less than a thousand a second."""

N_DIGITS: Final = 50_000
"""Digit images in a shard: about as long."""

Planner = Callable[[str, int], Iterator[Content]]


def _plan_csv(url: str, size: int) -> Iterator[Content]:
    yield from in_files(list_csv(url), size)


PLANNERS: Final[dict[str, Planner]] = {
    ".tar": plan_tar,
    ".tar.gz": plan_packed_tar,
    ".tgz": plan_packed_tar,
    ".zip": plan_zip,
    ".parquet": plan_parquet,
    ".csv": _plan_csv,
}
"""Who lists a file, by the end of its name."""

PACKED: Final = (".gz", ".tgz")


def plan(source: str, shard_size: int | None = None) -> Iterator[Shard]:
    """Yield the shards of a source, always the same ones as long as it stays the same.

    Parameters
    ----------
    source : str
        The absolute path or address of a folder, whose pictures are read and those below it; a glob; a
        ``.tar``, ``.tar.gz`` or ``.zip`` of pictures; a CSV or Parquet file with a column `path`; a
        Parquet file with a column `image` or `bytes`; an IDX file of digit images; or a picture.
    shard_size : int, optional
        Inputs in a shard. By default 5,000 pictures, or 50,000 digit images.

    Raises
    ------
    InputError
        There is no such thing, it cannot be opened or read any further, or there is no picture in it.
    PlaceError
        It is elsewhere and cannot be reached.
    """
    contents = _list_contents(source, shard_size)
    first = next(contents, None)
    if first is None:
        raise InputError(f"{source} must hold pictures ({', '.join(PICTURES)}). Got none.")
    return itertools.starmap(Shard, enumerate(itertools.chain([first], contents)))


def count_inputs(source: str) -> int | None:
    """Return how many inputs a source has; None where it would take long to know.

    Raises
    ------
    InputError
        As `plan`.
    """
    if local_path(source) is None or source.lower().endswith(PACKED):
        return None
    return sum(len(shard.content) for shard in plan(source))


def _list_contents(source: str, size: int | None) -> Iterator[Content]:
    try:
        yield from _plan_contents(source, size)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}.") from error


def _plan_contents(source: str, size: int | None) -> Iterator[Content]:
    if is_folder(source):
        return _as_contents(in_files(list_folder(source), size or N_PICTURES))
    if exists(source):
        return _plan_each([source], size)
    found = list_glob(source) if is_pattern(source) else []
    if not found:
        raise InputError(f"{source} must be a folder, a file or a pattern of files. Nothing is there.")
    return _plan_each(found, size)


def _as_contents(files: Iterator[Files]) -> Iterator[Content]:
    return files


def _plan_each(names: list[str], size: int | None) -> Iterator[Content]:
    """Put pictures that follow each other together, and list what is in other files."""
    for planner, group in itertools.groupby(names, _find_planner):
        if planner is None:
            yield from in_files(group, size or N_PICTURES)
            continue
        for name in group:
            yield from planner(name, size or (N_DIGITS if planner is plan_digits else N_PICTURES))


def _find_planner(name: str) -> Planner | None:
    """Return who lists a file; None for a picture, and for what will turn out to be none."""
    ending = name.lower() if local_path(name) else name.lower().partition("?")[0]
    if is_picture_name(ending):
        return None
    for suffix, planner in PLANNERS.items():
        if ending.endswith(suffix):
            return planner
    return plan_digits if _is_idx(name) else None


def _is_idx(name: str) -> bool:
    try:
        with open_stream(name) as stream:
            return is_idx(stream.read(1024))
    except OSError:
        return False
