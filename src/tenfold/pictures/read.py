"""From the bytes of a picture file to grey pixels."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tenfold.arrays import Ink
from tenfold.errors import PictureError
from tenfold.pictures.gif import clean_gif
from tenfold.pictures.grey import grey_from_array, grey_from_image, put_on_paper, split_layers
from tenfold.pictures.jpeg import clean_jpeg
from tenfold.pictures.kinds import FORMATS, find_kind
from tenfold.pictures.limits import MAX_BYTES, pillow_errors
from tenfold.pictures.pdf import read_pdf
from tenfold.pictures.png import clean_png
from tenfold.pictures.tiff import clean_tiff
from tenfold.pictures.webp import clean_webp

_CLEAN: Final[dict[str, Callable[[bytes], bytes]]] = {
    "PNG": clean_png,
    "JPEG": clean_jpeg,
    "GIF": clean_gif,
    "TIFF": clean_tiff,
    "WEBP": clean_webp,
}
"""What a file goes through before Pillow sees it."""

_RLE: Final = {1, 2}
"""Of a BMP file: compression by run lengths, which Pillow decodes in Python, pixel by pixel."""

MAX_RLE_BYTES: Final = 2_000_000

_FIRST: Final = 1 << 16
"""Bytes that are read at first: room for all that a file may have takes longer than to read most files."""

_ADVICE: Final = "Save the picture as PNG or JPEG"


def load_picture(path: str | Path) -> Ink:
    """Read a picture file as grey pixels.

    Parameters
    ----------
    path : str or Path
        A PNG, JPEG, WebP, TIFF, BMP or GIF file (of several frames the first), whatever its name.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, upright, on paper where it is transparent: see `grey_from_image`.

    Raises
    ------
    PictureError
        The file cannot be opened, is none of those formats, is damaged or cut, or has over 50 MB or 16
        million pixels.
    """
    data = read_file(path)
    with _naming(path):
        return read_picture(data)


def read_picture(data: bytes) -> Ink:
    """Decode the bytes of a picture file into grey pixels; see `load_picture`.

    Raises
    ------
    PictureError
        As `load_picture`.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(f"A picture may have {MAX_BYTES} bytes. Got more.")
    kind = find_kind(data)
    if kind not in FORMATS:
        found = "a PDF. Read its pages with load_pages" if kind == "PDF" else f"{kind}. {_ADVICE}"
        raise PictureError(f"The file must be one of {', '.join(FORMATS)}. Got {found}.")
    return put_on_paper(*_decode(data, kind))  # by now Pillow has given back what it held


def _decode(data: bytes, kind: str) -> tuple[Ink, Ink | None]:
    """Return grey pixels and their opacity."""
    clean = _CLEAN.get(kind, bytes)(data)
    with pillow_errors():
        picture = Image.open(io.BytesIO(clean), formats=[kind])
    if kind == "BMP" and picture.info.get("compression") in _RLE and len(data) > MAX_RLE_BYTES:
        raise PictureError(f"A BMP of run lengths may have {MAX_RLE_BYTES} bytes. Save it as PNG.")
    return split_layers(picture)


def as_picture(source: object) -> Ink:
    """Make grey pixels of whatever a caller holds as a picture.

    Parameters
    ----------
    source : str, Path, bytes, PIL.Image.Image or ndarray
        A path, the bytes of a file, a Pillow image, or pixels on one of the scales of `grey_from_array`.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, as from `load_picture`, `read_picture`, `grey_from_image` or `grey_from_array`.

    Raises
    ------
    PictureError
        It is none of these, or that function refuses it.
    """
    match source:
        case str() | Path():
            return load_picture(source)
        case bytes() | bytearray() | memoryview():
            return read_picture(bytes(source))
        case Image.Image():
            return grey_from_image(source)
        case np.ndarray():
            return grey_from_array(source)
    raise PictureError(
        f"A picture must be a path, bytes, a Pillow image or a NumPy array. Got {type(source).__name__}. "
        "Pass numpy.asarray(picture)."
    )


def load_pages(path: str | Path) -> Iterator[Ink]:
    """Read the pages of a PDF file, or any other picture as a single page.

    Parameters
    ----------
    path : str or Path
        A PDF, or what `load_picture` reads, whatever its name.

    Yields
    ------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white; of a PDF at 200 pixels to the inch.

    Raises
    ------
    PictureError
        While iterating: as `load_picture`; or the PDF is encrypted, damaged or over the limits of
        `read_pages`.
    MissingExtraError
        While iterating: it is a PDF, and pypdfium2 is not installed.
    """
    data = read_file(path)
    with _naming(path):
        yield from read_pages(data)


def read_pages(data: bytes) -> Iterator[Ink]:
    """Decode the bytes of a PDF page by page, those of any other picture as a single page; see `load_pages`.

    A PDF may have 200 pages; each may take 20 seconds and 400 MB to draw.

    Raises
    ------
    PictureError, MissingExtraError
        As `load_pages`; of a PDF partly while iterating.
    """
    if find_kind(data) == "PDF" and len(data) <= MAX_BYTES:
        return read_pdf(data)
    return iter([read_picture(data)])


def read_file(path: str | Path) -> bytes:
    """Return the bytes of a file, one more than a picture may have at most.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            first = file.read(_FIRST)
            return first if len(first) < _FIRST else first + file.read(MAX_BYTES + 1 - _FIRST)
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # no file can have that name
        raise PictureError(f"{str(path)!r} cannot be read: {error}.") from error


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Put the path before what is wrong with the picture."""
    try:
        yield
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from error
