"""From untrusted bytes to grey pixels."""

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from tenfold.arrays import Ink
from tenfold.data import Dataset
from tenfold.errors import PictureError
from tenfold.pictures import FORMATS, MAX_BYTES, MAX_PIXELS, SUFFIXES, load_picture, read_picture

ORIENTATION = 0x0112
LOSSLESS = ("PNG", "TIFF", "BMP", "GIF")


@pytest.fixture
def drawing(digits: Dataset) -> Image.Image:
    """Return a real digit, dark on light, higher than wide and the same in no other position."""
    ink = Image.fromarray(digits.train.images[2]).resize((40, 64))
    return ImageOps.invert(ink)


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the bytes of a picture file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that declares a size and holds nothing of it."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", b""),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def assert_near(pixels: Ink, picture: Image.Image, *, levels: float = 0) -> None:
    """Compare grey pixels with a picture."""
    assert pixels.dtype == np.uint8
    assert pixels.shape == (picture.height, picture.width)
    assert np.abs(pixels.astype(int) - np.asarray(picture.convert("L")).astype(int)).mean() <= levels


@pytest.mark.parametrize("kind", FORMATS)
def test_read_picture_reads_each_format(drawing: Image.Image, kind: str) -> None:
    """Each format gives the grey pixels that were stored, exactly where it loses nothing."""
    assert_near(read_picture(encoded(drawing, kind)), drawing, levels=0 if kind in LOSSLESS else 4)


MODES = {
    "PNG": ["L", "RGB", "P", "1", "LA", "RGBA", "I;16"],
    "JPEG": ["L", "RGB", "CMYK"],
    "WEBP": ["L", "RGB", "RGBA"],
    "TIFF": ["L", "RGB", "P", "1", "LA", "RGBA", "CMYK", "I;16"],
    "BMP": ["L", "RGB", "P", "1", "RGBA"],
    "GIF": ["L", "RGB", "P", "1", "RGBA"],
}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
def test_read_picture_reads_each_kind_of_pixel(drawing: Image.Image, kind: str, mode: str) -> None:
    """Grey, color, palette, one bit, transparency, print colors and 16 bits come out as grey."""
    shades = drawing.point(lambda shade: 255 * (shade > 127))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(shades).astype(np.uint16) * 257)
    else:
        picture = shades.convert(mode)

    pixels = read_picture(encoded(picture, kind))

    assert_near(pixels, shades, levels=0 if kind in LOSSLESS else 16)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(10))
def test_read_picture_turns_the_picture_upright(drawing: Image.Image, kind: str, orientation: int) -> None:
    """All eight orientations that a camera writes are undone as Pillow does; other numbers mean none."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(
        drawing, kind, **({"tiffinfo": {ORIENTATION: orientation}} if kind == "TIFF" else {"exif": exif})
    )

    with Image.open(io.BytesIO(data)) as picture:
        upright = ImageOps.exif_transpose(picture)

    assert_near(read_picture(data), upright)
    assert (upright.width > upright.height) == (orientation in {5, 6, 7, 8})


def test_read_picture_reads_past_a_damaged_exif(drawing: Image.Image) -> None:
    """EXIF that makes no sense does not hide a good picture."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "a maker"
    data = encoded(drawing, "JPEG", exif=exif)
    start = data.index(b"Exif")
    generator = random.Random(0)
    for _ in range(300):
        changed = bytearray(data)
        changed[start + 14 + generator.randrange(34)] = generator.randrange(256)
        assert read_picture(bytes(changed)).size == 40 * 64


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_read_picture_puts_transparent_ink_on_white(drawing: Image.Image, kind: str, mode: str) -> None:
    """Ink on transparent paper, whatever color hides there, reads as ink on white."""
    black = Image.new("L", drawing.size, 0)
    transparent = Image.merge("LA", [black, ImageOps.invert(drawing)]).convert(mode)

    assert_near(read_picture(encoded(transparent, kind)), drawing, levels=4)


def test_read_picture_knows_a_transparent_palette_color(drawing: Image.Image) -> None:
    """A palette's transparent color is paper."""
    palette = drawing.point(lambda shade: shade > 127).convert("P")
    background = palette.getpixel((0, 0))
    palette.putpalette([0, 0, 0] * 256)

    pixels = read_picture(encoded(palette, "PNG", transparency=background))

    assert pixels[0, 0] == 255
    assert pixels.min() == 0


def test_read_picture_scales_16_bits() -> None:
    """Sixteen bits are scaled to eight, where cutting them off would leave white."""
    shades = np.array([[0, 255, 256, 32768, 65535]], np.uint16)
    for kind in ("PNG", "TIFF"):
        assert read_picture(encoded(Image.fromarray(shades), kind)).tolist() == [[0, 0, 1, 128, 255]]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_read_picture_takes_the_first_frame(drawing: Image.Image, kind: str) -> None:
    """Of several frames or pages the first is read."""
    blank = Image.new("L", drawing.size, 255)

    data = encoded(drawing, kind, save_all=True, append_images=[blank, blank])

    assert_near(read_picture(data), drawing, levels=4)


