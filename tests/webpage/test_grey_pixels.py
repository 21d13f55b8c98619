"""Colors and what is transparent become the same grey as in Python."""

import base64

import numpy as np
import pytest
from PIL import Image

from tenfold.arrays import AnyArray, Ink
from tenfold.pictures import as_picture
from tests.webpage.node import ask_node

RANDOM = np.random.default_rng(0)


def to_grey(pixels: AnyArray) -> Ink:
    """Return what the page makes of red, green, blue and opacity."""
    height, width, _ = pixels.shape
    question = {"width": width, "height": height, "data": base64.b64encode(pixels.tobytes()).decode()}
    (answer,) = ask_node("answer.mjs", [["grey", question]])
    return np.frombuffer(base64.b64decode(answer), np.uint8).reshape(height, width)


def colors(alpha: AnyArray) -> AnyArray:
    """Return random colors of some opacity."""
    pixels = RANDOM.integers(0, 256, (*alpha.shape, 4), np.uint8)
    pixels[..., 3] = alpha
    return pixels


def pen(shade: int, share: float) -> AnyArray:
    """Return a stroke of one shade on transparent paper, half transparent at its edge."""
    pixels = np.zeros((40, 30, 4), np.uint8)
    pixels[: int(40 * share)] = (shade, shade, shade, 255)
    pixels[int(40 * share)] = (shade, shade, shade, 100)
    return pixels


@pytest.mark.parametrize(
    "pixels",
    [
        colors(np.full((40, 30), 255)),
        colors(np.zeros((40, 30))),
        colors(np.full((40, 30), 128)),
        colors(RANDOM.integers(0, 256, (40, 30))),
        colors(RANDOM.integers(0, 2, (40, 30)) * 255),
        *(pen(shade, share) for shade in (0, 100, 127, 128, 255) for share in (0.1, 0.5, 0.9)),
    ],
)
def test_pixels_become_the_same_grey(pixels: AnyArray) -> None:
    """Each level is the one that tenfold.pictures makes of the same pixels."""
    assert np.array_equal(to_grey(pixels), as_picture(Image.fromarray(pixels)))


@pytest.mark.parametrize(
    ("width", "height", "match"), [(5000, 4000, "may have 16000000 pixels"), (0, 5, "at least one pixel")]
)
def test_pictures_of_no_size_and_of_too_large_a_one_are_refused(width: int, height: int, match: str) -> None:
    """The limit is that of tenfold.pictures, and is checked before any pixel."""
    (answer,) = ask_node("answer.mjs", [["grey", {"width": width, "height": height, "data": ""}]])
    assert answer["error"].startswith("PictureError: ")
    assert match in answer["error"]
