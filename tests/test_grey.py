"""Transparent paper, Pillow's images and NumPy's arrays as grey pixels."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageOps

from tenfold.arrays import AnyArray, Ink
from tenfold.data import Dataset
from tenfold.errors import PictureError
from tenfold.image import extract_ink
from tenfold.pictures import MAX_PIXELS, as_picture, grey_from_array, grey_from_image, read_picture
from tests.picture_files import encoded

SHADES = [0, 60, 100, 127, 160, 226, 255]


@pytest.fixture
def ink(digits: Dataset) -> Image.Image:
    """Return a real digit as opacity: 0 nothing … 255 ink."""
    return Image.fromarray(digits.train.images[2]).resize((40, 64))


def on_transparent(ink: Image.Image, shade: int, hidden: int = 0) -> Image.Image:
    """Return ink of one shade on transparent paper, below which another shade hides."""
    shades = ink.point([hidden] * 128 + [shade] * 128)
    return Image.merge("LA", [shades, ink])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("shade", [0, 255])
def test_read_picture_shows_black_and_white_ink_on_transparent_paper(
    ink: Image.Image, kind: str, mode: str, shade: int
) -> None:
    """Black ink comes on white paper, white ink on black, whatever color hides below the transparency."""
    expected = ink if shade else ImageOps.invert(ink)
    for hidden in (0, 255):
        data = encoded(on_transparent(ink, shade, hidden).convert(mode), kind)
        difference = read_picture(data).astype(int) - np.asarray(expected)
        assert np.abs(difference).mean() <= 12  # half transparent edges show some of the hidden shade


@pytest.mark.parametrize("shade", SHADES)
def test_ink_on_transparent_paper_stands_out_whatever_its_shade(ink: Image.Image, shade: int) -> None:
    """Ink of any shade differs from its paper by half the range or more, and becomes the same ink."""
    transparent = Image.merge("LA", [Image.new("L", ink.size, shade), ink])

    grey = grey_from_image(transparent)

    paper = int(grey[0, 0])
    assert paper in {0, 255}
    assert abs(paper - shade) >= 127
    difference = extract_ink(grey).astype(int) - extract_ink(255 - np.asarray(ink))
    assert np.abs(difference).max() <= 8


def test_a_stroke_that_fills_its_picture_is_ink() -> None:
    """Trimmed to its ink, a 1 covers most of the picture and still is ink, not paper."""
    pixels = np.full((60, 20, 4), (255, 255, 255, 255), np.uint8)
    pixels[:20, 14:, 3] = 0

    grey = grey_from_array(pixels)

    assert (grey[0, 0], grey[0, 19]) == (255, 0)


@pytest.mark.parametrize(("paper", "ink_shade"), [(230, 30), (25, 240)])
def test_paper_with_transparent_corners_stays_paper(ink: Image.Image, paper: int, ink_shade: int) -> None:
    """Where ink and paper are visible, as in a screenshot with round corners, the corners become paper."""
    opaque = Image.fromarray(np.where(np.asarray(ink) > 127, ink_shade, paper).astype(np.uint8))
    alpha = np.full((64, 40), 255, np.uint8)
    alpha[:6, :6] = alpha[-6:, -6:] = 0

    grey = grey_from_image(Image.merge("LA", [opaque, Image.fromarray(alpha)]))

    assert grey[0, 0] == grey[-1, -1] == paper
    np.testing.assert_array_equal(grey[6:-6], np.asarray(opaque)[6:-6])


def test_an_opaque_alpha_channel_changes_nothing(ink: Image.Image) -> None:
    """An alpha channel that hides nothing gives the picture without it."""
    opaque = Image.merge("LA", [ink, Image.new("L", ink.size, 255)])

    np.testing.assert_array_equal(grey_from_image(opaque), np.asarray(ink))


@pytest.mark.parametrize("opacity", [40, 128, 254])
def test_faint_pictures_keep_their_contrast_in_proportion(ink: Image.Image, opacity: int) -> None:
    """Ink and paper that are both half transparent, or ink that is faint, still differ by their opacity."""
    whole = Image.merge("LA", [ImageOps.invert(ink), Image.new("L", ink.size, opacity)])
    faint = Image.merge("LA", [Image.new("L", ink.size), ink.point(lambda level: level * opacity // 255)])

    for grey in (grey_from_image(whole), grey_from_image(faint)):
        assert abs(int(grey.max()) - int(grey.min()) - opacity) <= 2


@pytest.mark.parametrize("color", [(0, 0, 0, 0), (255, 255, 255, 0), (9, 99, 200, 0)])
def test_a_picture_without_a_visible_pixel_is_white(color: tuple[int, ...]) -> None:
    """A blank transparent canvas is blank paper."""
    assert grey_from_image(Image.new("RGBA", (5, 4), color)).tolist() == [[255] * 5] * 4


def test_read_picture_knows_a_transparent_shade_of_16_bits() -> None:
    """The one shade that a 16-bit PNG calls transparent is paper."""
    shades = np.full((4, 5), 40000, np.uint16)
    shades[1, 1:4] = 256

    pixels = read_picture(encoded(Image.fromarray(shades), transparency=40000))

    assert pixels.tolist() == [[255] * 5, [255, 1, 1, 1, 255], [255] * 5, [255] * 5]


MODES = [
    "1",
    "L",
    "P",
    "RGB",
    "RGBA",
    "RGBX",
    "RGBa",
    "LA",
    "La",
    "PA",
    "CMYK",
    "YCbCr",
    "HSV",
    "LAB",
    "I",
    "F",
]


@pytest.mark.parametrize("mode", [*MODES, "I;16", "I;16L", "I;16B"])
def test_grey_from_image_takes_every_mode(mode: str) -> None:
    """Black, white and a grey come out as such from all of Pillow's modes."""
    pixels = np.zeros((2, 9), np.uint8)
    pixels[:, 3:6], pixels[:, 6:] = 255, 128 if mode != "1" else 0
    picture = Image.fromarray(pixels)
    if mode == "LAB":
        picture = Image.merge(mode, [picture, Image.new("L", (9, 2)), Image.new("L", (9, 2))])
    elif mode.startswith("I;16"):
        dtype = ">u2" if mode.endswith("B") else "<u2"
        picture = Image.frombytes(mode, (9, 2), (pixels.astype(dtype) * 257).astype(dtype).tobytes())
    else:
        between = {"RGBa": "RGBA", "La": "LA", "PA": "P", "I": "L", "P": "L"}.get(mode, "RGB")
        picture = picture.convert(between).convert(mode)

    assert np.abs(grey_from_image(picture).astype(int) - pixels).max() <= 2


