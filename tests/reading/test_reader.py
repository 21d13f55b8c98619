"""What must not change how a number is read, and what a picture may be."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator
from PIL import Image

import tenfold
from tenfold.arrays import Ink
from tenfold.data import Dataset
from tenfold.errors import InputError, ModelFileError, PictureError
from tenfold.reading import Reader
from tests.image.drawn import grainy, lit, on_paper, scaled
from tests.image.test_laws import AS_STORED, ORIENTATION
from tests.picture_files import encoded
from tests.reading.pages import (
    Drawn,
    Hand,
    below_each_other,
    boxed,
    clear_digits,
    in_cells,
    on_sheet,
    underlined,
    with_mark,
)

DRAWN = 0.95
"""Share of drawn numbers of 2 to 8 digits that are read right, at least. Of forty all are, or all but one,
which has a digit that is read only when it stands alone. A user would want 99 %."""

Law = Callable[[Drawn, Generator], Ink]

LAWS: dict[str, Law] = {
    "dark on light": lambda drawn, _: on_paper(drawn.ink, padding=20),
    "light on dark": lambda drawn, _: 255 - on_paper(drawn.ink, padding=20),
    "lit from a side": lambda drawn, generator: lit(
        on_paper(drawn.ink, padding=20), angle=generator.uniform(0, 7)
    ),
    "noisy": lambda drawn, generator: grainy(on_paper(drawn.ink, padding=20), generator, deviation=10),
    "half as large": lambda drawn, _: scaled(on_paper(drawn.ink, padding=20), 0.5),
    "twice as large": lambda drawn, _: scaled(on_paper(drawn.ink, padding=20), 2),
    "on a ruled line": lambda drawn, _: on_paper(underlined(drawn)),
    "in a box": lambda drawn, _: on_paper(boxed(drawn)),
    "a digit to a box": lambda drawn, _: on_paper(in_cells(drawn)),
}
"""What is done to a number to make it a picture."""

MORE_LAWS: dict[str, Law] = {
    "pale on grey": lambda drawn, _: on_paper(drawn.ink, padding=20, black=150, white=200),
    "with little room": lambda drawn, _: on_paper(drawn.ink, padding=8),
    "with a wide margin": lambda drawn, _: on_paper(drawn.ink, padding=60),
    "on a page": lambda drawn, _: on_paper(drawn.ink, padding=200),
    "light on dark, on a ruled line": lambda drawn, _: 255 - on_paper(underlined(drawn)),
    "in a box, lit": lambda drawn, generator: lit(on_paper(boxed(drawn)), angle=generator.uniform(0, 7)),
    "a digit to a box, 4 times as large": lambda drawn, _: scaled(on_paper(in_cells(drawn)), 4),
}
"""More of it, in the slow run alone."""


@pytest.fixture(scope="module", params=[12, pytest.param(100, marks=pytest.mark.slow)])
def drawn(hand: Hand, request: pytest.FixtureRequest) -> list[Drawn]:
    """Return random numbers, drawn."""
    return hand.write_many(request.param)


def share_right(reader: Reader, cases: Iterator[tuple[Ink, str]]) -> float:
    """Return the share of pictures that are read as their text."""
    return float(np.mean([reader.read(picture).text == text for picture, text in cases]))


@pytest.mark.parametrize(
    "law",
    [
        *(pytest.param(law, id=name) for name, law in LAWS.items()),
        *(pytest.param(law, id=name, marks=pytest.mark.slow) for name, law in MORE_LAWS.items()),
    ],
)
def test_number_is_read_whatever_is_done_to_it(law: Law, shipped: Reader, drawn: list[Drawn]) -> None:
    """Colors, light, size, margin, a ruled line and boxes leave a number what it is."""
    generator = np.random.default_rng(0)
    assert share_right(shipped, ((law(one, generator), one.text) for one in drawn)) >= DRAWN


@pytest.mark.slow
def test_large_number_is_read(shipped: Reader, hand: Hand) -> None:
    """Digits 160 pixels high are read as small ones are, though the crop is as large as a page."""
    drawn = hand.write_many(100)
    small = [on_paper(one.ink, padding=20) for one in drawn]
    large = [scaled(picture, 4) for picture in small]
    assert share_right(shipped, zip(large, (shipped.read(one).text for one in small), strict=True)) >= 0.99
    assert share_right(shipped, zip(large, (one.text for one in drawn), strict=True)) >= DRAWN


@pytest.mark.slow
@pytest.mark.parametrize("law", [*LAWS.values(), *MORE_LAWS.values()], ids=[*LAWS, *MORE_LAWS])
def test_number_of_mnist_digits_is_read_whatever_is_done_to_it(
    law: Law, shipped: Reader, mnist: Dataset
) -> None:
    """So it is for a hundred numbers of digits from another source."""
    generator = np.random.default_rng(1)
    drawn = clear_digits(mnist.test.take(np.arange(2000)), shipped).write_many(100, seed=1)
    assert share_right(shipped, ((law(one, generator), one.text) for one in drawn)) >= DRAWN


@pytest.mark.parametrize("mark", [".", ","])
def test_point_and_comma_are_no_digits(mark: str, shipped: Reader, drawn: list[Drawn]) -> None:
    """Between the digits of a number they are passed over: 1,234 and 12.34 are 1234."""
    generator = np.random.default_rng(0)
    cases = (
        (on_paper(with_mark(one, mark, int(generator.integers(len(one.text) - 1)))), one.text)
        for one in drawn
    )
    assert share_right(shipped, cases) >= DRAWN


@pytest.mark.parametrize(("mark", "gap"), [("-", 34), ("", 120)], ids=["dash", "gap"])
def test_dash_and_wide_gap_part_two_numbers(
    mark: str, gap: int, shipped: Reader, hand: Hand, drawn: list[Drawn]
) -> None:
    """A dash, or three heights of the digits, stands between two numbers."""
    generator = np.random.default_rng(0)

    def draw(text: str) -> tuple[Ink, str]:
        after = int(generator.integers(len(text) - 1))
        gaps = [gap if place == after else 12 for place in range(len(text) - 1)]
        ink = with_mark(hand.write(text, generator, gaps=gaps), mark, after)
        return on_paper(ink), f"{text[: after + 1]} {text[after + 1 :]}"

    assert share_right(shipped, (draw(one.text) for one in drawn)) >= DRAWN


def test_lines_stay_lines(shipped: Reader, drawn: list[Drawn]) -> None:
    """Numbers below each other come in that order, with a newline between."""
    cases = (
        (on_paper(below_each_other(one.ink, two.ink), padding=20), f"{one.text}\n{two.text}")
        for one, two in zip(drawn[::2], drawn[1::2], strict=True)
    )
    assert share_right(shipped, cases) >= 0.9  # of two numbers at once


@pytest.mark.parametrize("law", [on_sheet, underlined, boxed], ids=["alone", "underlined", "boxed"])
def test_digit_is_a_number_of_one(law: Callable[[Drawn], Ink], shipped: Reader, hand: Hand) -> None:
    """A single digit is read, alone, on a line and in a box, and its box is where it stands."""
    generator = np.random.default_rng(0)
    for text in "0123456789":
        drawn = hand.write(text, generator)
        reading = shipped.read(on_paper(law(drawn), padding=0))
        assert reading.text == text
        *_, width, height = reading.numbers[0].box
        assert width <= drawn.ink.shape[1] + 2
        assert height <= drawn.ink.shape[0] + 2


def test_number_is_read_however_the_camera_was_held(shipped: Reader, hand: Hand, tmp_path: Path) -> None:
    """All eight orientations that a camera writes give the same reading, boxes included."""
    drawn = hand.write("2074", np.random.default_rng(0))
    upright = Image.fromarray(on_paper(on_sheet(drawn)))
    readings = []
    for orientation, turn in AS_STORED.items():
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        stored = upright if turn is None else upright.transpose(turn)
        stored.save(tmp_path / "turned.png", exif=exif)
        readings.append(shipped.read(tmp_path / "turned.png").to_dict())
    assert readings[0]["text"] == "2074"
    assert readings == readings[:1] * 8


def test_read_takes_whatever_holds_a_picture(shipped: Reader, hand: Hand, tmp_path: Path) -> None:
    """A path, its name, bytes, a Pillow image and arrays of several scales read the same."""
    grey = on_paper(on_sheet(hand.write("90218", np.random.default_rng(0))))
    picture, path = Image.fromarray(grey), tmp_path / "number.png"
    picture.save(path)
    sources = [path, str(path), encoded(picture), io.BytesIO(encoded(picture)).getbuffer(), picture]
    sources += [picture.convert("RGB"), grey, grey / 255, grey.astype(np.uint16) * 257, np.dstack([grey] * 3)]
    assert [shipped.read(source).text for source in sources] == ["90218"] * len(sources)


def test_read_finds_the_boxes_of_the_digits(shipped: Reader, hand: Hand) -> None:
    """Boxes lie in the picture, each around the strokes of its digit and no further."""
    drawn = hand.write("6103849", np.random.default_rng(0))
    (number,) = shipped.read(on_paper(drawn.ink, padding=30)).numbers
    assert number.text == drawn.text
    boxes = np.array([digit.box for digit in number.digits]) - [30, 30, 0, 0]
    for (left, top, width, height), (start, _, wide, _) in zip(boxes.tolist(), drawn.places, strict=True):
        rows, columns = np.nonzero(drawn.ink[:, start : start + wide] > 200)
        assert start - 1 <= left <= start + columns.min()
        assert start + columns.max() < left + width <= start + wide + 1
        assert -1 <= top <= rows.min() <= rows.max() < top + height <= len(drawn.ink) + 1


BAD_PICTURES = {
    "empty": (np.zeros((0, 0), np.uint8), "must have at least one pixel. Got 0×0"),
    "no rows": (np.zeros((0, 5), np.uint8), "must have at least one pixel. Got 5×0"),
    "NaN": (np.full((9, 9), np.nan), "must be finite. Got nan"),
    "Inf": (np.full((9, 9), np.inf), "must be finite. Got inf"),
    "negative": (-np.ones((9, 9)), "must be from 0 to 1 or to 255. Got -1"),
    "too large": (np.full((9, 9), 1e6), "must be from 0 to 1 or to 255. Got 1e"),
    "object": (np.empty((9, 9), object), "must be numbers. Got dtype object"),
    "complex": (np.zeros((9, 9), complex), "must be numbers. Got dtype complex128"),
    "rank 1": (np.zeros(9), r"must be of shape .*Got \(9,\)"),
    "rank 4": (np.zeros((1, 2, 3, 4)), r"must be of shape .*Got \(1, 2, 3, 4\)"),
    "a list": ([[1, 2]], "must be a path, bytes, a Pillow image or a NumPy array. Got list"),
    "None": (None, "must be a path, .* Got NoneType"),
    "no file": ("nowhere.png", "nowhere.png cannot be read: No such file"),
    "text": (b"7", "The file must be one of PNG"),
}


@pytest.mark.parametrize(("source", "message"), BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_read_refuses_what_is_no_picture(source: object, message: str, shipped: Reader) -> None:
    """What holds no pixels is one typed error that says what was given."""
    with pytest.raises(PictureError, match=message):
        shipped.read(source)


def test_read_takes_booleans(shipped: Reader, hand: Hand) -> None:
    """A black-and-white picture may be an array of booleans: paper is True."""
    paper = ~(on_sheet(hand.write("415", np.random.default_rng(0))) > 100)
    assert shipped.read(paper).text == "415"


@pytest.mark.parametrize("top", [0, -1])
def test_read_refuses_less_than_one_candidate(top: int, shipped: Reader, hand: Hand) -> None:
    """The number of candidates is at least 1."""
    picture = on_paper(on_sheet(hand.write("21", np.random.default_rng(0))))
    with pytest.raises(InputError, match=f"top must be 1 or more. Got {top}"):
        shipped.read(picture, top=top)
    assert len(shipped.read(picture, top=1).numbers[0].candidates) == 1


def test_load_opens_a_reader(tmp_path: Path) -> None:
    """By name or path it opens a model that reads; a file that is none is a typed error."""
    assert isinstance(tenfold.load("tiny-cnn", threads=1), Reader)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelFileError, match=r"model\.onnx is not a model that this tenfold opens"):
        tenfold.load(tmp_path / "model.onnx")
