"""The tutorial's network, for mini-batches."""

from typing import Final

import torch
from torch import nn

MEAN: Final = 0.1307
DEVIATION: Final = 0.3081
"""Of the ink of MNIST's 60,000 training images, all pixels together."""


class Perceptron(nn.Module):
    """Pixels, one hidden layer, one output for each class.

    Parameters
    ----------
    n_outputs : int
        Classes.
    n_hidden : int
        Units of the hidden layer.
    """

    def __init__(self, n_outputs: int, *, n_hidden: int) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, n_hidden), nn.ReLU())
        self.head = nn.Linear(n_hidden, n_outputs)

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits (n, n_outputs) and embeddings (n, n_hidden) of ink (n, 1, 28, 28) from 0 to 1."""
        embedding = self.features((ink - MEAN) / DEVIATION)
        return self.head(embedding), embedding
