"""The whole way from a grey picture to a digit image."""

from tenfold.arrays import DigitImage, Ink
from tenfold.image.digit_image import to_digit_image
from tenfold.image.ink import extract_ink
from tenfold.image.isolate import isolate_digit
from tenfold.image.squared import erase_squares
from tenfold.image.strokes import even_strokes


def picture_to_digit_image(grey: Ink) -> DigitImage:
    """Make the digit image of a grey picture that shows one digit.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, dark on light or light on dark.

    Returns
    -------
    ndarray of shape (28, 28), dtype=uint8
        The digit image.

    Raises
    ------
    EmptyImageError
        There is no ink.
    """
    return to_digit_image(even_strokes(isolate_digit(erase_squares(extract_ink(grey)))))
