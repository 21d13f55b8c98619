"""Pictures become the same digit images in the browser as in Python."""

from collections.abc import Sequence

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.errors import EmptyImageError
from tenfold.image import picture_to_digit_image
from tests.webpage.javascript import to_digit_images
from tests.webpage.pictures import draw_digit, photograph_digit


def _differences(pictures: Sequence[Ink]) -> list[int]:
    """Return the greatest difference, in grey levels, between the digit images of each picture."""
    return [_difference(grey, image) for grey, image in zip(pictures, to_digit_images(pictures), strict=True)]


def _difference(grey: Ink, image: Ink | None) -> int:
    try:
        expected = picture_to_digit_image(grey)
    except EmptyImageError:
        return 0 if image is None else 255
    return 255 if image is None else int(np.abs(expected.astype(int) - image).max())


@pytest.mark.parametrize("drawings", [range(100), pytest.param(range(100, 1000), marks=pytest.mark.slow)])
def test_drawings_become_the_same_digit_images(drawings: range) -> None:
    """Of 1,000 drawings of all sizes, pens, places and shades each pixel is the same within one level."""
    differences = _differences([draw_digit(number) for number in drawings])
    assert max(differences) <= 1, {at: one for at, one in enumerate(differences) if one > 1}


@pytest.mark.slow
def test_photos_become_the_same_digit_images() -> None:
    """Of 300 photos, shaded, soft and grainy, nearly all do."""
    differences = _differences([photograph_digit(number) for number in range(300)])
    share = float(np.mean(np.array(differences) <= 1))
    assert share >= 0.98, f"{share:.1%} are the same within one grey level"


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (28, 28), (60, 400)])
def test_pictures_without_ink_have_no_digit_image(shape: tuple[int, int]) -> None:
    """Blank paper of any size has none."""
    assert to_digit_images([np.full(shape, 255, np.uint8)]) == [None]


@pytest.mark.parametrize("drawings", [range(20), pytest.param(range(20, 60), marks=pytest.mark.slow)])
def test_digits_at_the_edge_of_a_grid_are_freed(drawings: range) -> None:
    """Cells with remains of their grid, level or aslant, become the same digit images as in Python."""
    cells = []
    for number in drawings:
        grey = draw_digit(number)
        width = max(2, min(grey.shape) // 40)
        ink = int(grey.min())
        grey[:width] = ink
        grey[:, -width:] = ink
        cells.append(np.roll(grey, number % 4, axis=0))
    differences = _differences(cells)
    assert max(differences) <= 1, differences


@pytest.mark.parametrize("drawings", [range(20), pytest.param(range(20, 100), marks=pytest.mark.slow)])
def test_digits_on_squared_paper_are_freed(drawings: range) -> None:
    """Digits on squares, level or aslant, become the same digit images as in Python; blank squares none."""
    pictures = []
    for number in drawings:
        grey = draw_digit(number)
        aslant = np.arange(grey.shape[1]) * (number % 3) // 80
        rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]]
        is_line = ((rows + aslant) % 37 < 2) | (columns % 37 < 2)
        pictures.append(np.where(is_line, np.minimum(grey, int(grey.min()) + 20), grey).astype(np.uint8))
    pictures.append(np.where(is_line, 80, 230).astype(np.uint8))
    differences = _differences(pictures)
    assert max(differences) <= 1, differences
    assert to_digit_images(pictures[-1:]) == [None]
