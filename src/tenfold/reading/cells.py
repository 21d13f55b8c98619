"""Paper that is enclosed by rules: the cells of boxes, forms and tables, straight or not."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Ink

FINE: Final = 20
"""Height of a digit, in pixels, where cells are looked for: gaps in rules close, and pages cost little."""

PALE: Final = 32
"""Ink, of 255, of a rule at least."""

COVERED: Final = 40
"""Of 255, how much of a pixel of the smaller picture such ink covers, at least, where there is no paper."""

LOWEST: Final = 0.4
HIGHEST: Final = 3.6
NARROWEST: Final = 0.4
WIDEST: Final = 20.0
"""Sides of a cell, in heights of a digit."""

FULL: Final = 0.45
"""Share of the box around a cell that is its paper, at least: the rest is digits, or the page's slant."""

RULE: Final = 0.35
"""Thickness of the rule between two cells of a grid, at most, in heights of a digit."""

ROOM: Final = 4.0
"""Width of the cells of a table, at least, in heights of a digit, if none holds more than one digit."""

SHARED: Final = 0.25
"""Share of a table's cells with more than one digit, at least; some of others have, whose rules have gaps."""

MANY: Final = 60
FEW: Final = 0.5
"""Squares of squared paper, at least, and the share of them in which a digit stands, at most."""

FEWEST: Final = 6
"""Cells of a table, at least."""

JOINED: Final = 0.7
"""Share of the columns between two digits that are cells, at least, where both belong to one row of cells."""

ASIDE: Final = 2
"""How far from a rule the paper at its sides is looked for, in pixels of the smaller picture."""

ALONG: Final = np.array([0.2, 0.5, 0.8])
"""Where along it."""

INK, OUTSIDE = 0, 1

DIGITS, TABLE, SQUARES = 0, 1, 2
"""Grids with a digit in each cell, with a number in each, and squared paper, on which one writes at will."""

Box = NDArray[np.int64]
"""Left, top, right, bottom."""

