"""From a picture to a digit image: the one definition that everything here shares."""

from tenfold.image.digit_image import (
    BOX,
    CENTER,
    SIDE,
    center_by_mass,
    check_images,
    to_digit_image,
)
from tenfold.image.ink import NOISE, extract_ink
from tenfold.image.isolate import isolate_digit
from tenfold.image.page import extract_page_ink
from tenfold.image.picture import picture_to_digit_image
from tenfold.image.squared import erase_squares
from tenfold.image.strokes import THINNEST, even_strokes, stroke_width, thicken

__all__ = [
    "BOX",
    "CENTER",
    "NOISE",
    "SIDE",
    "THINNEST",
    "center_by_mass",
    "check_images",
    "erase_squares",
    "even_strokes",
    "extract_ink",
    "extract_page_ink",
    "isolate_digit",
    "picture_to_digit_image",
    "stroke_width",
    "thicken",
    "to_digit_image",
]
