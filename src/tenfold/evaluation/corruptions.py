"""The fifteen corruptions of MNIST-C, each at one strength, after the paper's descriptions.

They are not the published images: the code and the draws are others, and the strengths were chosen by eye,
so that a person still reads the digits. Figures compare with each other, not with the paper's.

Source: N. Mu, J. Gilmer, "MNIST-C: a robustness benchmark for computer vision", 2019 (arXiv:1906.02337).
"""

from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.random import Generator

from tenfold.arrays import Images
from tenfold.evaluation.changes import (
    Change,
    as_float,
    blur,
    gaussian_matrix,
    rotate,
    scale,
    shear,
    smooth,
    to_images,
    translate,
)
from tenfold.evaluation.overlays import draw_dotted_lines, draw_fog, draw_zigzags
from tenfold.image import SIDE

FROST: Final = 0.5
"""Blur before and after frosted glass, in pixels (sd)."""

BLOTCH: Final = 1.5
"""How large the blotches of spatter are: the blur, in pixels (sd), of the noise that they are cut from."""

SHARP: Final = 3.0
"""How steeply the cover of a blotch rises at its edge, per standard deviation of that noise."""

GREY: Final = 160
"""The shade of spatter."""


def add_shot_noise(images: Images, strength: float, generator: Generator) -> Images:
    """Count light as photons, of which full ink sends `strength` on average: the fewer, the noisier."""
    photons = generator.poisson(as_float(images) * (strength / 255))
    return to_images(photons.astype(np.float32) * (255 / strength))


def add_impulse_noise(images: Images, strength: float, generator: Generator) -> Images:
    """Replace the share `strength` of all pixels by paper or full ink, by equal chances."""
    drawn = generator.random(images.shape, np.float32)
    noisy: Images = np.where(drawn < strength, np.uint8(0), images)
    noisy[drawn < strength / 2] = 255
    return noisy


def blur_by_glass(images: Images, strength: float, generator: Generator) -> Images:
    """Look through frosted glass: each pixel shows one up to `strength` away, all slightly blurred."""
    reach = int(strength)
    rows, columns = (
        (place + generator.integers(-reach, reach + 1, images.shape)).clip(0, SIDE - 1)
        for place in np.ogrid[:SIDE, :SIDE]
    )
    samples = np.arange(len(images))[:, None, None]
    return blur(blur(images, FROST, generator)[samples, rows, columns], FROST, generator)


def blur_by_motion(images: Images, strength: float, generator: Generator) -> Images:
    """Smear each image over `strength` pixels, along a direction of its own."""
    import cv2

    side = 2 * int(strength / 2) + 3
    center = side // 2
    path = np.zeros((side, side), np.float32)
    path[center] = np.clip((strength + 1) / 2 - np.abs(np.arange(side) - center), 0, 1)
    changed = np.empty_like(images)
    for position, angle in enumerate(generator.uniform(0, 180, len(images))):
        turned = cv2.getRotationMatrix2D((center, center), angle, 1)
        kernel = cv2.warpAffine(path, turned, (side, side))
        changed[position] = cv2.filter2D(
            images[position], -1, kernel / kernel.sum(), borderType=cv2.BORDER_CONSTANT
        )
    return changed


def brighten(images: Images, strength: float, _generator: Generator) -> Images:
    """Add `strength`, as a share of full ink, to every pixel; what was full stays full."""
    return to_images(as_float(images) + 255 * strength)


def add_stripe(images: Images, strength: float, _generator: Generator) -> Images:
    """Invert a vertical stripe in the middle, `strength` pixels wide."""
    start = (SIDE - int(strength)) // 2
    changed = images.copy()
    changed[:, :, start : start + int(strength)] ^= 255
    return changed


def add_fog(images: Images, strength: float, generator: Generator) -> Images:
    """Add clouds up to `strength` times as bright as full ink, and darken all until nothing is too bright."""
    clouds = draw_fog(len(images), generator)
    return to_images((as_float(images) + 255 * strength * clouds) / (1 + strength))


def spatter(images: Images, strength: float, generator: Generator) -> Images:
    """Cover about the share `strength` of each image by grey blotches with soft edges."""
    fields = smooth(generator.standard_normal(images.shape, np.float32), BLOTCH)
    deviations = np.sqrt((gaussian_matrix(BLOTCH) ** 2).sum(axis=1))
    fields /= deviations[:, None] * deviations
    cover = ((fields - NormalDist().inv_cdf(1 - strength)) * SHARP + 0.5).clip(0, 1)
    ink = as_float(images)
    return to_images(ink + cover * (GREY - ink))


def add_dotted_line(images: Images, strength: float, generator: Generator) -> Images:
    """Draw a dotted line across each image, near its center, of dots `strength` pixels wide."""
    return np.maximum(images, draw_dotted_lines(len(images), strength, generator))


def add_zigzag(images: Images, strength: float, generator: Generator) -> Images:
    """Draw a zigzag across each image, near its center, `strength` pixels high."""
    return np.maximum(images, draw_zigzags(len(images), strength, generator))


def keep_edges(images: Images, strength: float, _generator: Generator) -> Images:
    """Keep only the edges, as Canny finds them where the gradient reaches `strength`."""
    import cv2

    changed = np.empty_like(images)
    for image, target in zip(images, changed, strict=True):
        target[:] = cv2.Canny(image, strength / 2, strength)
    return changed


CORRUPTIONS: Final = (
    Change("shot noise", "photons of full ink", (4.0,), add_shot_noise),
    Change("impulse noise", "share of pixels", (0.2,), add_impulse_noise),
    Change("glass blur", "pixels", (1.0,), blur_by_glass),
    Change("motion blur", "pixels", (6.0,), blur_by_motion),
    Change("shear", "pixels per row", (0.6,), shear),
    Change("scale", "% in size", (-40.0,), scale),
    Change("rotate", "degrees", (35.0,), rotate),
    Change("brightness", "of full ink", (0.6,), brighten),
    Change("translate", "pixels", (5.0,), translate),
    Change("stripe", "pixels, width", (14.0,), add_stripe),
    Change("fog", "of full ink", (1.5,), add_fog),
    Change("spatter", "share of pixels", (0.15,), spatter),
    Change("dotted line", "pixels, width", (2.0,), add_dotted_line),
    Change("zigzag", "pixels, height", (5.0,), add_zigzag),
    Change("canny edges", "gradient", (200.0,), keep_edges),
)
"""The paper's kinds, in its order."""