def test_grey_from_image_leaves_the_image_as_it_is() -> None:
    """The caller's image keeps its mode, size and orientation, and is turned upright in the result alone."""
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(encoded(Image.new("RGBA", (9, 4)), exif=exif))) as picture:
        assert grey_from_image(picture).shape == (9, 4)
        assert (picture.mode, picture.size, picture.getexif()[0x0112]) == ("RGBA", (9, 4), 6)


def test_grey_from_image_refuses_what_cannot_be_decoded() -> None:
    """An image that Pillow opened but cannot finish, has no pixels or too many, is a typed error."""
    data = encoded(Image.new("L", (64, 64), 7), "JPEG")
    with (
        Image.open(io.BytesIO(data[:-20])) as picture,
        pytest.raises(PictureError, match="picture is damaged"),
    ):
        grey_from_image(picture)
    with pytest.raises(PictureError, match=r"at least one pixel. Got 0×3"):
        grey_from_image(Image.new("L", (0, 3)))
    with pytest.raises(PictureError, match=f"may have {MAX_PIXELS} pixels. Got 5000×4000"):
        grey_from_image(Image.new("1", (5000, 4000)))


GREY = np.array([[0, 51, 102], [153, 204, 255]], np.uint8)
ON_OTHER_SCALES = {
    "uint8": GREY,
    "int64": GREY.astype(np.int64),
    "uint16": GREY.astype(np.uint16) * np.uint16(257),
    "big endian": (GREY.astype(np.uint16) * np.uint16(257)).astype(">u2"),
    "int32 of 16 bits": GREY.astype(np.int32) * 257,
    "floats to 255": GREY.astype(np.float64),
    "floats to 1": GREY / 255,
    "float32 to 1": (GREY / 255).astype(np.float32),
    "float16 to 1": (GREY / 255).astype(np.float16),
    "a little over 1": GREY / 255 * (1 + 1e-7),
    "one channel": GREY[:, :, None],
    "grey and alpha": np.dstack([GREY, np.full_like(GREY, 255)]),
    "RGB": np.dstack([GREY] * 3),
    "RGB to 1": np.dstack([GREY / 255] * 3),
    "RGBA": np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)]),
    "RGBA to 1": np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)]) / 255,
    "a view": np.repeat(GREY, 2, axis=1)[:, ::2],
    "masked": np.ma.masked_array(GREY),
}


@pytest.mark.parametrize("pixels", ON_OTHER_SCALES.values(), ids=ON_OTHER_SCALES)
def test_grey_from_array_knows_the_usual_scales(pixels: AnyArray) -> None:
    """Integers and floats of the usual scales and channels give the same grey."""
    grey = grey_from_array(pixels)

    assert (grey.dtype, type(grey)) == (np.uint8, np.ndarray)
    np.testing.assert_array_equal(grey, GREY)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.uint16, np.float32])
@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1)])
def test_grey_from_array_takes_uniform_pictures(dtype: type, size: tuple[int, int]) -> None:
    """All black and all white are read as such, of every type, however narrow."""
    white = 255 if dtype in {np.uint8, np.int64} else 1
    for value, expected in ((0, 0), (white, 255 if dtype is not np.uint16 else 1)):
        grey = grey_from_array(np.full(size, value, dtype))
        assert grey.shape == size
        assert np.unique(grey).tolist() == [expected]


