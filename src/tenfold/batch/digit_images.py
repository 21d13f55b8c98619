"""Digit images in IDX files, which need no picture to be opened."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tenfold.arrays import Images
from tenfold.batch.inputs import CARRIED, Broken, Stream
from tenfold.batch.places import find_size, find_stamp, open_stream, read_range
from tenfold.data.idx import GZIP_MAGIC, Readable, read_header
from tenfold.errors import IdxError, InputError
from tenfold.image import SIDE

PIXELS: Final = SIDE * SIDE

MAGIC: Final = b"\0\0\x08\x03"
"""How an IDX file of images begins."""


@dataclass(frozen=True)
class DigitImages:
    """Digit images that follow each other in a file.

    Attributes
    ----------
    url : str
        The IDX file.
    stamp : str
        What changes when it does.
    start, stop : int
        Position of the first, and of the one after the last, from 0.
    offset : int
        Where the first begins.
    data : bytes or None
        Their pixels, of a file that can be read from its start alone.
    """

    url: str
    stamp: str
    start: int
    stop: int
    offset: int
    data: bytes | None = None

    def __len__(self) -> int:
        """Return how many there are."""
        return self.stop - self.start

    def identify(self) -> str:
        """Return which part of which file it is."""
        return f"idx {self.url} {self.stamp} {self.start} {self.stop}"

    def names(self) -> list[str]:
        """Return file and position of each."""
        return [f"{self.url}#index={index}" for index in range(self.start, self.stop)]

    def split(self, size: int) -> "Iterator[DigitImages]":
        """Yield them in pieces of a size."""
        for start in range(0, len(self), size):
            n = min(size, len(self) - start)
            yield DigitImages(
                self.url,
                self.stamp,
                self.start + start,
                self.start + start + n,
                self.offset + start * PIXELS,
                None if self.data is None else self.data[start * PIXELS : (start + n) * PIXELS],
            )

    def load(self) -> Images:
        """Return them.

        Raises
        ------
        OSError, PlaceError
            The file cannot be read.
        IdxError
            It has become shorter.
        """
        data = self.data
        if data is None:
            data = read_range(self.url, self.offset, self.offset + len(self) * PIXELS)
        if len(data) != len(self) * PIXELS:
            raise IdxError(f"{self.url} must hold {self.stop} images. It was cut since it was listed.")
        return np.frombuffer(data, np.uint8).reshape(-1, SIDE, SIDE)


def is_idx(head: bytes) -> bool:
    """Tell whether a file is one of images, packed or not, by its first bytes."""
    if head.startswith(GZIP_MAGIC):
        try:
            head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, len(MAGIC))
        except zlib.error:
            return False
    return head.startswith(MAGIC)


def plan_digits(url: str, size: int) -> Iterator[DigitImages | Broken]:
    """Yield the images of an IDX file, compressed by gzip or not; what is missing is one that cannot be read.

    Raises
    ------
    InputError
        They are not 28×28.
    """
    with open_stream(url) as stream:
        is_packed = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        stream.seek(0)
        plan = _plan_packed if is_packed else _plan_plain
        yield from plan(url, stream, size)


def _plan_plain(url: str, stream: Stream, size: int) -> Iterator[DigitImages | Broken]:
    n_images, n_header = _read_count(url, stream)
    n_there = (find_size(url) - n_header) // PIXELS
    stamp = find_stamp(url)
    for start in range(0, min(n_images, n_there), size):
        stop = min(start + size, n_images, n_there)
        yield DigitImages(url, stamp, start, stop, n_header + start * PIXELS)
    if n_there < n_images:
        yield _cut(url, n_images, n_there)


def _plan_packed(url: str, stream: Stream, size: int) -> Iterator[DigitImages | Broken]:
    """Yield images with their pixels."""
    stamp, size, start = find_stamp(url), min(size, CARRIED // PIXELS), 0
    with gzip.GzipFile(fileobj=stream) as unpacked:
        n_images, _ = _read_count(url, unpacked)
        while start < n_images:
            data = _read_some(unpacked, min(size, n_images - start) * PIXELS)
            stop = start + len(data) // PIXELS
            if stop > start:
                yield DigitImages(url, stamp, start, stop, 0, data[: (stop - start) * PIXELS])
            if stop < min(start + size, n_images):
                yield _cut(url, n_images, stop)
                return
            start = stop


def _read_some(stream: gzip.GzipFile, n_bytes: int) -> bytes:
    """Return the next bytes; fewer where the file is cut or damaged."""
    try:
        return stream.read(n_bytes)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return b""


def _read_count(url: str, stream: Readable) -> tuple[int, int]:
    """Return how many images there are, and the bytes of the header."""
    try:
        dtype, shape, header = read_header(stream)
    except (IdxError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{url} must be an IDX file. {error}") from error
    if dtype != np.uint8 or shape[1:] != (SIDE, SIDE):
        raise InputError(f"{url} must hold uint8 images of {SIDE}×{SIDE}. Got {dtype} of shape {shape}.")
    return shape[0], len(header)


def _cut(url: str, n_images: int, n_there: int) -> Broken:
    return Broken(f"{url}#index={n_there}", f"{url} must hold {n_images} images. It ends after {n_there}.")
