"""Random changes to digit images, a batch at a time: as other people would have written them."""

import functools
import math
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tenfold.image import SIDE
from tenfold.recipes import TorchRecipe
from tenfold.training.residue import add_residue

COARSE: Final = 5
"""Points along each side between which the elastic displacement is interpolated."""


def augment(ink: Tensor, recipe: TorchRecipe, generator: torch.Generator) -> Tensor:
    """Change each image of a batch by its own random draw.

    Parameters
    ----------
    ink : Tensor of shape (n_samples, 1, 28, 28), float32
        0 paper … 1 ink.
    recipe : TorchRecipe
        How strongly: `rotation`, `scaling`, `shear`, `shift`, `elastic`, `thickness`, `residue` and
        `contrast`. With all at zero the batch is returned as it is.
    generator : torch.Generator
        The source of all draws, on the CPU.

    Returns
    -------
    Tensor of shape (n_samples, 1, 28, 28), float32
        Within 0 and 1.
    """
    if recipe.thickness:
        ink = _change_thickness(ink, recipe.thickness, generator)
    if recipe.warps:
        field = _affine_field(len(ink), recipe, generator)
        if recipe.elastic:
            field = field + _elastic_field(len(ink), recipe.elastic, generator)
        ink = F.grid_sample(ink, field.to(ink.device), align_corners=False)
    if recipe.residue:
        ink = add_residue(ink, recipe.residue, generator)
    if recipe.contrast:
        ink = (
            ink
            ** torch.exp(_uniform(len(ink), recipe.contrast, generator)).to(ink.device)[:, None, None, None]
        )
    return ink


def _uniform(n: int, bound: float, generator: torch.Generator) -> Tensor:
    """Draw n numbers from -bound to bound."""
    return (torch.rand(n, generator=generator) * 2 - 1) * bound


def _affine_field(n: int, recipe: TorchRecipe, generator: torch.Generator) -> Tensor:
    """Return where each output pixel is taken from, (n, 28, 28, 2), for random affine maps."""
    angle = _uniform(n, math.radians(recipe.rotation), generator)
    width, height = (torch.exp(_uniform(n, recipe.scaling, generator)) for _ in range(2))
    shear = _uniform(n, recipe.shear, generator)
    right, down = (_uniform(n, recipe.shift * 2 / SIDE, generator) for _ in range(2))
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = (
        torch.stack([cos * width, (shear * cos - sin) * height, right], dim=1),
        torch.stack([sin * width, (shear * sin + cos) * height, down], dim=1),
    )
    return F.affine_grid(torch.stack(rows, dim=1), [n, 1, SIDE, SIDE], align_corners=False)


def _elastic_field(n: int, strength: float, generator: torch.Generator) -> Tensor:
    """Return a smooth random displacement of each pixel, (n, 28, 28, 2), of about `strength` pixels (sd).

    Drawn on a grid of 5×5 and enlarged by cubic interpolation, which is smooth as the blurred noise of the
    source is. Source: P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks
    applied to visual document analysis", ICDAR 2003.
    """
    coarse = torch.randn(n, 2, COARSE, COARSE, generator=generator) * (strength * 2 / SIDE)
    enlarge = _enlargement()
    return (enlarge @ coarse @ enlarge.T).permute(0, 2, 3, 1)


@functools.cache
def _enlargement() -> Tensor:
    """Return the matrix (28, 5) of cubic interpolation: one product instead of a loop over pixels."""
    columns = torch.eye(COARSE)[None, :, :, None]
    return F.interpolate(columns, size=(SIDE, 1), mode="bicubic", align_corners=True)[0, :, :, 0].T


def _change_thickness(ink: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """Mix each image with one whose strokes are a pixel thicker on each side, or thinner."""
    share = _uniform(len(ink), most, generator).to(ink.device)[:, None, None, None]
    thick, thin = _dilate(ink), -_dilate(-ink)
    return torch.lerp(ink, torch.where(share > 0, thick, thin), share.abs())


def _dilate(ink: Tensor) -> Tensor:
    """Return the greatest of each pixel and its eight neighbors, with paper (0) around the image.

    By comparing shifted copies, which is several times faster than a max-pooling of one channel.
    """
    padded = F.pad(ink, (1, 1, 1, 1))
    rows = torch.maximum(torch.maximum(padded[..., :-2], padded[..., 1:-1]), padded[..., 2:])
    return torch.maximum(torch.maximum(rows[..., :-2, :], rows[..., 1:-1, :]), rows[..., 2:, :])
