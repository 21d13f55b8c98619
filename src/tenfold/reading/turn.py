"""Pages as they come: larger than need be, on their side, upside down."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box, Ink
from tenfold.image import even_strokes, to_digit_image
from tenfold.line_recognizer import LineRecognizer
from tenfold.reading.find import Found, Sheet, find_upright, read_sheet
from tenfold.reading.lattice import Lattice
from tenfold.reading.sift import best_path, path_confidences
from tenfold.recognizer import NONE, Recognizer

MOST_PIXELS: Final = 3_000_000
"""Of a picture in which numbers are looked for."""

EVEN: Final = 0.85
"""Confidence of a digit that speaks neither for nor against the way a page lies."""

CLEAR: Final = 0.95
"""Confidence of a clear digit."""

SENSE: Final = 0.9
"""Mean confidence of digits, at least, from which on no other way need be asked about."""

FEWEST: Final = 8
"""Digits on a page, at least, by which it may be told which way it lies."""

TURNED: Final = "on its side or upside down: turned by {}° counterclockwise"


def find_numbers(grey: Ink, reader: Recognizer, lines: LineRecognizer | None = None) -> Found:
    """Find what may be numbers in a grey picture, turned where it makes little sense as it lies.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white.
    reader : Recognizer
        Reads what may be digits.
    lines : LineRecognizer, optional
        Reads what touches.

    Returns
    -------
    Found
        The boxes are in the picture as it was given.
    """
    if grey.size <= MOST_PIXELS:
        return _find_turned(grey, reader, lines)
    small = shrink(grey)
    found = _find_turned(small, reader, lines)
    return replace(found, lattices=tuple(_scale(one, grey.shape, small.shape) for one in found.lattices))


def quarters_turned(diagnosis: Sequence[str]) -> int:
    """Return by how many quarters counterclockwise a picture was turned to be read, as its diagnosis says."""
    return next((quarters for quarters in (1, 2, 3) if TURNED.format(90 * quarters) in diagnosis), 0)


def shrink(grey: Ink) -> Box:
    """Make a large picture smaller: digits that can be written by hand stay large enough to be read."""
    if grey.size <= MOST_PIXELS:
        return grey
    import cv2

    scale = (MOST_PIXELS / grey.size) ** 0.5
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _scale(lattice: Lattice, large: tuple[int, ...], small: tuple[int, ...]) -> Lattice:
    """Return a lattice whose boxes are in the large picture."""
    factors = np.array([large[1] / small[1], large[0] / small[0]] * 2)
    return replace(lattice, boxes=np.floor(lattice.boxes * factors).astype(np.int64))


def _find_turned(grey: Ink, reader: Recognizer, lines: LineRecognizer | None) -> Found:
    """Find what may be numbers as the picture lies or, if that makes little sense, turned."""
    sheet = find_upright(grey, reader)
    most = sum(lattice.n_places - 1 for lattice in sheet.lattices)
    if most < FEWEST or _count_digits(sheet) < FEWEST or _weigh(sheet) >= 0:
        return read_sheet(sheet, lines)
    turned: dict[int, Sheet] = {}
    for quarters in _rank_turns(sheet, reader):
        turned[quarters] = find_upright(np.ascontiguousarray(np.rot90(grey, quarters)), reader)
        if _weigh(turned[quarters]) > (SENSE - EVEN) * max(FEWEST, _count_digits(turned[quarters])):
            break
    best = max(turned, key=lambda quarters: _weigh(turned[quarters]))
    if _weigh(turned[best]) <= max(0.0, _weigh(sheet)):
        return read_sheet(sheet, lines)
    found = read_sheet(turned[best], lines)
    lattices = tuple(_turn_back(lattice, best, grey.shape) for lattice in found.lattices)
    words = (TURNED.format(90 * best), *found.diagnosis)
    return replace(found, lattices=lattices, diagnosis=words)


def _rank_turns(sheet: Sheet, reader: Recognizer) -> list[int]:
    """Return 1, 2 and 3 quarters, those first after which most of the pieces alone are clear digits."""
    boxes = np.concatenate([lattice.boxes[best_path(lattice)] for lattice in sheet.lattices])
    pieces = [255 - sheet.light[top : top + high, left : left + wide] for left, top, wide, high in boxes]
    images = np.stack([to_digit_image(even_strokes(piece)) for piece in pieces if piece.any()])
    turns = np.concatenate([np.rot90(images, quarters, axes=(1, 2)) for quarters in (1, 2, 3)])
    are_clear = reader.predict_proba(np.ascontiguousarray(turns))[:, :NONE].max(axis=1) >= CLEAR
    ranked: list[int] = (1 + (-are_clear.reshape(3, -1).sum(axis=1)).argsort(kind="stable")).tolist()
    return ranked


def _count_digits(sheet: Sheet) -> int:
    return sum(len(path_confidences(lattice)) for lattice in sheet.lattices)


def _weigh(sheet: Sheet) -> float:
    """Return how much the digits speak for the way the page lies."""
    return sum(float((path_confidences(lattice) - EVEN).sum()) for lattice in sheet.lattices)


def _turn_back(lattice: Lattice, quarters: int, shape: tuple[int, ...]) -> Lattice:
    """Return a lattice whose boxes are in a picture of that shape, before it was turned counterclockwise."""
    boxes = lattice.boxes
    for done in range(quarters):
        boxes = _turn_boxes(boxes, shape[1] if (quarters - done) % 2 else shape[0])
    return replace(lattice, boxes=boxes)


def _turn_boxes(boxes: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """Turn boxes clockwise by a quarter, into a picture of that width."""
    left, top, wide, high = boxes.T
    return np.stack([width - top - high, left, high, wide], axis=1)
