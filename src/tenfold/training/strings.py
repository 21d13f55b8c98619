"""Runs of digits composed from single ones: what the line reader is trained on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Ink, Labels
from tenfold.data.splits import N_CLASSES, Split
from tenfold.image.line import AROUND, BESIDE, Line, cut_line, find_run
from tenfold.training.handwriting import Hand, draw_hand, widen_strokes, write_digit
from tenfold.training.marks import draw_mark
from tenfold.training.paper import Area, draw_lines, make_texture, take_picture

LONGEST: Final = 14
"""Digits in a string, at most."""

CELLS: Final = 0.22
"""Share of strings with a cell for each digit."""

MARKED: Final = 0.28
"""Share of strings with marks that are no digits, between, before or after them."""

NEIGHBORED: Final = 0.2
"""Share of strings with parts of other lines above or below."""

JITTERED: Final = 0.2
"""Share of strings that are cut out around their digits rather than where they are found."""

Placed = tuple[AnyArray, float, float]
"""Ink, and the column and row of its left upper corner."""


@dataclass(frozen=True)
class Strings:
    """Lines with the digits they show.

    Attributes
    ----------
    lines : tuple of ndarray of shape (32, width), dtype=uint8
        Each of its own width.
    labels : tuple of ndarray of shape (length,), dtype=int64
        Digits from left to right.
    """

    lines: tuple[AnyArray, ...]
    labels: tuple[AnyArray, ...]

    def __len__(self) -> int:
        """Return the number of strings."""
        return len(self.lines)


@dataclass(frozen=True)
class _Pool:
    """Single digits, and for each label the positions of its own."""

    samples: Split
    by_label: tuple[AnyArray, ...]
    texture: NDArray[np.float32]


def compose_strings(n: int, samples: Split, *, seed: int) -> Strings:
    """Compose pictures of digits in a row, and make them lines as the reader does.

    Parameters
    ----------
    n : int
        How many.
    samples : Split
        Digit images; labels that do not occur are not drawn.
    seed : int
        The same seed, count and samples give the same bytes.

    Returns
    -------
    Strings
        1 to 14 digits each. They vary in pen, size, slant, gaps, marks between them, printed lines, remains
        of neighbors, paper, light, blur, and in how they are cut out.
    """
    generator = np.random.default_rng(seed)
    pool = _make_pool(samples, generator)
    lines, labels = [], []
    for _ in range(n):
        light, area, digits = _compose(pool, generator)
        lines.append(_cut_out(light, area, generator).ink)
        labels.append(digits)
    return Strings(tuple(lines), tuple(labels))


def compose_pictures(n: int, samples: Split, *, seed: int) -> list[tuple[Ink, Labels]]:
    """Compose pictures as `compose_strings` does, and leave them as they are.

    Parameters
    ----------
    n : int
        How many.
    samples : Split
        Digit images; labels that do not occur are not drawn.
    seed : int
        The same seed, count and samples give the same bytes.

    Returns
    -------
    list of (ndarray of shape (height, width), dtype=uint8; ndarray of shape (n_digits,), dtype=int64)
        Each picture, 0 black … 255 white, and its digits.
    """
    generator = np.random.default_rng(seed)
    pool = _make_pool(samples, generator)
    pictures = []
    for _ in range(n):
        light, _area, labels = _compose(pool, generator)
        pictures.append((light, labels))
    return pictures


def _make_pool(samples: Split, generator: Generator) -> _Pool:
    by_label = tuple(np.flatnonzero(samples.labels == label) for label in range(N_CLASSES))
    return _Pool(samples, by_label, make_texture(generator))


def _compose(pool: _Pool, generator: Generator) -> tuple[Ink, Area, Labels]:
    """Compose one picture; return it with where its digits are, and which."""
    hand = draw_hand(generator)
    labels = _draw_labels(pool, generator)
    placed, cells = _place(labels, hand, pool, generator)
    ink, area = _lay_out(placed, cells, hand, pool, generator)
    lines = draw_lines(area, generator)
    return take_picture(ink, lines, pool.texture, generator), area, labels


def _draw_labels(pool: _Pool, generator: Generator) -> Labels:
    """Draw 1 to 14 digits: often with zeros at the end, or one digit repeated."""
    known = np.array([label for label, positions in enumerate(pool.by_label) if len(positions)])
    length = min(LONGEST, 1 + int(generator.gamma(2.2, 2.1)))
    labels = known[generator.integers(len(known), size=length)]
    kind = generator.random()
    if kind < 0.12 and 0 in known:
        labels[-int(generator.integers(1, length + 1)) :] = 0
    elif kind < 0.25 and length > 1:
        start = int(generator.integers(length - 1))
        labels[start : start + int(generator.integers(2, 5))] = labels[start]
    return labels.astype(np.int64)


def _place(
    labels: Labels, hand: Hand, pool: _Pool, generator: Generator
) -> tuple[list[Placed], tuple[int, ...]]:
    """Set digits in a row, in cells or free; the row's top is about 0."""
    inks = [write_digit(_pick(pool, label, generator), label, hand, generator) for label in labels.tolist()]
    lifts = hand.height * 0.06 * hand.wobble * generator.standard_normal(len(inks))
    rows = [(hand.height - ink.shape[0]) / 2 + float(lift) for ink, lift in zip(inks, lifts, strict=True)]
    if generator.random() < CELLS:
        return _place_in_cells(inks, rows, hand, generator)
    return _place_freely(inks, rows, hand, generator), ()


