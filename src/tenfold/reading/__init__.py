"""From a picture to the numbers in it, with NumPy, OpenCV and ONNX Runtime alone."""

from tenfold.reading.annotate import draw_reading, save_annotated
from tenfold.reading.cut import cut_digit
from tenfold.reading.decide import decide, decide_unique, judge_images
from tenfold.reading.decode import Candidate, decode, is_close, is_forced, support
from tenfold.reading.expect import Expectation, parse_expectation
from tenfold.reading.files import Page, list_pictures, open_pages
from tenfold.reading.find import Found
from tenfold.reading.lattice import Lattice
from tenfold.reading.reader import Reader, load
from tenfold.reading.reading import BLANK, NOT_A_DIGIT, UNSURE, Digit, Number, Reading
from tenfold.reading.roster import assign_unique, load_roster
from tenfold.reading.totals import LineCandidate, decode_line
from tenfold.reading.turn import find_numbers

__all__ = [
    "BLANK",
    "NOT_A_DIGIT",
    "UNSURE",
    "Candidate",
    "Digit",
    "Expectation",
    "Found",
    "Lattice",
    "LineCandidate",
    "Number",
    "Page",
    "Reader",
    "Reading",
    "assign_unique",
    "cut_digit",
    "decide",
    "decide_unique",
    "decode",
    "decode_line",
    "draw_reading",
    "find_numbers",
    "is_close",
    "is_forced",
    "judge_images",
    "list_pictures",
    "load",
    "load_roster",
    "open_pages",
    "parse_expectation",
    "save_annotated",
    "support",
]
