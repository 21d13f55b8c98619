"""GIF files: the first frame alone."""

from typing import Final

from tenfold.errors import PictureError

MAX_EXTENSIONS: Final = 1000
"""Before the first frame."""

MAX_BLOCKS: Final = 200_000
"""In one chain. A file of 50 MB has no more of the usual 255 bytes."""

_HEADER: Final = 13
_DESCRIPTOR: Final = 10
_EXTENSION: Final = 0x21
_IMAGE: Final = 0x2C
_GRAPHIC_CONTROL: Final = 0xF9
_FLAGS_OF_SCREEN: Final = 10
_FLAGS_OF_IMAGE: Final = 9


def clean_gif(data: bytes) -> bytes:
    """Keep the first frame of a GIF file, and what says which of its colors is transparent.

    Comments and further frames are left out. Pillow would go through millions of them byte by byte.

    Parameters
    ----------
    data : bytes
        Begins with the signature.

    Returns
    -------
    bytes
        A GIF file of one frame.

    Raises
    ------
    PictureError
        The first frame is not whole, or stands behind more extensions than any program writes.
    """
    try:
        return _first_frame(data)
    except IndexError as error:
        raise PictureError("The picture is damaged: the GIF file is cut in its first frame.") from error


def _first_frame(data: bytes) -> bytes:
    """Return header, graphic control and first frame. Source: GIF89a specification, 17–23."""
    start = _HEADER + _palette_size(data[_FLAGS_OF_SCREEN])
    screen, control = data[:start], b""
    for _ in range(MAX_EXTENSIONS):
        introducer, label = data[start], data[start + 1]
        if introducer == _EXTENSION:
            end = _end_of_chain(data, start + 2)
            control = data[start:end] if label == _GRAPHIC_CONTROL else control
        elif introducer == _IMAGE:
            palette = _palette_size(data[start + _FLAGS_OF_IMAGE])
            end = _end_of_chain(data, start + _DESCRIPTOR + palette + 1)
            return b"".join([screen, control, data[start:end], b";"])
        elif introducer == 0:  # one terminator too many, as some programs write
            end = start + 1
        else:
            raise PictureError(f"The picture is damaged: byte {start} of the GIF file begins no block.")
        start = end
    raise PictureError(f"A GIF file may have {MAX_EXTENSIONS} extensions. Got more. Save the picture anew.")


def _palette_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_chain(data: bytes, start: int) -> int:
    """Return where a chain of data blocks ends."""
    for _ in range(MAX_BLOCKS):
        length = data[start]
        start += 1 + length
        if not length:
            return start
    raise PictureError(f"A GIF file may have {MAX_BLOCKS} blocks in a row. Got more. Save the picture anew.")
