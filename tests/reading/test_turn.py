"""Pages that are larger than need be, lie on their side or upside down."""

import numpy as np
import pytest

from tenfold.arrays import Ink
from tenfold.reading import Reader, find_numbers
from tenfold.reading.turn import MOST_PIXELS
from tests.reading.pages import Drawn, Hand, below_each_other, on_sheet


@pytest.fixture(scope="module")
def written(hand: Hand) -> list[Drawn]:
    """Return eight numbers of six digits."""
    return hand.write_many(8, seed=2, shortest=6, longest=6)


@pytest.fixture(scope="module")
def page(written: list[Drawn]) -> Ink:
    """Return them below each other, dark on light."""
    ink = below_each_other(*map(on_sheet, written))
    return np.pad((235 - ink * (180 / 255)).astype(np.uint8), 20, constant_values=235)


def share_read(picture: Ink, written: list[Drawn], reader: Reader) -> float:
    """Return the share of the numbers that are found and right."""
    found = [number.text for number in reader.read(picture).numbers]
    return float(np.mean([number.text in found for number in written]))


@pytest.mark.parametrize("quarters", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))])
def test_a_page_is_read_whichever_way_it_lies(
    page: Ink, written: list[Drawn], shipped: Reader, quarters: int
) -> None:
    """Turned by quarters it reads as it does upright, and the diagnosis says how it was turned back."""
    turned = np.ascontiguousarray(np.rot90(page, -quarters))
    assert share_read(turned, written, shipped) >= 0.85
    said = [word for word in shipped.read(turned).diagnosis if "turned" in word]
    assert said == (
        [] if quarters == 0 else [f"on its side or upside down: turned by {90 * quarters}° counterclockwise"]
    )


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_of_a_turned_page_are_in_the_picture_as_it_was_given(
    page: Ink, shipped: Reader, quarters: int
) -> None:
    """Each box has ink along all four sides of the given picture's part."""
    turned = np.ascontiguousarray(np.rot90(page, -quarters))
    for number in shipped.read(turned).numbers:
        for digit in number.digits:
            left, top, width, height = digit.box
            part = turned[top : top + height, left : left + width] < 150
            assert part.shape == (height, width)
            assert part.any(axis=0).mean() > 0.7
            assert part.any(axis=1).mean() > 0.7


def test_a_large_page_is_read_as_a_small_one_is(page: Ink, written: list[Drawn], shipped: Reader) -> None:
    """Above the limit it is made smaller; texts are the same, and boxes are in pixels of the large one."""
    times = int(np.ceil((MOST_PIXELS / page.size) ** 0.5)) + 1
    large = np.kron(page, np.ones((times, times), np.uint8))
    assert large.size > MOST_PIXELS
    assert share_read(large, written, shipped) >= 0.85
    small_box, large_box = (find_numbers(one, shipped).lattices[0].boxes[0] for one in (page, large))
    np.testing.assert_allclose(large_box, times * small_box, atol=2 * times)
