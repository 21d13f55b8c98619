"""From a digit that was read back to its digit image."""

import numpy as np
import pytest
from PIL import Image

from tenfold.data import Dataset
from tenfold.errors import EmptyImageError
from tenfold.image import picture_to_digit_image
from tenfold.reading import Digit, Reader, Reading, cut_digit
from tests.image.drawn import enlarged, on_paper
from tests.reading.pages import Hand, below_each_other, on_sheet


def test_a_digit_that_stands_alone_is_what_was_read(shipped: Reader, digits: Dataset) -> None:
    """Of a picture of one digit it is the very image that the model was shown."""
    for image in digits.test.images[:5]:
        picture = on_paper(enlarged(image))
        reading = shipped.read(picture)
        (digit,) = reading.numbers[0].digits
        cut = cut_digit(picture, reading, digit, shipped)
        np.testing.assert_array_equal(cut, picture_to_digit_image(picture))


def test_each_digit_of_a_page_is_cut_out(shipped: Reader, hand: Hand) -> None:
    """What is cut out is read as it was read on the page, also where the page lies on its side."""
    generator = np.random.default_rng(4)
    sheets = [on_sheet(hand.write(text, generator)) for text in ("3072", "4519", "8866")]
    upright = on_paper(below_each_other(*sheets))
    for quarters in (0, 1):
        picture = np.ascontiguousarray(np.rot90(upright, -quarters))
        reading = shipped.read(picture)
        assert reading.text == "3072\n4519\n8866"
        for number in reading.numbers:
            images = [cut_digit(picture, reading, digit, shipped) for digit in number.digits]
            assert "".join(map(str, shipped.predict(np.stack(images)))) == number.text


def test_large_pictures_are_cut_small(shipped: Reader, digits: Dataset) -> None:
    """A digit that fills millions of pixels becomes the same digit image as a small one, nearly."""
    small = on_paper(enlarged(digits.test.images[3], times=8))
    large = np.asarray(Image.fromarray(small).resize((2400, 2400)))
    reading = shipped.read(large)
    (digit,) = reading.numbers[0].digits
    cut = cut_digit(large, reading, digit, shipped).astype(int)
    assert np.abs(cut - picture_to_digit_image(small)).mean() < 4


def test_a_box_without_ink_is_refused(shipped: Reader) -> None:
    """Where there is no ink there is no digit image."""
    nothing = Digit(3, 0.9, (10, 10, 20, 20), np.zeros(11, np.float32))
    with pytest.raises(EmptyImageError, match=r"in the box \(10, 10, 20, 20\)\. Got no ink"):
        cut_digit(np.full((60, 60), 200, np.uint8), Reading(()), nothing, shipped)
