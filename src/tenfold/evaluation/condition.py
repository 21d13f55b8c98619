"""Images that are no digit images: blank, inverted, too large, not centered."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Images, Indices
from tenfold.image import BOX, CENTER, NOISE, SIDE, check_images

FARTHEST: Final = 1.0
"""Pixels that the center of mass may lie from pixel (14, 14), across or down. Shifts by whole pixels leave
half of one; in MNIST none lies further than 0.52."""

DARK: Final = 128
"""Mean of the outermost pixels, of 255, from which ink and paper are taken to be exchanged."""


@dataclass(frozen=True, eq=False)
class Condition:
    """Positions of the images that are not as a digit image must be, in order.

    An image stands under the first that applies; `outside_box` and `off_center` may both apply.

    Attributes
    ----------
    blank : ndarray of shape (n_blank,), dtype=int64
        No ink, or none that is more than noise.
    inverted : ndarray of shape (n_inverted,), dtype=int64
        Light ink on dark paper: their edge is dark.
    outside_box : ndarray of shape (n_outside,), dtype=int64
        Ink more than 20 pixels high or wide.
    off_center : ndarray of shape (n_off,), dtype=int64
        Center of mass more than a pixel away from (14, 14).
    """

    blank: NDArray[np.int64]
    inverted: NDArray[np.int64]
    outside_box: NDArray[np.int64]
    off_center: NDArray[np.int64]


def check_condition(images: Images) -> Condition:
    """Find the images that break the contract of digit images.

    Parameters
    ----------
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images, or what is taken for them.

    Raises
    ------
    InputError
        `images` has another shape or type.

    Examples
    --------
    >>> check_condition(np.zeros((2, 28, 28), np.uint8)).blank
    array([0, 1])
    """
    is_blank = check_images(images).max(axis=(1, 2)) < NOISE
    edges = np.concatenate([images[:, [0, -1]], images[:, :, [0, -1]].swapaxes(1, 2)], axis=1)
    is_inverted = ~is_blank & (edges.mean(axis=(1, 2)) >= DARK)
    shows_ink = ~is_blank & ~is_inverted
    return Condition(
        blank=_positions(is_blank),
        inverted=_positions(is_inverted),
        outside_box=_positions(shows_ink & (_extent(images) > BOX)),
        off_center=_positions(shows_ink & (_distance_from_center(images) > FARTHEST)),
    )


def _positions(mask: NDArray[np.bool_]) -> Indices:
    return np.flatnonzero(mask)


def _extent(images: Images) -> NDArray[np.int64]:
    """Return the height or the width of the ink of each image, whichever is more."""
    lines = (images.max(axis=axis) > 0 for axis in (1, 2))
    width, height = (SIDE - line.argmax(axis=1) - line[:, ::-1].argmax(axis=1) for line in lines)
    extent: NDArray[np.int64] = np.maximum(width, height)
    return extent


def _distance_from_center(images: Images) -> NDArray[np.float64]:
    """Return how far each center of mass lies off, across or down, whichever is more."""
    places = np.arange(SIDE)
    mass = np.maximum(1, images.sum(axis=(1, 2), dtype=np.int64))
    lines = (images.sum(axis=axis, dtype=np.int64) for axis in (1, 2))
    across, down = (np.abs(line @ places / mass - CENTER) for line in lines)
    distance: NDArray[np.float64] = np.maximum(across, down)
    return distance