Boxes = NDArray[np.int64]
"""Of shape (n, 4): so many of them."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a picture, in a smaller one.

    Attributes
    ----------
    labels : ndarray of shape (rows, columns), dtype=int32
        For each pixel the number of its cell, from 2; 0 where there is ink, 1 on other paper.
    widths : ndarray of shape (n_cells + 2,), dtype=float64
        Of each, in pixels of the picture.
    grids : ndarray of shape (n_cells + 2,), dtype=int32
        For each, of which grid it is: of what cells that only rules part.
    kinds : ndarray of shape (n_cells + 2,), dtype=int8
        For each, of which kind its grid is: `DIGITS`, `TABLE` or `SQUARES`.
    scale : float
        How many pixels of the picture one of `labels` is, along each side.
    """

    labels: NDArray[np.int32]
    widths: NDArray[np.float64]
    grids: NDArray[np.int32]
    kinds: NDArray[np.int8]
    scale: float

    def find(self, box: Box) -> int:
        """Return in which cell something stands: where most of the paper around it is; 0 for none."""
        around = self._cut(box + np.array([-1, -1, 1, 1]) * self.scale)
        outline = np.concatenate([around[0], around[-1], around[1:-1, 0], around[1:-1, -1]])
        most = int(np.bincount(outline[outline > INK], minlength=1).argmax())
        return most if most > OUTSIDE else 0

    def part(self, boxes: Boxes) -> NDArray[np.bool_]:
        """Tell which things part cells, as a rule does: the paper at one side is not that at the other."""
        is_level = (boxes[:, 2] - boxes[:, 0] > boxes[:, 3] - boxes[:, 1])[:, None]
        left, top, right, bottom = boxes.T[:, :, None] / self.scale
        row, column = top + ALONG * (bottom - top), left + ALONG * (right - left)
        before = self._at(np.where(is_level, top - ASIDE, row), np.where(is_level, column, left - ASIDE))
        after = self._at(
            np.where(is_level, bottom + ASIDE - 1, row), np.where(is_level, column, right + ASIDE - 1)
        )
        parted: NDArray[np.bool_] = ((before > INK) & (after > INK) & (before != after)).any(axis=1)
        return parted

    def with_digits(self, boxes: Boxes, height: float) -> "Cells":
        """Find out of which kind grids are, by the width of their cells and by what stands in them.

        Parameters
        ----------
        boxes : ndarray of shape (n, 4), dtype=int64
            What may be digits.
        height : float
            Of a digit.
        """
        counts = np.bincount([self.find(box) for box in boxes], minlength=len(self.widths))
        kinds = np.zeros(len(self.widths), np.int8)
        for grid in np.unique(self.grids[OUTSIDE + 1 :]):
            of_grid = self.grids == grid
            kinds[of_grid] = _name_kind(counts[of_grid], np.median(self.widths[of_grid]) > ROOM * height)
        return replace(self, kinds=kinds)

    def has_table(self) -> bool:
        """Tell whether there is a table, and not just boxes for a number each."""
        return bool((np.bincount(self.grids[self.kinds == TABLE], minlength=1) >= FEWEST).any())

    def cover(self, box: Box, reach: float) -> float:
        """Return over how much of its width something has a rule above and below, within reach."""
        left, top, right, bottom = box.tolist()
        sides = (
            [left, top - reach, right, top - self.scale],
            [left, bottom + self.scale, right, bottom + reach],
        )
        return float(min((self._cut(np.array(side)) == INK).any(axis=0).mean() for side in sides))

    def join(self, before: Box, after: Box) -> bool:
        """Tell whether two things of one line stand in cells for a digit each, with none but such between."""
        top, bottom = max(before[1], after[1]), min(before[3], after[3])
        between = self._cut(np.array([before[2], top, after[0], max(top, bottom)]))
        return bool(((between > OUTSIDE) & (self.kinds[between] == DIGITS)).any(axis=0).mean() >= JOINED)

    def _at(self, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the labels of some points."""
        n_rows, n_columns = self.labels.shape
        at = np.clip(rows.astype(int), 0, n_rows - 1), np.clip(columns.astype(int), 0, n_columns - 1)
        return np.asarray(self.labels[at], np.int32)

    def _cut(self, box: Box | NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the labels in a box, one pixel at least."""
        left, top, right, bottom = np.rint(box / self.scale).astype(int).tolist()
        rows, columns = self.labels.shape
        left, top = min(max(left, 0), columns - 1), min(max(top, 0), rows - 1)
        return self.labels[top : max(bottom, top + 1), left : max(right, left + 1)]


def find_cells(ink: Ink, height: float) -> Cells:
    """Find the cells of a picture.

    Parameters
    ----------
    ink : ndarray of shape (rows, columns), dtype=uint8
        0 paper … 255 ink, with its rules.
    height : float
        Of a digit, in pixels.
    """
    import cv2

    scale = max(1.0, height / FINE)
    shape = (max(1, round(ink.shape[1] / scale)), max(1, round(ink.shape[0] / scale)))
    covered = cv2.resize((ink > PALE).view(np.uint8) * np.uint8(255), shape, interpolation=cv2.INTER_AREA)
    paper = (np.asarray(covered) <= COVERED).view(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    left, top, wide, high, area = statistics.T.astype(np.float64)
    digit = height / scale
    is_cell = (LOWEST * digit <= high) & (high <= HIGHEST * digit) & (area >= FULL * wide * high)
    is_cell &= (NARROWEST * digit <= wide) & (wide <= WIDEST * digit)
    is_cell &= (left > 0) & (top > 0) & (left + wide < shape[0]) & (top + high < shape[1])
    is_cell[0] = False  # that is ink
    numbers = np.where(is_cell, OUTSIDE + np.cumsum(is_cell), OUTSIDE).astype(np.int32)
    numbers[0] = INK
    labels = numbers[labels]
    widths = np.concatenate([[0.0, 0.0], wide[is_cell] * scale])
    return Cells(labels, widths, _find_grids(labels, len(widths)), np.zeros(len(widths), np.int8), scale)


def _name_kind(counts: NDArray[np.int64], is_wide: np.bool_) -> int:
    """Tell what a grid is by how many digits stand in each of its cells."""
    occupied = counts[counts > 0]
    if len(counts) >= MANY and len(occupied) < FEW * len(counts):
        return SQUARES
    is_shared = len(occupied) > 0 and (occupied > 1).mean() > SHARED
    return TABLE if is_wide or is_shared else DIGITS


def _find_grids(labels: NDArray[np.int32], n_labels: int) -> NDArray[np.int32]:
    """Return of which grid each cell is."""
    import cv2

    side = round(RULE * FINE)
    near = cv2.morphologyEx(
        (labels > OUTSIDE).view(np.uint8), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)
    )
    _, around = cv2.connectedComponents(near, connectivity=4)
    grids = np.zeros(n_labels, np.int32)
    grids[labels] = around
    return grids
