"""Convolutional networks: a stack of convolutions, each normalized over the batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Convolution:
    """One convolution of a stack, without padding.

    Attributes
    ----------
    channels : int
        Of its result.
    kernel : int
        The side of its kernel, in pixels.
    stride : int
        By how many pixels the kernel moves.
    pool : int
        By what the result is then max-pooled; 1 leaves it as it is.
    """

    channels: int
    kernel: int
    stride: int = 1
    pool: int = 1


class ConvNet(nn.Module):
    """Convolutions, each pooled, normalized and cut at zero, then one or two linear layers.

    Pooling comes before batch norm and ReLU, which then have a quarter of the pixels to pass over. The norm
    only shifts: the layer after it can scale as well, and a norm that keeps the order of numbers can be
    folded into the convolution before the pooling.

    Parameters
    ----------
    n_outputs : int
        Classes.
    layers : sequence of Convolution
        From the image on.
    n_hidden : int
        Units of a normalized linear layer before the last; 0 has none.
    """

    def __init__(self, n_outputs: int, *, layers: Sequence[Convolution], n_hidden: int = 0) -> None:
        super().__init__()
        stack: list[nn.Module] = []
        channels, side = 1, 28
        for layer in layers:
            stack.append(nn.Conv2d(channels, layer.channels, layer.kernel, layer.stride, bias=False))
            if layer.pool > 1:
                stack.append(nn.MaxPool2d(layer.pool))
            stack += [shift_only(nn.BatchNorm2d(layer.channels)), nn.ReLU(inplace=True)]
            channels, side = layer.channels, ((side - layer.kernel) // layer.stride + 1) // layer.pool
        width = channels * side * side
        stack.append(nn.Flatten())
        if n_hidden:
            norm = shift_only(nn.BatchNorm1d(n_hidden))
            stack += [nn.Linear(width, n_hidden, bias=False), norm, nn.ReLU(inplace=True)]
            width = n_hidden
        self.features = nn.Sequential(*stack)
        self.head = nn.Linear(width, n_outputs)

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits (n, n_outputs) and embeddings (n, d) of ink (n, 1, 28, 28) from 0 to 1."""
        embedding = self.features(ink)
        return self.head(embedding), embedding


def shift_only(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.Module:
    """Keep a norm's scale at one."""
    norm.weight.requires_grad_(False)  # noqa: FBT003  # its only parameter
    return norm
