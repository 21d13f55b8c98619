"""Digits as a pen would write them: from MNIST's images, thick or thin, slanted, flagged, crossed."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from tenfold.arrays import AnyArray, DigitImage

FINE: Final = 2
"""How many pixels there are, along each side, to one of the digit image while strokes are changed."""

SIDE: Final = 28 * FINE
REACH: Final = 4
"""How far from its middle a stroke is paler, in fine pixels."""

RIDGE: Final = 34
"""By how much the middle of a stroke is darker than both its sides."""

BENT: Final = 0.6
"""Share of digits that are bent."""

BENDING: Final = 0.65 * FINE
"""Standard deviation of the smooth displacement of a digit's parts, in fine pixels."""

UNRULY: Final = 0.1
"""Share of hands whose digits differ much in size and height."""

_PLACES: Final = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=2).astype(np.float32)

FLAGGED, FOOTED, CROSSED, SLASHED = 0.35, 0.12, 0.3, 0.02
"""Shares of 1s with a flag, and with a foot too, of 7s with a bar, and of slashed 0s."""

STRAIGHT: Final = 0.3
"""Share of 1s that are drawn by code, straight: otherwise whatever is straight would be a printed line."""

HOOKED: Final = 0.2
"""Share of 2s and 7s that begin with a hook."""


@dataclass(frozen=True)
class Hand:
    """How all digits of one string are written.

    Attributes
    ----------
    height : float
        Of digits, in pixels.
    width : float
        By which they are stretched across.
    slant : float
        Columns to the right per row up.
    pen : float
        Width of strokes, in pixels; 0 leaves those of the images.
    gap : float
        Between digits, of their height; negative where they overlap.
    wobble : float
        Strength of all that differs from digit to digit, about 1.
    """

    height: float
    width: float
    slant: float
    pen: float
    gap: float
    wobble: float


def draw_hand(generator: Generator) -> Hand:
    """Draw a way of writing."""
    height = float(generator.uniform(22, 46))
    thin = generator.random() < 0.65
    pen = height * float(np.exp(generator.uniform(np.log(0.03), np.log(0.13)))) if thin else 0.0
    kind = generator.random()
    gap = generator.uniform(-0.1, 0.08) if kind < 0.4 else generator.uniform(0.05, 0.45)
    if kind > 0.9:
        gap = generator.uniform(0.4, 1.5)
    return Hand(
        height=height,
        width=float(np.exp(generator.uniform(-0.3, 0.25))),
        slant=float(generator.normal(0.08, 0.17)),
        pen=pen,
        gap=float(gap),
        wobble=float(generator.uniform(0.3, 1.5) if generator.random() > UNRULY else generator.uniform(2, 4)),
    )


def write_digit(image: DigitImage, label: int, hand: Hand, generator: Generator) -> AnyArray:
    """Return one digit's ink, cut to its box.

    Parameters
    ----------
    image : ndarray of shape (28, 28), dtype=uint8
        Of MNIST's training images.
    label : int
        What it shows.
    hand : Hand
        How it is written.
    generator : Generator
        The source of all draws.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 paper … 255 ink.
    """
    fine = np.asarray(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)
    _add_strokes(fine, label, generator)
    if generator.random() < BENT:
        fine = _bend(fine, generator)
    if hand.pen:
        fine = _thin(fine)
    return _trim(_warp(fine, hand, generator))


