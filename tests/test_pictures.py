"""From untrusted bytes to grey pixels."""

import io
import random
import subprocess
import sys
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tenfold.arrays import Ink
from tenfold.data import Dataset
from tenfold.errors import PictureError
from tenfold.pictures import FORMATS, MAX_BYTES, MAX_PIXELS, SUFFIXES, load_picture, read_picture
from tenfold.pictures.jpeg import MAX_SCANS, MAX_SEGMENTS
from tenfold.pictures.png import MAX_CHUNKS
from tests.picture_files import chunk, encoded, png, rle_bmp, tiff, with_checksums

ORIENTATION = 0x0112
LOSSLESS = ("PNG", "TIFF", "BMP", "GIF")


@pytest.fixture
def drawing(digits: Dataset) -> Image.Image:
    """Return a real digit, dark on light, higher than wide and the same in no other position."""
    ink = Image.fromarray(digits.train.images[2]).resize((40, 64))
    return ImageOps.invert(ink)


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
        read_picture(png(width, height, b""))


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
    "an empty file": b"",
    "text": b"seven\n",
    "text in UTF-16": "sieben, acht, n\u00fcn".encode("utf-16"),
    "an HTML page": b"\xef\xbb\xbf\n<!-- 404 -->\n<!DOCTYPE html><html><body>7</body></html>",
    "an HTML page in UTF-16": "<html>".encode("utf-16"),
    "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><text>7</text></svg>',
    "an XML file": b'<?xml version="1.0"?><feed/>',
    "a PDF. Read its pages with load_pages": b"%PDF-1.7\n",
    "a PDF behind other bytes": b"\r\n\0\x0b%PDF-1.4\n",
    "an IDX file": b"\0\0\x08\x03" + bytes(28),
    "a NumPy array": b"\x93NUMPY\1\0",
    "a ZIP archive": b"PK\x05\x06" + bytes(18),
    "a gzip file": b"\x1f\x8b\x08\0",
    "a PostScript file": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
    "a Netpbm picture": b"P5 1 1 255 7",
    "an icon": encoded(Image.new("L", (16, 16)), "ICO"),
    "a HEIC picture": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "an AVIF picture": encoded(Image.new("L", (16, 16)), "AVIF"),
    "a JPEG 2000 picture": encoded(Image.new("L", (16, 16)), "JPEG2000"),
    "a JPEG XL picture": b"\xff\x0a\xfa\x1f",
    "a video": b"\0\0\0\x18ftypmp42",
    "a Photoshop file": b"8BPS\0\1",
    "a BigTIFF picture": encoded(Image.new("L", (9, 9)), "TIFF", big_tiff=True),
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "a file of an unknown kind": encoded(Image.new("L", (9, 9)), "PCX"),
}


@pytest.mark.parametrize(("kind", "data"), NO_PICTURES.items(), ids=NO_PICTURES)
def test_read_picture_says_what_another_file_is(tmp_path: Path, kind: str, data: bytes) -> None:
    """A file of another kind, under a picture's name, is refused with what is read and what it is."""
    (tmp_path / "digit.png").write_bytes(data)

    expected = kind.removesuffix(" in UTF-16").removesuffix(" behind other bytes")
    with pytest.raises(
        PictureError, match=rf"must be one of PNG, JPEG, WEBP, TIFF, BMP, GIF\. Got {expected}"
    ):
        load_picture(tmp_path / "digit.png")


@pytest.mark.parametrize("kind", FORMATS)
def test_read_picture_refuses_a_cut_file(drawing: Image.Image, kind: str) -> None:
    """A part of a picture is refused: as damaged, or as none where not even its first bytes are left."""
    data = encoded(drawing, kind)
    trailer = {"PNG": 1, "WEBP": 1, "GIF": 2, "JPEG": 1}.get(kind, 24)
    for length in (*range(30), *range(30, len(data) - trailer, 41), len(data) - trailer):
        with pytest.raises(PictureError, match=r"The picture is damaged|must be one of PNG"):
            read_picture(data[:length])


def test_read_picture_reads_past_the_end(drawing: Image.Image) -> None:
    """What stands behind a whole picture, as in a motion photo, does no harm."""
    for kind in FORMATS:
        data = encoded(drawing, kind)
        np.testing.assert_array_equal(read_picture(data + b"PK\x03\x04 and a film" * 99), read_picture(data))


