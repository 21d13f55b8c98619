"""Pages of numbers on the papers that people write on, as cameras see them: how many rows are read right.

They are composed of MNIST's validation digits: what is measured is how numbers are found on paper, not how
digits are told.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tests.reading.pages import bent, enlarge

import tenfold
from benchmarks.table import machine, markdown_table
from tenfold.data import Split, split_training
from tenfold.evaluation import wilson_interval

N_PAGES = 10
N_ROWS, N_COLUMNS = 7, 4
PITCH, COLUMN, CELL = 76, 170, 58
"""Pixels from row to row, from column to column, and from cell to cell."""

MARGIN = 60
HEIGHTS = 34, 44
"""Of digits, in pixels."""

RULE = 150
"""Ink, of 255, of printed lines."""

Ink = NDArray[np.uint8]
Texts = list[list[str]]


@dataclass(frozen=True)
class Page:
    """Ink on paper, and the text of each of its rows."""

    ink: Ink
    rows: list[str]


def main() -> str:
    """Compose the pages, read them, and return the table."""
    held_out = split_training(tenfold.load_dataset("mnist").train).validation
    reader = tenfold.load()
    rows = []
    for kind, compose in KINDS.items():
        counts = dict.fromkeys(WAYS, 0)
        for seed in range(N_PAGES):
            page = compose(Pen(held_out, np.random.default_rng(seed)))
            for way, look in WAYS.items():
                lines = reader.read(look(page.ink, np.random.default_rng(seed))).text.split("\n")
                counts[way] += sum(row in lines for row in page.rows)
        rows.append([kind, *(share(count, N_PAGES * N_ROWS) for count in counts.values())])
    headings = [f"rows read right, n = {N_PAGES * N_ROWS} each", *WAYS]
    return f"{markdown_table(headings, rows)}\n\n{machine('onnxruntime')}"


def share(count: int, n: int) -> str:
    """Return a count of so many as a share, with its 95 % interval."""
    low, high = wilson_interval(count, n)
    return f"{count / n:.0%} ({low:.0%}–{high:.0%})"


@dataclass(frozen=True)
class Pen:
    """Writes numbers with real digits."""

    samples: Split
    generator: Generator

    def draw(self, longest: int) -> Texts:
        """Return random numbers of up to so many digits."""
        lengths = self.generator.integers(1, longest + 1, (N_ROWS, N_COLUMNS))
        return [[self.draw_number(n) for n in row] for row in lengths]

    def draw_number(self, n_digits: int) -> str:
        """Return a random number of so many digits."""
        return "".join(map(str, self.generator.integers(0, 10, n_digits)))

    def write(self, ink: Ink, text: str, *, left: int, bottom: int, step: int = 0) -> None:
        """Write a number from left to right, or a digit at each step."""
        for digit in text:
            shown = self.generator.choice(np.flatnonzero(self.samples.labels == int(digit)))
            sign = enlarge(self.samples.images[shown], int(self.generator.integers(*HEIGHTS)))
            high, wide = sign.shape
            at = left + (step - wide) // 2 if step else left
            top = bottom - high - int(self.generator.integers(0, 7))
            place = ink[top : top + high, at : at + wide]
            np.maximum(place, sign, out=place)
            left += step or wide + int(self.generator.integers(4, 10))


def _blank() -> Ink:
    return np.zeros((PITCH * N_ROWS + 2 * MARGIN, COLUMN * N_COLUMNS + 2 * MARGIN), np.uint8)


def _write_columns(pen: Pen, ink: Ink) -> Page:
    """Write up to three digits in each column."""
    texts = pen.draw(3)
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            bottom = MARGIN + (row + 1) * PITCH - 12
            pen.write(ink, text, left=MARGIN + column * COLUMN + 16, bottom=bottom)
    return Page(ink, [" ".join(line) for line in texts])


def _lined(pen: Pen) -> Page:
    ink = _blank()
    ink[MARGIN + PITCH - 12 : -MARGIN : PITCH] = RULE
    return _write_columns(pen, ink)


def _squared(pen: Pen) -> Page:
    ink = _blank()
    side = int(pen.generator.integers(42, 62))
    ink[::side] = ink[:, ::side] = RULE
    return _write_columns(pen, ink)


def _table(pen: Pen, *, is_open: bool = False) -> Page:
    ink = _blank()
    rows = slice(MARGIN, MARGIN + N_ROWS * PITCH + 2)
    ink[rows.start : rows.stop : PITCH, MARGIN:-MARGIN] = RULE
    columns = range(MARGIN, ink.shape[1] - MARGIN + 1, COLUMN)
    for column in columns[1:-1] if is_open else columns:
        ink[rows, column : column + 2] = RULE
    return _write_columns(pen, ink)


def _cells(pen: Pen) -> Page:
    """Draw a grid for a digit in each cell, with a number in each row."""
    ink = _blank()
    n_cells = (ink.shape[1] - 2 * MARGIN) // CELL
    right = MARGIN + n_cells * CELL
    ink[MARGIN : MARGIN + N_ROWS * PITCH + 2 : PITCH, MARGIN:right] = RULE
    ink[MARGIN : MARGIN + N_ROWS * PITCH, MARGIN : right + 2 : CELL] = RULE
    texts = ["".join(map(str, pen.generator.integers(0, 10, n_cells))) for _ in range(N_ROWS)]
    for row, text in enumerate(texts):
        pen.write(ink, text, left=MARGIN, bottom=MARGIN + (row + 1) * PITCH - 12, step=CELL)
    return Page(ink, texts)


KINDS: dict[str, Callable[[Pen], Page]] = {
    "plain paper": lambda pen: _write_columns(pen, _blank()),
    "lined paper": _lined,
    "squared paper": _squared,
    "a table": _table,
    "a table without its outer lines": lambda pen: _table(pen, is_open=True),
    "a digit in each cell": _cells,
}


def photograph(ink: Ink, generator: Generator) -> Ink:
    """Return dark ink on light paper, in a slope of light, a little blurred and noisy."""
    rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]]
    slope, angle = generator.uniform(0.1, 0.35), generator.uniform(0, 2 * np.pi)
    along = np.cos(angle) * columns / ink.shape[1] + np.sin(angle) * rows / ink.shape[0]
    light = 235 * (1 - slope * (along - along.min()) / np.ptp(along))
    grey = cv2.GaussianBlur(light * (1 - 0.75 * ink / 255), (0, 0), 0.8)
    return np.clip(grey + generator.normal(0, 3, ink.shape), 0, 255).round().astype(np.uint8)


def turn(ink: Ink, degrees: float) -> Ink:
    """Turn ink about its center, counterclockwise."""
    matrix = cv2.getRotationMatrix2D((ink.shape[1] / 2, ink.shape[0] / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(ink, matrix, ink.shape[::-1]), np.uint8)


def _on_a_table(ink: Ink, generator: Generator) -> Ink:
    sheet = photograph(ink, generator)
    around = generator.normal(55, 6, (sheet.shape[0] + 200, sheet.shape[1] + 200))
    around[100:-100, 100:-100] = sheet
    return np.clip(around, 0, 255).astype(np.uint8)


WAYS: dict[str, Callable[[Ink, Generator], Ink]] = {
    "as it lies": photograph,
    "turned by 2°": lambda ink, generator: photograph(turn(ink, 2), generator),
    "bent": lambda ink, generator: photograph(bent(ink, 12), generator),
    "on a dark table": _on_a_table,
}


if __name__ == "__main__":
    print(main())
