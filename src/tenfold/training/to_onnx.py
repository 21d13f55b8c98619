"""Turn fitted models into ONNX graphs of the model file's contract."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np

from tenfold.errors import MissingExtraError
from tenfold.model_file.inspect import N_OUTPUTS

if TYPE_CHECKING:
    import onnx
    import torch
    from sklearn.pipeline import Pipeline
    from torch import nn

OPSET: Final = 18

_PERCEPTRON: Final = """
<ir_version: 10, opset_import: ["" : 18]>
tenfold (uint8[n, 28, 28] images) => (float[n, 11] probabilities, float[n, {hidden}] embedding)
{{
    pixels = Cast <to = 1> (images)
    rows = Flatten <axis = 1> (pixels)
    centered = Sub (rows, mean)
    standardized = Div (centered, scale)
    activation = Gemm (standardized, hidden_weights, hidden_bias)
    embedding = Relu (activation)
    logits = Gemm (embedding, output_weights, output_bias)
    digits = Softmax <axis = 1> (logits)
    probabilities = MatMul (digits, add_none)
}}
"""


def perceptron_to_onnx(pipeline: "Pipeline") -> bytes:
    """Convert a fitted scaler and perceptron into one graph.

    Parameters
    ----------
    pipeline : Pipeline
        A fitted `StandardScaler` and an `MLPClassifier` with one hidden layer, trained on the labels 0–9
        or some of them.

    Returns
    -------
    bytes
        A serialized ONNX model without a card. It computes in float32. The class `none`, and digits
        that were not among the labels, have probability zero.

    Raises
    ------
    MissingExtraError
        onnx is not installed.
    """
    try:
        import onnx
        from onnx import numpy_helper, parser
    except ImportError as error:
        raise MissingExtraError("onnx", "train") from error

    scaler, perceptron = (step for _, step in pipeline.steps)
    (hidden_weights, output_weights), (hidden_bias, output_bias) = perceptron.coefs_, perceptron.intercepts_
    if len(perceptron.classes_) == 2:  # one logistic unit: as a softmax, the other's logit is 0
        output_weights, output_bias = np.pad(output_weights, ((0, 0), (1, 0))), np.pad(output_bias, (1, 0))
    model = parser.parse_model(_PERCEPTRON.format(hidden=hidden_weights.shape[1]))
    tensors = {
        "mean": scaler.mean_,
        "scale": scaler.scale_,
        "hidden_weights": hidden_weights,
        "hidden_bias": hidden_bias,
        "output_weights": output_weights,
        "output_bias": output_bias,
        "add_none": np.eye(N_OUTPUTS)[perceptron.classes_],
    }
    model.graph.initializer.extend(
        numpy_helper.from_array(array.astype(np.float32), name) for name, array in tensors.items()
    )
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def network_to_onnx(network: "nn.Module", *, temperature: float = 1.0, as_bytes: bool = False) -> bytes:
    """Convert a trained network into one graph, with its scaling and its temperature inside.

    Parameters
    ----------
    network : nn.Module
        Takes ink (n, 1, 28, 28) from 0 to 1, returns logits of 10 or 11 classes, and embeddings.
    temperature : float
        Divides the logits before the softmax.
    as_bytes : bool
        Whether to round the weights of each layer to 8 bits: see `tenfold.training.quantize`.

    Returns
    -------
    bytes
        A serialized ONNX model without a card. Where the network has 10 outputs, `none` has probability zero.

    Raises
    ------
    MissingExtraError
        onnx or onnxscript is not installed.
    """
    with _needing_exporter():
        import torch

        from tenfold.training.contract import Contract
        from tenfold.training.fold import fold_batch_norm

    example = {"images": torch.zeros(2, 28, 28, dtype=torch.uint8)}
    contract = Contract(fold_batch_norm(network), temperature)
    return _export(contract, example, ["probabilities", "embedding"], {0: "n"}, as_bytes=as_bytes)


def line_network_to_onnx(network: "nn.Module", *, temperature: float = 1.0, as_bytes: bool = False) -> bytes:
    """Convert a trained network that reads lines into one graph, as `network_to_onnx` does.

    Parameters
    ----------
    network : nn.Module
        Takes ink (n, 1, 32, width) from 0 to 1, returns logits of 11 classes for each column.
    temperature, as_bytes
        As `network_to_onnx` takes them.

    Raises
    ------
    MissingExtraError
        onnx or onnxscript is not installed.
    """
    with _needing_exporter():
        import torch

        from tenfold.training.contract import LineContract
        from tenfold.training.fold import fold_batch_norm

    example = {"lines": torch.zeros(2, 32, 128, dtype=torch.uint8)}
    contract = LineContract(fold_batch_norm(network), temperature)
    return _export(contract, example, ["probabilities"], {0: "n", 2: "width"}, as_bytes=as_bytes)


@contextmanager
def _needing_exporter() -> Iterator[None]:
    """Say how to install what the exporter needs."""
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401

        yield
    except ImportError as error:
        raise MissingExtraError("onnx and onnxscript", "train") from error


def _export(
    contract: "nn.Module",
    example: "dict[str, torch.Tensor]",
    outputs: list[str],
    open_axes: dict[int, str],
    *,
    as_bytes: bool,
) -> bytes:
    """Return the graph of a module with one input, some of whose axes are open."""
    import onnx
    import torch

    from tenfold.training.quantize import store_weights_as_bytes

    with _quiet_exporter():
        program = torch.onnx.export(
            contract.eval(),
            tuple(example.values()),
            input_names=list(example),
            output_names=outputs,
            dynamic_shapes={
                name: {axis: torch.export.Dim(word) for axis, word in open_axes.items()} for name in example
            },
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise AssertionError("torch.onnx.export(dynamo=True) returns a program")
    model = program.model_proto
    _strip(model)
    if as_bytes:
        store_weights_as_bytes(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Silence what the exporter says of packages that no network here needs, and of its own insides."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _strip(model: "onnx.ModelProto") -> None:
    """Remove what the exporter notes of its source: names of classes, paths, stack traces."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    for node in graph.node:
        node.ClearField("name")
        for attribute in node.attribute:
            attribute.ClearField("doc_string")
    graph.ClearField("value_info")
    model.ClearField("functions")
