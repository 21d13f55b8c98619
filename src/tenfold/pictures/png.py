"""PNG files: every checksum and every row, on which Pillow does not insist."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from tenfold.errors import PictureError
from tenfold.pictures.limits import check_size

MAX_CHUNKS: Final = 200_000

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_SINGLE: Final = (b"IHDR", b"PLTE", b"tRNS", b"eXIf")
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By color type."""

_ONE_PASS: Final = ((0, 1, 0, 1),)
_ADAM7: Final = (
    (0, 8, 0, 8),
    (0, 8, 4, 8),
    (4, 8, 0, 4),
    (0, 4, 2, 4),
    (2, 4, 0, 2),
    (0, 2, 1, 2),
    (1, 2, 0, 1),
)
"""First row, row step, first column, column step. Source: PNG specification, third edition, 8.1."""

_STEP: Final = 1 << 16
"""Bytes to unpack at a time."""


def clean_png(data: bytes) -> bytes:
    """Check a PNG file and keep what its pixels need.

    Pillow takes a file without its last rows, its end or the right checksum of its pixels, and unpacks
    each compressed text and profile. Here all chunks are checked; of them header, palette, transparency,
    orientation and pixels are kept. An animation becomes its still picture.

    Parameters
    ----------
    data : bytes
        Begins with the signature.

    Returns
    -------
    bytes
        A PNG file.

    Raises
    ------
    PictureError
        The file is damaged, cut or too large.
    """
    single: dict[bytes, memoryview] = {}
    pixels: list[memoryview] = []
    for kind, body in _chunks(data):
        if kind == b"IDAT":
            pixels.append(body)
        elif kind in _SINGLE:
            single.setdefault(kind, body)
        elif kind[:1].isupper() and kind != b"IEND":
            raise PictureError(f"The picture is damaged: no PNG reader knows its chunk {_name(kind)}.")
    _check_rows(single.get(b"IHDR", memoryview(b"")), pixels)
    head = [part for kind, body in single.items() for part in _chunk(kind, [body])]
    return b"".join([_SIGNATURE, *head, *_chunk(b"IDAT", pixels), *_chunk(b"IEND", [])])


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield kind and content of each chunk up to the end, its checksum verified."""
    view = memoryview(data)
    start = len(_SIGNATURE)
    for _ in range(MAX_CHUNKS):
        kind = data[start + 4 : start + 8]
        end = start + 8 + int.from_bytes(view[start : start + 4])
        if len(data) < end + 4:
            raise PictureError("The picture is damaged: the PNG file is cut before its end.")
        if zlib.crc32(view[start + 4 : end]) != int.from_bytes(view[end : end + 4]):
            raise PictureError(f"The picture is damaged: the checksum of its chunk {_name(kind)} is wrong.")
        yield kind, view[start + 8 : end]
        if kind == b"IEND":
            return
        start = end + 4
    raise PictureError(f"A PNG file may have {MAX_CHUNKS} chunks. Got more. Save the picture anew.")


def _name(kind: bytes) -> str:
    return kind.decode("ascii", "backslashreplace")


def _check_rows(header: memoryview, pixels: Sequence[memoryview]) -> None:
    """Refuse pixels that end before the last row."""
    try:
        width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", header)
        bits = depth * _CHANNELS[color]
    except (struct.error, LookupError) as error:
        raise PictureError("The picture is damaged: its PNG header makes no sense.") from error
    check_size(width, height)
    expected = 0
    for top, down, left, right in _ADAM7 if interlaced else _ONE_PASS:
        rows, columns = len(range(top, height, down)), len(range(left, width, right))
        expected += rows * (1 + (columns * bits + 7) // 8) if columns else 0
    size = _unpacked_size(pixels, limit=expected)
    if size < expected:
        raise PictureError(f"The picture is damaged: it lacks rows, {expected - size} of {expected} bytes.")


def _unpacked_size(pixels: Sequence[memoryview], *, limit: int) -> int:
    """Count the bytes of the unpacked pixels, not much further than the limit."""
    inflater = zlib.decompressobj()
    size = 0
    try:
        for piece in pixels:
            for start in range(0, len(piece), _STEP):
                packed = bytes(piece[start : start + _STEP])
                while packed and size < limit:
                    size += len(inflater.decompress(packed, _STEP))
                    packed = inflater.unconsumed_tail
    except zlib.error as error:
        raise PictureError(f"The picture is damaged: {error}.") from error
    return size


def _chunk(kind: bytes, bodies: Sequence[memoryview]) -> list[bytes | memoryview]:
    """Return the parts of a chunk."""
    checksum = zlib.crc32(kind)
    for body in bodies:
        checksum = zlib.crc32(body, checksum)
    length = sum(map(len, bodies))
    return [struct.pack(">I", length), kind, *bodies, struct.pack(">I", checksum)]
