"""A picture with what was read drawn on it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.arrays import Ink
from tenfold.errors import OutputError
from tenfold.reading import Reader, Reading, draw_reading, save_annotated
from tests.image.drawn import on_paper
from tests.reading.pages import Hand

BLUE = (0, 114, 178)
VERMILION = (213, 94, 0)


@pytest.fixture(scope="module")
def grey(hand: Hand) -> Ink:
    """Return a number on paper."""
    return on_paper(hand.write("20486", np.random.default_rng(0)).ink, padding=20)


def colors_of(picture: Image.Image) -> set[tuple[int, ...]]:
    """Return the colors in a picture."""
    return {tuple(color) for color in np.unique(np.asarray(picture).reshape(-1, 3), axis=0).tolist()}


def test_draw_reading_draws_a_box_around_each_digit(grey: Ink, shipped: Reader) -> None:
    """What is sure is drawn in blue and nothing in vermilion, on a picture with room for words."""
    drawing = draw_reading(grey, shipped.read(grey))
    assert drawing.mode == "RGB"
    assert drawing.width >= grey.shape[1]
    assert drawing.height > drawing.width * grey.shape[0] / grey.shape[1]
    assert BLUE in colors_of(drawing)
    assert VERMILION not in colors_of(drawing)


def test_draw_reading_marks_what_is_unsure(grey: Ink, shipped: Reader) -> None:
    """A forced reading is drawn in vermilion."""
    drawing = draw_reading(grey, shipped.read(grey, expect="pattern=77777"))
    assert VERMILION in colors_of(drawing)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (28, 28), (3000, 2500)])
def test_draw_reading_draws_on_any_shape(shape: tuple[int, int]) -> None:
    """Small pictures are enlarged and large ones made smaller, for words to be read beside them."""
    drawing = draw_reading(np.full(shape, 255, np.uint8), Reading((), "blank"))
    assert max(drawing.size) >= 600
    assert drawing.width <= 2000
    assert drawing.height <= 2400


def test_save_annotated_writes_a_png(grey: Ink, shipped: Reader, tmp_path: Path) -> None:
    """The file holds what `draw_reading` draws."""
    reading = shipped.read(grey)
    save_annotated(tmp_path / "out.png", grey, reading)
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.format == "PNG"
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(draw_reading(grey, reading)))


def test_save_annotated_reports_what_cannot_be_written(grey: Ink, tmp_path: Path) -> None:
    """A folder that does not exist is a typed error that names the file."""
    with pytest.raises(OutputError, match=r"nowhere/out\.png cannot be written"):
        save_annotated(tmp_path / "nowhere" / "out.png", grey, Reading(()))
