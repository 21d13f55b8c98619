"""From a picture to what may be numbers in it, before it is decided which."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tenfold.arrays import Ink
from tenfold.image import (
    erase_squares,
    even_strokes,
    extract_ink,
    extract_page_ink,
    isolate_digit,
    to_digit_image,
)
from tenfold.line_recognizer import LineRecognizer
from tenfold.reading.diagnose import LEFT_OUT, NEIGHBORS, diagnose
from tenfold.reading.doubt import read_again
from tenfold.reading.group import find_runs
from tenfold.reading.lattice import Lattice, make_single
from tenfold.reading.locate import Parts, connect, typical_height, without_rules
from tenfold.reading.reading import BLANK, NOT_A_DIGIT
from tenfold.reading.ruling import Ruling, tell_ruling
from tenfold.reading.segment import make_lattice
from tenfold.reading.sift import Stretch, pick_middle, split_at_signs
from tenfold.reading.single import is_thumbnail, may_be_joined, shows_one_sign, surroundings
from tenfold.recognizer import NONE, Recognizer

SMALL: Final = 300
"""Smaller side of a picture, in pixels, below which it is a crop of a number rather than a page."""

NEAR: Final = 0.35
"""Height of digits, of the picture's smaller side, from which on a larger one is a crop as well."""


@dataclass(frozen=True, eq=False)
class Found:
    """What may be numbers.

    Attributes
    ----------
    lattices : tuple of Lattice
        One for each number, from top to bottom and from left to right.
    lines : tuple of int
        For each, which line of the picture it stands in.
    reason : str or None
        Why there is none: `blank` or `not a digit`.
    diagnosis : tuple of str
        What is unusual about the picture, in words.
    """

    lattices: tuple[Lattice, ...] = ()
    lines: tuple[int, ...] = ()
    reason: str | None = None
    diagnosis: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Sheet:
    """What was found in a picture as it lies, read by pieces alone.

    Attributes
    ----------
    light : ndarray of shape (height, width), dtype=uint8
        Its ink, dark on light, without rules.
    stretches : tuple of (Stretch, int)
        Digits between signs, and the line that they stand in.
    reason : str or None
        Why there are none: `blank` or `not a digit`.
    diagnosis : tuple of str
        What is unusual about the picture, in words.
    """

    light: Ink
    stretches: tuple[tuple[Stretch, int], ...] = ()
    reason: str | None = None
    diagnosis: tuple[str, ...] = ()

    @property
    def lattices(self) -> list[Lattice]:
        """Return the lattices of all stretches."""
        return [lattice for stretch, _ in self.stretches for lattice in stretch.lattices]


def find_upright(grey: Ink, reader: Recognizer) -> Sheet:
    """Find what may be digits in a grey picture, as it lies.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, upright.
    reader : Recognizer
        Reads what may be digits.
    """
    is_near = min(grey.shape) < SMALL
    ink = _extract(grey, is_near=is_near)
    if not ink.any():
        return Sheet(ink, reason=BLANK)
    whole = connect(ink)
    ruling = tell_ruling(whole, is_page=not is_near)
    if ruling is Ruling.BLANK:
        return Sheet(np.zeros_like(ink), reason=BLANK)
    if ruling is Ruling.RULED:
        return _find_digits(grey, without_rules(whole, is_ruled=True), reader, is_page=True)
    if not is_near and typical_height(whole) > NEAR * min(grey.shape):
        is_near, ink = True, _extract(grey, is_near=True)
        whole = connect(ink)
    if shows_one_sign(whole, is_near=is_near):
        sheet = _read_sign(ink if is_near else _extract_sign(grey, whole), reader)
        if sheet.reason != NOT_A_DIGIT or not may_be_joined(whole):
            return replace(sheet, diagnosis=diagnose(grey, whole))
    return _find_digits(grey, without_rules(whole), reader, is_page=not is_near)


def _extract(grey: Ink, *, is_near: bool) -> Ink:
    """Return the ink of a picture of a few digits, or of a page, or of what is none of these."""
    ink = extract_ink(grey) if is_near else np.zeros_like(grey)
    ink = ink if ink.any() else extract_page_ink(grey)
    return erase_squares(ink) if is_near else ink


def _extract_sign(grey: Ink, parts: Parts) -> Ink:
    """Return the ink of the one sign on a page, seen from near by."""
    ink = np.zeros_like(grey)
    around = surroundings(parts)
    ink[around] = _extract(np.ascontiguousarray(grey[around]), is_near=True)
    return ink


def read_sheet(sheet: Sheet, lines: LineRecognizer | None = None) -> Found:
    """Read again, as a line, what leaves doubt.

    Parameters
    ----------
    sheet : Sheet
        Of a picture, by pieces.
    lines : LineRecognizer, optional
        Reads what touches; without it the pieces count.
    """
    found = [
        (lattice, line)
        for stretch, line in sheet.stretches
        for lattice in (stretch.lattices if lines is None else read_again(sheet.light, stretch, lines))
    ]
    if not found:
        return Found(reason=sheet.reason or NOT_A_DIGIT, diagnosis=sheet.diagnosis)
    lattices, at = zip(*found, strict=True)
    return Found(lattices, at, diagnosis=sheet.diagnosis)


def _find_digits(grey: Ink, parts: Parts, reader: Recognizer, *, is_page: bool) -> Sheet:
    """Find what may be digits in ink that is more than one sign, without its rules."""
    runs = find_runs(parts, is_page=is_page)
    sifted = [split_at_signs(make_lattice(parts, run, reader), run.height) for run in runs]
    stretches = tuple(
        (stretch, run.line) for run, one in zip(runs, sifted, strict=True) for stretch in one.stretches
    )
    words = list(diagnose(grey, parts, runs))
    if is_thumbnail(grey.shape):
        middle = pick_middle((stretch for stretch, _ in stretches), parts.ink.shape)
        stretches = ((middle, 0),) if middle else ()
        words += [NEIGHBORS] if middle and middle.n_dropped else []
    if not any(stretch.lattices for stretch, _ in stretches):
        return Sheet(255 - parts.ink, stretches, NOT_A_DIGIT, tuple(words))
    words += [LEFT_OUT] if any(one.lacks_wide_sign for one in sifted) else []
    return Sheet(255 - parts.ink, stretches, diagnosis=tuple(words))


def _read_sign(ink: Ink, reader: Recognizer) -> Sheet:
    """Return the ink of one sign as a stretch of one digit, if it is one."""
    import cv2

    alone = isolate_digit(ink)
    left, top, wide, high = cv2.boundingRect(alone)
    if not wide:
        return Sheet(255 - ink, reason=BLANK)
    probabilities = reader.predict_proba(to_digit_image(even_strokes(alone))[None])
    if probabilities[0].argmax() == NONE:
        return Sheet(255 - ink, reason=NOT_A_DIGIT)
    lattice = make_single(probabilities, np.array([left, top, wide, high]))
    return Sheet(255 - ink, ((Stretch([lattice], 0, (left, top, left + wide, top + high), is_sure=True), 0),))
