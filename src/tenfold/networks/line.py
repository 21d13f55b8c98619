"""A convolutional network that reads a line: for each few columns, which digit is there, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from tenfold.networks.convolutional import shift_only


@dataclass(frozen=True)
class LineConvolution:
    """One convolution of a line's stack.

    Attributes
    ----------
    channels : int
        Of its result.
    kernel : tuple of int
        Rows and columns.
    pool : tuple of int
        By what the result is then max-pooled, down and across.
    collapse : bool
        Whether the kernel has as many rows as there are, so that one is left; else rows are padded.
    """

    channels: int
    kernel: tuple[int, int]
    pool: tuple[int, int] = (1, 1)
    collapse: bool = False


class LineNet(nn.Module):
    """Convolutions over a line of any width, each pooled, normalized and cut at zero.

    As in `ConvNet`, pooling comes before a norm that only shifts. All is convolution: what stands at one
    place is read alike at any other.

    Parameters
    ----------
    n_outputs : int
        Classes, "nothing" included.
    layers : sequence of LineConvolution
        From the line on; together they leave one row.
    """

    def __init__(self, n_outputs: int, *, layers: Sequence[LineConvolution]) -> None:
        super().__init__()
        stack: list[nn.Module] = []
        channels = 1
        for layer in layers:
            rows, columns = layer.kernel
            padding = (0 if layer.collapse else rows // 2, columns // 2)
            stack.append(nn.Conv2d(channels, layer.channels, layer.kernel, padding=padding, bias=False))
            if layer.pool != (1, 1):
                stack.append(nn.MaxPool2d(layer.pool))
            stack += [shift_only(nn.BatchNorm2d(layer.channels)), nn.ReLU(inplace=True)]
            channels = layer.channels
        self.features = nn.Sequential(*stack)
        self.head = nn.Conv2d(channels, n_outputs, 1)

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits (n, columns, n_outputs) and embeddings (n, columns, d) of ink (n, 1, 32, width)."""
        features = self.features(ink)
        return self.head(features).squeeze(2).transpose(1, 2), features.squeeze(2).transpose(1, 2)
