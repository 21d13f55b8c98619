"""Letters and signs that are no digits, set in the fonts of Pillow and matplotlib and warped by hand.

Left out is every glyph that a reader may take for a digit once its size is lost, for a digit image has none:
O o D Q (0), I l i j J r ! ( ) [ ] ✓ (1), Z z (2), } (3), Y y (4), S s (5), G b (6), > ? ¬ (7), B e (8),
g q (9), and their likes in other scripts; of italics also a, d, h and others whose loops may close.
"""

import functools
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from tenfold.arrays import Ink
from tenfold.errors import MissingExtraError
from tenfold.training.strokes import warp_points

LETTERS: Final = "ACEFHKLMNPRTUVWXacdfhkmnptuvwx"
ITALICS: Final = "ACEFHKLMNPRUVWXkmnuwx"
SIGNS: Final = "+×÷=#%&@*$€£~<^"
GREEK: Final = "ΓΔΞΠΨΩηκλμνπχψω"
CYRILLIC: Final = "ЖШЩЮДИПЊжшщюдип"
HEBREW: Final = "אחהמשת"
ARABIC: Final = "سشصض"
CAUCASIAN: Final = "ԽՄՊლ"
SYMBOLS: Final = "←→↔⇒√∇△♥♦♣♠★☆☺✗☀☎✂♫"

ALPHABETS: Final = (GREEK, CYRILLIC, HEBREW, ARABIC, CAUCASIAN, SYMBOLS)

PILLOW: Final = ""
"""Stands for the font inside Pillow, which has no file."""

Fonts = dict[str, tuple[float, ...]]

SIGN_FONTS: Final[Fonts] = {
    "DejaVuSans": (0.0, 0.5, 1.0),
    "DejaVuSans-Oblique": (0.0, 0.5, 1.0),
    "DejaVuSansMono": (0.0, 0.5, 1.0),
    "DejaVuSerif": (0.0, 0.5, 1.0),
    "STIXGeneral": (0.5, 1.0, 1.5),
}
"""Font -> how far strokes are thickened, in pixels each side at 64 pixels per em; thin fonts need more."""

LETTER_FONTS: Final[Fonts] = {
    **SIGN_FONTS,
    PILLOW: (0.0, 0.5, 1.5),
    "cmr10": (0.5, 1.0, 1.5),
    "cmss10": (0.0, 0.5, 1.0),
    "cmtt10": (0.0, 0.5, 1.0),
}
ITALIC_SHARE: Final = 0.15
"""Of all Latin letters, how many are set in italics."""

ITALIC_FONTS: Final[Fonts] = {"STIXGeneralItalic": (0.5, 1.0, 1.5), "cmti10": (0.5, 1.0, 1.5)}
ALPHABET_FONTS: Final[Fonts] = {"DejaVuSans": (0.0, 0.5, 1.0)}

EM: Final = 64
CANVAS: Final = 48
GLYPH: Final = 34
"""The larger side of a glyph on the canvas; the rest is room for slant and rotation."""

CELLS: Final = tuple(
    (x, y, x + CANVAS // 2, y + CANVAS // 2) for y in (0, CANVAS // 2) for x in (0, CANVAS // 2)
)
"""The quarters of the canvas, warped each for itself; their nine corners are NET."""

NET: Final = np.array([(x, y) for y in (-1.0, 0.0, 1.0) for x in (-1.0, 0.0, 1.0)])
CORNERS: Final = np.array([(i, i + 3, i + 4, i + 1) for i in (0, 1, 3, 4)])
"""Positions in NET of each quarter's upper left, lower left, lower right and upper right: Pillow's order."""


def draw_letter(generator: Generator) -> Ink:
    """Draw a Latin letter."""
    if generator.random() < ITALIC_SHARE:
        return _draw_glyph(generator, ITALICS, ITALIC_FONTS)
    return _draw_glyph(generator, LETTERS, LETTER_FONTS)


def draw_sign(generator: Generator) -> Ink:
    """Draw a sign of the keyboard, or near to it."""
    return _draw_glyph(generator, SIGNS, SIGN_FONTS)


def draw_foreign(generator: Generator) -> Ink:
    """Draw a letter of another script, or a symbol."""
    return _draw_glyph(generator, ALPHABETS[generator.integers(len(ALPHABETS))], ALPHABET_FONTS)


def _draw_glyph(generator: Generator, characters: str, fonts: Fonts) -> Ink:
    """Draw one of the characters in one of the fonts, warped."""
    font = tuple(fonts)[generator.integers(len(fonts))]
    weight = fonts[font][generator.integers(len(fonts[font]))]
    glyph = render_glyph(characters[generator.integers(len(characters))], font, weight)
    origins = (warp_points(NET, generator) + 1) * (CANVAS / 2)
    mesh = list(zip(CELLS, origins[CORNERS].reshape(-1, 8).tolist(), strict=True))
    warped = glyph.transform(glyph.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    return np.asarray(warped)


@functools.lru_cache(maxsize=4096)
def render_glyph(character: str, font: str, weight: float) -> Image.Image:
    """Return a character in the middle of a canvas, its larger side always the same.

    Parameters
    ----------
    character : str
        A single one, of those that the font has.
    font : str
        The name of a font that comes with matplotlib, or `PILLOW`.
    weight : float
        Pixels by which each side of a stroke is thickened, at 64 pixels per em.

    Returns
    -------
    Image
        48×48, 0 paper … 255 ink. It is shared between calls: do not draw on it.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    page = Image.new("L", (4 * EM, 4 * EM))
    ImageDraw.Draw(page).text((2 * EM, 2 * EM), character, 255, _font(font), "mm", stroke_width=weight)
    glyph = page.crop(page.getbbox())
    scale = GLYPH / max(glyph.size)
    glyph = glyph.resize((max(1, round(glyph.width * scale)), max(1, round(glyph.height * scale))))
    canvas = Image.new("L", (CANVAS, CANVAS))
    canvas.paste(glyph, ((CANVAS - glyph.width) // 2, (CANVAS - glyph.height) // 2))
    return canvas


@functools.lru_cache(maxsize=64)
def _font(name: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Load a font once."""
    if name == PILLOW:
        return ImageFont.load_default(EM)
    try:
        import matplotlib
    except ImportError as error:
        raise MissingExtraError("matplotlib", "train") from error
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf")
    return ImageFont.truetype(path, EM, layout_engine=ImageFont.Layout.BASIC)  # the other is optional
