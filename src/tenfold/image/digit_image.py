"""A digit image, and what makes one of ink.

A digit image is uint8 of shape (28, 28), 0 paper … 255 ink, made the way MNIST was made: the ink
scaled into 20×20 pixels with its aspect kept, its center of mass moved to pixel (14, 14).

Source: the construction described on the MNIST home page (LeCun, Cortes, Burges). That the center is
pixel 14 and shifts are whole pixels is measured: over the 60,000 training images each coordinate of
the center of mass lies between 13.48 and 14.50.
"""

from typing import Final

import numpy as np
from PIL import Image

from tenfold.arrays import AnyArray, DigitImage, Images, Ink
from tenfold.errors import EmptyImageError, InputError

SIDE: Final = 28
BOX: Final = 20
CENTER: Final = 14


def to_digit_image(ink: Ink) -> DigitImage:
    """Scale the ink into 20×20 and center it by mass in 28×28.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        One digit, 0 paper … 255 ink, anywhere in a picture of any size.

    Returns
    -------
    ndarray of shape (28, 28), dtype=uint8
        The digit image.

    Raises
    ------
    EmptyImageError
        There is no ink.
    """
    if not ink.any():
        raise EmptyImageError(
            f"The picture must show a digit. Got {ink.shape[1]}×{ink.shape[0]} pixels without ink."
        )
    picture = Image.fromarray(ink)
    box = picture.crop(picture.getbbox())
    scale = BOX / max(box.size)
    width, height = (max(1, round(side * scale)) for side in box.size)
    scaled = box.resize((width, height), Image.Resampling.BICUBIC)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    canvas[top : top + height, left : left + width] = np.asarray(scaled)
    centered: DigitImage = center_by_mass(canvas[None])[0]
    return centered


def center_by_mass(images: Images) -> Images:
    """Shift each digit so that its center of mass falls on pixel (14, 14).

    Parameters
    ----------
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        0 paper … 255 ink.

    Returns
    -------
    ndarray of shape (n_samples, 28, 28), dtype=uint8
        A new array. Shifts are whole pixels; ink pushed over the edge is lost.

    Raises
    ------
    EmptyImageError
        An image has no ink, so no center of mass.
    """
    places = np.arange(SIDE)
    shifted, padded = np.empty_like(images), np.zeros((3 * SIDE, 3 * SIDE), np.uint8)
    for number, image in enumerate(images):
        rows, columns = image.sum(axis=1, dtype=np.int64), image.sum(axis=0, dtype=np.int64)
        mass = int(rows.sum())
        if not mass:
            raise EmptyImageError(f"Every image must have ink. Image {number} has none.")
        top = SIDE - round(CENTER - int(rows @ places) / mass)
        left = SIDE - round(CENTER - int(columns @ places) / mass)
        padded[SIDE : 2 * SIDE, SIDE : 2 * SIDE] = image
        shifted[number] = padded[top : top + SIDE, left : left + SIDE]
    return shifted


def check_images(images: object) -> Images:
    """Return `images` if they are digit images; say what they are otherwise.

    Raises
    ------
    InputError
        `images` is not an array of shape (n_samples, 28, 28) and dtype uint8.
    """
    if not isinstance(images, np.ndarray):
        raise InputError(
            f"images must be a NumPy array, uint8 of shape (n_samples, 28, 28). Got {type(images).__name__}. "
            "Pass numpy.asarray(images, numpy.uint8)."
        )
    if images.dtype == np.uint8 and images.ndim == 3 and images.shape[1:] == (SIDE, SIDE):
        return images
    raise InputError(
        f"images must be uint8 of shape (n_samples, 28, 28). Got {images.dtype} of shape {images.shape}. "
        f"{_remedy(images)}"
    )


def _remedy(images: AnyArray) -> str:
    """Say how to make digit images of what was given."""
    if images.shape == (SIDE, SIDE):
        return "For a single image pass images[None]."
    if images.ndim == 2 and images.shape[1] == SIDE * SIDE:
        return "Pass images.reshape(-1, 28, 28)."
    if images.ndim == 4 and images.shape[-1] == 1:
        return "Take images[..., 0] and scale to 0–255."
    if images.dtype != np.uint8:
        return "Scale to 0 paper … 255 ink, then .astype(numpy.uint8)."
    return "Make each picture a digit image with tenfold.image.picture_to_digit_image."
