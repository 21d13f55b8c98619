"""Weights of a graph as 8-bit integers: a quarter of the size, and next to nothing lost."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    import onnx

LARGEST: Final = 127
"""Of a weight as an integer, either way."""


def store_weights_as_bytes(graph: "onnx.GraphProto") -> None:
    """Replace the weights of each convolution and each linear layer by integers and their scales.

    Parameters
    ----------
    graph : GraphProto
        Changed in place. The first axis of its weights is that of a layer's outputs.

    Notes
    -----
    For each output the weights are multiples, -127 to 127, of a scale of its own; a `DequantizeLinear` makes
    them float32 again, in which all is computed as before. Biases stay float32. Source: symmetric
    quantization per channel, as in R. Krishnamoorthi, "Quantizing deep convolutional networks for efficient
    inference", 2018.
    """
    names = {node.input[1] for node in graph.node if node.op_type in {"Conv", "Gemm"}}
    for tensor in [tensor for tensor in graph.initializer if tensor.name in names]:
        integers, scales = _quantize(numpy_helper.to_array(tensor))
        parts = f"{tensor.name}.integers", f"{tensor.name}.scales"
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(integers, parts[0]))
        graph.initializer.append(numpy_helper.from_array(scales, parts[1]))
        graph.node.insert(0, helper.make_node("DequantizeLinear", parts, [tensor.name], axis=0))


def _quantize(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return integers of the same shape, and a scale for each row."""
    rows = weights.reshape(len(weights), -1)
    largest = np.abs(rows).max(axis=1)
    scales = np.maximum(largest / LARGEST, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(rows / scales[:, None]).astype(np.int8).reshape(weights.shape), scales