def _pick(pool: _Pool, label: int, generator: Generator) -> AnyArray:
    positions = pool.by_label[label]
    image: AnyArray = pool.samples.images[positions[generator.integers(len(positions))]]
    return image


def _place_in_cells(
    inks: list[AnyArray], rows: list[float], hand: Hand, generator: Generator
) -> tuple[list[Placed], tuple[int, ...]]:
    """Set each digit in a cell of its own; some cells stay empty."""
    widest = max(ink.shape[1] for ink in inks)
    pitch = max(widest * 1.05, hand.height * float(generator.uniform(0.85, 1.9)))
    empty = generator.random() < 0.2
    skips = generator.integers(0, 5, len(inks)) * (generator.random(len(inks)) < 0.25) * empty
    positions = np.arange(len(inks)) + np.cumsum(skips)
    n_cells = int(positions[-1]) + 1 + int(empty and generator.integers(0, 5))
    placed = []
    for ink, row, position in zip(inks, rows, positions.tolist(), strict=True):
        spare = pitch - ink.shape[1]
        column = position * pitch + spare * (0.5 + float(np.clip(generator.normal(0, 0.18), -0.5, 0.5)))
        placed.append((ink, column, row))
    return placed, tuple(round(place * pitch) for place in range(n_cells + 1))


def _place_freely(inks: list[AnyArray], rows: list[float], hand: Hand, generator: Generator) -> list[Placed]:
    """Set digits one after another, and marks among them."""
    marks = _choose_marks(len(inks), generator)
    drift = float(generator.normal(0, 0.03))
    column, placed = 0.0, []
    for position in range(len(inks) + 1):
        if position in marks:
            mark, above = draw_mark(hand, generator, inside=0 < position < len(inks))
            placed.append((mark, column, above + drift * column))
            column += mark.shape[1] + hand.height * float(generator.uniform(0.02, 0.3))
        if position < len(inks):
            placed.append((inks[position], column, rows[position] + drift * column))
            gap = hand.height * (hand.gap + 0.07 * hand.wobble * float(generator.standard_normal()))
            column += max(2.0, inks[position].shape[1] + gap)
    return placed


def _choose_marks(n_digits: int, generator: Generator) -> set[int]:
    """Draw before which digits a mark stands."""
    if generator.random() > MARKED:
        return set()
    every_third = set(range(n_digits - 3, 0, -3)) if generator.random() < 0.25 else set()
    return every_third or set(generator.integers(0, n_digits + 1, int(generator.integers(1, 3))).tolist())


def _lay_out(
    placed: list[Placed], cells: tuple[int, ...], hand: Hand, pool: _Pool, generator: Generator
) -> tuple[AnyArray, Area]:
    """Put ink on paper with margins from tight to loose; return it with where the digits are."""
    left = min(0, *(round(column) for _, column, _ in placed))
    top = min(round(row) for _, _, row in placed)
    right = max(*(round(column) + ink.shape[1] for ink, column, _ in placed), *cells, 0)
    bottom = max(round(row) + ink.shape[0] for ink, _, row in placed)
    margins = _draw_margins(hand, generator, in_cells=bool(cells))
    shift = margins[0] - left, margins[1] - top
    shape = bottom - top + margins[1] + margins[3], right - left + margins[0] + margins[2]
    ink = np.zeros(shape, np.uint8)
    if not cells and generator.random() < NEIGHBORED:
        _add_neighbors(ink, margins, hand, pool, generator)
    for piece, column, row in placed:
        _stamp(ink, piece, round(column) + shift[0], round(row) + shift[1])
    area = Area(
        shape,
        (margins[1], margins[1] + bottom - top),
        (margins[0], margins[0] + right - left),
        tuple(column + shift[0] for column in cells),
    )
    return (widen_strokes(ink, hand.pen) if hand.pen else ink), area


