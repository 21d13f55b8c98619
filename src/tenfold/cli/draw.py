"""Digits in the terminal: two pixels to a character, one above the other."""

from rich.text import Text

from tenfold.arrays import Ink


def half_blocks(ink: Ink, *, shades: bool) -> Text:
    """Draw ink, light on dark, with the character ▀.

    Parameters
    ----------
    ink : ndarray of shape (height, width), dtype=uint8
        0 paper … 255 ink.
    shades : bool
        Whether the terminal shows colors. Without them a pixel is either ink or not.
    """
    if len(ink) % 2:
        raise AssertionError(f"two rows make a line: {ink.shape}")
    lines = [
        Text.assemble(
            *(_cell(int(top), int(bottom), shades=shades) for top, bottom in zip(upper, lower, strict=True))
        )
        for upper, lower in zip(ink[::2], ink[1::2], strict=True)
    ]
    return Text("\n").join(lines)


def _cell(top: int, bottom: int, *, shades: bool) -> tuple[str, str]:
    if shades:
        return "▀", f"#{top:02x}{top:02x}{top:02x} on #{bottom:02x}{bottom:02x}{bottom:02x}"
    return " ▄▀█"[2 * (top > 127) + (bottom > 127)], ""
