"""From Pillow's pictures and NumPy's arrays to grey pixels on paper."""

import math
from typing import Final

import numpy as np
from PIL import ExifTags, Image

from tenfold.arrays import AnyArray, Histogram, Ink
from tenfold.errors import PictureError
from tenfold.pictures.limits import check_size, pillow_errors

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

SPREAD: Final = 64
"""Levels of grey, of 255, from the darkest to the lightest visible pixel, where ink and paper both show."""

_ROWS: Final = 256
"""Scaled at a time."""

_ROUNDING: Final = 1e-6
"""By which scalers may overshoot the full scale, as a share of it."""


def grey_from_image(picture: Image.Image) -> Ink:
    """Make grey pixels of a Pillow image of any mode.

    Parameters
    ----------
    picture : PIL.Image.Image
        Of several frames, the one it stands at.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, upright as its EXIF orientation says, 16 bits scaled to 8.

    Raises
    ------
    PictureError
        It has no pixels or over 16 million, or cannot be decoded.

    Notes
    -----
    What is transparent is paper, and takes the shade that shows the ink. Where less than half of the picture
    is visible, or all that is visible has about one shade, that is the ink: dark ink comes on white, light
    ink on black. Otherwise ink and paper are both visible, and what is cut away gets the median shade. Half
    transparent pixels are mixed with the paper. A picture without a visible pixel is white.
    """
    return put_on_paper(*split_layers(picture))


def grey_from_array(pixels: AnyArray) -> Ink:
    """Make grey pixels of an array of pixels.

    Parameters
    ----------
    pixels : ndarray of shape (height, width) or (height, width, n_channels)
        Channels: grey; grey and alpha; red, green and blue; these and alpha. Booleans: False is black, True
        white. Integers: 0–255, or 0–65535 where one is above 255. Floats: 0–1, or 0–255 where one is above 1.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white; a grey uint8 array itself. What is transparent is paper, as in `grey_from_image`.

    Raises
    ------
    PictureError
        The array has another shape, no pixels or over 16 million, or values that are no numbers, not finite,
        negative or above the scale.
    """
    if pixels.ndim not in {2, 3} or (pixels.ndim == 3 and pixels.shape[2] not in {1, 2, 3, 4}):
        raise PictureError(
            "pixels must be of shape (height, width) or (height, width, 1 to 4 channels). "
            f"Got {pixels.shape}. Pass one picture, channels last: numpy.moveaxis moves them."
        )
    check_size(pixels.shape[1], pixels.shape[0])
    levels = _to_levels(np.asarray(pixels))
    if levels.ndim == 3 and levels.shape[2] == 1:
        levels = levels[:, :, 0]
    return levels if levels.ndim == 2 else grey_from_image(Image.fromarray(levels))


def _to_levels(values: AnyArray) -> AnyArray:
    """Scale booleans, integers or floats to 0–255."""
    kind = values.dtype.kind
    if kind not in "buif":
        raise PictureError(f"pixels must be numbers. Got dtype {values.dtype}. Pass .astype(numpy.uint8).")
    if values.dtype == np.uint8:
        return values
    if kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise PictureError(f"pixels must be finite. Got {low:g} to {high:g}. Replace them: numpy.nan_to_num.")
    tops = (1, 255) if kind == "f" else (255, 65535)
    top = next((top for top in tops if high <= top * (1 + _ROUNDING)), None)
    if low < 0 or top is None:
        raise PictureError(
            f"pixels must be from 0 to {tops[0]} or to {tops[1]}. Got {low:g} to {high:g}. Scale to 0–255."
        )
    levels = np.empty(values.shape, np.uint8)
    for row in range(0, len(values), _ROWS):  # a few at a time: as floats they are four times as large
        scaled = np.multiply(values[row : row + _ROWS], 255 / top, dtype=np.float32)
        levels[row : row + _ROWS] = np.minimum(np.rint(scaled), 255)
    return levels


def split_layers(picture: Image.Image) -> tuple[Ink, Ink | None]:
    """Return the pixels of a Pillow image in grey, upright, and their opacity where they have any.

    Raises
    ------
    PictureError
        As `grey_from_image`.
    """
    check_size(*picture.size)
    with pillow_errors():
        picture.load()  # which turns a TIFF upright and resets its orientation
        turn = _TO_UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
        shades, alpha = _split_upright(picture if turn is None else picture.transpose(turn))
    if picture.mode.startswith("I;16"):  # even where no shade is above 255
        return (shades >> 8).astype(np.uint8), alpha
    return _to_levels(shades), alpha


def _split_upright(picture: Image.Image) -> tuple[AnyArray, Ink | None]:
    """Return shades, as deep as Pillow has them, and opacity."""
    mode, transparent = picture.mode, picture.info.get("transparency")
    if mode.startswith("I;16") and isinstance(transparent, int):
        shades = np.asarray(picture)
        return shades, (shades != transparent).astype(np.uint8) * np.uint8(255)
    if mode.startswith(("I", "F")):  # which Pillow would clip to 0–255
        return np.asarray(picture), None
    if mode == "LAB":
        return np.asarray(picture.getchannel("L")), None
    if mode == "HSV":
        picture = picture.convert("RGB")
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L")), None
    if mode not in {"LA", "RGBA"}:
        picture = picture.convert("LA" if mode == "La" else "RGBA")
    return np.asarray(picture.convert("L")), np.asarray(picture.getchannel("A"))


def put_on_paper(grey: Ink, alpha: Ink | None) -> Ink:
    """Mix grey pixels with paper of the shade that `grey_from_image` describes."""
    if alpha is None or alpha.min() == 255:
        return grey
    ink = Image.fromarray(grey)
    visible = Image.fromarray(alpha > int(alpha.max()) // 2)
    shade = _choose_paper(np.array(ink.histogram(visible), np.int64), grey.size)
    return np.asarray(Image.composite(ink, Image.new("L", ink.size, shade), Image.fromarray(alpha)))


def _choose_paper(counts: Histogram, n_pixels: int) -> int:
    """Return the shade of the paper, from how many visible pixels have each shade."""
    n_visible = int(counts.sum())
    if not n_visible:
        return 255
    shades = np.flatnonzero(counts)
    median = int(np.searchsorted(np.cumsum(counts), n_visible / 2))
    if 2 * n_visible >= n_pixels and shades[-1] - shades[0] >= SPREAD:
        return median
    return 255 if median < 128 else 0
