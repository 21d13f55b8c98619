"""Changes to digit images that grow step by step, from none at all to where people begin to err.

Strength 0 leaves images as they are, byte for byte. What a change draws at random (to which side, where)
depends on the generator alone: with the same seed, a greater strength is more of the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Images
from tenfold.image import BOX, CENTER, SIDE

Pixels = NDArray[np.float32]
"""Images to compute with, of shape (n_samples, 28, 28)."""

FINER: Final = 4
"""How many pixels there are, along each side, to one of the image while strokes are widened or thinned."""

GREY: Final = 128
"""What covers a digit: neither ink nor paper."""


@dataclass(frozen=True)
class Change:
    """One way to change digit images.

    Attributes
    ----------
    name : str
        What is changed, or what it becomes.
    unit : str
        Of the strengths.
    strengths : tuple of float
        Those that are measured, in order.
    apply : callable
        Takes digit images, a strength and a generator; returns as many images, 0–255.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    apply: Callable[[Images, float, Generator], Images]


def translate(images: Images, strength: float, generator: Generator) -> Images:
    """Move each image by `strength` pixels to the left, right, top or bottom; paper comes in."""
    sides = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])
    return _warp(images, np.eye(2), strength * sides[generator.integers(len(sides), size=len(images))])


def rotate(images: Images, strength: float, generator: Generator) -> Images:
    """Turn each image around its center by `strength` degrees, to the left or to the right."""
    angles = np.radians(strength) * draw_signs(len(images), generator)
    cos, sin = np.cos(angles), np.sin(angles)
    return _warp(images, np.stack([cos, -sin, sin, cos], axis=1).reshape(-1, 2, 2))


def scale(images: Images, strength: float, _generator: Generator) -> Images:
    """Enlarge images by `strength` percent around their center, or make them smaller."""
    return _warp(images, np.eye(2) * (1 + strength / 100))


def shear(images: Images, strength: float, generator: Generator) -> Images:
    """Let each image lean to the left or to the right, by `strength` pixels per row."""
    matrices = np.tile(np.eye(2), (len(images), 1, 1))
    matrices[:, 0, 1] = strength * draw_signs(len(images), generator)
    return _warp(images, matrices)


def thicken(images: Images, strength: float, _generator: Generator) -> Images:
    """Widen all strokes by `strength` pixels, or thin them."""
    import cv2

    reach = round(abs(strength) * FINER / 2)
    if not reach:
        return images.copy()
    morph = cv2.dilate if strength > 0 else cv2.erode
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    changed = np.empty_like(images)
    for image, target in zip(images, changed, strict=True):
        fine = cv2.resize(image, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_CUBIC)
        cv2.resize(morph(fine, kernel), (SIDE, SIDE), target, interpolation=cv2.INTER_AREA)
    return changed


def invert(images: Images, strength: float, _generator: Generator) -> Images:
    """Mix images with their negatives, of which `strength` is the share."""
    ink = as_float(images)
    return to_images(ink + strength * (255 - 2 * ink))


def fade(images: Images, strength: float, _generator: Generator) -> Images:
    """Take the share `strength` of each image's contrast away, its mean kept."""
    ink = as_float(images)
    return to_images(ink + strength * (ink.mean(axis=(1, 2), keepdims=True) - ink))


def blur(images: Images, strength: float, _generator: Generator) -> Images:
    """Blur images by a Gaussian of `strength` pixels (sd), on paper that goes on beyond the edges."""
    return to_images(smooth(as_float(images), strength)) if strength else images.copy()


def add_noise(images: Images, strength: float, generator: Generator) -> Images:
    """Add normal noise of `strength` (sd, as a share of full ink) to each pixel."""
    noise = generator.standard_normal(images.shape, np.float32)
    return to_images(as_float(images) + 255 * strength * noise)


def occlude(images: Images, strength: float, generator: Generator) -> Images:
    """Cover a grey square of `strength` whole pixels along each side, its center where the ink may be."""
    side, margin = int(strength), (SIDE - BOX) // 2
    starts = generator.integers(margin, SIDE - margin, (2, len(images), 1)) - side // 2
    rows, columns = (np.arange(SIDE) >= starts) & (np.arange(SIDE) < starts + side)
    covered: Images = np.where(rows[:, :, None] & columns[:, None, :], np.uint8(GREY), images)
    return covered


def draw_signs(n: int, generator: Generator) -> AnyArray:
    """Return -1 or 1 for each of `n` images, by equal chances."""
    return 2 * generator.integers(2, size=n) - 1


def smooth(values: Pixels, deviation: float) -> Pixels:
    """Blur by a Gaussian, zeros around, as two products with a matrix: faster than image by image."""
    mixing = gaussian_matrix(deviation)
    smoothed: Pixels = np.matmul(np.matmul(mixing, values), mixing)  # the matrix is symmetric
    return smoothed


def gaussian_matrix(deviation: float) -> Pixels:
    """Return what each place along a side gets of each other, (28, 28), by a Gaussian's weights."""
    weights = np.exp(-0.5 * (np.arange(-4 * SIDE, 4 * SIDE + 1) / deviation) ** 2)
    places = np.arange(SIDE)
    matrix: Pixels = (weights / weights.sum())[4 * SIDE + places[:, None] - places].astype(np.float32)
    return matrix


def as_float(images: Images) -> Pixels:
    """Return pixels to compute with, 0–255."""
    return images.astype(np.float32)


def to_images(values: NDArray[np.floating]) -> Images:
    """Round to whole numbers within 0 and 255."""
    images: Images = np.rint(values).clip(0, 255).astype(np.uint8)
    return images


def _warp(images: Images, matrices: AnyArray, shifts: AnyArray | float = 0.0) -> Images:
    """Map images by matrices (2, 2) around their center, then move them by (2,), x first."""
    import cv2

    maps = np.zeros((len(images), 2, 3))
    maps[:, :, :2] = matrices
    maps[:, :, 2] = CENTER - CENTER * maps[:, :, :2].sum(axis=2) + shifts
    changed = np.empty_like(images)
    for image, target, placed in zip(images, changed, maps, strict=True):
        cv2.warpAffine(image, placed, (SIDE, SIDE), target, borderMode=cv2.BORDER_CONSTANT)
    return changed


CURVES: Final = (
    Change("shift", "pixels", (0.0, 2.0, 4.0, 5.0, 6.0), translate),
    Change("rotation", "degrees", (0.0, 15.0, 30.0, 45.0, 60.0), rotate),
    Change("scale", "% in size", (-50.0, -30.0, -15.0, 0.0, 15.0, 30.0, 45.0), scale),
    Change("shear", "pixels per row", (0.0, 0.25, 0.5, 0.75, 1.0), shear),
    Change("thickness", "pixels wider", (-1.5, -1.0, -0.5, 0.0, 1.0, 2.0, 3.0), thicken),
    Change("inversion", "share of the negative", (0.0, 1.0), invert),
    Change("contrast", "share taken away", (0.0, 0.25, 0.5, 0.75, 0.9), fade),
    Change("blur", "pixels, sd", (0.0, 0.75, 1.5, 2.25, 3.0), blur),
    Change("noise", "sd, of full ink", (0.0, 0.15, 0.3, 0.45, 0.6), add_noise),
    Change("occlusion", "pixels, side", (0.0, 4.0, 6.0, 8.0, 10.0), occlude),
)
"""What is raised step by step, to where people begin to err."""
