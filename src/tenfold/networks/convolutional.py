"""Convolutional networks: a stack of convolutions, each normalized over the batch."""

from collections.abc import Sequence

import torch
from torch import nn


class ConvNet(nn.Module):
    """Convolutions with batch norm and ReLU, then one linear layer.

    Parameters
    ----------
    n_outputs : int
        Classes.
    layers : sequence of (int, int, int)
        For each convolution its channels, the side of its kernel (no padding), and by what the result is
        then pooled (1: not at all).
    """

    def __init__(self, n_outputs: int, *, layers: Sequence[tuple[int, int, int]]) -> None:
        super().__init__()
        stack: list[nn.Module] = []
        channels, side = 1, 28
        for n_channels, kernel, pool in layers:
            stack += [
                nn.Conv2d(channels, n_channels, kernel, bias=False),
                nn.BatchNorm2d(n_channels),
                nn.ReLU(),
            ]
            if pool > 1:
                stack.append(nn.MaxPool2d(pool))
            channels, side = n_channels, (side - kernel + 1) // pool
        self.features = nn.Sequential(*stack, nn.Flatten())
        self.head = nn.Linear(channels * side * side, n_outputs)

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits (n, n_outputs) and embeddings (n, d) of ink (n, 1, 28, 28) from 0 to 1."""
        embedding = self.features(ink)
        return self.head(embedding), embedding
