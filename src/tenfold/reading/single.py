"""Whether a picture shows one digit, or one sign, from near by."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.image.isolate import MARGIN
from tenfold.reading.cells import Boxes
from tenfold.reading.locate import Parts, sides

SQUARE: Final = 1.5
"""Longer side of a picture, of the shorter, up to which its margin may hold such remains."""

THUMBNAIL: Final = 48
EVEN: Final = 1.1
"""Longer side of a picture, in pixels and of the shorter, up to which it is a digit, as data sets have it."""

SPECK: Final = 0.05
"""Longer side of a part, of the largest's, below which it is a speck."""

ALONE: Final = 0.85
"""Share of the ink that one sign has, at least, where there is but one. (Beside a digit a 1 has a fifth.)"""

MOST_PARTS: Final = 4
"""Of one sign."""

WIDEST: Final = 1.3
"""Width by height of a digit, at most."""

TALLEST: Final = 1.6
"""Height of a sign, in the longest side of its parts, at most."""

ROOM: Final = 0.5
"""Paper around a sign on a page that is looked at with it, in sides of the sign."""

HOLLOW: Final = 0.35
"""Share of its box that a frame fills, at most."""

INSIDE: Final = 0.3
"""Height of what is in a frame, at least, in heights of the frame."""

EDGE: Final = 0.04
AWAY: Final = 0.08
"""Distance from an edge, of the picture's side, up to which ink reaches it, and from which on it is away."""

FLAT: Final = 3.0
SOLID: Final = 0.5
"""Width by height of a bar, and the share of its box that it fills, at least."""


def shows_one_sign(parts: Parts, *, is_near: bool = True) -> bool:
    """Tell whether ink is one digit, or one sign such as "÷", perhaps with remains of a grid around it.

    Parameters
    ----------
    parts : Parts
        Of the picture.
    is_near : bool
        Whether it is a picture of a few digits, whose margin may hold remains, rather than a page.
    """
    boxes, areas = _leave_out_remains(parts, is_near=is_near)
    if not len(areas) or is_thumbnail(parts.ink.shape):
        return True
    if _has_frame(boxes, areas, parts.ink.shape):
        return False
    largest = int(areas.argmax())
    box = boxes[largest]
    shared = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
    is_stacked = shared > 0.3 * np.minimum(boxes[:, 2] - boxes[:, 0], box[2] - box[0])
    if is_stacked.sum() > MOST_PARTS or areas[is_stacked].sum() < ALONE * areas.sum():
        return False
    start, end = boxes[is_stacked, :2].min(axis=0), boxes[is_stacked, 2:].max(axis=0)
    width, height = (end - start).tolist()
    if height > TALLEST * (boxes[is_stacked, 2:] - boxes[is_stacked, :2]).max():
        return False
    return width <= WIDEST * height or bool(is_bar(parts.boxes, parts.areas)[parts.areas.argmax()])


def surroundings(parts: Parts) -> tuple[slice, slice]:
    """Return rows and columns of a page around all that is no speck."""
    longer = np.maximum(*sides(parts.boxes))
    boxes = parts.boxes[longer >= SPECK * longer.max(initial=0)]
    start, end = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    room = round(ROOM * int((end - start).max()))
    left, top = np.maximum(start - room, 0).tolist()
    right, bottom = (end + room).tolist()
    return slice(top, bottom), slice(left, right)


def is_thumbnail(shape: tuple[int, ...]) -> bool:
    """Tell whether a picture of this height and width is one of a digit, as data sets have them."""
    return max(shape) <= THUMBNAIL and max(shape) <= EVEN * min(shape)


def may_be_joined(parts: Parts) -> bool:
    """Tell whether the largest part may be a digit joined to a grid or a neighbor: it reaches an edge.

    And it is away from the one across: else it is a sign in a picture that was cut to its box.
    """
    left, top, right, bottom = parts.boxes[parts.areas.argmax()].tolist()
    height, width = parts.ink.shape
    pairs = (left / width, 1 - right / width), (top / height, 1 - bottom / height)
    return any(min(pair) <= EDGE and max(pair) >= AWAY for pair in pairs)


def is_bar(boxes: Boxes, areas: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which parts are flat and solid: dashes, never digits that touch."""
    wide, high = sides(boxes)
    return np.asarray((wide >= FLAT * high) & (areas >= SOLID * wide * high), np.bool_)


def _has_frame(boxes: Boxes, areas: NDArray[np.int64], shape: tuple[int, ...]) -> bool:
    """Tell whether the widest part is a frame around what may be a digit, and no remains of a grid."""
    wide, high = sides(boxes)
    widest = int((wide * high).argmax())
    frame = boxes[widest]
    is_inside = ((boxes[:, :2] > frame[:2]) & (boxes[:, 2:] < frame[2:])).all(axis=1)
    is_filled = bool((is_inside & (high >= INSIDE * high[widest])).any())
    is_whole = bool((frame[:2] > 0).all() and (frame[2:] < shape[::-1]).all())
    return is_filled and is_whole and bool(areas[widest] <= HOLLOW * wide[widest] * high[widest])


def _leave_out_remains(parts: Parts, *, is_near: bool) -> tuple[Boxes, NDArray[np.int64]]:
    """Return boxes and areas of what is no speck, nor in the margin of a picture of one digit."""
    height, width = parts.ink.shape
    centers = (parts.boxes[:, :2] + parts.boxes[:, 2:]) / 2 / (width, height)
    is_inside = np.asarray(((centers > MARGIN) & (centers < 1 - MARGIN)).all(axis=1), np.bool_)
    if not is_near or max(width, height) > SQUARE * min(width, height):
        is_inside = np.ones_like(is_inside)
    longer = np.maximum(*sides(parts.boxes))
    is_kept = is_inside & (longer >= SPECK * longer[is_inside].max(initial=0))
    return parts.boxes[is_kept], parts.areas[is_kept]
