"""Strokes of a pen: lines, how a hand bends them, and the ink they leave."""

import itertools
import math
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tenfold.arrays import Ink
from tenfold.image import BOX

Points = NDArray[np.float64]
Corner = tuple[float | int, float | int] | Points
Figure = list[Points]
"""Lines without corners, each of shape (n_points, 2). x goes to the right, y down; about -1 … 1."""

OVERSAMPLING: Final = 3
"""Figures are drawn this many times larger than they become, so that scaling down smooths their edges."""

BETWEEN: Final = np.linspace(0, 1, 5)[:, None]
"""Where a straight line may bend, as parts of its length."""


def warp_points(points: Points, generator: Generator) -> Points:
    """Bend, slant, rotate and stretch points as a hand would, about the origin."""
    turn, lean, width, *factors = generator.standard_normal(7).tolist()
    angle, slant, stretch = (
        _clip(0.1 * turn, 0.3),
        _clip(0.15 * lean, 0.3),
        math.exp(_clip(0.1 * width, 0.15)),
    )
    cosine, sine = math.cos(angle), math.sin(angle)
    # The product of a stretch, a slant and a rotation.
    across = (stretch * cosine, stretch * sine)
    down = (-slant * cosine - sine / stretch, cosine / stretch - slant * sine)
    height, *phases = generator.random(3).tolist()
    waves = np.sin(points @ (1.8 * np.array((factors[:2], factors[2:]))) + 2 * np.pi * np.array(phases))
    warped: Points = (points + 0.12 * height * waves) @ np.array((across, down))
    return warped


def draw_figure(figure: Figure, *, thickness: float) -> Ink:
    """Draw lines with a round pen, as large as the canvas allows.

    Parameters
    ----------
    figure : list of ndarray of shape (n_points, 2), dtype=float64
        The lines, in any unit. They have no corners: two lines meet in a corner.
    thickness : float
        In pixels of the digit image.

    Returns
    -------
    ndarray of shape (60, 60), dtype=uint8
        0 paper or 255 ink.
    """
    canvas, width = BOX * OVERSAMPLING, thickness * OVERSAMPLING
    radius = (round(width) - 1) / 2
    points = np.concatenate(figure)
    low = points.min(axis=0)
    scale = (canvas - 1 - width) / (points.max(axis=0) - low).max()
    nodes = iter(((points - low) * scale + width / 2).tolist())
    picture = Image.new("L", (canvas, canvas))
    pen = ImageDraw.Draw(picture)
    for line in figure:
        path = [(x, y) for x, y in itertools.islice(nodes, len(line))]
        pen.line(path, 255, round(width))
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    return np.asarray(picture)


def make_path(*corners: Corner) -> Figure:
    """Return the straight lines between corners, with points on them so that they can bend."""
    ends = np.array(corners, np.float64)
    return list(ends[:-1, None] + (ends[1:] - ends[:-1])[:, None] * BETWEEN)


def make_arc(start: float, turns: float, *, n_points: int = 24) -> Points:
    """Return part of the unit circle; one turn is the whole of it."""
    angles = 2 * np.pi * np.linspace(start, start + turns, n_points)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _clip(value: float, limit: float) -> float:
    """Keep a value within a limit on both sides of zero."""
    return max(-limit, min(limit, value))
