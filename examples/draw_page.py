"""Draw a page of handwritten numbers, as a phone would see it: MNIST's digits on paper, in a shadow.

``python examples/draw_page.py page.png``, then ``tenfold read page.png --annotate annotated.png``.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

import tenfold

LINES = ("7 2026 450", "27 94 88,75", "355 0031-6")
HEIGHT, WIDTH, LINE = 600, 960, 170
SCALE = 3
SPACE = {" ": 100, ",": 26, "-": 70}
"""Pixels that each sign takes."""


def main(path: Path, *, seed: int = 3) -> None:
    """Draw the page and write it."""
    generator = np.random.default_rng(seed)
    dataset = tenfold.load_dataset("mnist", offline=True).test
    ink = np.zeros((HEIGHT, WIDTH), np.float32)
    for row, line in enumerate(LINES):
        column = 60
        for sign in line:
            top = 60 + row * LINE + int(generator.integers(-6, 6))
            if sign.isdigit():
                image = dataset.images[generator.choice(np.flatnonzero(dataset.labels == int(sign)))]
                column += _draw_digit(ink, image, column, top)
            else:
                _draw_sign(ink, sign, column, top)
                column += SPACE[sign]
    for row in range(len(LINES)):
        cv2.line(ink, (30, 168 + row * LINE), (WIDTH - 30, 160 + row * LINE), 90, 2, cv2.LINE_AA)
    cv2.imwrite(str(path), _photograph(ink, generator))


def _draw_digit(ink: np.ndarray, image: np.ndarray, column: int, top: int) -> int:
    """Draw a digit three times as large, and return how far the next one is."""
    large = cv2.resize(image, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    inked = np.flatnonzero(large.max(axis=0) > 40)
    large = large[:, inked[0] : inked[-1] + 1]
    place = ink[top : top + len(large), column : column + large.shape[1]]
    np.maximum(place, large, out=place)
    return large.shape[1] + 14


def _draw_sign(ink: np.ndarray, sign: str, column: int, top: int) -> None:
    """Draw a comma or a dash."""
    if sign == ",":
        cv2.line(ink, (column + 8, top + 68), (column, top + 84), 230, 5, cv2.LINE_AA)
    elif sign == "-":
        cv2.line(ink, (column + 10, top + 44), (column + 46, top + 41), 230, 6, cv2.LINE_AA)


def _photograph(ink: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Lay ink on paper, under slanting light with a shadow in a corner, through a lens with some noise."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    light = 205 - 50 * columns / WIDTH + 25 * rows / HEIGHT
    shadow = 1 / (1 + np.exp((columns + 1.6 * rows - 1150) / 60))
    paper = light * (0.62 + 0.38 * shadow)
    picture = paper * (1 - 0.72 * np.clip(ink, 0, 255) / 255)
    picture = cv2.GaussianBlur(picture, (0, 0), 1.0) + generator.normal(0, 3, ink.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
