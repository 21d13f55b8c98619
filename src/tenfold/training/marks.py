"""What is written beside digits and is none: points, commas, dashes, slashes, signs of currencies, units."""

from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from tenfold.arrays import AnyArray
from tenfold.training.handwriting import Hand

WORDS: Final = ("$", "Rs", "EUR", "kg", "m", "No", "km", "#", "%", "x", "Nr", "cm", "a)", "+", "=", "*")
"""Nothing in them that may be taken for a digit."""

INSIDE: Final = ("point", "comma", "dash", "point", "comma", "dash", "slash", "colon", "apostrophe")
OUTSIDE: Final = ("point", "comma", "dash", "slash", "slash and dash", "word", "word", "speck")


def draw_mark(hand: Hand, generator: Generator, *, inside: bool) -> tuple[AnyArray, float]:
    """Draw a mark as the hand writes it.

    Parameters
    ----------
    hand : Hand
        Its size, and the width of the pen.
    generator : Generator
        The source of all draws.
    inside : bool
        Whether it stands between two digits.

    Returns
    -------
    ink : ndarray of shape (height, width), dtype=uint8
        0 paper, 255 ink.
    row : float
        Of its top, where the digits' is 0.
    """
    kinds = INSIDE if inside else OUTSIDE
    kind = kinds[generator.integers(len(kinds))]
    high = hand.height
    pen = 1 if hand.pen else max(2, round(high * generator.uniform(0.08, 0.16)))
    if kind in {"point", "colon", "speck", "apostrophe", "comma"}:
        return _draw_point(kind, high, pen, generator)
    if kind == "dash":
        return _draw_dash(high, pen, generator)
    if kind == "word":
        return _draw_word(high, pen, generator)
    return _draw_slash(high, pen, generator, dashed=kind == "slash and dash")


def _draw_point(kind: str, high: float, pen: int, generator: Generator) -> tuple[AnyArray, float]:
    """Draw one or two points, or a short tail at the foot or the top."""
    radius = max(1, round(high * generator.uniform(0.015, 0.06)))
    side = 2 * radius + 1
    foot = high * float(generator.uniform(0.85, 1.02))
    if kind in {"comma", "apostrophe"}:
        tail = max(3, round(high * generator.uniform(0.12, 0.28)))
        ink = np.zeros((tail + side, side + tail // 2 + 2), np.uint8)
        cv2.line(ink, (ink.shape[1] - radius - 1, radius), (radius, tail), (255,), max(pen, radius))
        return ink, foot if kind == "comma" else high * float(generator.uniform(-0.1, 0.1))
    ink = np.zeros((side, side), np.uint8)
    cv2.circle(ink, (radius, radius), radius, (255,), -1)
    if kind == "colon":
        ink = np.concatenate([ink, np.zeros((max(2, round(0.3 * high)), side), np.uint8), ink])
        return ink, high * 0.4
    return ink, foot - radius if kind == "point" else high * float(generator.uniform(-0.1, 1.1))


def _draw_dash(high: float, pen: int, generator: Generator) -> tuple[AnyArray, float]:
    """Draw a dash halfway up, perhaps a double one."""
    wide, rise = max(3, round(high * generator.uniform(0.2, 0.9))), round(high * generator.normal(0, 0.06))
    ink = np.zeros((abs(rise) + pen + 2, wide + pen), np.uint8)
    start, end = (abs(rise), 0) if rise > 0 else (0, abs(rise))
    cv2.line(ink, (0, start + pen // 2), (wide, end + pen // 2), (255,), pen)
    if generator.random() < 0.15:
        ink = np.concatenate([ink, np.zeros((max(2, round(0.15 * high)), ink.shape[1]), np.uint8), ink])
    return ink, high * float(generator.uniform(0.38, 0.65))


def _draw_slash(high: float, pen: int, generator: Generator, *, dashed: bool) -> tuple[AnyArray, float]:
    """Draw a stroke that leans more, and is longer, than any 1; perhaps with a dash after it."""
    tall = round(high * generator.uniform(1.2, 1.7))
    lean = round(tall * generator.uniform(0.35, 0.8))
    after = round(high * generator.uniform(0.4, 1.2)) if dashed else 0
    ink = np.zeros((tall, lean + pen + after), np.uint8)
    cv2.line(ink, (0, tall - 1), (lean, 0), (255,), pen)
    if dashed:
        row = round(tall * generator.uniform(0.3, 0.6))
        start = lean - round(lean * row / tall) + round(high * generator.uniform(0, 0.15))
        cv2.line(ink, (start, row), (ink.shape[1] - 1, row - round(high * 0.05)), (255,), pen)
    return ink, (high - tall) * float(generator.uniform(0.3, 0.7))


def _draw_word(high: float, pen: int, generator: Generator) -> tuple[AnyArray, float]:
    """Draw a sign of currency or a unit."""
    word = WORDS[generator.integers(len(WORDS))]
    font = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX)[
        generator.integers(3)
    ]
    size = high / 22 * float(generator.uniform(0.55, 1.1))
    (wide, tall), below = cv2.getTextSize(word, font, size, pen)
    ink = np.zeros((tall + below + 2 * pen, wide + 2 * pen), np.uint8)
    cv2.putText(ink, word, (pen, tall + pen), font, size, (255,), pen)
    return ink, high - tall - pen
