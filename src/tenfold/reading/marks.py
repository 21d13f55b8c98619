"""What stands between and behind digits: commas, points, dashes, and the mark after amounts."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.reading.cells import Box, Boxes
from tenfold.reading.locate import Parts, median, sides

HANGING: Final = 0.45
"""How far below the top of the digits beside it a comma begins, at least, of their height."""

BELOW: Final = 0.3
"""How far below them it begins, at most, of the same."""

SHORTER: Final = 0.9
"""Height of one, at most, of the same."""

SHORTEST: Final = 0.45
"""Width of a point, below which it is one, in heights of the usual digit."""

FLAT: Final = 1.8
DASH: Final = 0.2
"""Width of a dash, at least, in its own heights and in those of a digit."""

SLASH: Final = 1.15
STRAIGHT: Final = -0.9
"""Height of the slash that ends an amount, at least, in heights of a digit; and the correlation of the rows
and columns of its ink, at most."""


def find_commas(hulls: Boxes) -> NDArray[np.bool_]:
    """Tell which pieces of a line are shorter than it and hang from its lower half."""
    heights = hulls[:, 3] - hulls[:, 1]
    height, every = median(heights.tolist()), hulls[:, 1].tolist()
    tops = np.array([median(every[max(0, at - 2) : at + 3]) for at in range(len(hulls))])
    return np.asarray((hulls[:, 1] > tops + HANGING * height) & (heights < SHORTER * height), np.bool_)


def is_dash(box: Box, hulls: Boxes, height: float) -> bool:
    """Tell whether a stroke is flat and at half the height of the digits to its left."""
    left, top, right, bottom = box.tolist()
    before = hulls[hulls[:, 2] <= left + 0.3 * height]
    if right - left < max(FLAT * (bottom - top), DASH * height) or not len(before):
        return False
    nearest = before[before[:, 2].argmax()]
    level = ((top + bottom) / 2 - nearest[1]) / (nearest[3] - nearest[1])
    return bool(0.1 < level < 0.9)


def is_point(box: Box, hulls: Boxes, height: float) -> bool:
    """Tell whether a stroke is a point or a comma at the foot of the line."""
    left, top, right, _ = box.tolist()
    nearest = hulls[np.abs((hulls[:, 0] + hulls[:, 2]) / 2 - left).argmin()]
    is_at_foot = nearest[1] + HANGING * height < top < nearest[3] + BELOW * height
    return bool(is_at_foot and right - left < SHORTEST * height)


def drop_amount_mark(parts: Parts, line: list[int], strokes: list[int]) -> tuple[list[int], list[int]]:
    """Leave out the mark "/-" that is written after amounts: a tall slash, and a dash to its right."""
    if len(line) < 2 or not strokes:
        return line, strokes
    last, boxes = line[-1], parts.boxes
    _, heights = sides(boxes[line])
    height = median(heights.tolist())
    dashes = [
        stroke
        for stroke in strokes
        if boxes[stroke, 2] - boxes[stroke, 0] >= FLAT * (boxes[stroke, 3] - boxes[stroke, 1])
        and -0.5 * height < boxes[stroke, 0] - boxes[last, 2] < height
        and boxes[last, 1] - 0.5 * height < boxes[stroke, 1] < boxes[last, 3]
    ]
    if not dashes or heights[-1] < SLASH * height or not _is_slash(parts, last):
        return line, strokes
    return line[:-1], [stroke for stroke in strokes if stroke not in dashes]


def _is_slash(parts: Parts, member: int) -> bool:
    """Tell whether a part is a straight stroke that rises to the right."""
    left, top, right, bottom = parts.boxes[member].tolist()
    rows, columns = np.nonzero(parts.labels[top:bottom, left:right] == member + 1)
    return bool(rows.std() > 0 and columns.std() > 0 and np.corrcoef(rows, columns)[0, 1] < STRAIGHT)
