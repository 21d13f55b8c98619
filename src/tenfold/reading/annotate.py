"""A picture with what was read drawn on it."""

from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from tenfold.arrays import Ink
from tenfold.atomic import write_atomically
from tenfold.reading.reading import Number, Reading

SURE: Final = (0, 114, 178)
DOUBTFUL: Final = (213, 94, 0)
"""Blue and vermilion, which color-blind people tell apart. Source: M. Okabe, K. Ito, "Color universal
design", 2008."""

WORDS: Final = (90, 90, 90)
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

LARGEST: Final = 2000
"""Longer side of the drawing, in pixels, at most."""


def save_annotated(path: Path, grey: Ink, reading: Reading) -> None:
    """Draw boxes, digits and confidences on a picture, and write it as PNG in one step.

    Parameters
    ----------
    path : Path
        The picture to write.
    grey : ndarray of shape (height, width), dtype=uint8
        What was read, upright.
    reading : Reading
        Of it. What is unsure is drawn in another color.

    Raises
    ------
    OutputError
        The picture cannot be written.
    """
    with write_atomically(path) as file:
        draw_reading(grey, reading).save(file, format="PNG")


def draw_reading(grey: Ink, reading: Reading) -> Image.Image:
    """Return the picture with boxes around digits, and above each number its text and confidence."""
    picture = Image.fromarray(grey).convert("RGB")
    scale = (
        min(1.0, LARGEST / max(picture.size))
        if max(picture.size) > LARGEST
        else max(1.0, 600 / max(picture.size))
    )
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    size = max(14, round(0.03 * min(picture.size)))
    words = ["; ".join(reading.diagnosis), reading.reason or ""]
    lines = [word for word in words if word]
    sheet = Image.new("RGB", (picture.width, picture.height + (size + 6) * len(lines) + size + 6), "white")
    sheet.paste(picture, (0, size + 6))
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size)
    for number in reading.numbers:
        _draw_number(pen, number, scale, down=size + 6, font=font)
    for position, line in enumerate(lines):
        pen.text((4, picture.height + (size + 6) * (position + 1)), line, WORDS, font)
    return sheet


def _draw_number(
    pen: ImageDraw.ImageDraw,
    number: Number,
    scale: float,
    *,
    down: int,
    font: _Font,
) -> None:
    for digit in number.digits:
        left, top, width, height = (scale * side for side in digit.box)
        color = DOUBTFUL if digit.reason else SURE
        pen.rectangle((left, top + down, left + width, top + height + down), outline=color)
    left, top = scale * number.box[0], scale * number.box[1]
    color = DOUBTFUL if number.reason else SURE
    pen.text((left, top + down - 2), f"{number.text} {number.confidence:.0%}", color, font, "lb")