def test_grey_from_array_shows_white_ink_on_transparent_paper() -> None:
    """An RGBA array on any scale is put on paper as a file is."""
    pixels = np.zeros((3, 4, 4))
    pixels[1, 1:3] = 1

    for scale, dtype in ((1, float), (255, np.uint8), (255, np.int32), (65535, np.uint16)):
        assert grey_from_array((pixels * scale).astype(dtype))[1].tolist() == [0, 255, 255, 0]


BAD_ARRAYS: dict[str, tuple[Any, str]] = {
    "a number": (np.ones(()), r"Got \(\)"),
    "a row": (np.zeros(784), r"must be of shape \(height, width\).* Got \(784,\)"),
    "a batch": (np.zeros((2, 28, 28, 3)), r"Got \(2, 28, 28, 3\). Pass one picture"),
    "channels first": (np.zeros((3, 28, 28)), r"Got \(3, 28, 28\)"),
    "no channels": (np.zeros((3, 28, 0)), r"Got \(3, 28, 0\)"),
    "nothing": (np.zeros((0, 0)), "at least one pixel. Got 0×0"),
    "no rows": (np.zeros((0, 5), np.uint8), "at least one pixel. Got 5×0"),
    "too large": (np.broadcast_to(np.uint8(0), (5000, 4000)), f"may have {MAX_PIXELS} pixels. Got 4000×5000"),
    "NaN": (np.array([[0.5, np.nan]]), "must be finite. Got nan"),
    "infinity": (np.array([[0.5, np.inf]]), "must be finite. Got 0.5 to inf"),
    "minus infinity": (np.array([[0.5, -np.inf]]), "must be finite. Got -inf to 0.5"),
    "negative": (np.array([[0.5, -0.1]]), "must be from 0 to 1 or to 255. Got -0.1 to 0.5"),
    "negative integer": (np.array([[5, -1]], np.int8), "must be from 0 to 255 or to 65535. Got -1 to 5"),
    "large float": (np.array([[5, 256.0]]), "must be from 0 to 1 or to 255. Got 5 to 256"),
    "large integer": (np.array([[5, 2**40]]), "must be from 0 to 255 or to 65535"),
    "objects": (np.array([[{}, None]], object), "must be numbers. Got dtype object"),
    "numbers as objects": (np.array([[1, 2]], object), "must be numbers. Got dtype object"),
    "strings": (np.array([["1", "2"]]), "must be numbers. Got dtype <U1"),
    "complex": (np.array([[1j]]), "must be numbers. Got dtype complex128"),
    "dates": (np.zeros((2, 2), "M8[s]"), "must be numbers. Got dtype datetime64"),
    "records": (np.zeros((2, 2), "u1,u1"), "must be numbers. Got dtype"),
}


@pytest.mark.parametrize(("pixels", "message"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_grey_from_array_refuses_what_is_no_picture(pixels: AnyArray, message: str) -> None:
    """Another rank, no pixels, too many, or values that are no shades, are refused with what was found."""
    with pytest.raises(PictureError, match=message):
        grey_from_array(pixels)
    with pytest.raises(PictureError, match=message):
        as_picture(pixels)


@given(hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)))
@settings(deadline=None, derandomize=True, database=None, max_examples=150)
def test_grey_from_array_survives_any_array(pixels: AnyArray) -> None:
    """Whatever array it is given, the answer is grey pixels of its size or a typed error."""
    try:
        assert grey_from_array(pixels).shape == pixels.shape[:2]
    except PictureError:
        return


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
@settings(deadline=None, derandomize=True, database=None)
def test_grey_from_array_is_the_inverse_of_writing(grey: Ink) -> None:
    """Grey pixels survive being written as a file and read, and being read again as an array."""
    np.testing.assert_array_equal(read_picture(encoded(Image.fromarray(grey))), grey)
    np.testing.assert_array_equal(grey_from_array(grey_from_array(grey)), grey)


def test_as_picture_takes_what_callers_hold(tmp_path: Path) -> None:
    """A path, bytes, a Pillow image and an array of the same picture give the same pixels."""
    picture = Image.fromarray(GREY)
    data = encoded(picture)
    (tmp_path / "a.png").write_bytes(data)

    for source in (
        tmp_path / "a.png",
        str(tmp_path / "a.png"),
        data,
        bytearray(data),
        memoryview(data),
        picture,
        GREY,
    ):
        np.testing.assert_array_equal(as_picture(source), GREY)


@pytest.mark.parametrize("source", [None, 7, [[0, 1], [1, 0]], io.BytesIO(b""), object()])
def test_as_picture_refuses_anything_else(source: Any) -> None:
    """What is no picture at all is refused with its type."""
    with pytest.raises(PictureError, match=f"a NumPy array. Got {type(source).__name__}. Pass numpy.asarray"):
        as_picture(source)
