"""WebP files: the still picture, or the first frame, alone."""

from typing import Final

from tenfold.errors import PictureError

MAX_CHUNKS: Final = 10_000

_HEADER: Final = 12
_KEPT: Final = (b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L", b"EXIF")


def clean_webp(data: bytes) -> bytes:
    """Keep of a WebP file what its first frame needs.

    Profiles and further frames are left out; libwebp would set up millions of them.
    Source: RFC 9649, section 2.

    Parameters
    ----------
    data : bytes
        Begins with the signature.

    Returns
    -------
    bytes
        A WebP file of one frame.

    Raises
    ------
    PictureError
        The file is cut, or has more chunks than any program writes.
    """
    end = 8 + int.from_bytes(data[4:8], "little")
    kept: dict[bytes, bytes] = {}
    start = _HEADER
    for _ in range(MAX_CHUNKS):
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        if start + 8 + size > min(end, len(data)):
            raise PictureError("The picture is damaged: the WebP file is cut before its end.")
        stop = start + 8 + size
        if data[start : start + 4] in _KEPT:
            kept.setdefault(data[start : start + 4], data[start:stop] + bytes(size % 2))
        start = stop + size % 2
        if start >= end:
            parts = b"".join([b"WEBP", *kept.values()])
            if len(parts) + 8 == len(data):
                return data
            return b"RIFF" + len(parts).to_bytes(4, "little") + parts
    raise PictureError(f"A WebP file may have {MAX_CHUNKS} chunks. Got more. Save the picture anew.")