NOISE = png(9, 7)
DAMAGED_PNGS = {
    "a missing row": (png(9, 7, bytes(6 * 10)), "lacks rows, 10 of 70 bytes"),
    "a missing byte": (png(9, 7, bytes(7 * 10 - 1)), "lacks rows, 1 of 70 bytes"),
    "no rows": (png(9, 7, b""), "lacks rows, 70 of 70 bytes"),
    "missing rows, interlaced": (png(9, 7, bytes(73), interlaced=True), "lacks rows, 4 of 77 bytes"),
    "no pixels": (NOISE.replace(NOISE[33:-12], b""), "lacks rows"),
    "no header": (NOISE[:8] + NOISE[33:], "its PNG header makes no sense"),
    "no end": (NOISE[:-12], "the PNG file is cut"),
    "half an end": (NOISE[:-4], "the PNG file is cut"),
    "no compression": (NOISE[:33] + chunk(b"IDAT", bytes(99)) + NOISE[-12:], "while decompressing"),
    "an unknown critical chunk": (png(9, 7, extra=chunk(b"CgBI", b"")), "no PNG reader knows its chunk CgBI"),
    "a color type that is none": (
        NOISE[:8] + chunk(b"IHDR", NOISE[16:25] + b"\5" + bytes(3)) + NOISE[33:],
        "no sense",
    ),
}


@pytest.mark.parametrize(("data", "message"), DAMAGED_PNGS.values(), ids=DAMAGED_PNGS)
def test_read_picture_refuses_a_damaged_png(data: bytes, message: str) -> None:
    """A PNG file without all of its rows, its end or its header is refused; Pillow would fill in black."""
    with pytest.raises(PictureError, match=f"The picture is damaged: .*{message}"):
        read_picture(data)


def test_read_picture_notices_any_changed_bit_of_a_png() -> None:
    """One flipped bit anywhere in a PNG file, of a checksum or of what it covers, is noticed."""
    data = png(9, 7, extra=chunk(b"tEXt", b"Title\0seven"))
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        with pytest.raises(PictureError, match=r"is damaged|must be one of PNG"):
            read_picture(bytes(changed))


def test_read_picture_reads_an_interlaced_png() -> None:
    """The rows of an interlaced PNG are counted in its seven passes, for every small size."""
    for height in range(1, 10):
        for width in range(1, 10):
            rows = b"".join(
                b"\0" + b"\x07" * len(range(left, width, right))
                for top, down, left, right in (
                    (0, 8, 0, 8),
                    (0, 8, 4, 8),
                    (4, 8, 0, 4),
                    (0, 4, 2, 4),
                    (2, 4, 0, 2),
                    (0, 2, 1, 2),
                    (1, 2, 0, 1),
                )
                for _ in range(top, height, down)
                if left < width
            )
            assert read_picture(png(width, height, rows, interlaced=True)).tolist() == [[7] * width] * height
            with pytest.raises(PictureError, match="lacks rows"):
                read_picture(png(width, height, rows[:-1], interlaced=True))


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0)])
def test_read_picture_refuses_a_picture_without_pixels(size: tuple[int, int]) -> None:
    """A size of nothing is refused in each format that can say so."""
    with pytest.raises(PictureError, match=f"at least one pixel. Got {size[0]}×{size[1]}"):
        read_picture(png(*size))
    one = encoded(Image.new("L", (1, 1)), "BMP")
    width, height = (side.to_bytes(4, "little") for side in size)
    with pytest.raises(PictureError, match=r"The picture is damaged|at least one pixel"):
        read_picture(one[:18] + width + height + one[26:])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (3, 2)])
def test_read_picture_reads_uniform_pictures(kind: str, size: tuple[int, int]) -> None:
    """All black, all white and all grey are read as such, down to one pixel and however narrow."""
    for shade in (0, 128, 255):
        pixels = read_picture(encoded(Image.new("L", size, shade), kind))
        assert pixels.shape == (size[1], size[0])
        assert np.abs(pixels.astype(int) - shade).max() <= 1


