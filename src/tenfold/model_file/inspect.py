"""Look at a model's bytes before any runtime does, and refuse what tenfold did not make."""

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tenfold.errors import ModelFileError
from tenfold.model_file.card import CARD_KEY, LINES, Card, card_to_json, read_card, seal
from tenfold.model_file.schema import encode_metadata, read_model

MAX_BYTES: Final = 20_000_000

OPERATORS: Final = frozenset(
    {
        "Add",
        "Cast",
        "Conv",
        "DequantizeLinear",
        "Div",
        "Flatten",
        "Gemm",
        "Log",
        "MatMul",
        "MaxPool",
        "Relu",
        "Reshape",
        "Softmax",
        "Squeeze",
        "Sub",
        "Transpose",
        "Unsqueeze",
    }
)
"""What the recipes emit. None of them can make its output larger than its inputs and weights imply."""

MOST_IN_ATTRIBUTE: Final = 64
"""Of an integer, so that no padding makes a small image a large one."""

OPSETS: Final = range(17, 24)
IR_VERSIONS: Final = range(8, 12)

N_OUTPUTS: Final = 11
"""The digits 0–9 and `none`, "not a digit"."""

N_ROWS: Final = 32
"""Of a line."""

UINT8: Final = 2
FLOAT: Final = 1
_DTYPES: Final[dict[int, np.dtype[Any]]] = {
    FLOAT: np.dtype("<f4"),
    2: np.dtype("u1"),
    3: np.dtype("i1"),
    6: np.dtype("<i4"),
    7: np.dtype("<i8"),
}


@dataclass(frozen=True)
class ModelFile:
    """The bytes of a model that passed inspection.

    Attributes
    ----------
    data : bytes
        The whole file.
    card : Card
        What the model says of itself.
    sha256 : str
        Of `data`.
    n_weights : int
        Numbers in its tensors.
    n_embedding : int
        Length of one embedding; 0 for a model of lines.
    """

    data: bytes
    card: Card
    sha256: str
    n_weights: int
    n_embedding: int


Signature = tuple[str, int, list[int | None]]
"""Name, element type, and shape with None for a dimension left open, of an input or output."""


def inspect(data: bytes) -> ModelFile:
    """Check that bytes are a tenfold model, without running anything in them.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    ModelFile
        The bytes with what was learned of them.

    Raises
    ------
    ModelFileError
        They are not ONNX, have over 20 MB, keep weights elsewhere, use an operator, domain, opset or
        field that tenfold does not emit, have other inputs or outputs than those of their card's kind
        (`images`, `probabilities` and `embedding`; or `lines` and `probabilities`), hold NaN or infinite
        weights, lack a card of a known format, or differ in any bit from what tenfold wrote. Independent
        mistakes are listed together.
    """
    if len(data) > MAX_BYTES:
        raise ModelFileError(f"A model may have {MAX_BYTES} bytes. Got {len(data)} or more.")
    model = read_model(data)
    card = read_card(_metadata(model))
    is_line_reader = card.kind == LINES
    check_signature = _line_signature_problems if is_line_reader else _signature_problems
    problems = [*_version_problems(model), *_node_problems(model.graph), *check_signature(model.graph)]
    for tensor in model.graph.initializer:
        problems += _tensor_problems(tensor)
    problems += _seal_problems(data, card)
    if problems:
        raise ModelFileError(" ".join(problems))
    return ModelFile(
        data=data,
        card=card,
        sha256=hashlib.sha256(data).hexdigest(),
        n_weights=sum(math.prod(tensor.dims) for tensor in model.graph.initializer),
        n_embedding=0 if is_line_reader else _size(model.graph.output[1]),
    )


def _size(value: Any) -> int:  # noqa: ANN401
    """Return the second dimension of an output."""
    return int(value.type.tensor_type.shape.dim[1].dim_value)


def _seal_problems(data: bytes, card: Card) -> list[str]:
    """Hold the file against the checksum in its card."""
    graph = data.removesuffix(encode_metadata(CARD_KEY, card_to_json(card)))
    if len(graph) < len(data) and seal(graph, card) == card.sha256:
        return []
    return ["The file must be as tenfold wrote it. Got other bytes: it was damaged or changed afterwards."]


def _metadata(model: Any) -> dict[str, list[str]]:  # noqa: ANN401
    values = defaultdict(list)
    for entry in model.metadata_props:
        values[entry.key].append(entry.value)
    return values