def _draw_margins(hand: Hand, generator: Generator, *, in_cells: bool) -> tuple[int, int, int, int]:
    """Draw how much paper there is left, above, right and below."""
    most_across = 0.15 if generator.random() < 0.3 else (3.5 if generator.random() < 0.15 else 1.0)
    most_down = 0.15 if generator.random() < 0.3 else (2.0 if generator.random() < 0.15 else 0.8)
    if in_cells:
        most_down = max(most_down, 0.5)
    across, down = hand.height * most_across, hand.height * most_down
    left, right = (1 + across * generator.random(2)).astype(int).tolist()
    above, below = (1 + down * generator.random(2)).astype(int).tolist()
    return left, above, right, below


def _add_neighbors(
    ink: AnyArray, margins: tuple[int, int, int, int], hand: Hand, pool: _Pool, generator: Generator
) -> None:
    """Let digits of the lines above or below reach into the margins."""
    for is_below in (False, True):
        margin = margins[3] if is_below else margins[1]
        if margin < 4 or generator.random() < 0.4:
            continue
        visible = max(2, int(margin * generator.uniform(0.2, 0.8)))
        column = int(generator.uniform(0, hand.height))
        while column < ink.shape[1]:
            label = int(generator.choice([label for label, own in enumerate(pool.by_label) if len(own)]))
            piece = write_digit(_pick(pool, label, generator), label, hand, generator)
            row = ink.shape[0] - visible if is_below else visible - piece.shape[0]
            _stamp(ink, piece, column, row + int(generator.integers(-1, 2)))
            column += piece.shape[1] + int(hand.height * generator.uniform(0.1, 2))


def _stamp(ink: AnyArray, piece: AnyArray, column: int, row: int) -> None:
    """Add ink at a place; what lies beyond the paper is lost."""
    upper, left = max(0, -row), max(0, -column)
    place = ink[max(0, row) : row + piece.shape[0], max(0, column) : column + piece.shape[1]]
    visible = piece[upper : upper + place.shape[0], left : left + place.shape[1]]
    np.maximum(place, visible, out=place)


def _cut_out(light: AnyArray, area: Area, generator: Generator) -> Line:
    """Make a line of a picture: where its digits are found, or else around where they are."""
    if generator.random() > JITTERED:
        box = find_run(light)
        if _is_close(box, area):
            return cut_line(light, box)
    around = area.height * (AROUND + generator.uniform(-0.15, 0.3, 2))
    beside = area.height * (BESIDE + generator.uniform(-0.25, 0.5, 2))
    left, top = area.columns[0] - beside[0], area.rows[0] - around[0]
    wide = area.columns[1] + beside[1] - left
    high = area.rows[1] + around[1] - top
    return cut_line(light, (float(left), float(top), float(wide), float(high)))


def _is_close(box: tuple[float, float, float, float], area: Area) -> bool:
    """Tell whether a box that was found holds the digits, and not too much else."""
    left, top, wide, high = box
    slack = 0.08 * area.height
    holds_rows = top < area.rows[0] + slack and top + high > area.rows[1] - slack
    holds_columns = left < area.columns[0] + slack and left + wide > area.columns[1] - slack
    return holds_rows and holds_columns and high < 3.0 * area.height


def pad_lines(lines: tuple[AnyArray, ...], width: int) -> AnyArray:
    """Return lines as one array (n, 32, width), with paper after each."""
    padded = np.zeros((len(lines), lines[0].shape[0], width), np.uint8)
    for row, line in zip(padded, lines, strict=True):
        row[:, : line.shape[1]] = line
    return padded


def iterate_batches(strings: Strings, size: int, generator: Generator) -> Iterator[AnyArray]:
    """Yield positions of strings, as many at a time, of similar widths, in random order."""
    widths = np.array([line.shape[1] for line in strings.lines])
    order = np.argsort(widths + generator.uniform(0, 24, len(widths)))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    for position in generator.permutation(len(batches)):
        yield batches[position]
