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

    Notes
    -----
    Members err less alike on images that are not alike. Source: the committee of networks trained at several
    widths in Ciresan, Meier, Schmidhuber 2012; here they are trained at one, and differ when they read.
    """

    def __init__(self, members: Iterable[nn.Module], *, widths: float = 0.0) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        factors = torch.linspace(-widths, widths, len(self.members)).exp().tolist()
        self.stretches = nn.ParameterList(
            nn.Parameter(make_stretch(factor), requires_grad=False) for factor in factors if widths
        )

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logarithm of the mean probabilities, and the mean embedding, of ink (n, 1, 28, 28)."""
        views = [ink @ stretch for stretch in self.stretches] or [ink] * len(self.members)
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


def _mean(tensors: Sequence[Tensor]) -> Tensor:
    return functools.reduce(torch.add, tensors) / len(tensors)
