"""Small graphs of one operator, run by ONNX Runtime and by the page's runtime."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from tests.webpage.node import ask_node

Tensor = NDArray[Any]
OPSET = 21
TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}


@dataclass(frozen=True)
class Form:
    """An operator in one form: its attributes and its inputs; None where one is left out."""

    operator: str
    inputs: tuple[Tensor | None, ...]
    attributes: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shapes = [tensor if tensor is None else f"{tensor.dtype}{tensor.shape}" for tensor in self.inputs]
        return f"{self.operator} {self.attributes} of {shapes}"


def to_onnx(form: Form, n_fed: int) -> bytes:
    """Return the graph of a form, of whose inputs the first are fed and the others are weights."""
    names = ["" if tensor is None else f"input{i}" for i, tensor in enumerate(form.inputs)]
    values = [
        helper.make_tensor_value_info(name, TYPES[str(tensor.dtype)], [None] * tensor.ndim)
        for name, tensor in zip(names[:n_fed], form.inputs, strict=False)
        if tensor is not None
    ]
    weights = [
        numpy_helper.from_array(tensor, name)
        for name, tensor in zip(names[n_fed:], form.inputs[n_fed:], strict=True)
        if tensor is not None
    ]
    node = helper.make_node(form.operator, names, ["output"], **form.attributes)
    graph = helper.make_graph([node], "graph", values, [onnx.ValueInfoProto(name="output")], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    return with_card(model)


def with_card(model: onnx.ModelProto) -> bytes:
    """Return a model's bytes with the least of a card that the page's parser asks for."""
    model.metadata_props.add(key="tenfold", value='{"format": 1}')
    return bytes(model.SerializeToString())


def run_reference(model: bytes, inputs: Sequence[Tensor | None]) -> Tensor:
    """Return what ONNX Runtime computes."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    output: Tensor = session.run(None, _feeds(inputs))[0]
    return output


def question(model: bytes, *rounds: Sequence[Tensor | None]) -> dict[str, Any]:
    """Return what `ask_node` is asked for a graph, run with some inputs after others."""
    feeds = [{name: pack(tensor) for name, tensor in _feeds(inputs).items()} for inputs in rounds]
    return {"model": base64.b64encode(model).decode(), "rounds": feeds}


def run_page(questions: Sequence[dict[str, Any]]) -> list[Any]:
    """Return what the page's runtime computes: for each graph its outputs, or why there are none."""
    answers = ask_node("run_graphs.mjs", list(questions))
    return [answer.get("error") or [unpack(tensor) for tensor in answer["rounds"]] for answer in answers]


def pack(tensor: Tensor) -> dict[str, Any]:
    """Return a tensor as JSON."""
    data = base64.b64encode(np.ascontiguousarray(tensor).tobytes()).decode()
    return {"type": str(tensor.dtype), "dims": list(tensor.shape), "data": data}


def unpack(tensor: dict[str, Any]) -> Tensor:
    """Return a tensor from JSON."""
    return np.frombuffer(base64.b64decode(tensor["data"]), tensor["type"]).reshape(tensor["dims"])


def _feeds(inputs: Sequence[Tensor | None]) -> dict[str, Tensor]:
    return {f"input{i}": tensor for i, tensor in enumerate(inputs) if tensor is not None}
