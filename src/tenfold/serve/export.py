"""Corrections as a data set that `tenfold train` and `tenfold evaluate` take."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenfold.atomic import make_folder_atomically
from tenfold.data import Split, save_idx
from tenfold.data.dataset import TEST_SHARE
from tenfold.data.sources import MNIST
from tenfold.data.splits import N_CLASSES
from tenfold.errors import DatasetError
from tenfold.image import SIDE
from tenfold.serve.store import Entry


@dataclass(frozen=True, eq=False)
class Exported:
    """What stands in the folder.

    Attributes
    ----------
    train, test : Split
        Disjoint: the same image is in one of them alone.
    n_left_out : int
        Corrections that say "not a digit", for which a data set has no label.
    """

    train: Split
    test: Split
    n_left_out: int

    def class_counts(self) -> list[int]:
        """Return how many digits there are of each class, in both splits."""
        counts: list[int] = np.bincount(self.train.join(self.test).labels, minlength=N_CLASSES).tolist()
        return counts


def export_corrections(entries: Sequence[Entry], folder: Path) -> Exported:
    """Write the corrected digits as a folder of IDX files, whole or not at all.

    About a fifth of the images is the test split. Which ones follows from their pixels, so those that a
    model was tested on are not in the training split of a later export.

    Parameters
    ----------
    entries : sequence of Entry
        From `list_corrections`.
    folder : Path
        A name that is free.

    Raises
    ------
    DatasetError
        There are fewer than two different images of digits.
    OutputError
        Something stands there already, or it cannot be written.
    """
    digits = [(entry.correction.image, entry.correction.label) for entry in entries]
    labeled = [(image, label) for image, label in digits if label is not None]
    test_images = _choose_test({image for image, _ in labeled})
    train, test = (
        _to_split([(image, label) for image, label in labeled if (image in test_images) is is_test])
        for is_test in (False, True)
    )
    with make_folder_atomically(folder) as made:
        arrays = [array for split in (train, test) for array in (split.images, split.labels.astype(np.uint8))]
        for file, array in zip(MNIST.files, arrays, strict=True):
            save_idx(made / file.name, array)
    return Exported(train, test, len(digits) - len(labeled))


def _choose_test(images: set[bytes]) -> set[bytes]:
    """Return a fifth of the images, by their hash; at least one, and not all."""
    if len(images) < 2:
        raise DatasetError(
            "A data set must have two different images at least, one to train on and one to test. "
            f"Got {len(images)} with a digit as its correction. Wait for more."
        )
    by_hash = sorted((hashlib.sha256(image).digest(), image) for image in images)
    chosen = {image for digest, image in by_hash if digest[0] < 256 * TEST_SHARE}
    return (chosen or {by_hash[0][1]}) - (set() if chosen < images else {by_hash[-1][1]})


def _to_split(samples: list[tuple[bytes, int]]) -> Split:
    images = np.frombuffer(b"".join(image for image, _ in samples), np.uint8)
    return Split(images.reshape(-1, SIDE, SIDE), np.array([label for _, label in samples], np.int64))
