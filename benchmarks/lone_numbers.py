"""Paper with one number on it, with none, and crops of a number on squared paper: what is read.

They are composed of MNIST's validation digits, as the pages of `papers` are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

import tenfold
from benchmarks.papers import WAYS, Ink, Pen, photograph, share, turn
from benchmarks.table import machine, markdown_table
from tenfold.data import Split, split_training
from tenfold.reading import Reader

N = 40
SIDES = 200, 1000
"""Of a page, in pixels."""

PITCH = 18, 80
SHADE = 60, 190
THICKNESS = 1, 4
"""Of its lines: pixels from one to the next, ink of 255, pixels."""

INDENTS = 0, 0, 40
"""Pixels from the page's edges to the ends of its lines."""

ROOM = 45
HIGHEST = 100
WIDEST = 170
"""Pixels between a number and the page's edges, at least, and of its height and its width, at most."""

CROPS = 6, 40
"""Pixels around a number in a crop."""

SCALES = 1, 2, 4


@dataclass(frozen=True)
class Lines:
    """How paper is ruled: whether there are level and upright lines, and how many pitches apart these are."""

    level: bool = False
    upright: int = 0


KINDS = {
    "plain paper": Lines(),
    "lined paper": Lines(level=True),
    "squared paper": Lines(level=True, upright=1),
    "a table": Lines(level=True, upright=3),
}


def main() -> str:
    """Compose the pictures, read them, and return the tables."""
    held_out = split_training(tenfold.load_dataset("mnist").train).validation
    reader = tenfold.load()
    tables = [
        _table(
            f"nothing is read, n = {N} each", lambda *page: _count_pages(reader, held_out, *page, longest=0)
        ),
        _table(f"read right, n = {N} each", lambda *page: _count_pages(reader, held_out, *page, longest=3)),
        _crop_table(reader, held_out),
    ]
    return "\n\n".join([*tables, machine("onnxruntime")])


def _table(heading: str, count: Callable[[str, str], int]) -> str:
    rows = [[kind, *(share(count(kind, way), N) for way in WAYS)] for kind in KINDS]
    return markdown_table([heading, *WAYS], rows)


def _count_pages(reader: Reader, held_out: Split, kind: str, way: str, *, longest: int) -> int:
    """Return how many pages with one number of up to so many digits are read right."""
    n_right = 0
    for seed in range(N):
        pen = Pen(held_out, np.random.default_rng(seed))
        page = _rule(KINDS[kind], pen.generator.integers(*SIDES, 2), pen.generator)
        text = pen.draw_number(int(pen.generator.integers(1, longest + 1)) if longest else 0)
        left = int(pen.generator.integers(ROOM, max(ROOM + 1, page.shape[1] - WIDEST)))
        pen.write(page, text, left=left, bottom=int(pen.generator.integers(HIGHEST, page.shape[0] - ROOM)))
        n_right += reader.read(WAYS[way](page, pen.generator)).text == text
    return n_right


def _rule(lines: Lines, size: Sequence[int], generator: Generator) -> Ink:
    """Return ruled paper."""
    page = np.zeros(tuple(size), np.uint8)
    pitch, shade = int(generator.integers(*PITCH)), int(generator.integers(*SHADE))
    indent, thickness = int(generator.choice(INDENTS)), int(generator.integers(*THICKNESS))
    inner = page[indent : len(page) - indent, indent : page.shape[1] - indent]
    for line in range(thickness):
        if lines.level:
            inner[line::pitch] = shade
        if lines.upright:
            inner[:, line :: lines.upright * pitch] = shade
    return page


def _crop_table(reader: Reader, held_out: Split) -> str:
    """Return how many crops of numbers of so many digits are read right, by what paper they are on."""
    lengths = 0, 1, 2, 3, 5
    rows = []
    for kind in ("plain paper", "lined paper", "squared paper"):
        counts = [
            sum(_reads_crop(reader, held_out, KINDS[kind], n, seed) for seed in range(N)) for n in lengths
        ]
        rows.append([kind, *(share(count, N) for count in counts)])
    headings = ["no digit", "1 digit", *(f"{n} digits" for n in lengths[2:])]
    return markdown_table([f"crops read right, n = {N} each", *headings], rows)


def _reads_crop(reader: Reader, held_out: Split, lines: Lines, n_digits: int, seed: int) -> bool:
    pen = Pen(held_out, np.random.default_rng([seed, n_digits]))
    generator = pen.generator
    page = _rule(lines, (260, 600), generator)
    text = pen.draw_number(n_digits)
    written = np.zeros_like(page)
    pen.write(written, text, left=200, bottom=150)
    left, top, wide, high = cv2.boundingRect(written) if text else (200, 100, 40, 50)
    before, after = generator.integers(*CROPS, (2, 2))
    turned = turn(np.maximum(page, written), float(generator.uniform(-2, 2)))
    crop = turned[top - before[0] : top + high + after[0], left - before[1] : left + wide + after[1]]
    scale = int(generator.choice(SCALES))
    large = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return reader.read(photograph(np.asarray(large, np.uint8), generator)).text == text


if __name__ == "__main__":
    print(main())
