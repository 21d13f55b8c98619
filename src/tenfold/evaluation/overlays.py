"""What is laid over digit images: fog, dotted lines and zigzags."""

from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tenfold.arrays import Images
from tenfold.image import CENTER, SIDE

CLOUDS: Final = 32
"""Points along each side of the grid that fog is drawn on, a power of two."""

ROUGHNESS: Final = 0.6
"""How much smaller displacements become as the distance between points halves."""

PLACES: Final = np.arange(-20, 21, 4.0)
"""Where a line has its dots or turns: how far along it, in pixels, beyond both edges of the image."""

OFF_CENTER: Final = 4
"""How far from the center of the image a line passes, at most, in pixels."""

BITS: Final = 4
"""Bits after the point of the coordinates that OpenCV is given."""


def draw_fog(n: int, generator: Generator) -> NDArray[np.float32]:
    """Draw clouds, by displacing the midpoints between points that are already displaced.

    Parameters
    ----------
    n : int
        How many.
    generator : Generator
        The source of all draws.

    Returns
    -------
    ndarray of shape (n, 28, 28), dtype=float32
        Each from 0 to 1.

    Notes
    -----
    Diamonds and squares in turn, on a grid without edges: what leaves it at one side comes in at the other.
    Source: A. Fournier, D. Fussell, L. Carpenter, "Computer rendering of stochastic models", CACM 25 (1982).
    """
    grid = np.zeros((n, CLOUDS, CLOUDS), np.float32)
    step, spread = CLOUDS, 1.0
    while step > 1:
        corners = grid[:, ::step, ::step]
        right, below = np.roll(corners, -1, axis=2), np.roll(corners, -1, axis=1)
        centers = _displace(spread, generator, corners, right, below, np.roll(below, -1, axis=2))
        tops = _displace(spread, generator, corners, right, centers, np.roll(centers, 1, axis=1))
        lefts = _displace(spread, generator, corners, below, centers, np.roll(centers, 1, axis=2))
        half = step // 2
        grid[:, half::step, half::step] = centers
        grid[:, ::step, half::step] = tops
        grid[:, half::step, ::step] = lefts
        step, spread = half, spread * ROUGHNESS
    clouds = grid[:, :SIDE, :SIDE]
    lowest, highest = (extreme(clouds, axis=(1, 2), keepdims=True) for extreme in (np.min, np.max))
    scaled: NDArray[np.float32] = (clouds - lowest) / (highest - lowest)
    return scaled


def draw_dotted_lines(n: int, width: float, generator: Generator) -> Images:
    """Draw `n` dotted lines of full ink near the center, in any direction, their dots `width` pixels wide."""
    import cv2

    radius = round(width / 2 * 2**BITS)
    drawn = np.zeros((n, SIDE, SIDE), np.uint8)
    for image, dots in zip(drawn, _place(n, np.zeros(len(PLACES)), generator), strict=True):
        for dot in dots.tolist():
            cv2.circle(image, dot, radius, 255, cv2.FILLED, cv2.LINE_AA, BITS)
    return drawn


def draw_zigzags(n: int, height: float, generator: Generator) -> Images:
    """Draw `n` zigzags of full ink near the center, in any direction, `height` pixels from turn to turn."""
    import cv2

    offsets = np.where(np.arange(len(PLACES)) % 2, height / 2, -height / 2)
    drawn = np.zeros((n, SIDE, SIDE), np.uint8)
    for image, turns in zip(drawn, _place(n, offsets, generator), strict=True):
        cv2.polylines(image, [turns], False, 255, 1, cv2.LINE_AA, BITS)  # noqa: FBT003  # it takes no names
    return drawn


def _displace(spread: float, generator: Generator, *neighbors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of four neighbors, each displaced by chance."""
    one, two, three, four = neighbors
    return (one + two + three + four) / 4 + spread * generator.standard_normal(one.shape, np.float32)


def _place(n: int, offsets: NDArray[np.float64], generator: Generator) -> NDArray[np.int32]:
    """Return where the points of `n` lines are, (n, points, 2), in fractions of a pixel.

    Each line has a direction and a distance from the center by chance; `offsets` lie across it.
    """
    angles = generator.uniform(0, 2 * np.pi, (n, 1))
    across = offsets + generator.uniform(-OFF_CENTER, OFF_CENTER, (n, 1))
    cos, sin = np.cos(angles), np.sin(angles)
    points = np.stack([cos * PLACES - sin * across, sin * PLACES + cos * across], axis=2) + CENTER
    places: NDArray[np.int32] = np.rint(points * 2**BITS).astype(np.int32)
    return places
