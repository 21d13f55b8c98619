"""General OCR beside tenfold: what is kept of its texts, and what is said where it is missing."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks import general_ocr
from benchmarks.general_ocr import Score, Tool, comparison_table, join_from_left, keep_digits, score_tool
from PIL import Image

CROP = Image.new("RGB", (120, 60), "white")


def put_program(folder: Path, lines: str) -> None:
    """Write a program by the name of Tesseract, and make it the only one to be found."""
    program = folder / "tesseract"
    program.write_text(f"#!{shutil.which('sh')}\n{lines}\n", encoding="utf-8")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("text", "digits"),
    [("0612", "0612"), (" 12-34.5\n", "12345"), ("lO0SGoI|", "0"), ("5², ٣ and ４", "5"), ("", "")],
)
def test_keep_digits_drops_the_rest(text: str, digits: str) -> None:
    """Signs go, and so do letters that resemble digits: none is taken for one."""
    assert keep_digits(text) == digits


def test_texts_join_from_left() -> None:
    """Found texts are in the order of their boxes' left ends; without boxes, as they come."""
    boxes = [[(50, 0), (90, 2), (90, 30), (50, 28)], [(2, 9), (40, 9), (40, 30), (1, 30)]]
    assert join_from_left(["78", "5 6"], boxes) == "5678"
    assert join_from_left(["78", "5 6"], None) == "7856"
    assert join_from_left([], None) == ""


def test_missing_tools_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is not installed is in the table, with the command that installs it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    tools = general_ocr.open_tools(is_single=True)
    assert [tool.name for tool in tools] == ["RapidOCR, recognition alone", "RapidOCR", "Tesseract 5"]
    assert all(tool.read is None for tool in tools)
    table = comparison_table([("digits", Score(3, 4, 2.0), [(tool, None) for tool in tools])])
    assert table.count("pip install '.[bench]'") == 2
    assert table.count("apt-get install tesseract-ocr") == 1


def test_table_has_shares_times_and_versions() -> None:
    """Each score has its interval and median time; a tool's version stands once below."""
    tool = Tool("Some OCR", "Some OCR 1.2", lambda _: "7")
    rows = [(name, Score(98, 100, 4.0), [(tool, Score(50, 100, 12.34))]) for name in ("digits", "numbers")]
    lines = comparison_table(rows).splitlines()
    assert lines[0] == "| set | n | tenfold | Some OCR |"
    assert lines[2] == "| digits | 100 | 98.0% (93.0%–99.4%), 4.0 ms | 50.0% (40.4%–59.6%), 12.3 ms |"
    assert lines[3].startswith("| numbers | 100 |")
    assert lines[-1].count("Some OCR 1.2") == 1


def test_score_counts_whole_texts() -> None:
    """A text that is right in part is wrong; the time is the median."""
    texts = iter(["12", "1", "123", ""])
    score = score_tool(lambda _: next(texts), [(CROP, "12")] * 4)
    assert (score.n_right, score.n) == (1, 4)
    assert 0 < score.milliseconds < 1000


@pytest.mark.parametrize(("is_single", "mode"), [(True, "10"), (False, "7")])
def test_tesseract_is_told_what_a_crop_shows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, is_single: bool, mode: str
) -> None:
    """The program gets the mode for a character or a line, and its digits alone count."""
    put_program(tmp_path, '[ "$1" = --version ] && echo "tesseract 5.9" && exit\necho "l$4O"')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    tool = general_ocr.open_tools(is_single=is_single)[-1]
    assert tool.read is not None
    assert tool.read(CROP) == mode
    assert "Tesseract 5.9" in tool.note


def test_crop_is_read_upright_in_its_colors(tmp_path: Path) -> None:
    """A picture that the camera held on its side is turned, and red stays red."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    Image.new("RGB", (40, 20), (255, 0, 0)).save(tmp_path / "crop.png", exif=exif)
    crop = general_ocr.load_crop(tmp_path / "crop.png")
    assert crop.size == (20, 40)
    assert crop.getpixel((3, 3)) == (255, 0, 0)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_margin_continues_the_paper(mode: str) -> None:
    """The margin has the shade of most of the border, in each color."""
    pixels = np.full((20, 30, 3), (200, 180, 90), np.uint8)
    pixels[:, 10:14] = 0
    picture = Image.fromarray(pixels).convert(mode)
    wide = general_ocr.add_margin(picture, 5)
    assert wide.size == (40, 30)
    assert wide.getpixel((0, 0)) == wide.getpixel((39, 29)) == picture.getpixel((1, 1))
    assert np.array_equal(np.asarray(wide)[5:-5, 5:-5], np.asarray(picture))


@pytest.mark.parametrize("size", [(2, 900), (900, 2), (60, 60)])
def test_line_is_scaled_whatever_its_shape(size: tuple[int, int]) -> None:
    """A crop becomes 36 pixels high within 36 of margin, and never vanishes."""
    line = general_ocr.scale_line(Image.new("RGB", size, "white"))
    assert line.height == 108
    assert line.width == 72 + max(1, round(36 * size[0] / size[1]))
    assert line.mode == "L"
