"""Figures that are no digits, drawn by code: lines and boxes, scribbles, stars, hearts, dots.

Left out on purpose is what a reader may take for a digit: a lone vertical stroke or slash (1), rings, houses
and other rounded polygons (0), the corner ┐ (7), the foot ⊥ (1), the box with one bar across (8), short
zigzags (2, 3), spirals of few turns (6, 9), arrows that point up (1) or down.
"""

import itertools
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from tenfold.arrays import Ink
from tenfold.image import BOX
from tenfold.training.strokes import (
    OVERSAMPLING,
    Figure,
    Points,
    draw_figure,
    make_arc,
    make_path,
    warp_points,
)

FigureTable = dict[Callable[[Generator], Figure], float]

THINNEST, USUAL = 1.2, 2.2
"""Least and most frequent thickness of a stroke, in pixels of the digit image; most of MNIST's are 2 to 4."""

SPOTS: Final = 0.5
"""Share of single spots among blobs: a full stop fills a digit image once its size is lost."""


def draw_lines(generator: Generator) -> Ink:
    """Draw dashes, crosses, corners, boxes or grids."""
    return _draw_any(LINES, generator)


def draw_doodle(generator: Generator) -> Ink:
    """Draw a scribble, curve, star, heart or another small drawing."""
    return _draw_any(DOODLES, generator)


def draw_blobs(generator: Generator) -> Ink:
    """Draw a spot, or two to six dots apart: touching ones may make an 8, a narrow spot is a 1."""
    canvas = BOX * OVERSAMPLING
    picture = Image.new("L", (canvas, canvas))
    pen = ImageDraw.Draw(picture)
    if generator.random() < SPOTS:
        width = generator.uniform(0.6, 1.8)
        outline = 1 + 0.7 * _blob_outline(generator) * (min(width, 1), min(1 / width, 1))
        pen.polygon((outline * (canvas / 2)).ravel().tolist(), 255)
        return np.asarray(picture)
    n_dots = generator.integers(2, 7)
    cells = generator.permutation(9)[:n_dots]  # of a 3×3 grid, which keeps the dots apart
    centers = np.column_stack(np.divmod(cells, 3)) + generator.uniform(0.4, 0.6, (n_dots, 2))
    radii = generator.uniform(0.1, (0.3, 0.2), (n_dots, 2))
    for box in (np.hstack([centers - radii, centers + radii]) * (canvas / 3)).tolist():
        pen.ellipse(box, 255)
    return np.asarray(picture)


def _draw_any(table: FigureTable, generator: Generator) -> Ink:
    """Draw one figure of a table, warped, with a pen no thicker than it bears."""
    draw = tuple(table)[generator.integers(len(table))]
    figure = draw(generator)
    warped = warp_points(np.concatenate(figure), generator)
    ends = itertools.accumulate((len(line) for line in figure), initial=0)
    lines = [warped[start:end] for start, end in itertools.pairwise(ends)]
    return draw_figure(lines, thickness=generator.triangular(THINNEST, min(USUAL, table[draw]), table[draw]))


def _blob_outline(generator: Generator) -> Points:
    """Return a closed outline of radius about 1 with a few bumps."""
    phases = np.outer((1, 2, 3), np.linspace(0, 2 * np.pi, 24)) + generator.uniform(0, 2 * np.pi, (3, 1))
    outline: Points = make_arc(0.0, 1.0) * (1 + generator.normal(0, 0.14, 3) @ np.sin(phases))[:, None]
    return outline


def _dashes(generator: Generator) -> Figure:
    """Return one to three horizontals, one above the other."""
    rows = np.arange(generator.integers(1, 4)) * generator.uniform(0.4, 0.8)
    return [line for row in rows for line in make_path((-1, row), (generator.uniform(0.7, 1), row))]


def _cross(generator: Generator) -> Figure:
    """Return a plus or a times sign."""
    x, y = generator.uniform(-0.25, 0.25, 2)
    if generator.random() < 0.5:
        return make_path((-1, -1), (1, 1 + y)) + make_path((-1, 1), (1, -1 + x))
    return make_path((-1, y), (1, y)) + make_path((x, -1), (x, 1))


def _corner(generator: Generator) -> Figure:
    """Return the corner of a grid: └, ┘ or ┌, or the branch ├; ┐ would be a 7."""
    x = generator.uniform(1.8, 2.6)
    corners = (
        make_path((0, -1), (0, 1), (x, 1)),
        make_path((x, -1), (x, 1), (0, 1)),
        make_path((x, -1), (0, -1), (0, 1)),
        make_path((0, -1), (0, 1)) + make_path((0, 0), (0.75 * x, 0)),
    )
    return corners[generator.integers(len(corners))]


