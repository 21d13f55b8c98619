"""The networks by name: definitions, nothing else."""

from collections.abc import Callable
from functools import partial
from typing import Final

from torch import nn

from tenfold.errors import RecipeError, suggest
from tenfold.networks.committee import Committee
from tenfold.networks.convolutional import ConvNet, Convolution
from tenfold.networks.perceptron import Perceptron

NETWORKS: Final[dict[str, Callable[[int], nn.Module]]] = {
    "perceptron": partial(Perceptron, n_hidden=(28 * 28 + 10) // 2),
    "conv3": partial(
        ConvNet,
        layers=(Convolution(16, 6, stride=2), Convolution(24, 3, pool=2), Convolution(48, 3)),
        n_hidden=64,
    ),
    "conv4-small": partial(
        ConvNet,
        layers=(
            Convolution(16, 5, pool=2),
            Convolution(24, 3),
            Convolution(32, 3, pool=2),
            Convolution(96, 3),
        ),
    ),
    "conv4": partial(
        ConvNet,
        layers=(
            Convolution(32, 5, pool=2),
            Convolution(64, 3),
            Convolution(64, 3, pool=2),
            Convolution(256, 3),
        ),
    ),
}

__all__ = ["NETWORKS", "Committee", "ConvNet", "Perceptron", "find_network"]


def find_network(name: str) -> Callable[[int], nn.Module]:
    """Return what makes the network of that name from its number of outputs.

    Raises
    ------
    RecipeError
        There is none; the error suggests the nearest.
    """
    if name not in NETWORKS:
        raise RecipeError(
            f"The network must be one of {', '.join(NETWORKS)}. Got {name!r}.{suggest(name, NETWORKS)}"
        )
    return NETWORKS[name]
