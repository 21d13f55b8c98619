"""A picture of a number as a line: what is found, cut out and normalized."""

import cv2
import numpy as np
import pytest

from tenfold.image.line import NARROWEST, ROWS, WIDEST, cut_line, find_run, picture_to_line

LEFT, TOP, WIDE, HIGH = 60, 70, 112, 40
"""Of the digits on the page."""


def draw_page(height: int = 200, width: int = 300, *, paper: int = 220, ink: int = 60) -> np.ndarray:
    """Return paper with four loops and bars of 40 rows, as digits have."""
    grey = np.full((height, width), paper, np.uint8)
    for column in range(4):
        corner = LEFT + column * 30, TOP
        cv2.rectangle(grey, corner, (corner[0] + 21, TOP + HIGH - 1), (ink,), 4)
    return grey


def assert_holds_digits(box: tuple[float, float, float, float]) -> None:
    """Check that a box is around the digits, and loosely so."""
    left, top, wide, high = box
    assert LEFT - 30 < left < LEFT
    assert TOP - 20 < top < TOP
    assert LEFT + WIDE < left + wide < LEFT + WIDE + 30
    assert TOP + HIGH < top + high < TOP + HIGH + 20


def test_a_run_is_found_on_a_page() -> None:
    """The box is around the digits, with some paper on all sides."""
    assert_holds_digits(find_run(draw_page()))


@pytest.mark.parametrize(
    ("start", "end"), [((0, 125), (299, 127)), ((0, 30), (299, 30)), ((20, 0), (20, 199))], ids=str
)
def test_lines_do_not_move_the_rows(start: tuple[int, int], end: tuple[int, int]) -> None:
    """A rule below or above, or a line of a table beside, leaves the rows that are found as they are."""
    grey = draw_page()
    cv2.line(grey, start, end, (90,), 2)
    _, top, _, high = find_run(grey)
    assert TOP - 25 < top < TOP
    assert TOP + HIGH < top + high < TOP + HIGH + 30


def test_light_on_dark_gives_the_same_line() -> None:
    """A negative is read as its positive."""
    grey = draw_page()
    positive, negative = picture_to_line(grey), picture_to_line(255 - grey)
    np.testing.assert_array_equal(positive.ink, negative.ink)
    assert positive.box == negative.box


def test_a_dark_picture_with_a_slope_of_light_is_dark_on_light() -> None:
    """Though more of it is dark than light, its strokes are darker than what is around them."""
    light = np.linspace(30, 120, 300) ** 1.1 / 194
    dark = (draw_page(paper=120, ink=80) * light).astype(np.uint8)
    assert_holds_digits(picture_to_line(dark).box)


def test_pale_ink_becomes_full() -> None:
    """Strokes are 255, whatever their contrast; paper stays near 0."""
    for grey in (draw_page(), draw_page(paper=200, ink=180)):
        ink = picture_to_line(grey).ink
        assert ink.max() == 255
        assert np.median(ink) <= 10


def test_a_line_has_32_rows_and_the_pictures_aspect() -> None:
    """The width follows from that of the box."""
    line = picture_to_line(draw_page())
    assert line.ink.shape == (ROWS, round(line.box[2] * ROWS / line.box[3]))


@pytest.mark.parametrize(("wide", "width"), [(10, NARROWEST), (9000, WIDEST)])
def test_the_width_is_limited(wide: int, width: int) -> None:
    """No line is narrower than 16 pixels or wider than 1024."""
    light = np.full((40, wide), 255, np.uint8)
    assert cut_line(light, (0.0, 0.0, float(wide), 40.0)).ink.shape == (ROWS, width)


def test_beyond_the_picture_is_paper() -> None:
    """A box may reach over the edges."""
    light = np.full((40, 80), 255, np.uint8)
    light[:, ::8] = 0
    ink = cut_line(light, (-20.0, -12.0, 120.0, 64.0)).ink
    assert ink.shape == (ROWS, 60)
    assert not ink[:6].any()
    assert not ink[:, :10].any()
    assert ink[6:26, 10:50].any()


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (40, 40)], ids=str)
@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_pictures_give_blank_lines(shape: tuple[int, int], level: int) -> None:
    """Without ink the whole picture is the line, and it is empty."""
    line = picture_to_line(np.full(shape, level, np.uint8))
    assert line.box == (0.0, 0.0, float(shape[1]), float(shape[0]))
    assert not line.ink.any()
