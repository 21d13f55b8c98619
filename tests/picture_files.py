"""Makes the files that the picture tests read: encoded by Pillow, or laid byte by byte to be wrong."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the bytes of a picture file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, rows: bytes | None = None, *, extra: bytes = b"", interlaced: bool = False
) -> bytes:
    """Return a grey PNG file with these rows, each after its filter byte; without them a noisy one."""
    if rows is None:
        noise = np.random.default_rng(0).integers(0, 256, (height, width + 1), np.uint8)
        noise[:, 0] = 0
        rows = noise.tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    parts = [chunk(b"IHDR", header), extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def with_checksums(data: bytes) -> bytes:
    """Return a PNG file with the checksum of each chunk made right; other files as they are."""
    start, mended = 8, bytearray(data)
    while data.startswith(b"\x89PNG") and start + 12 <= len(data):
        end = start + 8 + int.from_bytes(data[start : start + 4])
        if end + 4 <= len(data):
            mended[end : end + 4] = struct.pack(">I", zlib.crc32(data[start + 4 : end]))
        start = end + 4
    return bytes(mended)


def tiff(tags: dict[int, int | tuple[int, int]], data: bytes) -> bytes:
    """Return a TIFF file of 10×10 grey pixels in one strip; a tag may be a number, or count and offset."""
    entries = {256: 10, 257: 10, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: 10, 279: len(data)} | tags
    start = 8 + 2 + 12 * len(entries) + 4
    directory = struct.pack("<H", len(entries))
    for tag, value in sorted(entries.items()):
        count, number = value if isinstance(value, tuple) else (1, value)
        directory += struct.pack("<HHII", tag, 4, count, start if tag == 273 and not number else number)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + data


def rle_bmp(width: int, height: int) -> bytes:
    """Return a BMP file of runs of one pixel each."""
    runs = (b"\1\xc8" * width + b"\0\0") * height + b"\0\1"
    palette = b"".join(bytes([shade, shade, shade, 0]) for shade in range(256))
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(runs), 0, 0, 256, 0)
    offset = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(runs), 0, 0, offset) + header + palette + runs


def pdf_stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def pdf(
    content: bytes = b"20 40 100 200 re f",
    *,
    box: str = "0 0 288 360",
    page: bytes = b"",
    n_pages: int = 1,
    objects: Sequence[bytes] = (),
    trailer: bytes = b"",
) -> bytes:
    """Return a PDF whose pages all draw the same; further objects have the numbers from 5."""
    kids = b"3 0 R " * n_pages
    body = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, n_pages),
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R%s>>" % (box.encode(), page),
        pdf_stream(content),
        *objects,
    ]
    data, offsets = b"%PDF-1.7\n", []
    for number, item in enumerate(body, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF"
        % (len(body) + 1, table, len(body) + 1, trailer, len(data))
    )
