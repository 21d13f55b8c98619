"""Several networks as one."""

import functools
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from tenfold.image import CENTER, SIDE


class Committee(nn.Module):
    """Networks whose probabilities are averaged.

    Parameters
    ----------
    members : iterable of nn.Module
        Networks with as many outputs, and embeddings as long as each other's.
    widths : float
        The logarithm of how much wider the last member sees each image; the first sees it as much narrower,
        those between them in even steps. 0 shows all the same.
    blur : float
        Share of its ink, below one third, that each pixel gives to each of its neighbors, across and down,
        before members see it. 0 shows images as they are.

    Notes
    -----
    Members err less alike on images that are not alike. Source: the committee of networks trained at several
    widths in Ciresan, Meier, Schmidhuber 2012; here they are trained at one, and differ when they read.

    Strokes from other scanners are often sharper than those of MNIST, whose images were made smaller: a
    little blur makes them alike.
    """

    def __init__(self, members: Iterable[nn.Module], *, widths: float = 0.0, blur: float = 0.0) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        factors = torch.linspace(-widths, widths, len(self.members)).exp().tolist()
        softened = make_blur(blur)
        self.down = nn.ParameterList(_constant(softened) for _ in range(1) if blur)
        self.across = nn.ParameterList(
            _constant(softened @ make_stretch(factor)) for factor in factors if widths or blur
        )

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logarithm of the mean probabilities, and the mean embedding, of ink (n, 1, 28, 28)."""
        for softened in self.down:
            ink = softened @ ink
        views = [ink @ columns for columns in self.across] or [ink] * len(self.members)
        outputs = [member(view) for member, view in zip(self.members, views, strict=True)]
        probabilities = _mean([torch.softmax(logits, dim=1) for logits, _ in outputs])
        return torch.log(probabilities), _mean([embedding for _, embedding in outputs])


def make_stretch(factor: float) -> Tensor:
    """Return the matrix that makes ink wider, about the column at which it is centered.

    Parameters
    ----------
    factor : float
        How much wider. Ink that leaves the image is lost.

    Returns
    -------
    Tensor of shape (28, 28), float32
        The rows of an image times this are its rows, stretched, interpolated linearly.
    """
    places = CENTER + (torch.arange(SIDE) - CENTER) / factor  # whence each column comes
    return (1 - (torch.arange(SIDE)[:, None] - places).abs()).clamp(min=0)


def make_blur(share: float) -> Tensor:
    """Return the matrix that blurs ink across, as the last factor of a product, or down, as the first.

    Parameters
    ----------
    share : float
        Of its ink that each pixel gives to the next one on either side. What leaves the image is lost.

    Returns
    -------
    Tensor of shape (28, 28), float32
        Symmetric.
    """
    away = (torch.arange(SIDE)[:, None] - torch.arange(SIDE)).abs()
    return torch.eye(SIDE) * (1 - 2 * share) + (away == 1) * share


def _constant(matrix: Tensor) -> nn.Parameter:
    return nn.Parameter(matrix, requires_grad=False)


def _mean(tensors: Sequence[Tensor]) -> Tensor:
    return functools.reduce(torch.add, tensors) / len(tensors)
