"""Several networks as one."""

import functools
from collections.abc import Iterable, Sequence

import torch
from torch import nn


class Committee(nn.Module):
    """Networks whose probabilities are averaged.

    Parameters
    ----------
    members : iterable of nn.Module
        Networks with as many outputs, and embeddings as long as each other's.
    """

    def __init__(self, members: Iterable[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logarithm of the mean probabilities, and the mean embedding, of ink (n, 1, 28, 28)."""
        outputs = [member(ink) for member in self.members]
        probabilities = _mean([torch.softmax(logits, dim=1) for logits, _ in outputs])
        return torch.log(probabilities), _mean([embedding for _, embedding in outputs])


def _mean(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    return functools.reduce(torch.add, tensors) / len(tensors)
