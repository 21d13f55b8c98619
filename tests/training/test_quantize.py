"""Weights as bytes: how far they are rounded, what stays as it was, and that the graph computes with them."""

from typing import Final

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper, parser

from tenfold.training.quantize import store_weights_as_bytes

LAYERS: Final = ("filters", "weights", "square")

TEXT: Final = """
<ir_version: 10, opset_import: ["" : 18]>
small (float[n, 1, 6, 6] ink) => (float[n, 4] logits)
{
    centered = Sub (ink, mean)
    filtered = Conv (centered, filters, filters_bias)
    positive = Relu (filtered)
    rows = Flatten <axis = 1> (positive)
    first = Gemm <transB = 1> (rows, weights, bias)
    second = Gemm <transB = 1> (first, square, bias)
    third = Gemm <transB = 1> (second, square, bias)
    logits = MatMul (third, mixture)
}
"""
"""Two layers of it have the same weights, `square`."""

SHAPES: Final = {
    "mean": (1,),
    "filters": (3, 1, 3, 3),
    "filters_bias": (3,),
    "weights": (5, 48),
    "bias": (5,),
    "square": (5, 5),
    "mixture": (5, 4),
}


def make_model(**tensors: np.ndarray) -> onnx.ModelProto:
    """Return a small graph with random weights, but for those that are given."""
    generator = np.random.default_rng(0)
    values = {name: generator.standard_normal(shape) for name, shape in SHAPES.items()} | tensors
    model = parser.parse_model(TEXT)
    model.graph.initializer.extend(
        numpy_helper.from_array(value.astype(np.float32), name) for name, value in values.items()
    )
    return model


def quantize(**tensors: np.ndarray) -> onnx.ModelProto:
    """Return that graph with its weights as bytes, valid by onnx's own checker."""
    model = make_model(**tensors)
    store_weights_as_bytes(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return model


def read_tensors(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Return the constants of a graph by name."""
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    assert len(tensors) == len(model.graph.initializer)
    return tensors


def read_layer(model: onnx.ModelProto, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a layer's integers as rows, one for each output, and their scales as a column."""
    tensors = read_tensors(model)
    integers = tensors[f"{name}.integers"]
    return integers.reshape(len(integers), -1), tensors[f"{name}.scales"][:, None]


def restore(model: onnx.ModelProto, name: str) -> np.ndarray:
    """Return the weights that a layer computes with."""
    integers, scales = read_layer(model, name)
    return (integers.astype(np.float32) * scales).reshape(SHAPES[name])


def compute(model: onnx.ModelProto) -> np.ndarray:
    """Return what the runtime makes of some ink."""
    ink = np.random.default_rng(1).random((20, 1, 6, 6), dtype=np.float32)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"ink": ink})[0]


@pytest.mark.parametrize("magnitude", [1e-30, 1e-6, 1.0, 1e6, 1e30])
@pytest.mark.parametrize("name", LAYERS)
def test_weights_are_rounded_by_half_a_scale_at_most(name: str, magnitude: float) -> None:
    """Integers are within ±127, each row reaches an end, and none is further off than half a step."""
    rows = np.random.default_rng(2).standard_normal(SHAPES[name]) * magnitude
    integers, scales = read_layer(quantize(**{name: rows}), name)
    assert (integers.dtype, scales.dtype) == (np.int8, np.float32)
    np.testing.assert_array_equal(np.abs(integers.astype(int)).max(axis=1), 127)
    off = np.abs(integers * scales.astype(float) - rows.reshape(len(rows), -1))
    assert (off <= scales * (0.5 + 1e-4)).all()


def test_each_row_has_a_scale_of_its_own() -> None:
    """A row a million times as large costs the others no precision."""
    rows = np.random.default_rng(3).standard_normal(SHAPES["weights"])
    alone = restore(quantize(weights=rows), "weights")
    factors = np.array([1, 2**20, 1, 2**-20, 1])[:, None]  # powers of two round nothing
    np.testing.assert_array_equal(restore(quantize(weights=rows * factors), "weights"), alone * factors)


