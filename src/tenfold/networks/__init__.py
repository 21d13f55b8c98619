"""The networks by name: definitions, nothing else."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from typing import Final

from torch import nn

from tenfold.errors import RecipeError
from tenfold.networks.convolutional import ConvNet
from tenfold.networks.perceptron import Perceptron

NETWORKS: Final[dict[str, Callable[[int], nn.Module]]] = {
    "perceptron": partial(Perceptron, n_hidden=(28 * 28 + 10) // 2),
    "conv4": partial(ConvNet, layers=((32, 5, 2), (64, 3, 1), (64, 3, 2), (128, 3, 1))),
}

__all__ = ["NETWORKS", "ConvNet", "Perceptron", "find_network"]


def find_network(name: str) -> Callable[[int], nn.Module]:
    """Return what makes the network of that name from its number of outputs.

    Raises
    ------
    RecipeError
        There is none; the error suggests the nearest.
    """
    if name not in NETWORKS:
        near = get_close_matches(name, NETWORKS, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise RecipeError(f"The network must be one of {', '.join(NETWORKS)}. Got {name!r}.{hint}")
    return NETWORKS[name]
