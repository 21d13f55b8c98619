"""Digits as a person writes them, for a mouse, a finger or keys to follow; and on paper, for a camera."""

import io
import math
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Stroke = list[Point]


def arc(center: Point, radii: Point, angles: Point) -> Stroke:
    """Return points of an ellipse; angles in degrees, clockwise from the right."""
    steps = np.linspace(*np.radians(angles), 24)
    return [(center[0] + radii[0] * math.cos(one), center[1] + radii[1] * math.sin(one)) for one in steps]


def eight() -> Stroke:
    """Return a stroke that crosses itself."""
    return [(0.5 + 0.27 * math.sin(2 * t), 0.5 - 0.46 * math.cos(t)) for t in np.linspace(0.2, 6.4, 40)]


DIGITS: dict[str, list[Stroke]] = {
    "0": [arc((0.5, 0.5), (0.31, 0.46), (-80, 285))],
    "1": [[(0.38, 0.2), (0.54, 0.04), (0.52, 0.96)]],
    "2": [[*arc((0.48, 0.3), (0.3, 0.26), (-170, 30)), (0.2, 0.93), (0.84, 0.92)]],
    "3": [arc((0.45, 0.27), (0.29, 0.24), (-150, 80)) + arc((0.45, 0.73), (0.33, 0.25), (-80, 150))],
    "4": [[(0.45, 0.04), (0.14, 0.62), (0.88, 0.6)], [(0.68, 0.34), (0.64, 0.96)]],
    "5": [
        [(0.3, 0.05), (0.25, 0.45), *arc((0.44, 0.68), (0.34, 0.28), (-115, 150))],
        [(0.3, 0.06), (0.78, 0.05)],
    ],
    "6": [[(0.7, 0.04), (0.45, 0.2), (0.28, 0.45), *arc((0.5, 0.7), (0.28, 0.26), (190, -190))]],
    "7": [[(0.16, 0.08), (0.84, 0.06), (0.6, 0.5), (0.42, 0.96)]],
    "8": [eight()],
    "9": [[*arc((0.48, 0.28), (0.27, 0.24), (-20, -370)), (0.73, 0.6), (0.6, 0.96)]],
}


def write(text: str, *, seed: int = 0, aspect: float = 4 / 3) -> Iterator[Stroke]:
    """Yield the strokes of a text, with a hand's slant and tremor, as shares of the sides of a pad.

    The aspect is the pad's width by its height.
    """
    generator = np.random.default_rng(seed)
    width = min(0.3, 0.9 / len(text))
    height = min(0.6, 1.5 * width * aspect)
    for position, character in enumerate(text):
        left = 0.5 + (position - len(text) / 2) * width
        slant = generator.normal(0, 0.06)
        for stroke in DIGITS[character]:
            points = np.array(stroke) + generator.normal(0, 0.008, (len(stroke), 2))
            points[:, 0] += slant * (0.5 - points[:, 1])
            points = points * (0.8 * width, height) + (left + 0.1 * width, (1 - height) / 2)
            yield [(float(x), float(y)) for x, y in points]


def scribble(*, seed: int = 0) -> Stroke:
    """Return a stroke that is nothing."""
    generator = np.random.default_rng(seed)
    across = np.linspace(0.3, 0.7, 18)
    return [(float(x), float(y)) for x, y in zip(across, generator.uniform(0.25, 0.75, 18), strict=True)]


def photograph(strokes: Sequence[Stroke], *, size: tuple[int, int] = (640, 480), kind: str = "PNG") -> bytes:
    """Return a picture of strokes in blue on gray paper, a little soft and grainy."""
    paper = Image.new("RGB", size, (206, 202, 194))
    pen = ImageDraw.Draw(paper)
    for stroke in strokes:
        points = [(x * size[0], y * size[1]) for x, y in stroke]
        pen.line(points, fill=(38, 46, 110), width=round(size[1] / 26), joint="curve")
    soft = np.asarray(paper.filter(ImageFilter.GaussianBlur(1.2)), np.float64)
    grain = np.random.default_rng(0).normal(0, 4, soft.shape)
    file = io.BytesIO()
    Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8)).save(file, kind)
    return file.getvalue()