BOMB = zlib.compress(bytes(20_000_000))
SMALL_JPEG, SMALL_GIF, SMALL_WEBP = (
    encoded(Image.new("L", (9, 9)), kind) for kind in ("JPEG", "GIF", "WEBP")
)
SCAN_JPEG = encoded(Image.new("L", (2000, 2000), 9), "JPEG", progressive=True)
LAST_SCAN = SCAN_JPEG[SCAN_JPEG.rindex(b"\xff\xda") : -2]
ICC = b"\xff\xe2\xff\xffICC_PROFILE\0\1\1" + bytes(65535 - 16)
HARMLESS = {
    "100,000 texts": png(9, 9, extra=chunk(b"tEXt", b"a\0b") * 100_000),
    "100,000 chunks of pixels": png(9, 9, extra=chunk(b"IDAT", b"") * 100_000),
    "a text bomb": png(9, 9, extra=chunk(b"zTXt", b"a\0\0" + BOMB)),
    "a thousand text bombs": png(9, 9, extra=chunk(b"iTXt", b"a\0\1\0\0\0" + BOMB) * 1000),
    "a thousand profile bombs": png(9, 9, extra=chunk(b"iCCP", b"a\0\0" + BOMB) * 1000),
    "a bomb of rows": png(9, 9, bytes(50_000_000)),
    "300 profiles": SMALL_JPEG[:2] + ICC * 300 + SMALL_JPEG[2:],
    "filling": SMALL_JPEG[:2] + b"\xff" * 2_000_000 + SMALL_JPEG[2:],
    "a long comment": SMALL_GIF[:-1].replace(b",", b"!\xfe" + (b"\xff" + bytes(255)) * 9999 + b"\0,", 1)
    + b";",
    "a strip that unpacks to more": tiff({259: 8, 278: 2**31 - 1}, BOMB),
}


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_read_picture_is_not_held_up_by_what_is_no_pixel(data: bytes) -> None:
    """Texts, profiles, comments and surplus, which can cost Pillow minutes, cost nothing."""
    start = time.perf_counter()
    assert read_picture(data).size in {81, 100}
    assert time.perf_counter() - start < 5


HOSTILE = {
    "chunks": (png(9, 9, extra=chunk(b"IDAT", b"") * MAX_CHUNKS), f"may have {MAX_CHUNKS} chunks"),
    "scans": (SCAN_JPEG[:-2] + LAST_SCAN * 100_000 + b"\xff\xd9", f"may have {MAX_SCANS} scans"),
    "segments": (
        SMALL_JPEG[:2] + b"\xff\xfe\0\2" * 500_000 + SMALL_JPEG[2:],
        f"may have {MAX_SEGMENTS} segments",
    ),
    "comments": (SMALL_GIF.replace(b",", b"!\xfe\0" * 1_000_000 + b",", 1), "may have 1000 extensions"),
    "a chain of blocks": (
        SMALL_GIF.replace(b",", b"!\xfe" + b"\1a" * 1_000_000 + b"\0,", 1),
        "200000 blocks",
    ),
    "terminators": (SMALL_GIF.replace(b",", bytes(1_000_000) + b",", 1), "may have 1000 extensions"),
    "junk": (SMALL_GIF.replace(b",", b"\7" * 1_000_000 + b",", 1), "begins no block"),
    "chunks of a WebP": (
        SMALL_WEBP[:4] + bytes([255] * 3) + SMALL_WEBP[7:] + b"JUNK\0\0\0\0" * 99_999,
        "10000 chunks",
    ),
    "a tile": (tiff({259: 8, 322: 20000, 323: 20000, 324: 200, 325: 999}, BOMB), "TIFF tile may have"),
    "strips": (
        tiff({273: (900_000, 8), 279: (900_000, 8)}, bytes(3_600_000)),
        "TIFF tag may have 200000 numbers",
    ),
    "a rare codec": (tiff({259: 34925}, b""), "must be compressed by .* Got method 34925"),
    "runs of one pixel": (rle_bmp(2000, 2000), "BMP of run lengths may have 2000000 bytes"),
}


@pytest.mark.parametrize(("data", "message"), HOSTILE.values(), ids=HOSTILE)
def test_read_picture_refuses_what_would_take_forever(data: bytes, message: str) -> None:
    """Files of few bytes or pixels that would take Pillow minutes or gigabytes are refused at once."""
    start = time.perf_counter()
    with pytest.raises(PictureError, match=message):
        read_picture(data)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    "name", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group3", "group4", "raw"]
)
def test_read_picture_reads_the_usual_compressions(drawing: Image.Image, name: str) -> None:
    """The ways in which scanners and programs compress a TIFF are read, and run lengths in a BMP."""
    picture = drawing.convert("1") if name.startswith("group") else drawing

    assert_near(read_picture(encoded(picture, "TIFF", compression=name)), picture, levels=4)
    assert read_picture(rle_bmp(300, 200)).tolist() == [[200] * 300] * 200


