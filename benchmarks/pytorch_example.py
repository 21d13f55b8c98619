"""PyTorch's MNIST example as it is copied most often, for one epoch: what the recipes are held against.

Written afresh after `mnist/main.py` of github.com/pytorch/examples: its network, optimizer, schedule, batch
and way of loading. What it takes from torchvision, which is not installed here, is done by hand, in fewer
steps: each image is made a picture, then a tensor, then normalized, alone and whenever it is asked for. The
example shuffles on a GPU alone; here it always does.
"""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from tenfold.data import Split

LABEL = "PyTorch's MNIST example, 1 epoch (the example runs 14)"
BATCH = 64
TEST_BATCH = 1000
MEAN, DEVIATION = torch.tensor([0.1307]), torch.tensor([0.3081])


class Digits(Dataset[tuple[Tensor, int]]):
    """Digit images that become normalized tensors one by one."""

    def __init__(self, samples: Split) -> None:
        self.images, self.labels = torch.from_numpy(samples.images), torch.from_numpy(samples.labels)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.labels)

    def __getitem__(self, position: int) -> tuple[Tensor, int]:
        """Return ink (1, 28, 28), normalized, and its label."""
        picture = Image.fromarray(self.images[position].numpy())
        ink = torch.from_numpy(np.array(picture))[None].float().div(255)
        return (ink - MEAN[:, None, None]).div_(DEVIATION[:, None, None]), int(self.labels[position])


class Network(nn.Module):
    """Two convolutions, one pooling and two linear layers: 1.2 million weights."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.hidden, self.head = nn.Linear(64 * 12 * 12, 128), nn.Linear(128, 10)

    def forward(self, ink: Tensor) -> Tensor:
        """Return logarithms of probabilities (n, 10) of ink (n, 1, 28, 28)."""
        maps = F.relu(self.far(F.relu(self.near(ink))))
        kept = F.dropout(F.max_pool2d(maps, 2), 0.25, self.training).flatten(1)
        hidden = F.dropout(F.relu(self.hidden(kept)), 0.5, self.training)
        return F.log_softmax(self.head(hidden), dim=1)


def prepare(samples: Split) -> Digits:
    """Return what the loader draws from; the images wait as bytes."""
    return Digits(samples)


def train(samples: Digits, *, seed: int) -> nn.Module:
    """Train for one epoch."""
    torch.manual_seed(seed)
    network = Network().train()
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    for ink, labels in DataLoader(samples, batch_size=BATCH, shuffle=True):
        optimizer.zero_grad()
        F.nll_loss(network(ink), labels).backward()
        optimizer.step()
    schedule.step()
    return network


@torch.no_grad()
def measure_accuracy(network: nn.Module, samples: Digits) -> float:
    """Return the share of samples that the network reads right."""
    network.eval()
    batches = DataLoader(samples, batch_size=TEST_BATCH)
    n_right = sum(int((network(ink).argmax(dim=1) == labels).sum()) for ink, labels in batches)
    return n_right / len(samples)
