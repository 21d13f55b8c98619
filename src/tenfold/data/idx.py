"""The IDX format: one array per file, as MNIST is published.

A file is two zero bytes, a type code, the number of dimensions, each dimension as a big-endian
unsigned 32-bit integer, then the elements in C order, big-endian. It may be compressed with gzip,
which is recognised by content, never by name.

Source: the description on the MNIST home page (LeCun, Cortes, Burges).
"""

import gzip
import hashlib
import io
import math
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np

from tenfold.arrays import AnyArray
from tenfold.atomic import write_atomically
from tenfold.errors import ChecksumError, IdxError

TYPES: Final[dict[int, np.dtype[Any]]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
MAX_RANK: Final = 64
"""NumPy's own limit; the format could say 255."""

MAX_BYTES: Final = 2**31
"""Largest array that is read. EMNIST's largest file holds 547 MB."""

GZIP_MAGIC: Final = b"\x1f\x8b"
GZIP_MAX_RATIO: Final = 1032
"""Most bytes that one byte of deflate can become (zlib, "Technical Details")."""

_BLOCK: Final = 1 << 20


@runtime_checkable
class Readable(Protocol):
    """Whatever bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return that many bytes, fewer at the end."""


def read_idx(data: bytes) -> AnyArray:
    """Decode the bytes of an IDX file, compressed with gzip or not.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    ndarray
        In native byte order, of the shape that the header declares.

    Raises
    ------
    IdxError
        `data` is not exactly one IDX array: wrong magic, type or rank, dimensions that cannot be
        true, too few or too many bytes, a damaged gzip stream.
    """
    return _read_stored(io.BytesIO(data), len(data), lambda _: None)


def load_idx(path: str | Path, *, sha256: str | None = None) -> AnyArray:
    """Read an IDX file, compressed with gzip or not.

    Parameters
    ----------
    path : str or Path
        The file; its name does not matter.
    sha256 : str, optional
        Checksum that the uncompressed bytes must have. (That of a gzip file would differ between
        copies, because its header holds a date and a name.)

    Returns
    -------
    ndarray
        In native byte order, of the shape that the header declares.

    Raises
    ------
    IdxError
        The file cannot be opened or is not exactly one IDX array.
    ChecksumError
        The bytes are not those of `sha256`.
    """
    path = Path(path)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            array = _read_stored(file, size, digest.update if sha256 else lambda _: None)
    except OSError as error:
        raise IdxError(f"{path} cannot be read: {error.strerror or error}.") from error
    except IdxError as error:
        raise IdxError(f"{path}: {error}") from error
    if sha256 and digest.hexdigest() != sha256:
        raise ChecksumError(path, expected=sha256, actual=digest.hexdigest())
    return array


def save_idx(path: str | Path, array: AnyArray) -> None:
    """Write an array as an IDX file, in one step.

    Parameters
    ----------
    path : str or Path
        Compressed with gzip where the name ends in ``.gz``. The same array always gives the same bytes.
    array : ndarray
        Of one of the six element types of the format, with 1 to 64 dimensions.

    Raises
    ------
    IdxError
        The format has no such element type, rank or dimension.
    OutputError
        The file cannot be written; what stood there before still stands there.
    """
    path = Path(path)
    parts = _encoded(array)
    with write_atomically(path) as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as stream:
                for part in parts:
                    stream.write(part)
        else:
            for part in parts:
                file.write(part)


def idx_sha256(array: AnyArray) -> str:
    """Return the sha256 that the array would have as an uncompressed IDX file.

    For MNIST's arrays this is the published checksum of their files.

    Raises
    ------
    IdxError
        The format has no such element type, rank or dimension.
    """
    digest = hashlib.sha256()
    for part in _encoded(array):
        digest.update(part)
    return digest.hexdigest()


def _encoded(array: AnyArray) -> tuple[bytes, memoryview]:
    """Return header and elements."""
    dtype = array.dtype.newbyteorder(">")
    codes = [code for code, known in TYPES.items() if known == dtype]
    if not codes:
        raise IdxError(f"The element type must be one of u1, i1, i2, i4, f4, f8. Got {array.dtype}.")
    if not 1 <= array.ndim <= MAX_RANK:
        raise IdxError(f"The rank must be 1 to {MAX_RANK}. Got {array.ndim}.")
    if max(array.shape) >= 2**32:
        raise IdxError(f"A dimension must be below 2³². Got shape {array.shape}.")
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, codes[0], array.ndim, *array.shape)
    elements = np.ascontiguousarray(array.astype(dtype, copy=False))
    return header, elements.reshape(-1).view(np.uint8).data


