"""Batch norm folded into the layers before it, as a trained network is shipped."""

import copy

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Fold each batch norm into the layer before it.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode. In its `nn.Sequential`s max-pooling may come between a convolution and its batch
        norm: the greatest pixel stays the greatest, as the norm's scale is positive. A norm that follows
        anything else stays as it is.

    Returns
    -------
    nn.Module
        A copy that computes the same, but for rounding, with fewer layers. ReLU stands before the pooling
        there, where runtimes compute it with the convolution.

    Raises
    ------
    ValueError
        A batch norm scales by a number that is not positive, so that it cannot pass the pooling.
    """
    folded = copy.deepcopy(network)
    for sequence in [part for part in folded.modules() if isinstance(part, nn.Sequential)]:
        layers = list(sequence)
        sequence._modules.clear()
        sequence.extend(_fold(layers))
    return folded


def _fold(layers: list[nn.Module]) -> list[nn.Module]:
    """Return the layers of one sequence without the batch norms that can be folded."""
    kept: list[nn.Module] = []
    for layer in layers:
        owner = _find_owner(kept)
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and owner:
            _fold_into(owner, layer)
        elif isinstance(layer, nn.ReLU) and kept and isinstance(kept[-1], nn.MaxPool2d):
            kept.insert(-1, layer)
        else:
            kept.append(layer)
    return kept


def _find_owner(layers: list[nn.Module]) -> nn.Conv2d | nn.Linear | None:
    """Return the layer that a norm after these can be folded into."""
    last = layers[-2:] if layers and isinstance(layers[-1], nn.MaxPool2d) else layers[-1:]
    return last[0] if last and isinstance(last[0], nn.Conv2d | nn.Linear) else None


def _fold_into(layer: nn.Conv2d | nn.Linear, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    """Replace a layer's weights by those that have the norm in them."""
    if norm.affine and not bool((norm.weight > 0).all()):
        raise ValueError("A batch norm must scale by positive numbers to be folded.")
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError("A batch norm must keep statistics to be folded.")
    fuse = fuse_conv_bn_weights if isinstance(layer, nn.Conv2d) else fuse_linear_bn_weights
    layer.weight, layer.bias = fuse(
        layer.weight, layer.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )
