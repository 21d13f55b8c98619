"""Datasets as people have them on disk: IDX files, a folder per class of pictures, an .npz archive."""

import lzma
import re
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Final

import numpy as np

from tenfold.arrays import AnyArray, DigitImage, Images, Ink, Labels
from tenfold.data.idx import MAX_BYTES, load_idx
from tenfold.data.splits import N_CLASSES, Split
from tenfold.errors import DatasetError, InputError, PictureError
from tenfold.image import SIDE, picture_to_digit_image
from tenfold.pictures import SUFFIXES, load_picture

Parts = tuple[Split, Split | None]
"""The training split and, where the data has one of its own, the test split."""

DARK: Final = 64
"""Mean of the top and bottom rows, of 255, below which 28×28 pixels are ink already, as in MNIST."""

ROLES: Final = ("train-images", "train-labels", "test-images", "test-labels")

_IDX_NAME: Final = re.compile(
    r"(?P<split>train(?:ing)?|t10k|test)[-_.]?(?P<what>image|label)s?"
    r"(?:[-_.](?:idx\d?|u?byte|bin|dat))*(?: ?\(\d+\))?(?:\.gz)?",  # and no .md5 or .txt beside the file
    re.IGNORECASE,
)
_NPZ_KEYS: Final = (
    ("images", "labels", None, None),
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("x_train", "y_train", "x_test", "y_test"),
)

_BAD_NPZ: Final = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,  # encrypted, or packed by a method that zipfile does not know
    MemoryError,  # a member's header declares more than there is
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def find_idx_files(folder: Path) -> dict[str, Path]:
    """Find MNIST's four files in a folder, under the names that people have them.

    Parameters
    ----------
    folder : Path
        For example with ``train-images-idx3-ubyte``, ``train-images.idx3-ubyte.gz`` or
        ``test_labels_ubyte``.

    Returns
    -------
    dict of str to Path
        Those that are there, by role: ``train-images``, ``train-labels``, ``test-images``,
        ``test-labels``. Of a file and its ``.gz`` copy, the unpacked one.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir(), key=lambda path: (path.suffix == ".gz", path.name)):
        match = _IDX_NAME.fullmatch(path.name)
        if match and path.is_file():
            split = "train" if match["split"].lower().startswith("train") else "test"
            found.setdefault(f"{split}-{match['what'].lower()}s", path)
    return found


def load_idx_folder(folder: Path, *, sha256: dict[str, str] | None = None) -> Parts:
    """Load a folder of IDX files.

    Parameters
    ----------
    folder : Path
        Must hold training images and labels; may hold test images and labels.
    sha256 : dict of str to str, optional
        Checksums of the uncompressed bytes by role.

    Raises
    ------
    DatasetError
        A file is missing, or images and labels do not belong together.
    IdxError, ChecksumError
        A file is damaged.
    """
    found = find_idx_files(folder)
    needed = ROLES if any(role.startswith("test") for role in found) else ROLES[:2]
    missing = [role for role in needed if role not in found]
    if missing:
        raise DatasetError(
            f"{folder} must hold an IDX file for each of {', '.join(needed)}. Missing: {', '.join(missing)}. "
            f"They are known by names like {missing[0]}-idx{3 if 'images' in missing[0] else 1}-ubyte.gz."
        )
    arrays = {role: load_idx(found[role], sha256=(sha256 or {}).get(role)) for role in needed}
    train = make_split(arrays[ROLES[0]], arrays[ROLES[1]], where=f"{folder} (train)")
    if len(needed) == 2:
        return train, None
    return train, make_split(arrays[ROLES[2]], arrays[ROLES[3]], where=f"{folder} (test)")


def load_npz(path: Path) -> Parts:
    """Load an ``.npz`` archive.

    Parameters
    ----------
    path : Path
        With ``images`` and ``labels``; or with ``train_images``, ``train_labels``, ``test_images`` and
        ``test_labels``; or with ``x_train``, ``y_train``, ``x_test`` and ``y_test``.

    Raises
    ------
    DatasetError
        It is no archive of plain arrays, lacks these, or unpacks to over 2 GiB.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_BYTES:
            raise DatasetError(f"{path} may unpack to {MAX_BYTES} bytes. Got {unpacked}. Cut it in parts.")
        with np.load(path, allow_pickle=False) as archive:
            members = {name: archive[name] for name in archive.files}
    except _BAD_NPZ as error:
        raise DatasetError(f"{path} must be an .npz archive of plain arrays. {error}.") from error
    arrays = {name: member for name, member in members.items() if isinstance(member, np.ndarray)}
    for keys in _NPZ_KEYS:
        if all(key in arrays for key in keys if key):
            train_images, train_labels, test_images, test_labels = keys
            train = make_split(arrays[train_images], arrays[train_labels], where=str(path))
            if test_images is None or test_labels is None:
                return train, None
            return train, make_split(arrays[test_images], arrays[test_labels], where=f"{path} (test)")
    raise DatasetError(
        f"{path} must hold the arrays images and labels, or train_images, train_labels, test_images and "
        f"test_labels. Got {', '.join(arrays) or 'none'}."
    )


