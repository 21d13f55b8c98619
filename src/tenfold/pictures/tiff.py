"""TIFF files: what their first directory may ask of Pillow and libtiff."""

import struct
from typing import Final

from tenfold.errors import PictureError
from tenfold.pictures.limits import MAX_PIXELS

MAX_VALUES: Final = 200_000
"""In one tag of numbers. The longest ones say where each strip lies."""

_NUMBERS: Final = {3: "H", 4: "I"}
"""Types SHORT and LONG."""

_BYTES: Final = {1, 2, 6, 7}
_COMPRESSION: Final = 259
_TILE_SIDES: Final = (322, 323)

_COMPRESSIONS: Final = {1, 2, 3, 4, 5, 7, 8, 32773, 32946}
"""None, three of fax, LZW, JPEG, Deflate, PackBits, Deflate under its older number."""


def clean_tiff(data: bytes) -> bytes:
    """Return a TIFF file as it is, unless its directory asks for more than its picture needs.

    Pillow makes a Python integer of every number in a tag, and libtiff unpacks whole tiles, whatever the size
    of the picture. Compressions that no scanner writes are not let through to their decoders.

    Parameters
    ----------
    data : bytes
        Begins with the signature.

    Raises
    ------
    PictureError
        It has a tag of too many numbers, tiles of too many pixels or a compression that is not read.
    """
    order = "<" if data.startswith(b"II") else ">"
    values: dict[int, int] = {}
    try:
        (start,) = struct.unpack_from(f"{order}I", data, 4)
        (n_tags,) = struct.unpack_from(f"{order}H", data, start)
        for entry in range(start + 2, start + 2 + 12 * n_tags, 12):
            tag, kind, count = struct.unpack_from(f"{order}HHI", data, entry)
            if count > MAX_VALUES and kind not in _BYTES:
                raise PictureError(f"A TIFF tag may have {MAX_VALUES} numbers. Got {count} in tag {tag}.")
            if kind in _NUMBERS:
                values.setdefault(tag, struct.unpack_from(order + _NUMBERS[kind], data, entry + 8)[0])
    except struct.error as error:
        raise PictureError("The picture is damaged: its TIFF directory is cut.") from error
    compression = values.get(_COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        raise PictureError(
            f"A TIFF must be compressed by LZW, Deflate, JPEG or fax. Got method {compression}. Save it anew."
        )
    width, height = (values.get(side, 1) for side in _TILE_SIDES)
    if width * height > MAX_PIXELS:
        raise PictureError(f"A TIFF tile may have {MAX_PIXELS} pixels. Got {width}×{height}.")
    return data
