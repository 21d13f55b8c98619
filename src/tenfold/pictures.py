"""From the bytes of a picture file to grey pixels, with limits checked before decoding."""

import io
import struct
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from tenfold.arrays import Ink
from tenfold.errors import PictureError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif")
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    LookupError,
    ArithmeticError,
    struct.error,
)
"""What Pillow's parsers stumble with over damaged bytes."""
MAX_BYTES: Final = 50_000_000
MAX_PIXELS: Final = 16_000_000

_TO_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF orientation. (Pillow's exif_transpose also rewrites the EXIF, and fails where that is damaged.)"""


def load_picture(path: str | Path) -> Ink:
    """Read a picture file as grey pixels.

    Parameters
    ----------
    path : str or Path
        A PNG, JPEG, WebP, TIFF, BMP or GIF file (of several frames the first), whatever its name.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, upright as its EXIF orientation says; transparent pixels are white.

    Raises
    ------
    PictureError
        The file cannot be opened, is none of those formats, is damaged, or has over 16 million pixels.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        return read_picture(data)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from error


def read_picture(data: bytes) -> Ink:
    """Decode the bytes of a picture file into grey pixels; see `load_picture`.

    Raises
    ------
    PictureError
        As `load_picture`.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(f"A picture may have {MAX_BYTES} bytes. Got more.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about EXIF and the like
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                _check_size(picture)
                return _to_grey(picture)
    except UnidentifiedImageError as error:
        raise PictureError(f"The file must be one of {', '.join(FORMATS)}. Got none of them.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"A picture may have {MAX_PIXELS} pixels. {error}") from error
    except _DAMAGE as error:
        raise PictureError(f"The picture is damaged: {error}.") from error


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureError(f"A picture may have {MAX_PIXELS} pixels. Got {picture.width}×{picture.height}.")


def _to_grey(picture: Image.Image) -> Ink:
    """Return upright grey pixels on white paper."""
    picture.load()  # which turns a TIFF upright and resets its orientation
    turn = _TO_UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    upright = picture if turn is None else picture.transpose(turn)
    if upright.mode.startswith("I"):  # 16 bits: scaled, where Pillow would clip
        return (np.asarray(upright).astype(np.uint32) >> 8).astype(np.uint8)
    if upright.has_transparency_data:
        layers = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers)
    return np.asarray(upright.convert("L"))
