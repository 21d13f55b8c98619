"""The occlusion map shows what a model looks at."""

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.errors import InputError
from tenfold.explain import occlusion_map
from tenfold.recognizer import Recognizer
from tests.explain.rules import ROOF, always_zero, draw, nine_if_closed


def test_map_is_highest_where_the_only_stroke_that_counts_is() -> None:
    """A model that looks at the roof of a 9 alone has its map there, and none beyond the square."""
    falls = occlusion_map(nine_if_closed, draw(closed=True), 9)
    assert ROOF[np.unravel_index(int(falls.argmax()), falls.shape)]
    rows, columns = np.nonzero(falls)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 9, 8, 19)
    assert falls.max() > 0.9
    np.testing.assert_allclose(falls, -occlusion_map(nine_if_closed, draw(closed=True), 4), atol=1e-6)


def test_map_is_what_erasing_by_hand_gives(reader: Recognizer, digits: Dataset) -> None:
    """Each value is the fall of a real model's probability, squares at the edges being cut off."""
    image, label = digits.test.images[3], int(digits.test.labels[3])
    falls = occlusion_map(reader.predict_proba, image, label, side=7)
    whole = reader.predict_proba(image[None])[0, label]
    for row, column in [(14, 14), (10, 17), (5, 12), (24, 2), (0, 27)]:
        erased = image.copy()
        erased[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4] = 0
        assert falls[row, column] == pytest.approx(
            whole - reader.predict_proba(erased[None])[0, label], abs=1e-6
        )
    assert falls.max() > 0.05


def test_blank_patches_change_nothing(reader: Recognizer, digits: Dataset) -> None:
    """Where the square holds no ink the fall is exactly 0, without asking the model."""
    asked = 0

    def counting(images: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += len(images)
        return reader.predict_proba(images)

    image = digits.test.images[0].copy()
    image[:, :14] = 0
    falls = occlusion_map(counting, image, 1)
    assert not falls[:, :12].any()
    assert asked == 1 + sum(
        image[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].any()
        for row in range(28)
        for column in range(28)
    )


def test_map_of_a_model_that_does_not_look_is_zero() -> None:
    """A model that answers the same to all images rests on no ink."""
    assert not occlusion_map(always_zero, draw(closed=True), 0).any()


@pytest.mark.parametrize("side", [0, -3, 4, 28, 29])
def test_squares_without_a_middle_are_refused(side: int) -> None:
    """An even side, or one larger than the image, is an InputError that shows it."""
    with pytest.raises(InputError, match=rf"side must be odd, from 1 to 27\. Got {side}\."):
        occlusion_map(always_zero, draw(closed=True), 0, side=side)
