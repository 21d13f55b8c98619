"""Pictures of numbers, made of real digits as pens, printers and cameras make them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from tenfold.arrays import Box, Images, Ink, Labels
from tenfold.data import Split
from tenfold.recognizer import Recognizer

HEIGHT = 40
"""Of a digit in a drawn number, in pixels, about."""

CLEAR = 0.9
"""Probability of a digit that is drawn: what is tested is how numbers are found, not how digits are told."""

Places = list[tuple[int, int, int, int]]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A number, as ink."""

    text: str
    ink: Ink
    places: Places
    """Left, top, width and height of each digit."""


@dataclass(frozen=True, eq=False)
class Hand:
    """Real digits that are read rightly when they stand alone, with an own generator."""

    images: Images
    labels: Labels

    def write(self, text: str, generator: Generator, *, gap: int = 12, gaps: Sequence[int] = ()) -> Drawn:
        """Write a number with well separated digits, or with the gaps given."""
        rows = [generator.choice(np.flatnonzero(self.labels == int(digit))) for digit in text]
        return lay_out([enlarge(self.images[row]) for row in rows], text, [*gaps] or [gap] * (len(text) - 1))

    def write_many(self, n: int, *, seed: int = 0, shortest: int = 2, longest: int = 8) -> list[Drawn]:
        """Write random numbers."""
        generator = np.random.default_rng(seed)
        lengths = generator.integers(shortest, longest + 1, n)
        texts = ["".join(map(str, generator.integers(0, 10, length))) for length in lengths]
        return [self.write(text, generator) for text in texts]


def clear_digits(split: Split, reader: Recognizer) -> Hand:
    """Take the digits of a split that are read rightly and surely when they stand alone."""
    probabilities = reader.predict_proba(split.images)
    is_clear = probabilities[np.arange(len(split)), split.labels] >= CLEAR
    return Hand(split.images[is_clear], split.labels[is_clear])


