"""Pictures of digits and of blank paper, made as cameras and pens make them."""

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator
from PIL import Image

from tenfold.arrays import DigitImage, Ink
from tenfold.image import SIDE


def enlarged(image: DigitImage, *, times: int = 4) -> Ink:
    """Return a digit as ink of several times its size."""
    return np.asarray(Image.fromarray(image).resize((SIDE * times, SIDE * times)))


def on_paper(ink: Ink, *, padding: int = 8, black: int = 60, white: int = 235) -> Ink:
    """Draw ink in the middle of a sheet."""
    return (white - np.pad(ink, padding) * ((white - black) / 255)).round().astype(np.uint8)


def scaled(picture: Ink, times: float) -> Ink:
    """Take a picture with more pixels, or fewer."""
    height, width = (round(side * times) for side in picture.shape)
    return np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def lit(picture: Ink, *, angle: float, share: float = 0.25) -> Ink:
    """Light a picture from one side, so that it is lighter there and darker opposite by that share."""
    down, right = np.sin(angle), np.cos(angle)
    rows, columns = (np.linspace(-1, 1, side) if side > 1 else np.zeros(1) for side in picture.shape)
    slope = (down * rows[:, None] + right * columns) / (abs(down) + abs(right))
    return (picture * (0.8 * (1 + share * slope))).astype(np.uint8)


def grainy(picture: Ink, generator: Generator, *, deviation: float) -> Ink:
    """Add noise."""
    noise = generator.normal(0, deviation, picture.shape)
    return np.clip(picture + noise, 0, 255).round().astype(np.uint8)


def ruled(picture: Ink, *, shade: int = 40, width: int = 3) -> Ink:
    """Draw grid lines along the upper and the right edge."""
    picture = picture.copy()
    picture[:width] = shade
    picture[:, -width:] = shade
    return picture


@st.composite
def blank_papers(draw: st.DrawFn, *, smallest: int = 12, deviations: st.SearchStrategy[float]) -> Ink:
    """Draw nothing on paper of any size and shade, under slanting light, with noise."""
    shape = draw(st.tuples(*[st.integers(smallest, 160)] * 2))
    picture = np.full(shape, draw(st.integers(60, 255)), np.uint8)
    picture = lit(picture, angle=draw(st.floats(0, 2 * np.pi)), share=draw(st.floats(0, 0.25)))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return grainy(picture, generator, deviation=draw(deviations))
