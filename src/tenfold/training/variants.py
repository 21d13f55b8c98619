"""Digits in shapes that MNIST lacks: flagged and footed 1s, crossed 7s, hooked 9s; bold, stretched."""

import math
from typing import Final

import numpy as np
from numpy.random import Generator

from tenfold.arrays import Box, DigitImage, Ink
from tenfold.data import Split
from tenfold.image import SIDE, stroke_width, to_digit_image

Point = tuple[float, float]

ONE, SEVEN, NINE = 1, 7, 9

FLAG: Final = (0.15, 1.1)
"""Length of a flag, of the 1's height."""

DROOP: Final = (10.0, 40.0, 75.0)
"""Degrees that a flag points down from the level: at least, how much more for one as long as the 1 is high (a
level one would make a 7), and at most."""

FOOT: Final = (0.3, 0.8)
"""Length of the line that a 1 stands on, of its height."""

FOOTED: Final = 0.3
"""Share of flagged 1s that stand on one."""

CROSSING: Final = (0.35, 0.7)
"""Length of the bar through a 7, of its height."""

HOOK: Final = ((0.12, 0.32), (0.04, 0.2), (100.0, 200.0))
"""Half the width and the depth of the hook at the foot of a 9, of its height; and its turn in degrees."""

POINTED: Final = 0.12
"""Share of digits with a point beside their foot: the end of a sentence, or of a number in a list."""

POINT: Final = ((0.8, 1.5), (0.05, 0.3))
"""Width of a point in widths of strokes, and its distance in terms of the digit's height."""

DRAWN: Final = 0.6
"""Share of 1s, 7s and 9s that get such strokes; all others are stretched."""

STRETCHED: Final = 0.5
"""Share of those with strokes that are stretched as well."""

STRETCH: Final = (0.2, 0.85)
"""How far towards a square."""

THICKENED: Final = 0.3
"""Share of stretched digits whose strokes are widened."""

WIDENING: Final = (0.5, 2.5)
"""By how many pixels of the digit image."""

SOLID: Final = 127
FAINTEST: Final = 32
"""Ink, of 255, that a stroke's middle and its edge have."""

_FINER: Final = 8
"""How many pixels there are, along each side, to one of the digit image while strokes are drawn."""

_SHIFT: Final = 4
_PARTS: Final = 1 << _SHIFT
"""Of a pixel, in which OpenCV takes coordinates."""


def make_variants(samples: Split, share: float, *, seed: int) -> Split:
    """Change training digits into shapes that others write, or that other collections keep.

    A part of the 1s gets flags and feet, of the 7s crossings, of the 9s hooks. Collections that fill a square
    with each digit stretch it, a 1 by most, so other digits are stretched, and some made bold. Beside a few a
    point is left.

    Parameters
    ----------
    samples : Split
        Training digits.
    share : float
        How many, as a share of the samples.
    seed : int
        The same seed and samples give the same images.

    Returns
    -------
    Split
        The new images alone, with their labels.
    """
    generator = np.random.default_rng([seed, ONE, SEVEN, NINE])
    positions = np.flatnonzero(samples.images.max(axis=(1, 2), initial=0) > SOLID)
    chosen = generator.choice(positions, round(share * len(positions)), replace=False)
    images = [_change(samples.images[at], int(samples.labels[at]), generator) for at in chosen]
    return Split(np.array(images, np.uint8).reshape(-1, SIDE, SIDE), samples.labels[chosen])