def test_permuting_rows_permutes_integers_and_scales() -> None:
    """The outputs of a layer are quantized one by one."""
    rows, order = np.random.default_rng(4).standard_normal(SHAPES["weights"]), [3, 0, 4, 1, 2]
    plain, permuted = (read_layer(quantize(weights=part), "weights") for part in (rows, rows[order]))
    for ours, theirs in zip(permuted, plain, strict=True):
        np.testing.assert_array_equal(ours, theirs[order])


def test_the_sign_of_weights_is_kept() -> None:
    """Negated weights are negated integers with the same scales: there is no -128, nor an offset."""
    rows = np.random.default_rng(5).standard_normal(SHAPES["filters"])
    (integers, scales), (negated, same) = (
        read_layer(quantize(filters=sign * rows), "filters") for sign in (1, -1)
    )
    np.testing.assert_array_equal(negated, -integers)
    np.testing.assert_array_equal(same, scales)


@pytest.mark.parametrize("name", LAYERS)
def test_a_row_of_zeros_stays_zero(name: str) -> None:
    """An output without weights keeps none, and its scale and the graph's outputs are finite."""
    rows = np.random.default_rng(6).standard_normal(SHAPES[name])
    rows[1], rows[2] = 0.0, -0.0
    model = quantize(**{name: rows})
    integers, scales = read_layer(model, name)
    assert not integers[1:3].any()
    assert np.isfinite(scales).all()
    assert (scales > 0).all()
    assert integers[0].any()
    assert np.isfinite(compute(model)).all()


def test_only_the_weights_of_layers_are_rounded() -> None:
    """Biases, and constants of other operators, keep every bit; no layer keeps its weights in float32."""
    before, after = read_tensors(make_model()), read_tensors(quantize())
    kept = SHAPES.keys() - set(LAYERS)
    assert after.keys() == kept | {f"{name}.{part}" for name in LAYERS for part in ("integers", "scales")}
    for name in kept:
        np.testing.assert_array_equal(after[name], before[name])
        assert after[name].dtype == np.float32


def test_weights_of_two_layers_are_stored_once() -> None:
    """There is one DequantizeLinear for each tensor, along the outputs, and the layers are as before."""
    nodes, before = quantize().graph.node, make_model().graph.node
    n_added = len(nodes) - len(before)
    assert sorted(node.output[0] for node in nodes[:n_added]) == sorted(LAYERS)
    assert {node.op_type for node in nodes[:n_added]} == {"DequantizeLinear"}
    assert {(item.name, item.i) for node in nodes[:n_added] for item in node.attribute} == {("axis", 0)}
    assert list(nodes[n_added:]) == list(before)


def test_quantizing_again_changes_nothing() -> None:
    """Weights that are multiples of a scale already are found as they are."""
    once = quantize()
    twice = quantize(**{name: restore(once, name) for name in LAYERS})
    for name in LAYERS:
        (integers, scales), (again, same) = read_layer(once, name), read_layer(twice, name)
        np.testing.assert_array_equal(again, integers)
        np.testing.assert_allclose(same, scales, rtol=3e-7)


def test_the_graph_computes_with_the_rounded_weights() -> None:
    """ONNX Runtime gives what it gives for the rounded weights in float32, which is near the first."""
    model = quantize()
    expected = compute(make_model(**{name: restore(model, name) for name in LAYERS}))
    np.testing.assert_allclose(compute(model), expected, rtol=1e-5, atol=1e-4)
    exact = compute(make_model())
    assert 0 < np.abs(expected - exact).max() < 0.03 * np.abs(exact).max()


def test_a_graph_without_layers_is_left_alone() -> None:
    """Where nothing multiplies by weights, nothing changes."""
    model = make_model()
    del model.graph.node[1:]
    before = model.SerializeToString()
    store_weights_as_bytes(model.graph)
    assert model.SerializeToString() == before