def _read_stored(file: io.BufferedIOBase, size: int, feed: Callable[[bytes | memoryview], None]) -> AnyArray:
    """Decode a seekable file of `size` bytes, handing every uncompressed byte to `feed`."""
    packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    file.seek(0)
    if not packed:
        return _read_array(file, size, feed)
    try:
        with gzip.GzipFile(fileobj=file) as stream:
            return _read_array(stream, size * GZIP_MAX_RATIO, feed)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise IdxError(f"The gzip stream is damaged: {error}.") from error


def _read_array(
    stream: io.BufferedIOBase, limit: int, feed: Callable[[bytes | memoryview], None]
) -> AnyArray:
    """Decode one array from a stream that can hold at most `limit` bytes, and nothing after it."""
    dtype, shape, header = read_header(stream)
    feed(header)
    declared = math.prod(shape) * dtype.itemsize
    if len(header) + declared > min(limit, MAX_BYTES):
        raise IdxError(
            f"The header declares shape {shape} of {dtype.itemsize}-byte elements, {declared} bytes. "
            f"Got a file that can hold {min(limit, MAX_BYTES) - len(header)}."
        )
    elements = np.empty(declared, np.uint8)
    _fill(elements.data, stream, feed)
    if stream.read(1):
        raise IdxError(f"The file must end after the {declared} bytes of its array. Got more.")
    try:
        array = elements.view(dtype).reshape(shape)
    except ValueError as error:
        raise IdxError(f"The header declares shape {shape}, which no array can have: {error}.") from error
    return array.astype(dtype.newbyteorder("="), copy=False)


def read_header(stream: Readable) -> tuple[np.dtype[Any], tuple[int, ...], bytes]:
    """Read the header of an IDX file, uncompressed.

    Parameters
    ----------
    stream : file object
        At its start; is left at the first element.

    Returns
    -------
    dtype, tuple of int, bytes
        Element type, shape, and the header's own bytes.

    Raises
    ------
    IdxError
        It starts otherwise, or is cut.
    """
    magic = stream.read(4)
    if len(magic) < 4:
        raise IdxError(f"The file must start with a magic number of 4 bytes. Got {len(magic)}.")
    if magic[:2] != b"\0\0":
        raise IdxError(f"An IDX file starts with two zero bytes. Got {magic[:2].hex(' ')}.")
    if magic[2] not in TYPES:
        known = ", ".join(f"0x{code:02x}" for code in TYPES)
        raise IdxError(f"The element type must be one of {known}. Got 0x{magic[2]:02x}.")
    rank = magic[3]
    if not 1 <= rank <= MAX_RANK:
        raise IdxError(f"The rank must be 1 to {MAX_RANK}. Got {rank}.")
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise IdxError(f"The header must give {rank} dimensions in {4 * rank} bytes. Got {len(sizes)} bytes.")
    return TYPES[magic[2]], struct.unpack(f">{rank}I", sizes), magic + sizes


def _fill(view: memoryview, stream: io.BufferedIOBase, feed: Callable[[memoryview], None]) -> None:
    """Read until `view` is full."""
    position = 0
    while position < len(view):
        count = stream.readinto(view[position : position + _BLOCK])
        if not count:
            raise IdxError(f"The array must have {len(view)} bytes. Got {position}: the file is cut short.")
        feed(view[position : position + count])
        position += count