MEASURE = (
    "import pathlib, sys\n"
    "from tenfold.errors import PictureError\n"
    "from tenfold.pictures import read_picture\n"
    "def megabytes(what):\n"
    "    return int(pathlib.Path('/proc/self/status').read_text().split(what)[1].split()[0]) * 1024e-6\n"
    "for path in map(pathlib.Path, sys.argv[1:]):\n"
    "    data = path.read_bytes()\n"
    "    pathlib.Path('/proc/self/clear_refs').write_text('5')\n"
    "    before = megabytes('VmRSS:')\n"
    "    try: size = read_picture(data).size\n"
    "    except PictureError: size = 0\n"
    "    print(path.name, round(megabytes('VmHWM:') - before - size * 4e-6), sep=';')\n"
)
"""Reads each file and prints the megabytes that took, above four bytes for each of its pixels."""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux to measure memory")
def test_read_picture_takes_at_most_200_mb_more_than_the_picture(tmp_path: Path) -> None:
    """No file, be it a bomb or of the most pixels, takes over 200 MB above four bytes for each pixel."""
    clear = Image.new("RGBA", (4000, 4000), (9, 9, 9, 0))
    clear.paste((0, 0, 0, 255), (100, 100, 900, 3000))
    files = {
        "a thousand profile bombs": HARMLESS["a thousand profile bombs"],
        "a bomb of rows": HARMLESS["a bomb of rows"],
        "a tile": HOSTILE["a tile"][0],
        "PNG": encoded(clear, compress_level=1),
        "WEBP": encoded(clear, "WEBP", lossless=True, quality=0, method=0),
        "JPEG": encoded(Image.new("CMYK", (4000, 4000)), "JPEG", progressive=True),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-c", MEASURE, *(str(tmp_path / name) for name in files)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    peaks = {name: int(peak) for name, _, peak in (line.partition(";") for line in said.splitlines())}
    assert peaks.keys() == files.keys()
    assert max(peaks.values()) <= 200, peaks


TINY = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 11), np.uint8))
WHOLE = {
    f"{kind} {mode} {options}": encoded(TINY.convert(mode), kind, **options)
    for kind, mode, options in [
        *((kind, mode, {}) for kind, modes in MODES.items() for mode in modes if mode != "I;16"),
        ("PNG", "P", {"transparency": 3}),
        ("PNG", "RGB", {"save_all": True, "append_images": [TINY.convert("RGB")]}),
        (
            "JPEG",
            "RGB",
            {"progressive": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6" + bytes(6)},
        ),
        ("WEBP", "RGBA", {"lossless": True}),
        *(
            ("TIFF", "L", {"compression": name})
            for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        ),
        ("TIFF", "1", {"compression": "group4"}),
        ("TIFF", "F", {}),
    ]
} | {"BMP of runs": rle_bmp(5, 4), "PNG of 16 bits": encoded(Image.new("I;16", (7, 3), 999))}
EDIT = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 9), st.binary(max_size=5))


@given(st.sampled_from(sorted(WHOLE)), st.lists(EDIT, min_size=1, max_size=6), st.sampled_from([100, 10**9]))
@settings(deadline=None, derandomize=True, database=None, max_examples=500)
def test_read_picture_survives_any_damage(
    name: str, edits: list[tuple[float, int, bytes]], reach: int
) -> None:
    """Whatever bytes change, vanish or come in between, the answer is pixels or a typed error."""
    data = WHOLE[name]
    for place, length, replacement in edits:
        start = int(place * min(len(data), reach))
        data = data[:start] + replacement + data[start + length :]
    try:
        pixels = read_picture(with_checksums(data))
    except PictureError:
        return
    assert (pixels.dtype, pixels.ndim) == (np.uint8, 2)
    assert pixels.size


def test_read_picture_silences_pillow_alone(drawing: Image.Image) -> None:
    """Reading in several threads leaves no filter behind that would silence other code's warnings."""
    data = encoded(drawing, "TIFF")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            assert len(list(pool.map(read_picture, [data] * 200))) == 200
        with pytest.warns(UserWarning, match="seven"):
            warnings.warn("seven", stacklevel=1)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.png", "No such file"),
        ("", "Is a directory"),
        ("n" * 300, "File name too long"),
        ("a.png/b.png", "Not a directory"),
    ],
)
def test_load_picture_reports_what_cannot_be_opened(tmp_path: Path, name: str, reason: str) -> None:
    """A missing file, a folder or an impossible name is a typed error that names it."""
    (tmp_path / "a.png").touch()
    with pytest.raises(PictureError, match=f"{tmp_path / name} cannot be read: {reason}"):
        load_picture(tmp_path / name)


@pytest.mark.parametrize("name", ["a\0b.png", "\ud800.png"])
def test_load_picture_reports_an_impossible_name(name: str) -> None:
    """A name that no file can have is a typed error that shows it escaped."""
    with pytest.raises(PictureError, match=r"^'[a\\xud0-9b.png]+' cannot be read: "):
        load_picture(name)


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
