"""JPEG files: segments and scans, which cost Pillow hours where there are millions of them."""

import re
from typing import Final

from tenfold.errors import PictureError

MAX_SEGMENTS: Final = 10_000
MAX_SCANS: Final = 100
"""A progressive picture has about ten. libtiff draws the line at the same number."""

_MARKER: Final = re.compile(rb"\xff([^\0\xff])", re.DOTALL)
_AFTER_SCAN: Final = re.compile(rb"\xff[^\0\xff\xd0-\xd7]", re.DOTALL)
_ALONE: Final = {0x01, *range(0xD0, 0xD9)}
"""Markers without a length: TEM, RST0–7, SOI."""

_SOS: Final = 0xDA
_EOI: Final = 0xD9
_EXIF: Final = 0xE1
_KEPT: Final = {*range(0xC0, 0xD0), _SOS, 0xDB, 0xDD, 0xE0, 0xEE}
"""Frames, tables, scans, restarts, JFIF, Adobe. Source: ITU-T T.81, table B.1."""


def clean_jpeg(data: bytes) -> bytes:
    """Check that a JPEG file is whole, and keep what its pixels need.

    Comments, profiles and thumbnails are left out, so they are never parsed. A JPEG has no checksums:
    damage among its pixels that leaves all segments in place is not noticed.

    Parameters
    ----------
    data : bytes
        Begins with the marker of a JPEG file.

    Returns
    -------
    bytes
        A JPEG file.

    Raises
    ------
    PictureError
        The file is cut, or has more segments or scans than any camera writes.
    """
    view = memoryview(data)
    parts: list[bytes | memoryview] = [data[:2]]
    start, scans, exif = 2, 0, False
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(data, start)
        marker = found[1][0] if found else 0
        if not found or (marker == _EOI and not scans):
            break
        if marker == _EOI:
            return b"".join([*parts, b"\xff\xd9"])
        start = found.end()
        if marker in _ALONE:
            continue
        end = start + int.from_bytes(view[start : start + 2])
        if marker == _SOS:
            scans += 1
            next_marker = _AFTER_SCAN.search(data, end)
            end = next_marker.start() if next_marker else len(data)
        if marker in _KEPT or (marker == _EXIF and not exif and data[start + 2 : start + 8] == b"Exif\0\0"):
            exif = exif or marker == _EXIF
            parts.append(view[found.start() : end])
        if scans > MAX_SCANS:
            raise PictureError(f"A JPEG file may have {MAX_SCANS} scans. Got more. Save the picture anew.")
        start = end
    else:
        raise PictureError(f"A JPEG file may have {MAX_SEGMENTS} segments. Got more. Save the picture anew.")
    raise PictureError("The picture is damaged: the JPEG file is cut before its end.")
