"""From a picture to the numbers in it, with NumPy, OpenCV and ONNX Runtime alone."""

from tenfold.reading.annotate import draw_reading, save_annotated
from tenfold.reading.decide import decide, decide_unique
from tenfold.reading.expect import Expectation, parse_expectation
from tenfold.reading.files import Page, list_pictures, open_pages
from tenfold.reading.find import Found
from tenfold.reading.reader import Reader, load
from tenfold.reading.reading import BLANK, NOT_A_DIGIT, UNSURE, Digit, Number, Reading
from tenfold.reading.turn import find_numbers

__all__ = [
    "BLANK",
    "NOT_A_DIGIT",
    "UNSURE",
    "Digit",
    "Expectation",
    "Found",
    "Number",
    "Page",
    "Reader",
    "Reading",
    "decide",
    "decide_unique",
    "draw_reading",
    "find_numbers",
    "list_pictures",
    "load",
    "open_pages",
    "parse_expectation",
    "save_annotated",
]
