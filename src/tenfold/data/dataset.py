"""Load a dataset by name or path: training and test split, checked and verified."""

import importlib.resources
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenfold.data.fetch import Progress, cache_folder, fetch, is_offline
from tenfold.data.folders import (
    ROLES,
    Parts,
    find_idx_files,
    has_class_folders,
    load_class_folders,
    load_idx_folder,
    load_npz,
    make_split,
)
from tenfold.data.idx import idx_sha256, load_idx
from tenfold.data.sources import DIGITS, SOURCES, Source
from tenfold.data.splits import Split, stratified_parts
from tenfold.errors import DatasetError, DatasetNotFoundError, FetchError, UnknownDatasetError, suggest
from tenfold.image import to_digit_image

TEST_SHARE = 0.2
"""Of a dataset without a test split of its own. The cut is always the same, whatever the seed of a run."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """A training and a test split.

    Attributes
    ----------
    name : str
        The dataset's name; of a path its last part.
    train, test : Split
        Disjoint samples.
    location : str
        Where the files were found.
    """

    name: str
    train: Split
    test: Split
    location: str

    def whole(self) -> Split:
        """Return the samples of both splits as one, those for training first."""
        return self.train.join(self.test)

    def sha256(self) -> dict[str, str]:
        """Return the checksum of each array, as the uncompressed IDX file (labels uint8) it would be.

        For MNIST these are the published checksums of its four files.
        """
        train_images, train_labels, test_images, test_labels = ROLES
        return {
            train_images: idx_sha256(self.train.images),
            train_labels: idx_sha256(self.train.labels.astype(np.uint8)),
            test_images: idx_sha256(self.test.images),
            test_labels: idx_sha256(self.test.labels.astype(np.uint8)),
        }


def load_dataset(
    name_or_path: str | Path, *, offline: bool | None = None, on_progress: Progress | None = None
) -> Dataset:
    """Load a dataset.

    Parameters
    ----------
    name_or_path : str or Path
        ``mnist`` or ``digits``; or a folder of IDX files; a folder with a folder of pictures per class; an
        ``.npz`` archive with ``images`` and ``labels``. A named dataset is looked for below
        ``TENFOLD_DATA``, then in the cache, then downloaded, and its checksums are verified each time.
    offline : bool, optional
        Whether downloads are off. By default ``TENFOLD_OFFLINE`` decides.
    on_progress : callable, optional
        Called while a file downloads with its name, the bytes received and the bytes expected or None.

    Returns
    -------
    Dataset
        Where the data has no test split, a fifth of each class is cut off as one, always the same.

    Raises
    ------
    UnknownDatasetError
        It is neither a known name nor an existing path.
    DatasetNotFoundError
        A known dataset is neither on this machine nor reachable; the error names each place.
    DataError
        The files are damaged or form no dataset.

    Examples
    --------
    >>> load_dataset("digits").train.images.shape
    (1438, 28, 28)
    """
    name = str(name_or_path)
    if name == DIGITS.name:
        return _load_digits()
    if name in SOURCES:
        folder = _find_or_fetch(SOURCES[name], offline=is_offline(offline), on_progress=on_progress)
        return _with_test(name, load_idx_folder(folder, sha256=_checksums(SOURCES[name])), folder)
    path = _existing(name_or_path)
    if path is None:
        raise UnknownDatasetError(_unknown(name))
    return _with_test(path.resolve().name, _load_path(path), path)


def fetch_dataset(
    name: str, *, offline: bool | None = None, on_progress: Progress | None = None
) -> Path | None:
    """Make sure that a named dataset is on this machine, and verify it.

    Parameters
    ----------
    name : str
        A known dataset.
    offline : bool, optional
        Whether downloads are off. By default ``TENFOLD_OFFLINE`` decides.
    on_progress : callable, optional
        As `load_dataset` takes it.

    Returns
    -------
    Path or None
        The folder that holds the files; None where they come with the package.

    Raises
    ------
    UnknownDatasetError
        There is no dataset of that name.
    DatasetNotFoundError, FetchError
        It is not on this machine and downloads are off, or every mirror failed.
    ChecksumError
        The files below ``TENFOLD_DATA``, or while offline those in the cache, are damaged.
    """
    if name not in SOURCES:
        raise UnknownDatasetError(_unknown(name))
    source = SOURCES[name]
    if not source.mirrors:
        return None
    folder = find_local(source)
    if folder is None and is_offline(offline):
        return _find_or_fetch(source, offline=True, on_progress=on_progress)
    if folder is None or (folder == cache_folder(name) and not is_offline(offline)):
        return fetch(source, on_progress=on_progress)
    load_idx_folder(folder, sha256=_checksums(source))
    return folder


def find_local(source: Source) -> Path | None:
    """Return the folder on this machine that holds all files of a named dataset, unverified, if any."""
    for folder in (_data_folder(source), cache_folder(source.name)):
        if folder and folder.is_dir() and len(find_idx_files(folder)) == len(ROLES):
            return folder
    return None


def _find_or_fetch(source: Source, *, offline: bool, on_progress: Progress | None) -> Path:
    """Return a folder with every file of a dataset, or say where it was looked for."""
    folder = find_local(source)
    if folder:
        return folder
    places = [_describe(_data_folder(source)), f"the cache ({_describe(cache_folder(source.name))})"]
    if offline:
        raise DatasetNotFoundError(source.name, [*places, "downloads (switched off)"])
    try:
        return fetch(source, on_progress=on_progress)
    except FetchError as error:
        raise DatasetNotFoundError(source.name, [*places, *error.attempts]) from error


def _data_folder(source: Source) -> Path | None:
    root = os.environ.get("TENFOLD_DATA")
    return Path(root).expanduser() / source.name if root else None


def _describe(folder: Path | None) -> str:
    """Say what a place lacks."""
    if folder is None:
        return "TENFOLD_DATA (not set)"
    if not folder.is_dir():
        return f"{folder}: no such folder"
    missing = [role for role in ROLES if role not in find_idx_files(folder)]
    return f"{folder}: no {', '.join(missing)}"


def _checksums(source: Source) -> dict[str, str]:
    return dict(zip(ROLES, (file.sha256 for file in source.files), strict=True))


def _load_digits() -> Dataset:
    """Load the digits that come with the package, scaled to digit images."""
    folder = importlib.resources.files("tenfold.data") / "embedded"
    with importlib.resources.as_file(folder) as path:
        images, labels = (load_idx(path / f"{file.name}.gz", sha256=file.sha256) for file in DIGITS.files)
    ink = (images * (255 / 16)).round().astype("u1")
    samples = make_split(np.stack([to_digit_image(digit) for digit in ink]), labels, where=DIGITS.name)
    return _with_test(DIGITS.name, (samples, None), "the package")


def _existing(path: str | Path) -> Path | None:
    """Return the path if anything stands there."""
    try:
        path = Path(path).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError):  # too long a name; no such user's home
        return None


def _load_path(path: Path) -> Parts:
    """Tell by its content which kind of data a path holds, and load it."""
    if path.is_file():
        return load_npz(path)
    if has_class_folders(path):
        return load_class_folders(path)
    if find_idx_files(path):
        return load_idx_folder(path)
    raise DatasetError(
        f"{path} must hold IDX files (train-images-idx3-ubyte …) or a folder of pictures for each class "
        f"(0 … 9). Got {len(list(path.iterdir()))} other entries."
    )


def _with_test(name: str, parts: Parts, location: str | Path) -> Dataset:
    train, test = parts
    if test is None:
        kept, held_out = stratified_parts(train.labels, (1 - TEST_SHARE, TEST_SHARE), seed=0)
        train, test = train.take(kept), train.take(held_out)
    return Dataset(name, train, test, str(location))


def _unknown(name: str) -> str:
    return (
        f"The dataset must be one of {', '.join(SOURCES)}, or a path that exists. "
        f"Got {name!r}.{suggest(name, SOURCES)} `tenfold datasets` lists the names."
    )