def _change(image: DigitImage, label: int, generator: Generator) -> DigitImage:
    """Change an enlarged digit, and make a digit image of it."""
    import cv2

    side = len(image) * _FINER
    fine = np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    page = np.pad(fine * (fine > FAINTEST), side // 4)  # fringes would enlarge the box
    add_strokes = _STROKES.get(label) if generator.random() < DRAWN else None
    if add_strokes:
        page = add_strokes(page, generator)
    if not add_strokes or generator.random() < STRETCHED:
        page = _stretch(page, generator)
    if generator.random() < POINTED:
        page = _add_point(page, generator)
    digit: DigitImage = to_digit_image(page)
    return digit


def _stretch(digit: Box, generator: Generator) -> Ink:
    """Stretch a digit towards the square, and widen some of its strokes."""
    import cv2

    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    box = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if generator.random() < THICKENED:
        reach = round(_FINER * generator.uniform(*WIDENING))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach | 1, reach | 1))
        box = np.asarray(cv2.dilate(np.pad(box, reach), kernel), np.uint8)
    height, width = box.shape
    towards = generator.uniform(*STRETCH)
    size = (
        round(width + towards * (max(height, width) - width)),
        round(height + towards * (max(height, width) - height)),
    )
    return np.asarray(cv2.resize(box, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _flag(one: Box, generator: Generator) -> Box:
    """Draw a flag from the top of a 1 down to its left, and sometimes what it stands on."""
    rows = np.flatnonzero((one > SOLID).any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1])
    width, height = _pen(one, generator), bottom - top
    tip = _middle(one, top + round(width / 2)), top + width / 2
    share, (least, more, most) = generator.uniform(*FLAG), DROOP
    angle, length = math.radians(generator.uniform(least + more * share, most)), height * share
    end = tip[0] - length * math.cos(angle), tip[1] + length * math.sin(angle)
    flagged = _draw_line(one, tip, end, width=width)
    if generator.random() >= FOOTED:
        return flagged
    middle, reach = _middle(one, bottom - round(width / 2)), height * generator.uniform(*FOOT) / 2
    level = bottom - width / 2
    return _draw_line(flagged, (middle - reach, level), (middle + reach, level), width=width)


def _cross(seven: Box, generator: Generator) -> Box:
    """Draw a bar through the stem of a 7, at about half its height."""
    rows = np.flatnonzero((seven > SOLID).any(axis=1))
    height = int(rows[-1] - rows[0])
    level = int(rows[0] + height * generator.uniform(0.4, 0.65))
    reach, tilt = height * generator.uniform(*CROSSING) / 2, height * generator.uniform(-0.08, 0.08)
    middle = _middle(seven, level)
    ends = (middle - reach, level + tilt), (middle + reach, level - tilt)
    return _draw_line(seven, *ends, width=_pen(seven, generator))


def _hook(nine: Box, generator: Generator) -> Box:
    """Bend the foot of a 9 to its left, and sometimes up again."""
    import cv2

    rows = np.flatnonzero((nine > SOLID).any(axis=1))
    height, width = int(rows[-1] - rows[0]), _pen(nine, generator)
    level = rows[-1] - width / 2
    across, down, turn = (generator.uniform(*bounds) for bounds in HOOK)
    angles = np.radians(np.linspace(0, turn, 16))
    places = np.column_stack(
        [
            _middle(nine, round(level)) - across * height * (1 - np.cos(angles)),
            level + down * height * np.sin(angles),
        ]
    )
    path = (places * _PARTS).round().astype(np.int32)
    return np.asarray(
        cv2.polylines(
            nine.copy(),
            [path],
            isClosed=False,
            color=255,
            thickness=round(width),
            lineType=cv2.LINE_AA,
            shift=_SHIFT,
        ),
        np.uint8,
    )


def _add_point(digit: Box, generator: Generator) -> Ink:
    """Draw a point to the right or left of a digit's foot."""
    import cv2

    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    height = int(rows[-1] - rows[0]) + 1
    radius = max(1, round(stroke_width(digit) * generator.uniform(*POINT[0]) / 2))
    away = radius + round(height * generator.uniform(*POINT[1]))
    page = np.pad(digit, away + radius)
    left, right, foot = (int(place) + away + radius for place in (columns[0], columns[-1], rows[-1]))
    column = right + away if generator.random() < 0.75 else left - away
    level = foot - round(height * generator.uniform(-0.05, 0.15))
    return np.asarray(cv2.circle(page, (column, level), radius, 255, cv2.FILLED, cv2.LINE_AA), np.uint8)


def _pen(digit: Box, generator: Generator) -> float:
    """Return how wide a stroke is to be beside those that there are."""
    return max(float(_FINER), stroke_width(digit) * generator.uniform(0.6, 1.0))


def _middle(digit: Box, row: int) -> float:
    """Return the middle of the ink in a row, or of all ink where the row has none."""
    inked = np.flatnonzero(digit[row] > FAINTEST)
    return float((inked if len(inked) else np.flatnonzero(digit.any(axis=0))).mean())


def _draw_line(ink: Box, start: Point, end: Point, *, width: float) -> Box:
    """Return the ink with a straight stroke in it."""
    import cv2

    first, last = ([round(_PARTS * place) for place in point] for point in (start, end))
    return np.asarray(cv2.line(ink.copy(), first, last, 255, round(width), cv2.LINE_AA, _SHIFT), np.uint8)


_STROKES: Final = {ONE: _flag, SEVEN: _cross, NINE: _hook}
