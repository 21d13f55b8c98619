"""The networks by name: definitions, nothing else."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from torch import nn

from tenfold.errors import RecipeError, suggest
from tenfold.networks.committee import Committee
from tenfold.networks.convolutional import ConvNet, Convolution
from tenfold.networks.line import LineConvolution, LineNet
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

LINE_NETWORKS: Final[dict[str, Callable[[int], nn.Module]]] = {
    "line8": partial(
        LineNet,
        layers=(
            LineConvolution(16, (5, 5), pool=(2, 2)),
            LineConvolution(32, (3, 3), pool=(2, 2)),
            LineConvolution(64, (3, 3)),
            LineConvolution(64, (3, 3), pool=(2, 1)),
            LineConvolution(96, (3, 3), pool=(2, 1)),
            LineConvolution(128, (2, 3), collapse=True),
            LineConvolution(128, (1, 5)),
            LineConvolution(128, (1, 5)),
        ),
    ),
}
"""For runs of digits: from lines to classes of columns."""

__all__ = ["LINE_NETWORKS", "NETWORKS", "Committee", "ConvNet", "LineNet", "Perceptron", "find_network"]


def find_network(
    name: str, networks: Mapping[str, Callable[[int], nn.Module]] = NETWORKS
) -> Callable[[int], nn.Module]:
    """Return what makes the network of that name from its number of outputs.

    Parameters
    ----------
    name : str
        A key of `networks`.
    networks : mapping
        `NETWORKS` for digit images, `LINE_NETWORKS` for lines.

    Raises
    ------
    RecipeError
        There is none; the error suggests the nearest.
    """
    if name not in networks:
        raise RecipeError(
            f"The network must be one of {', '.join(networks)}. Got {name!r}.{suggest(name, networks)}"
        )
    return networks[name]
