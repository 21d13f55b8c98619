"""A sheet of paper, told from what lies around it."""

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.image.sheet import without_surroundings


def draw_sheet(*, paper: int = 220, around: int = 60, margin: int = 80) -> Ink:
    """Draw a sheet with some strokes on something else."""
    sheet = np.full((400, 500), paper, np.uint8)
    sheet[100:104, 50:450] = sheet[200:260, 240:250] = 40
    return np.pad(sheet, margin, constant_values=around)


def test_a_sheet_is_continued_beyond_its_edges() -> None:
    """What was dark around it is as light as its paper; what stands on it is as it was."""
    picture = draw_sheet()
    continued = without_surroundings(picture)
    inside = (slice(90, -90), slice(90, -90))
    np.testing.assert_array_equal(continued[inside], picture[inside])
    outside = np.ones_like(picture, dtype=bool)
    outside[80:-80, 80:-80] = False
    assert continued[outside].min() >= 200


def test_a_sheet_in_a_slope_of_light_keeps_it() -> None:
    """Beyond an edge in the shade there is shaded paper: no step that would be taken for ink."""
    picture = draw_sheet().astype(float)
    slope = np.linspace(0.7, 1.0, picture.shape[1])
    picture[80:-80, 80:-80] *= slope[80:-80]
    continued = without_surroundings(picture.astype(np.uint8))
    for column in (0, -1):
        assert abs(int(np.median(continued[:, column])) - 220 * slope[80 if column == 0 else -80]) < 12


@pytest.mark.parametrize(
    "picture",
    [
        draw_sheet(around=130),
        draw_sheet(margin=0),
        draw_sheet(paper=60, around=60),
        255 - draw_sheet(margin=0),
        np.tile(np.linspace(255, 20, 600), (400, 1)).astype(np.uint8),
        np.random.default_rng(0).integers(0, 256, (400, 500), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.zeros((1, 2000), np.uint8),
    ],
    ids=["shadow", "sheet alone", "dark", "light ink", "slope", "noise", "a pixel", "a line"],
)
def test_where_there_is_no_sheet_nothing_changes(picture: Ink) -> None:
    """A shadow on the paper, ink in a dark picture, and noise are left as they are."""
    np.testing.assert_array_equal(without_surroundings(picture), picture)
