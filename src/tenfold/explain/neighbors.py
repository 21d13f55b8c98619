"""The training digits that look most like an image to the model."""

import hashlib
import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tenfold.arrays import DigitImage, Embedding, PackedEmbeddings
from tenfold.atomic import write_atomically
from tenfold.data import Split
from tenfold.data.fetch import cache_folder
from tenfold.data.idx import idx_sha256
from tenfold.errors import InputError, OutputError
from tenfold.recognizer import Recognizer

FOLDER: Final = "neighbors"
"""Of the cache."""

MOST_KEPT: Final = 4
"""Indexes in the cache. Where there are more, the oldest go: each run of `train` makes a model of its own."""

STEP: Final = 256
"""Images that are embedded at once; between these, progress is reported."""

UNIT: Final = 32767
"""What 1 is in 16 bits."""

SUFFIX: Final = ".int16"
CHECKSUM_BYTES: Final = 4
"""Of what the cache keeps: the embeddings' checksum, which they follow. An archive takes longer to read."""

SPARE: Final = 64
"""Neighbors beyond those asked for whose distance is computed exactly: products of 32 bits may swap some."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Neighbor:
    """A training digit.

    Attributes
    ----------
    position : int
        In the training split, from 0.
    label : int
        What it is, 0–9.
    distance : float
        Between its embedding and that of the image, Euclidean.
    image : ndarray of shape (28, 28), dtype=uint8
        Its digit image.
    """

    position: int
    label: int
    distance: float
    image: DigitImage


@dataclass(frozen=True, eq=False)
class NeighborIndex:
    """What a model makes of every training digit.

    Attributes
    ----------
    embeddings : ndarray of shape (n_samples, d), dtype=int16
        Of the samples, each divided by its length, which tells how strongly a digit excites the network
        rather than what it looks like; distances are thus from 0 to 2 for every model. In units of 1/32767:
        half of the memory of 32 bits, and no distance is wrong by more than a thousandth.
    samples : Split
        The training digits.
    """

    embeddings: PackedEmbeddings
    samples: Split

    def nearest(self, embedding: Embedding, k: int = 5) -> tuple[Neighbor, ...]:
        """Return the nearest training digits, the nearest first.

        Parameters
        ----------
        embedding : ndarray of shape (d,), dtype=float32
            Of an image, as `Recognizer.embed` returns it.
        k : int
            How many, at least 1; fewer where there are fewer samples.

        Raises
        ------
        InputError
            `k` is below 1, or the embedding is of another length than those of the samples.
        """
        if k < 1 or len(embedding) != self.embeddings.shape[1]:
            raise InputError(
                f"k must be 1 or more, and the embedding of length {self.embeddings.shape[1]}. Got k={k} and "
                f"length {len(embedding)}."
            )
        wanted = _pack(embedding[None])[0].astype(np.float32)
        starts = range(0, len(self.embeddings), STEP)  # in pieces, which are small as 32-bit numbers
        products = [self.embeddings[at : at + STEP].astype(np.float32) @ wanted for at in starts]
        near = np.argsort(-np.concatenate(products), kind="stable")[: k + SPARE]
        distances = np.linalg.norm(self.embeddings[near] - wanted, axis=1) / UNIT
        order = np.argsort(distances, kind="stable")[:k]
        return tuple(
            Neighbor(int(at), int(self.samples.labels[at]), float(distance), self.samples.images[at])
            for at, distance in zip(near[order], distances[order], strict=True)
        )


def build_index(
    recognizer: Recognizer, samples: Split, *, on_progress: Callable[[], None] | None = None
) -> NeighborIndex:
    """Embed the training digits.

    Parameters
    ----------
    recognizer : Recognizer
        The model.
    samples : Split
        The training digits.
    on_progress : callable, optional
        Called after each 256 images.
    """
    embeddings = np.empty((len(samples), recognizer.n_embedding), np.int16)
    for start in range(0, len(samples), STEP):
        embeddings[start : start + STEP] = _pack(recognizer.embed(samples.images[start : start + STEP]))
        if on_progress:
            on_progress()
    return NeighborIndex(embeddings, samples)


def load_index(
    recognizer: Recognizer, samples: Split, *, on_progress: Callable[[], None] | None = None
) -> NeighborIndex:
    """Return the index of a model and training digits: from the cache, or built and kept there.

    What the cache holds damaged is built anew. A cache that cannot be written costs a warning.

    Parameters
    ----------
    recognizer : Recognizer
        The model.
    samples : Split
        The training digits.
    on_progress : callable, optional
        Called after each 256 images, where the index is built.
    """
    path = index_path(recognizer, samples)
    embeddings = _read(path, (len(samples), recognizer.n_embedding))
    if embeddings is not None:
        return NeighborIndex(embeddings, samples)
    index = build_index(recognizer, samples, on_progress=on_progress)
    _keep(path, index.embeddings)
    return index


def index_path(recognizer: Recognizer, samples: Split) -> Path:
    """Return where the cache keeps the index: under a name made of both hashes."""
    hashes = idx_sha256(samples.images) + idx_sha256(samples.labels.astype(np.uint8))
    data = hashlib.sha256(hashes.encode()).hexdigest()
    return cache_folder(FOLDER) / f"{recognizer.sha256[:32]}-{data[:32]}{SUFFIX}"


def _pack(embeddings: np.ndarray) -> PackedEmbeddings:
    """Divide each embedding by its length, and round it to 16 bits."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    packed: PackedEmbeddings = np.rint(embeddings / np.maximum(lengths, 1e-12) * UNIT).astype(np.int16)
    return packed


def _read(path: Path, shape: tuple[int, int]) -> PackedEmbeddings | None:
    """Return the embeddings that a file holds, if it is whole."""
    try:
        kept = np.asarray(np.memmap(path, np.uint8, "r"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # an empty file is a ValueError
        logger.info("%s cannot be read (%s): it is built anew.", path, error)
        return None
    checksum, content = kept[:CHECKSUM_BYTES].tobytes(), kept[CHECKSUM_BYTES:]
    n_bytes = np.dtype(np.int16).itemsize * shape[0] * shape[1]
    if len(content) != n_bytes or checksum != _checksum(content.data):
        logger.info("%s is damaged: it is built anew.", path)
        return None
    return content.view(np.int16).reshape(shape)


def _checksum(content: memoryview) -> bytes:
    return zlib.crc32(content).to_bytes(CHECKSUM_BYTES, "little")


def _keep(path: Path, embeddings: PackedEmbeddings) -> None:
    """Write an index into the cache, and delete the oldest beyond those that are kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(path) as file:
            file.write(_checksum(embeddings.data))
            file.write(embeddings.data)
        kept = sorted(path.parent.glob(f"*{SUFFIX}"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, OutputError) as error:
        logger.warning(
            "The index of neighbors is not kept, so the next explanation builds it anew. %s", error
        )
