"""Drawings and photos of digits, composed: each number makes the same picture again."""

import cv2
import numpy as np

from tenfold.arrays import Ink
from tests.browser.handwriting import DIGITS, Stroke, write

_SHIFT = 4
"""Bits after the point in the coordinates that OpenCV draws at."""

PEN = 0.055
"""Width of the page's pen, of the pad's shorter side."""


def draw_strokes(strokes: list[Stroke], size: tuple[int, int], pen: int) -> Ink:
    """Return strokes as ink, 0 paper … 255 ink; their points are shares of the width and the height."""
    ink = np.zeros(size[::-1], np.uint8)
    for stroke in strokes:
        points = np.round(np.array(stroke) * size * 2**_SHIFT).astype(np.int32)
        cv2.polylines(ink, [points], False, 255, pen, cv2.LINE_AA, _SHIFT)
    return ink


def draw_digit(number: int) -> Ink:
    """Return a grey picture of one digit: of any size, pen, place, ink and paper; one in five lit unevenly."""
    generator = np.random.default_rng(number)
    longer = int(generator.integers(40, 321))
    size = longer, max(30, round(longer * generator.uniform(0.7, 1.0)))
    if generator.random() < 0.5:
        size = size[::-1]
    pen = max(1, round(PEN * min(size) * generator.uniform(0.4, 2.0)))
    ink = draw_strokes(_place_digit(str(number % 10), generator), size, pen)
    return _put_on_paper(ink, generator)


def draw_number(text: str, seed: int) -> Ink:
    """Return a grey picture of a number as the page sends it: black on white, cut to its ink with paper around."""
    pad = 640, 480
    pen = round(PEN * min(pad))
    ink = draw_strokes(list(write(text, seed=seed)), pad, pen)
    left, top, wide, high = cv2.boundingRect(ink)
    around = round(0.35 * min(wide, high) + 2 * pen)
    cut = np.pad(ink[top : top + high, left : left + wide], around)
    scale = max(1.0, max(cut.shape) / 320)
    size = round(cut.shape[1] / scale), round(cut.shape[0] / scale)
    return np.asarray(255 - cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)


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


def _place_digit(digit: str, generator: np.random.Generator) -> list[Stroke]:
    """Return a digit's strokes with a hand's slant and tremor, anywhere on a sheet."""
    scale, slant = generator.uniform(0.35, 0.8, 2), generator.normal(0, 0.15)
    corner = generator.uniform(0.05, 0.95 - scale)
    placed = []
    for stroke in DIGITS[digit]:
        points = np.array(stroke) + generator.normal(0, 0.012, (len(stroke), 2))
        points[:, 0] += slant * (0.5 - points[:, 1])
        placed.append([(float(x), float(y)) for x, y in corner + points * scale])
    return placed


def _put_on_paper(ink: Ink, generator: np.random.Generator) -> Ink:
    """Return ink of some shade on paper of some shade, or light ink on dark paper."""
    paper, pen = generator.uniform(170, 255), generator.uniform(0, 110)
    grey = paper + (pen - paper) * ink / 255
    if generator.random() < 0.2:
        grey = grey * _light(ink.shape, generator)
    if generator.random() < 0.2:
        grey = 255 - grey
    return np.round(grey).astype(np.uint8)


def _light(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Return a slope of light, from full to as little as half."""
    rows, columns = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    across, down = generator.uniform(0, 0.25, 2)
    return np.asarray(1 - across * columns - down * rows)