def test_read_picture_goes_by_content(tmp_path: Path, drawing: Image.Image) -> None:
    """A file under another format's name, or none, is read as what it is."""
    for name in ("digit.jpg", "digit", "digit.txt"):
        drawing.save(tmp_path / name, "PNG")
        assert_near(load_picture(tmp_path / name), drawing)
        assert_near(load_picture(str(tmp_path / name)), drawing)


@pytest.mark.parametrize(
    ("width", "height"), [(4001, 4000), (16_000_001, 1), (9_500, 9_500), (60_000, 60_000), (2**31 - 1, 1)]
)
def test_read_picture_refuses_too_many_pixels_by_the_header(width: int, height: int) -> None:
    """A size over the limit is refused before any pixel is decoded."""
    with pytest.raises(PictureError, match=f"A picture may have {MAX_PIXELS} pixels"):
        read_picture(png_header(width, height))


def test_read_picture_takes_the_largest_picture() -> None:
    """Exactly the limit is read."""
    data = encoded(Image.new("1", (4000, 4000)), "PNG")

    assert read_picture(data).shape == (4000, 4000)


@pytest.mark.parametrize("size", [(4001, 4000), (1, 16_000_001)])
def test_read_picture_refuses_a_small_file_of_too_many_pixels(size: tuple[int, int]) -> None:
    """A real picture over the limit is refused, however few bytes it has."""
    with pytest.raises(
        PictureError, match=f"A picture may have {MAX_PIXELS} pixels. Got {size[0]}×{size[1]}"
    ):
        read_picture(encoded(Image.new("1", size), "PNG"))


NO_PICTURES = {
    "empty": b"",
    "text": b"seven\n",
    "html": b"<!doctype html><html><body>7</body></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><text>7</text></svg>',
    "pdf": b"%PDF-1.7\n",
    "idx": b"\0\0\x08\x03" + bytes(28),
    "zip": b"PK\x05\x06" + bytes(18),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
    "ppm": b"P5 1 1 255 7",
    "pcx": encoded(Image.new("L", (9, 9)), "PCX"),
    "icon": encoded(Image.new("L", (16, 16)), "ICO"),
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES)
def test_read_picture_refuses_what_is_no_picture(data: bytes) -> None:
    """Other bytes are refused with the formats that are read; formats of other kinds are never tried."""
    with pytest.raises(PictureError, match=r"must be one of PNG, JPEG, WEBP, TIFF, BMP, GIF. Got none"):
        read_picture(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_read_picture_refuses_a_cut_file(drawing: Image.Image, kind: str) -> None:
    """Half a picture is refused: as damaged, or as none where not even its header is left."""
    data = encoded(drawing, kind)
    for length in (len(data) // 2, len(data) // 4, 20, 8, 1):
        with pytest.raises(PictureError, match=r"The picture is damaged|must be one of PNG"):
            read_picture(data[:length])


@pytest.mark.parametrize("kind", FORMATS)
def test_read_picture_survives_any_damage(drawing: Image.Image, kind: str) -> None:
    """Whatever bytes change, the answer is pixels or a typed error."""
    data = encoded(drawing, kind)
    generator = random.Random(kind)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(generator.randint(1, 3)):
            end = generator.choice([min(len(data), 300), len(data)])
            changed[generator.randrange(end)] = generator.randrange(256)
        try:
            assert read_picture(bytes(changed)).ndim == 2
        except PictureError:
            continue


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.png", "No such file"), ("", "Is a directory"), ("n" * 300, "File name too long")],
)
def test_load_picture_reports_what_cannot_be_opened(tmp_path: Path, name: str, reason: str) -> None:
    """A missing file, a folder or an impossible name is a typed error that names it."""
    with pytest.raises(PictureError, match=f"{tmp_path / name} cannot be read: {reason}"):
        load_picture(tmp_path / name)


def test_load_picture_names_the_file(tmp_path: Path) -> None:
    """What is wrong comes with the path."""
    (tmp_path / "page.png").write_text("<html>")
    with pytest.raises(PictureError, match=f"^{tmp_path / 'page.png'}: The file must be one of PNG"):
        load_picture(tmp_path / "page.png")


def test_load_picture_refuses_a_huge_file(tmp_path: Path) -> None:
    """A file over the limit is refused without being read to its end."""
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(200 * MAX_BYTES)  # holds no blocks on the disk

    with pytest.raises(PictureError, match=f"huge.png: A picture may have {MAX_BYTES} bytes. Got more"):
        load_picture(tmp_path / "huge.png")


def test_suffixes_belong_to_the_formats() -> None:
    """Each ending that class folders take is one of a format that is read, and each format has one."""
    Image.init()

    assert {Image.EXTENSION[suffix] for suffix in SUFFIXES} == {*FORMATS}