def _add_strokes(fine: AnyArray, label: int, generator: Generator) -> None:
    """Add what MNIST's writers left out: flags and feet of 1s, bars of 7s, hooks."""
    chance = generator.random()
    if label == 1 and generator.random() < STRAIGHT:
        _draw_straight(fine, generator)
    if label in {2, 7} and generator.random() < HOOKED:
        _add_hook(fine, generator)
    if label == 1 and chance < FLAGGED:
        _add_flag(fine, generator)
    elif label == 7 and chance < CROSSED:
        _add_bar(fine, generator)
    elif label == 0 and chance < SLASHED:
        cv2.line(fine, (SIDE // 4, 3 * SIDE // 4), (3 * SIDE // 4, SIDE // 4), (255,), 4)


def _draw_straight(fine: AnyArray, generator: Generator) -> None:
    """Draw one straight stroke instead."""
    fine[:] = 0
    lean = round(float(np.clip(generator.normal(1, 3), -3, 8)))
    start, end = (SIDE // 2 + lean, SIDE // 7), (SIDE // 2 - lean, SIDE - SIDE // 7)
    cv2.line(fine, start, end, (255,), int(generator.integers(3, 9)))


def _add_hook(fine: AnyArray, generator: Generator) -> None:
    """Begin a digit with a short stroke upwards, to the left end of its upper part."""
    rows, columns = np.nonzero(fine > 127)
    if not len(rows):
        return
    high = int(rows[-1] - rows[0])
    is_upper = rows < rows[0] + 0.4 * high
    first = int(np.flatnonzero(is_upper)[columns[is_upper].argmin()])
    tip = int(columns[first]) + 1, int(rows[first])
    end = tip[0] + int(generator.integers(-4, 5)), tip[1] + int(high * generator.uniform(0.1, 0.22))
    cv2.line(fine, tip, end, (255,), int(generator.integers(3, 6)))


def _add_flag(fine: AnyArray, generator: Generator) -> None:
    """Add the upstroke of a 1 and, to some, a foot."""
    rows, columns = np.nonzero(fine > 127)
    if not len(rows):
        return
    top, bottom, high = rows[0], rows[-1], rows[-1] - rows[0]
    tip = int(columns[0]), int(top) + 2
    reach, angle = high * generator.uniform(0.25, 0.75), generator.uniform(0.3, 1.1)
    end = int(tip[0] - reach * np.sin(angle)), int(tip[1] + reach * np.cos(angle))
    thickness = max(2, round(len(rows) / max(1.0, 1.2 * high)))
    cv2.line(fine, tip, end, (255,), min(thickness, 6))
    if generator.random() < FOOTED / FLAGGED:
        wide, middle = int(high * generator.uniform(0.15, 0.35)), int(columns[-1])
        cv2.line(fine, (middle - wide, int(bottom)), (middle + wide, int(bottom)), (255,), min(thickness, 6))


def _add_bar(fine: AnyArray, generator: Generator) -> None:
    """Cross a 7 halfway down its stem."""
    rows, columns = np.nonzero(fine > 127)
    if not len(rows):
        return
    row = int(rows[0] + (rows[-1] - rows[0]) * generator.uniform(0.42, 0.62))
    here = columns[rows == row]
    if not len(here):
        return
    middle, wide, rise = int(here.mean()), generator.uniform(5, 11), generator.uniform(-3, 2)
    start, end = (int(middle - wide), int(row - rise)), (int(middle + wide), int(row + rise))
    cv2.line(fine, start, end, (255,), int(generator.integers(2, 5)))


def _bend(fine: AnyArray, generator: Generator) -> AnyArray:
    """Displace parts of a digit smoothly: as in `augment`, which does so to digit images."""
    coarse = generator.standard_normal((5, 5, 2), np.float32) * np.float32(BENDING)
    field = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    bent = cv2.remap(fine, _PLACES + field, None, cv2.INTER_LINEAR)  # type: ignore[call-overload]  # None is right
    return np.asarray(bent, np.uint8)


def _thin(fine: AnyArray) -> AnyArray:
    """Return the middles of strokes, two pixels wide: what is darker than both sides, in any direction."""
    soft = cv2.GaussianBlur(fine, (7, 7), 1.5)
    wide = cv2.copyMakeBorder(soft, REACH, REACH, REACH, REACH, cv2.BORDER_CONSTANT)
    ridge = np.zeros_like(soft)
    for down, right in ((0, REACH), (REACH, 0), (REACH - 1, REACH - 1), (REACH - 1, 1 - REACH)):
        sides = [
            cv2.subtract(soft, wide[REACH + down * way :, REACH + right * way :][:SIDE, :SIDE])
            for way in (-1, 1)
        ]
        cv2.max(ridge, cv2.min(*sides), ridge)
    return np.asarray(cv2.threshold(ridge, RIDGE, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _warp(fine: AnyArray, hand: Hand, generator: Generator) -> AnyArray:
    """Scale, slant and turn a digit, each a little differently from its neighbors."""
    turn, lean, wide, high = (generator.standard_normal(4) * hand.wobble).tolist()
    scale = hand.height / (20 * FINE)
    down = scale * float(np.exp(np.clip(0.07 * high, -0.35, 0.3)))
    across = scale * hand.width * float(np.exp(np.clip(0.13 * wide, -0.3, 0.5)))
    angle, slant = 0.06 * turn, hand.slant + 0.06 * lean
    side = int(hand.height * 2.2)
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    linear = np.array([[across * cosine, -down * (slant + sine)], [across * sine, down * cosine]])
    shift = side / 2 - linear @ np.array([SIDE / 2, SIDE / 2])
    matrix = np.column_stack([linear, shift])
    warped = cv2.warpAffine(fine, matrix, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(warped, np.uint8)


def _trim(ink: AnyArray) -> AnyArray:
    """Return the box of the ink."""
    left, top, wide, high = cv2.boundingRect((ink > 40).astype(np.uint8))
    return ink[top : top + max(1, high), left : left + max(1, wide)]


def widen_strokes(ink: AnyArray, pen: float) -> AnyArray:
    """Widen the middles of strokes to the width of a pen.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        Of all digits that one pen has written.
    pen : float
        Width in pixels.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        The middle of each stroke is full.
    """
    wide = int(pen)
    if wide > 1:
        ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide)))
    soft = cv2.GaussianBlur(ink, (0, 0), 0.45 + 0.3 * (pen - wide))
    return np.asarray(cv2.convertScaleAbs(soft, alpha=1.5 + 0.5 * (pen - wide)), np.uint8)