def _frame(generator: Generator) -> Figure:
    """Return a box wider than tall, whole or without its upper, lower or right side."""
    x = generator.uniform(1.1, 2)
    top, right, bottom, left = make_path((-x, -1), (x, -1), (x, 1), (-x, 1), (-x, -1))
    missing = generator.integers(8)
    return [left, *(side for position, side in enumerate((top, right, bottom)) if position != missing)]


def _grid(generator: Generator) -> Figure:
    """Return a box in four parts (two would be an 8), or two or three lines each way whose ends stick out."""
    reach, (down, across) = (1.0, (3, 3)) if generator.random() < 0.5 else (1.4, generator.integers(2, 4, 2))
    columns = [make_path((x, -reach), (x, reach)) for x in np.linspace(-1, 1, down)]
    rows = [make_path((-reach, y), (reach, y)) for y in np.linspace(-1, 1, across)]
    return list(itertools.chain.from_iterable(columns + rows))


def _bars(generator: Generator) -> Figure:
    """Return three to five verticals side by side, sometimes struck through as tallies are."""
    places = np.arange(generator.integers(3, 6)) * generator.uniform(0.55, 0.75)
    strike = make_path((-0.4, 0.7), (places[-1] + 0.4, -0.7)) if generator.random() < 0.4 else []
    return [line for x in places for line in make_path((x, -1), (x, 1))] + strike