def load_class_folders(folder: Path) -> Parts:
    """Load pictures sorted into one folder per class.

    Parameters
    ----------
    folder : Path
        With folders ``0`` … ``9`` of pictures, or with ``train`` and ``test`` that hold such folders.

    Raises
    ------
    DatasetError
        There are no pictures, or some cannot be read; the error names each of them.
    """
    if _class_folders(folder / "train"):
        test = _load_pictures(folder / "test") if _class_folders(folder / "test") else None
        return _load_pictures(folder / "train"), test
    return _load_pictures(folder), None


def has_class_folders(folder: Path) -> bool:
    """Tell whether `load_class_folders` would find pictures here."""
    return bool(_class_folders(folder) or _class_folders(folder / "train"))


def _class_folders(folder: Path) -> list[Path]:
    return [folder / str(label) for label in range(N_CLASSES) if (folder / str(label)).is_dir()]


def _load_pictures(folder: Path) -> Split:
    """Read every picture of every class; collect what cannot be read and raise once."""
    images, labels, problems = [], [], []
    for class_folder in _class_folders(folder):
        for path in sorted(class_folder.iterdir()):
            if path.suffix.lower() not in SUFFIXES:
                continue
            try:
                images.append(_digit_image(load_picture(path)))
                labels.append(int(class_folder.name))
            except PictureError as error:
                problems.append(str(error))
            except InputError as error:
                problems.append(f"{path}: {error}")
    if problems:
        listed = " ".join(problems[:5]) + (f" And {len(problems) - 5} more." if len(problems) > 5 else "")
        raise DatasetError(
            f"{len(problems)} pictures in {folder} cannot be read. {listed} Remove or mend them."
        )
    if not images:
        raise DatasetError(
            f"{folder} must hold pictures in folders 0 … 9. Got none ending in {', '.join(SUFFIXES)}."
        )
    return Split(np.stack(images), np.array(labels, np.int64))


def make_split(images: AnyArray, labels: AnyArray, *, where: str) -> Split:
    """Check that images and labels belong together, and make digit images of other sizes.

    Parameters
    ----------
    images : ndarray of shape (n_samples, height, width) or (n_samples, 784), dtype=uint8
        Light ink on dark, or dark on light; of 28×28 they are digit images already.
    labels : ndarray of shape (n_samples,), of an integer dtype
        0–9.
    where : str
        Named in errors.

    Raises
    ------
    DatasetError
        They do not belong together, or an image has no ink.
    """
    if images.ndim == 2 and images.shape[1] == SIDE * SIDE:
        images = images.reshape(-1, SIDE, SIDE)
    if images.ndim != 3 or images.dtype != np.uint8:
        raise DatasetError(
            f"{where}: images must be uint8 of shape (n, height, width). Got {images.dtype} of shape "
            f"{images.shape}."
        )
    labels = _checked_labels(labels, len(images), where)
    return Split(_digit_images(images, where), labels)


def _checked_labels(labels: AnyArray, n_images: int, where: str) -> Labels:
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise DatasetError(
            f"{where}: labels must be integers of shape (n,). Got {labels.dtype} of shape {labels.shape}. "
            "Labels in a column become a row with labels.ravel()."
        )
    if len(labels) != n_images:
        raise DatasetError(
            f"{where}: there must be a label for each image. Got {n_images} images, {len(labels)} labels."
        )
    if not n_images:
        raise DatasetError(f"{where}: there must be at least one image. Got none.")
    outside = np.flatnonzero((labels < 0) | (labels >= N_CLASSES))
    if len(outside):
        first = int(outside[0])
        raise DatasetError(
            f"{where}: labels must be 0–9. Got {labels[first]} at index {first}, {len(outside)} such in all."
        )
    return labels.astype(np.int64)


def _digit_images(images: AnyArray, where: str) -> Images:
    """Take 28×28 images on dark paper as they are; make digit images of all others."""
    if images.shape[1:] == (SIDE, SIDE) and images[:, [0, -1]].mean() < DARK:
        return np.asarray(images, np.uint8)
    try:
        return np.array([_digit_image(image) for image in images], np.uint8).reshape(-1, SIDE, SIDE)
    except InputError as error:
        raise DatasetError(f"{where}: {error}") from error


def is_digit_image(grey: Ink) -> bool:
    """Tell whether a picture is a digit image as it is: 28×28, and dark at top and bottom, as MNIST's are.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white.
    """
    return grey.shape == (SIDE, SIDE) and bool(grey[[0, -1]].mean() < DARK)


def _digit_image(grey: Ink) -> DigitImage:
    """Take a 28×28 picture on dark paper as it is; make a digit image of any other."""
    return grey if is_digit_image(grey) else picture_to_digit_image(grey)
