"""What a run of digits is written on, and how it is pictured: rules, boxes, texture, light, blur, JPEG."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tenfold.arrays import AnyArray

TEXTURE: Final = (256, 2048)
"""Size of the noise that textures are cut from."""


@dataclass(frozen=True)
class Area:
    """Where on the paper the digits stand.

    Attributes
    ----------
    shape : tuple of int
        Height and width of the paper, in pixels.
    rows, columns : tuple of int
        The first of the digits, and the one after the last.
    cells : tuple of int
        Columns between which each digit has a cell; empty where they have none.
    """

    shape: tuple[int, int]
    rows: tuple[int, int]
    columns: tuple[int, int]
    cells: tuple[int, ...] = ()

    @property
    def height(self) -> int:
        """Of the digits."""
        return max(1, self.rows[1] - self.rows[0])


def make_texture(generator: Generator) -> NDArray[np.float32]:
    """Draw noise, of standard deviation 1, from which the texture of all papers is cut."""
    return generator.standard_normal(TEXTURE, np.float32)


def draw_lines(area: Area, generator: Generator) -> AnyArray:
    """Draw what is printed on the paper, or nothing.

    Parameters
    ----------
    area : Area
        Where the digits are.
    generator : Generator
        The source of all draws.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        255 on the lines.
    """
    lines = np.zeros(area.shape, np.uint8)
    if area.cells:
        _draw_cells(lines, area, generator)
        return lines
    kind = generator.random()
    if kind < 0.22:
        _draw_rule(lines, _below(area, generator), generator)
    elif kind < 0.30:
        _draw_rules(lines, area, generator)
    elif kind < 0.36:
        _draw_grid(lines, area, generator)
    elif kind < 0.46:
        _draw_frame(lines, area, generator)
    elif kind < 0.52:
        _draw_sides(lines, area, generator)
    return lines


def _below(area: Area, generator: Generator) -> float:
    """Return the row of a rule: below the digits, touching or crossing their feet."""
    return area.rows[1] + area.height * float(generator.uniform(-0.28, 0.25))


def _draw_rule(lines: AnyArray, row: float, generator: Generator) -> None:
    """Draw one line across, a little aslant, perhaps dotted."""
    width = lines.shape[1]
    tilt, start, end = width * generator.normal(0, 0.012), 0, width
    if generator.random() < 0.2:
        start, end = (int(width * share) for share in (generator.uniform(0, 0.2), generator.uniform(0.8, 1)))
    thickness = 1 + int(generator.random() < 0.35) + int(generator.random() < 0.1)
    cv2.line(lines, (start, round(row - tilt)), (end, round(row + tilt)), (255,), thickness, cv2.LINE_AA)
    if generator.random() < 0.12:
        step = int(generator.integers(3, 8))
        lines[:, ::step] = 0
        lines[:, 1::step] = 0


def _draw_rules(lines: AnyArray, area: Area, generator: Generator) -> None:
    """Draw the rules of lined paper."""
    step = max(6.0, area.height * float(generator.uniform(0.5, 1.6)))
    row = area.rows[1] + area.height * float(generator.uniform(-0.4, 0.3))
    for position in np.arange(row % step, len(lines), step):
        cv2.line(lines, (0, round(position)), (lines.shape[1], round(position)), (255,), 1)


def _draw_grid(lines: AnyArray, area: Area, generator: Generator) -> None:
    """Draw squared paper."""
    step = max(6.0, area.height * float(generator.uniform(0.45, 1.3)))
    down, right = (generator.random(2) * step).tolist()
    for row in np.arange(down, len(lines), step):
        lines[int(row)] = 255
    for column in np.arange(right, lines.shape[1], step):
        lines[:, int(column)] = 255


def _draw_frame(lines: AnyArray, area: Area, generator: Generator) -> None:
    """Draw a box around all digits, or what a crop leaves of it."""
    gaps = (area.height * generator.uniform(0.02, 0.45, 4)).astype(int).tolist()
    corners = (
        (area.columns[0] - gaps[0], area.rows[0] - gaps[1]),
        (
            area.columns[1] + gaps[2],
            area.rows[1] + gaps[3],
        ),
    )
    cv2.rectangle(lines, *corners, (255,), int(generator.integers(1, 4)), cv2.LINE_AA)


def _draw_sides(lines: AnyArray, area: Area, generator: Generator) -> None:
    """Draw upright lines before and after the digits, as of a table."""
    thickness = int(generator.integers(1, 3))
    for column, way in ((area.columns[0], -1), (area.columns[1], 1)):
        if generator.random() < 0.7:
            place = int(column + way * area.height * generator.uniform(0.12, 0.6))
            lean = int(len(lines) * generator.normal(0, 0.02))
            cv2.line(lines, (place - lean, 0), (place + lean, len(lines)), (255,), thickness, cv2.LINE_AA)


def _draw_cells(lines: AnyArray, area: Area, generator: Generator) -> None:
    """Draw a cell for each digit: closed, open, part of a table, or its sides alone, as long as no 1."""
    kind = generator.random()
    has_rows = kind > 0.2
    above, below = (area.height * generator.uniform(0.05 if has_rows else 0.35, 0.6, 2)).tolist()
    top, bottom = round(area.rows[0] - above), round(area.rows[1] + below)
    if kind < 0.12:  # short guides below
        top = round(area.rows[1] + area.height * generator.uniform(-0.1, 0.1))
    thickness = 1 + int(generator.random() < 0.4) + int(generator.random() < 0.15)
    lean = area.height * generator.normal(0, 0.03)
    is_table = generator.random() < 0.3
    for column in area.cells[int(is_table and generator.random() < 0.5) :]:
        place = round(column + lean), round(column - lean)
        cv2.line(lines, (place[0], top), (place[1], bottom), (255,), thickness, cv2.LINE_AA)
    if has_rows:
        ends = (0, lines.shape[1]) if is_table else (area.cells[0], area.cells[-1])
        _draw_sides_of_cells(lines, (top, bottom), ends, thickness, generator)


def _draw_sides_of_cells(
    lines: AnyArray, rows: tuple[int, int], ends: tuple[int, int], thickness: int, generator: Generator
) -> None:
    """Draw the upper and the lower side of all cells, mostly both, a little aslant."""
    tilt = round((ends[1] - ends[0]) * generator.normal(0, 0.006))
    for row, share in zip(rows, (0.85, 0.95), strict=True):
        if generator.random() < share:
            cv2.line(lines, (ends[0], row - tilt), (ends[1], row + tilt), (255,), thickness, cv2.LINE_AA)


def take_picture(
    ink: AnyArray, lines: AnyArray, texture: NDArray[np.float32], generator: Generator
) -> AnyArray:
    """Return a grey picture of ink and lines on paper.

    Parameters
    ----------
    ink, lines : ndarray of shape (height, width), dtype=uint8
        0 paper … 255 ink.
    texture : ndarray of shape (rows, columns), dtype=float32
        Noise of standard deviation 1.
    generator : Generator
        The source of all draws.

    Returns
    -------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, dark on light: as a camera, a scanner or a program makes it.
    """
    kind = generator.random()
    ink_depth = float(generator.uniform(0.5, 1) if kind < 0.45 else generator.uniform(0.12, 0.8))
    ratio = float(np.exp(generator.uniform(np.log(0.15), np.log(1.6))))
    darkness = _mix(ink, lines, ink_depth, min(0.95, ink_depth * ratio))
    if kind < 0.25:
        return _scan(darkness, texture, ink_depth, generator)
    if kind < 0.32:
        return np.asarray(cv2.convertScaleAbs(darkness, alpha=-255, beta=255), np.uint8)
    return _photograph(darkness, texture, ink_depth, generator)


def _mix(ink: AnyArray, lines: AnyArray, ink_depth: float, line_depth: float) -> AnyArray:
    """Return how much light ink and lines take, 0 to 1."""
    written = ink.astype(np.float32) * np.float32(ink_depth / 255)
    printed = lines.astype(np.float32) * np.float32(line_depth / 255)
    return np.asarray(np.maximum(written, printed))


def _scan(darkness: AnyArray, texture: NDArray[np.float32], depth: float, generator: Generator) -> AnyArray:
    """Return black on white, as scanners in two colors and programs that binarize leave it."""
    soft = cv2.GaussianBlur(darkness, (0, 0), float(generator.uniform(0.3, 0.9)))
    grain = _cut(texture, soft.shape, generator) * np.float32(depth * generator.uniform(0, 0.12))
    threshold = depth * float(generator.uniform(0.2, 0.6))
    return np.where(soft + grain > threshold, 0, 255).astype(np.uint8)


def _photograph(
    darkness: AnyArray, texture: NDArray[np.float32], depth: float, generator: Generator
) -> AnyArray:
    """Return a picture with paper's texture, uneven light, blur, noise, and often JPEG's traces."""
    shape = darkness.shape
    uneven, coarse, fine = (generator.random(3) ** 2 * np.array([0.5, 0.09, 0.09])).tolist()
    clouds = _enlarge(generator.random((3, 6), np.float32), shape)
    darkness = darkness * (1 - np.float32(uneven) * clouds)
    darkness += _enlarge(_cut(texture, _coarser(shape, 3), generator), shape) * np.float32(depth * coarse)
    light = _enlarge(generator.uniform(0.55, 1, (2, 3)).astype(np.float32), shape)
    level = float(generator.uniform(120, 255))
    evenness = float(generator.random())
    seen = (1 - darkness) * level * (evenness + (1 - evenness) * light)
    seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), float(generator.uniform(0.2, 1.3))), np.float32)
    seen += _cut(texture, shape, generator) * np.float32(depth * level * fine)
    grey = np.clip(seen, 0, 255).astype(np.uint8)
    return _compress(grey, generator) if generator.random() < 0.5 else grey


def _compress(grey: AnyArray, generator: Generator) -> AnyArray:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(generator.integers(25, 92))]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", grey, quality)[1], cv2.IMREAD_GRAYSCALE), np.uint8)


def _cut(texture: NDArray[np.float32], shape: tuple[int, ...], generator: Generator) -> NDArray[np.float32]:
    """Cut a piece of noise from anywhere."""
    height, width = (min(side, most) for side, most in zip(shape, texture.shape, strict=True))
    row, column = (
        int(generator.integers(most - side + 1))
        for side, most in zip((height, width), texture.shape, strict=True)
    )
    piece = texture[row : row + height, column : column + width]
    missing = [(0, side - have) for side, have in zip(shape, piece.shape, strict=True)]
    return np.pad(piece, missing, mode="wrap") if piece.shape != shape else piece


def _coarser(shape: tuple[int, ...], factor: int) -> tuple[int, int]:
    return max(2, shape[0] // factor), max(2, shape[1] // factor)


def _enlarge(field: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a smooth field of a shape."""
    enlarged = cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.float32)
