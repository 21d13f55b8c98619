"""Drawings and photos of digits, composed: the same number makes the same picture again."""

from collections.abc import Sequence

import cv2
import numpy as np

from tenfold.arrays import AnyArray, Ink
from tests.browser.handwriting import DIGITS

_SHIFT = 4
"""Bits after the point in the coordinates that OpenCV draws at."""

PEN = 0.055
"""Width of the page's pen, of the pad's shorter side."""

LONGEST = 320
"""Longer side of the picture that the page sends, in pixels."""


def draw_strokes(strokes: Sequence[AnyArray], size: tuple[int, int], pen: int) -> Ink:
    """Return strokes as ink, 0 paper … 255 ink; their points are shares of the width and the height."""
    ink = np.zeros(size[::-1], np.uint8)
    for stroke in strokes:
        points = np.round(stroke * size * 2**_SHIFT).astype(np.int32)
        cv2.polylines(
            ink, [points], isClosed=False, color=255, thickness=pen, lineType=cv2.LINE_AA, shift=_SHIFT
        )
    return ink


def draw_digit(number: int) -> Ink:
    """Return a grey picture of a digit: of any size, pen, place and shade; one in five is lit unevenly."""
    generator = np.random.default_rng(number)
    longer = int(generator.integers(40, 321))
    size = longer, max(30, round(longer * generator.uniform(0.7, 1.0)))
    if generator.random() < 0.5:
        size = size[::-1]
    pen = max(1, round(PEN * min(size) * generator.uniform(0.4, 2.0)))
    ink = draw_strokes(_place_digit(str(number % 10), generator), size, pen)
    return _put_on_paper(ink, generator)


def draw_number(text: str, seed: int) -> Ink:
    """Return a grey picture of a number as the page sends a drawing: its ink, with paper around.

    Some hands write so close that digits touch.
    """
    generator = np.random.default_rng(seed)
    advance, pen = generator.uniform(0.72, 1.1), generator.uniform(0.05, 0.11)
    strokes = []
    for position, digit in enumerate(text):
        for points in _shake(digit, generator):
            strokes.append(points * (1, 1.4) + (position * advance, generator.normal(0, 0.03)))
    return send(strokes, pen)


def send(strokes: Sequence[AnyArray], pen: float) -> Ink:
    """Return strokes as the page sends them: black on white with paper around, at most 320 pixels long."""
    points = np.concatenate([np.asarray(stroke) for stroke in strokes])
    sides = np.ptp(points, axis=0) + pen
    around = 0.35 * sides.min() + 2 * pen
    size = sides + 2 * around
    scale = LONGEST / size.max()
    placed = [(np.asarray(stroke) - points.min(axis=0) + pen / 2 + around) / size for stroke in strokes]
    pixels = int(np.ceil(size[0] * scale)), int(np.ceil(size[1] * scale))
    return 255 - draw_strokes(placed, pixels, max(1, round(pen * scale)))


def photograph_digit(number: int) -> Ink:
    """Return a grey picture of one digit as a camera takes it: shaded, soft, grainy, and kept as JPEG."""
    generator = np.random.default_rng(number)
    size = int(generator.integers(120, 500)), int(generator.integers(120, 500))
    pen = max(2, round(PEN * min(size) * generator.uniform(0.4, 1.6)))
    ink = draw_strokes(_place_digit(str(number % 10), generator), size, pen) / 255
    light = _light(ink.shape, generator) * generator.uniform(150, 250)
    grey = light * (1 - ink * generator.uniform(0.4, 0.9))
    soft = cv2.GaussianBlur(grey, (0, 0), generator.uniform(0.5, 2.0))
    grainy = soft + generator.normal(0, generator.uniform(0.5, 6), soft.shape)
    _, data = cv2.imencode(".jpg", np.clip(grainy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _place_digit(digit: str, generator: np.random.Generator) -> list[AnyArray]:
    """Return a digit's strokes anywhere on a sheet."""
    scale = generator.uniform(0.35, 0.8, 2)
    corner = generator.uniform(0.05, 0.95 - scale)
    return [corner + points * scale for points in _shake(digit, generator)]


def _shake(digit: str, generator: np.random.Generator) -> list[AnyArray]:
    """Return a digit's strokes with a hand's slant and tremor."""
    slant = generator.normal(0, 0.15)
    strokes = [np.array(stroke) for stroke in DIGITS[digit]]
    return [
        points + generator.normal(0, 0.012, points.shape) + np.outer(0.5 - points[:, 1], (slant, 0))
        for points in strokes
    ]


def _put_on_paper(ink: Ink, generator: np.random.Generator) -> Ink:
    """Return ink of some shade on paper of some shade, or light ink on dark paper."""
    paper, pen = generator.uniform(170, 255), generator.uniform(0, 110)
    grey = paper + (pen - paper) * ink / 255
    if generator.random() < 0.2:
        grey = grey * _light(ink.shape, generator)
    if generator.random() < 0.2:
        grey = 255 - grey
    return np.round(grey).astype(np.uint8)


def _light(shape: tuple[int, ...], generator: np.random.Generator) -> AnyArray:
    """Return a slope of light, from full to as little as half."""
    rows, columns = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    across, down = generator.uniform(0, 0.25, 2)
    return np.asarray(1 - across * columns - down * rows)