def enlarge(image: Box, height: int = HEIGHT) -> Box:
    """Scale the ink of a digit image so that 20 pixels become a height, and cut it out."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    cut = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    size = (max(1, round(side * height / 20)) for side in cut.size)
    return np.asarray(cut.resize(tuple(size), Image.Resampling.BICUBIC))  # type: ignore[arg-type]


def lay_out(inks: Sequence[Box], text: str, gaps: Sequence[int]) -> Drawn:
    """Put the ink of digits beside each other, at half height."""
    height = max(len(ink) for ink in inks)
    ink = np.zeros((height, sum(one.shape[1] for one in inks) + sum(gaps)), np.uint8)
    places: Places = []
    left = 0
    for one, gap in zip(inks, [*gaps, 0], strict=True):
        top = (height - len(one)) // 2
        ink[top : top + len(one), left : left + one.shape[1]] = one
        places.append((left, top, one.shape[1], len(one)))
        left += one.shape[1] + gap
    return Drawn(text, ink, places)


def on_sheet(drawn: Drawn, *, margin: int = 20) -> Ink:
    """Return the ink of a number with room around it."""
    return np.pad(drawn.ink, margin)


def as_thumbnail(drawn: Drawn, number: int, *, side: int = 48) -> Ink:
    """Cut out a digit as data sets have them, with what its neighbors leave around it."""
    left, top, width, height = drawn.places[number]
    row, column = top + height // 2, left + width // 2
    return np.pad(drawn.ink, side // 2)[row : row + side, column : column + side]


def underlined(drawn: Drawn, *, thickness: int = 3) -> Ink:
    """Draw a ruled line through the whole sheet, below the number."""
    ink = on_sheet(drawn)
    ink[-14 : -14 + thickness] = 255
    return ink


def boxed(drawn: Drawn, *, thickness: int = 3) -> Ink:
    """Draw a frame around the number."""
    ink = on_sheet(drawn)
    for side in (ink, ink[::-1], ink.T, ink.T[::-1]):
        side[6 : 6 + thickness, 6:-6] = 255
    return np.pad(ink, 10)


def in_cells(drawn: Drawn, *, thickness: int = 2) -> Ink:
    """Draw a frame around each digit, as forms have them."""
    ink = on_sheet(drawn)
    starts = [14, *(middle_of_gap(drawn, after) + 20 for after in range(len(drawn.text) - 1))]
    for column in [*starts, ink.shape[1] - 14]:
        ink[8:-8, column - 1 : column - 1 + thickness] = 255
    for side in (ink, ink[::-1]):
        side[8 : 8 + thickness, 13 : ink.shape[1] - 13] = 255
    return np.pad(ink, 10)


def middle_of_gap(drawn: Drawn, after: int) -> int:
    """Return the middle column between a digit and the next."""
    left, _, width, _ = drawn.places[after]
    return (left + width + drawn.places[after + 1][0]) // 2


def with_mark(drawn: Drawn, mark: str, after: int) -> Ink:
    """Draw a point, a comma or a dash between a digit and the next."""
    ink = on_sheet(drawn)
    column, foot = middle_of_gap(drawn, after) + 20, len(ink) - 20
    match mark:
        case ".":
            ink[foot - 5 : foot, column - 2 : column + 3] = 255
        case ",":
            for down in range(12):
                ink[foot - 5 + down, column - down // 3 : column - down // 3 + 4] = 255
        case "-":
            ink[foot - 23 : foot - 18, column - 8 : column + 9] = 255
    return ink


def below_each_other(*inks: Ink, gap: int = 20) -> Ink:
    """Put sheets of ink below each other, at the left."""
    width = max(ink.shape[1] for ink in inks)
    padded = [np.pad(ink, ((0, gap), (0, width - ink.shape[1]))) for ink in inks]
    return np.concatenate(padded)


def in_table(rows: Sequence[Sequence[Drawn]], *, cell: tuple[int, int], thickness: int = 2) -> Ink:
    """Draw a grid with a number in each cell of this width and height."""
    width, height = cell
    ink = np.zeros((height * len(rows) + thickness, width * len(rows[0]) + thickness), np.uint8)
    for side in range(thickness):
        ink[side::height] = 255
        ink[:, side::width] = 255
    for row, numbers in enumerate(rows):
        for column, number in enumerate(numbers):
            high, wide = number.ink.shape
            top, left = row * height + (height - high) // 2, column * width + (width - wide) // 2
            place = ink[top : top + high, left : left + wide]
            np.maximum(place, number.ink, out=place)
    return np.pad(ink, 40)


def on_squares(ink: Ink, side: int, *, shade: int = 160) -> Ink:
    """Write on squared paper."""
    squares = np.zeros_like(ink)
    squares[::side] = squares[:, ::side] = shade
    return np.asarray(np.maximum(squares, ink))


def bent(ink: Ink, by: float) -> Ink:
    """Bend a page, as one lies in an open book."""
    import cv2

    rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]].astype(np.float32)
    down = by * np.sin(1.3 * np.pi * columns / ink.shape[1])
    aside = by * np.sin(1.1 * np.pi * rows / ink.shape[0])
    bent = cv2.remap(ink, columns + aside, rows + down, cv2.INTER_LINEAR)
    return np.asarray(bent, np.uint8)


def letters(text: str, *, size: int = 60, margin: int = 24) -> Ink:
    """Return printed text as ink."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    sheet = Image.new("L", (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin))
    ImageDraw.Draw(sheet).text((margin - left, margin - top), text, 255, font)
    return np.asarray(sheet)


def doodle(kind: str, generator: Generator) -> Ink:
    """Return what a pen draws that is no writing, at a random size."""
    sheet = Image.new("L", (120, 100))
    pen, side = ImageDraw.Draw(sheet), int(generator.integers(50, 75))
    width = int(generator.integers(3, 7))
    match kind:
        case "dash":
            lines = [[(20, 50), (20 + side, 52)]]
        case "cross":
            lines = [[(20, 20), (20 + side, 20 + side)], [(20, 20 + side), (20 + side, 20)]]
        case "zigzag":
            lines = [[(10 + 9 * step, 50 + side // 3 * (-1) ** step) for step in range(11)]]
        case "spiral":
            turns = np.linspace(0, 22, 200)
            lines = [[(60 + side / 40 * at * np.cos(at), 50 + side / 40 * at * np.sin(at)) for at in turns]]
        case "blot":
            pen.ellipse((20, 20, 20 + side, 10 + side), 255)
            lines = []
        case "hatching":
            lines = [[(10 + 12 * step, 15), (16 + 12 * step, 15 + side)] for step in range(8)]
            lines += [[(10, 15 + 10 * step), (110, 12 + 10 * step)] for step in range(side // 10)]
        case _:
            lines = [[tuple(point) for point in generator.integers(15, 85, (14, 2)).tolist()]]
    for line in lines:
        pen.line(line, 255, width)
    return np.asarray(sheet)
