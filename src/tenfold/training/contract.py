"""Networks as the model file's contracts want them: uint8 in, calibrated probabilities out."""

import torch
from torch import Tensor, nn

from tenfold.model_file.inspect import N_OUTPUTS


class Contract(nn.Module):
    """A network between the scaling before it and the softmax after it.

    Parameters
    ----------
    network : nn.Module
        Takes ink (n, 1, 28, 28) from 0 to 1, returns logits and embeddings.
    temperature : float
        Divides the logits.
    """

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature
        self.add_none = nn.Buffer(torch.eye(N_OUTPUTS)[: N_OUTPUTS - 1])

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return probabilities (n, 11) and embeddings (n, d) of digit images (n, 28, 28), uint8."""
        logits, embedding = self.network(images.unsqueeze(1).float() / 255)
        probabilities = torch.softmax(logits / self.temperature, dim=1)
        if probabilities.shape[1] < N_OUTPUTS:
            probabilities = probabilities @ self.add_none
        return probabilities, embedding


class LineContract(nn.Module):
    """A network that reads lines, between the scaling before it and the softmax after it.

    Parameters
    ----------
    network : nn.Module
        Takes ink (n, 1, 32, width) from 0 to 1, returns logits (n, columns, 11) and embeddings.
    temperature : float
        Divides the logits.
    """

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, lines: Tensor) -> Tensor:
        """Return probabilities (n, columns, 11) of lines (n, 32, width), uint8."""
        logits, _ = self.network(lines.unsqueeze(1).float() / 255)
        return torch.softmax(logits / self.temperature, dim=2)
