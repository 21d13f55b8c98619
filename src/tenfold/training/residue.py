"""What is left around a digit that was cut out: a grid line along an edge, a sliver of its neighbor."""

from typing import Final

import torch
from torch import Tensor

DEPTH: Final = 5
"""How many pixels from the edge it reaches, at most."""

GIVE: Final = 3
"""How many pixels the digit moves away from it, at most."""

LINES: Final = 0.6
"""Share of lines; the others are neighbors."""

SLANT: Final = 0.06
"""Most that a line is aslant, in pixels per pixel."""


def add_residue(ink: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Lay something at one edge of some images, the digit moved away from it.

    Parameters
    ----------
    ink : Tensor of shape (n_samples, 1, 28, 28), float32
        0 paper … 1 ink.
    share : float
        Of the images, 0 to 1.
    generator : torch.Generator
        The source of all draws, on the CPU.

    Returns
    -------
    Tensor of shape (n_samples, 1, 28, 28), float32
        Another tensor, within 0 and 1; the other images are as they were.
    """
    chosen = torch.nonzero(torch.rand(len(ink), generator=generator) < share).flatten()
    n, side = len(chosen), ink.shape[-1]
    neighbors = torch.randint(len(ink), (n,), generator=generator)
    is_turned, is_flipped, is_line = (_draw(n, generator) < limit for limit in (0.5, 0.5, LINES))
    digits = _turn(ink[chosen, 0], is_turned, is_flipped, first=is_turned)
    digits = _move(digits, torch.randint(-GIVE, 1, (n,), generator=generator))
    reach = torch.randint(1, DEPTH + 1, (n,), generator=generator)
    slivers = _move(ink[neighbors, 0], (side - reach - _margin(ink[neighbors, 0])).clamp(min=0))
    slivers = slivers * (torch.arange(side, device=ink.device) < DEPTH)
    lines = _draw_lines(n, side, generator).to(ink.device)
    left = torch.where(is_line.to(ink.device)[:, None, None], lines, slivers)
    changed = ink.clone()
    changed[chosen, 0] = _turn(torch.maximum(digits, left), is_turned, is_flipped, first=is_flipped)
    return changed


def _draw(n: int, generator: torch.Generator) -> Tensor:
    """Draw n numbers from 0 to 1."""
    return torch.rand(n, generator=generator)


def _turn(images: Tensor, is_turned: Tensor, is_flipped: Tensor, *, first: Tensor) -> Tensor:
    """Transpose some images and mirror some, whichever is first."""
    turned, flipped = (mask.to(images.device)[:, None, None] for mask in (is_turned, is_flipped))
    steps = [(turned, lambda image: image.transpose(1, 2)), (flipped, lambda image: image.flip(2))]
    for mask, change in steps if first is is_turned else reversed(steps):
        images = torch.where(mask, change(images), images)
    return images


def _margin(images: Tensor) -> Tensor:
    """Return how many columns at the right of each image have no ink."""
    has_ink = (images.amax(dim=1) > 0).flip(1).float()
    return has_ink.argmax(dim=1).cpu()


def _move(images: Tensor, columns: Tensor) -> Tensor:
    """Move each image to the left by its number of columns, or to the right; paper comes in."""
    side = images.shape[-1]
    places = torch.arange(side) + columns[:, None]
    is_inside = ((places >= 0) & (places < side)).to(images.device)[:, None, :]
    places = places.clamp(0, side - 1).to(images.device)[:, None, :].expand(-1, side, -1)
    return images.gather(2, places) * is_inside


def _draw_lines(n: int, side: int, generator: torch.Generator) -> Tensor:
    """Draw a line near the left edge of each of n images, over all or some of their rows."""
    place, slant, width, ink, start, end = (_draw(n, generator)[:, None, None] for _ in range(6))
    rows, columns = torch.arange(side)[:, None], torch.arange(side)
    distance = (columns - place * (DEPTH - 1) - (2 * slant - 1) * SLANT * (rows - side / 2)).abs()
    line = (0.9 + width - distance).clamp(0, 1) * (0.4 + 0.6 * ink)
    is_drawn = (rows >= (start - 0.5) * side) & (rows < (end + 0.5) * side)
    return line * is_drawn