def _crossed_box(generator: Generator) -> Figure:
    """Return a box with a cross or a tick in it."""
    box = make_path((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    if generator.random() < 0.6:
        return box + make_path((-1, -1), (1, 1)) + make_path((-1, 1), (1, -1))
    return box + make_path((-0.6, 0), (-0.1, 0.6), (1.2, -1.2))


def _curve(generator: Generator) -> Figure:
    """Return a smooth curve with many turns: a Fourier series of random coefficients."""
    orders = np.arange(2, 11)
    waves = np.outer(np.linspace(0, generator.uniform(4.5, 6), 72), orders)
    weights = generator.normal(0, orders**-0.1, (2, 2, len(orders)))
    return [np.column_stack([np.cos(waves) @ cosine + np.sin(waves) @ sine for cosine, sine in weights])]


def _scribble(generator: Generator) -> Figure:
    """Return the path of a quick pen to and fro."""
    n_turns = generator.integers(6, 13)
    ends = np.resize((-1.0, 1.0), n_turns) * generator.uniform(0.5, 1, n_turns)
    along = np.linspace(-1, 1, n_turns) + generator.normal(0, 0.08, n_turns)
    corners = np.column_stack([along, ends]) @ np.array([[1, 0], [generator.uniform(-0.8, 0.8), 1]])
    return make_path(*corners)


def _zigzag(generator: Generator) -> Figure:
    """Return a horizontal zigzag of at least four strokes."""
    n_corners = generator.integers(5, 10)
    heights = np.resize((-1.0, 1.0), n_corners) * generator.uniform(0.6, 1, n_corners)
    return make_path(*zip(np.arange(n_corners) * generator.uniform(0.5, 1.1), heights, strict=True))


def _spiral(generator: Generator) -> Figure:
    """Return a spiral of more than two turns, either way."""
    turns = generator.uniform(2.4, 4.5) * generator.choice((-1, 1))
    return [make_arc(generator.random(), turns, n_points=64) * np.linspace(0.05, 1, 64)[:, None]]


def _coil(generator: Generator) -> Figure:
    """Return three to five loops side by side, with tails."""
    loops = int(generator.integers(3, 6))
    circles = make_arc(0.25, float(loops), n_points=14 * loops) * generator.uniform((0.4, 0.8), (0.8, 1.4))
    return [circles + np.linspace((0, 0), (generator.uniform(0.8, 1.4) * loops, 0), len(circles))]


def _wave(generator: Generator) -> Figure:
    """Return a sine of two periods or more."""
    angles = np.linspace(0, 2 * np.pi * generator.uniform(2, 4), 48) + generator.uniform(0, 2 * np.pi)
    return [np.column_stack([angles / 3, np.sin(angles) * generator.uniform(0.4, 1.4)])]


def _star(generator: Generator) -> Figure:
    """Return a star: five points in one stroke, or an outline of five to seven points."""
    if generator.random() < 0.5:
        return make_path(*make_arc(generator.random(), 2.0, n_points=6))
    n_corners = 2 * int(generator.integers(5, 8)) + 1
    radii = np.resize((1, generator.uniform(0.35, 0.55)), n_corners)
    return make_path(*(make_arc(generator.random(), 1.0, n_points=n_corners) * radii[:, None]))


def _asterisk(generator: Generator) -> Figure:
    """Return three to five strokes through one point."""
    n_strokes = int(generator.integers(3, 6))
    tips = make_arc(generator.random(), (n_strokes - 1) / n_strokes / 2, n_points=n_strokes)
    return [line for tip in tips for line in make_path(-tip, tip)]


def _triangle(generator: Generator) -> Figure:
    """Return a triangle on any of its corners."""
    corners = make_arc(generator.random(), 2 / 3, n_points=3) * generator.uniform(0.8, 1.2, (3, 1))
    return make_path(*corners, corners[0])


def _heart(generator: Generator) -> Figure:
    """Return a heart, by the usual parametric curve."""
    angles = np.linspace(0, 2 * np.pi, 40)
    x = 16 * np.sin(angles) ** 3 * generator.uniform(1.05, 1.4)
    y = 13 * np.cos(angles) - 5 * np.cos(2 * angles) - 2 * np.cos(3 * angles) - np.cos(4 * angles)
    outline = np.column_stack([x, -y]) / 16
    return [outline[:21], outline[20:]]


def _arrow(generator: Generator) -> Figure:
    """Return an arrow to the left, to the right or both; upright it would be a 1."""
    head, ends = generator.uniform(0.35, 0.7), generator.choice((-1, 1, 2))
    tip = make_path((1 - head, -head), (1, 0), (1 - head, head))
    back = [line * (-1, 1) for line in tip]
    return make_path((-1, 0), (1, 0)) + (tip if ends > 0 else []) + (back if ends != 1 else [])


def _smiley(generator: Generator) -> Figure:
    """Return a face."""
    eyes = [make_arc(0.0, 1.0, n_points=6) * 0.06 + (x, -0.3) for x in (-0.35, 0.35)]
    mouth = make_arc(0.05, 0.4, n_points=10) * (0.55, generator.uniform(-0.4, 0.5)) + (0, 0.2)
    return [make_arc(0.0, 1.0), *eyes, mouth]


def _sun(generator: Generator) -> Figure:
    """Return a circle with rays."""
    n_rays = int(generator.integers(5, 9))
    tips = make_arc(generator.random(), (n_rays - 1) / n_rays, n_points=n_rays)
    return [make_arc(0.0, 1.0) * 0.45] + [line for tip in tips for line in make_path(0.7 * tip, 1.15 * tip)]


def _balloon(generator: Generator) -> Figure:
    """Return a balloon on a string with at least one whole wave: a straight one would make a 9."""
    along = np.linspace(0, 1, 32)
    waves = np.sin(2 * np.pi * generator.uniform(1, 2) * along + generator.choice((0, np.pi)))
    string = np.column_stack([waves * generator.uniform(0.12, 0.3), generator.uniform(1, 2) * along + 1.1])
    knot = make_path((0, 1), (-0.15, 1.2), (0.15, 1.2), (0, 1))
    return [make_arc(0.0, 1.0) * (generator.uniform(0.7, 1), 1), string, *knot]


def _bubble(generator: Generator) -> Figure:
    """Return a speech bubble: a ring wider than high, and a pointed tail that leaves it below."""
    angle, half = generator.uniform(0.12, 0.38), generator.uniform(0.02, 0.05)
    ring = make_arc(angle + half, 1 - 2 * half) * (generator.uniform(1.1, 1.6), 1)
    tip = ring[[0, -1]].mean(axis=0) * generator.uniform(1.3, 1.7) + (generator.uniform(-0.3, 0.3), 0)
    return [ring, *make_path(ring[-1], tip, ring[0])]


def _anchor(generator: Generator) -> Figure:
    """Return an anchor: a ring, a stem, a bar and a bow below."""
    ring, bar = generator.uniform(0.12, 0.25), generator.uniform(0.3, 0.6)
    bow = make_arc(0.05, 0.4) * (generator.uniform(0.6, 1), generator.uniform(0.4, 0.7)) + (0, 0.4)
    stem = make_path((0, -1), (0, bow[:, 1].max()))
    return [make_arc(0.0, 1.0) * ring + (0, -1 - ring), bow, *stem, *make_path((-bar, -0.6), (bar, -0.6))]


LINES: Final[FigureTable] = {
    _dashes: 4.5,
    _cross: 4.5,
    _corner: 4.5,
    _frame: 3.0,
    _grid: 2.6,
    _bars: 2.6,
    _crossed_box: 2.6,
}
"""Figure -> the thickest pen that leaves it recognizable; a thick frame or face may be a 0 or an 8."""

DOODLES: Final[FigureTable] = {
    _curve: 1.7,
    _scribble: 3.0,
    _zigzag: 3.5,
    _spiral: 1.7,
    _coil: 2.6,
    _wave: 3.5,
    _star: 3.5,
    _asterisk: 4.0,
    _triangle: 3.5,
    _heart: 3.5,
    _arrow: 3.5,
    _smiley: 1.8,
    _sun: 2.6,
    _balloon: 2.2,
    _bubble: 2.2,
    _anchor: 2.2,
}