def _version_problems(model: Any) -> list[str]:  # noqa: ANN401
    problems = []
    if model.ir_version not in IR_VERSIONS:
        problems.append(f"The IR version must be {_range(IR_VERSIONS)}. Got {model.ir_version}.")
    imports = [(opset.domain, opset.version) for opset in model.opset_import]
    if len(imports) != 1 or imports[0][0] not in {"", "ai.onnx"} or imports[0][1] not in OPSETS:
        problems.append(f"The model must import the ONNX opset {_range(OPSETS)} and no other. Got {imports}.")
    return problems


def _range(values: range) -> str:
    return f"{values.start} to {values.stop - 1}"


def _node_problems(graph: Any) -> list[str]:  # noqa: ANN401
    problems = []
    domains = {node.domain for node in graph.node} - {"", "ai.onnx"}
    if domains:
        problems.append(f"Operators must be of ONNX's own domain. Got {', '.join(sorted(domains))}.")
    operators = {node.op_type for node in graph.node} - OPERATORS
    if operators:
        problems.append(
            f"Operators must be among {', '.join(sorted(OPERATORS))}. Got {', '.join(sorted(operators))}."
        )
    problems += [
        f"Integers in attributes must be within ±{MOST_IN_ATTRIBUTE}. Got {attribute.name} of {node.op_type}."
        for node in graph.node
        for attribute in node.attribute
        if max(map(abs, [attribute.i, *attribute.ints])) > MOST_IN_ATTRIBUTE
    ]
    problems += [
        f"Attributes must be finite numbers. Got {attribute.name} of {node.op_type}."
        for node in graph.node
        for attribute in node.attribute
        if not np.isfinite([attribute.f, *attribute.floats]).all()
    ]
    return problems


def _signature_problems(graph: Any) -> list[str]:  # noqa: ANN401
    problems = []
    inputs = [_signature(value) for value in graph.input]
    if inputs != [("images", UINT8, [None, 28, 28])]:
        problems.append(f"The input must be images, uint8 of shape (n, 28, 28), alone. Got {inputs}.")
    outputs = [_signature(value) for value in graph.output]
    sizes = [shape[-1] for _, _, shape in outputs[1:2] if shape]
    if (
        outputs != [("probabilities", FLOAT, [None, N_OUTPUTS]), ("embedding", FLOAT, [None, *sizes])]
        or (sizes[0] or 0) < 1
    ):
        problems.append(
            f"The outputs must be probabilities, float32 of shape (n, {N_OUTPUTS}), and embedding, float32 "
            f"of shape (n, d). Got {outputs}."
        )
    return problems


def _line_signature_problems(graph: Any) -> list[str]:  # noqa: ANN401
    problems = []
    inputs, outputs = ([_signature(value) for value in values] for values in (graph.input, graph.output))
    if inputs != [("lines", UINT8, [None, N_ROWS, None])]:
        problems.append(f"The input must be lines, uint8 of shape (n, {N_ROWS}, width), alone. Got {inputs}.")
    if outputs != [("probabilities", FLOAT, [None, None, N_OUTPUTS])]:
        problems.append(
            f"The output must be probabilities, float32 of shape (n, columns, {N_OUTPUTS}), alone. "
            f"Got {outputs}."
        )
    return problems


def _signature(value: Any) -> Signature:  # noqa: ANN401
    tensor = value.type.tensor_type
    shape = [dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim]
    return value.name, tensor.elem_type, shape


def _tensor_problems(tensor: Any) -> list[str]:  # noqa: ANN401
    """Say what is wrong with one tensor of weights."""
    name = f"The tensor {tensor.name!r:.60}"
    if tensor.external_data or tensor.data_location:
        return [f"{name} must be inside the file. Got a reference to other data."]
    if tensor.data_type not in _DTYPES:
        return [f"{name} must be of float32, uint8, int8, int32 or int64. Got ONNX type {tensor.data_type}."]
    dtype = _DTYPES[tensor.data_type]
    n_listed = len(tensor.float_data) + len(tensor.int32_data) + len(tensor.int64_data)
    n_expected = math.prod(tensor.dims)
    if n_listed or min(tensor.dims, default=1) < 0 or len(tensor.raw_data) != n_expected * dtype.itemsize:
        return [
            f"{name} of shape {list(tensor.dims)} must have {n_expected * dtype.itemsize} raw bytes. "
            f"Got {len(tensor.raw_data)}, and {n_listed} numbers apart."
        ]
    if dtype.kind == "f" and not np.isfinite(np.frombuffer(tensor.raw_data, dtype)).all():
        return [f"{name} must hold finite numbers. Got NaN or infinity."]
    return []
