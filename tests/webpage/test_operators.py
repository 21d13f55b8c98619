"""Each operator computes what ONNX Runtime does, in every form that a model file may have."""

import re
from collections.abc import Iterator

import numpy as np
import onnx
import pytest

from tenfold.model_file.inspect import OPERATORS, OPSETS
from tenfold.model_file.schema import _MESSAGES
from tests.webpage.graphs import Form, Tensor, question, run_page, run_reference, to_onnx
from tests.webpage.node import ask_node

RANDOM = np.random.default_rng(0)
TOLERANCE = 1e-5
"""Relative, and absolute: products are summed in another order."""


def floats(*shape: int) -> Tensor:
    """Return random float32."""
    return RANDOM.standard_normal(shape).astype(np.float32)


def integers(dtype: str, *shape: int) -> Tensor:
    """Return random integers, none of them zero."""
    least = 1 if dtype == "uint8" else -100
    values = RANDOM.integers(least, 100, shape)
    return np.where(values == 0, 7, values).astype(dtype)


def shape_of(*values: int) -> Tensor:
    """Return a shape, or axes, as an operator takes them."""
    return np.array(values, np.int64)


def binary(operator: str) -> Iterator[Form]:
    """Yield the ways in which two tensors are broadcast, and their types."""
    for left, right in [
        ((3, 4), (3, 4)),
        ((2, 3, 4), ()),
        ((2, 3, 4), (4,)),
        ((4,), (2, 3, 1)),
        ((3, 1), (1, 4)),
    ]:
        yield Form(operator, (floats(*left), floats(*right)))
    for dtype in ("uint8", "int8", "int32", "int64"):
        yield Form(operator, (integers(dtype, 3, 4), integers(dtype, 4)))


def windows(rank: int) -> Iterator[dict[str, object]]:
    """Yield the attributes that Conv and MaxPool have in common, in all forms."""
    yield {}
    yield {"strides": [2] * rank, "pads": [1] * (2 * rank)}
    yield {"pads": list(range(rank)) + [1] * rank}
    yield {"dilations": [2] * rank}
    yield {"auto_pad": "VALID"}
    yield {"auto_pad": "NOTSET", "strides": list(range(1, rank + 1)), "dilations": [1] * rank}
    for side in ("SAME_UPPER", "SAME_LOWER"):
        yield {"auto_pad": side}
        yield {"auto_pad": side, "strides": [2] * rank}


def conv() -> Iterator[Form]:
    """Yield convolutions over one axis and over two, with and without bias, in groups."""
    for image, kernel in [((9, 8), (3, 3)), ((9, 8), (2, 4)), ((11,), (4,)), ((5, 5), (1, 1))]:
        for attributes in windows(len(kernel)):
            inputs = floats(3, 4, *image), floats(5, 4, *kernel), floats(5)
            yield Form("Conv", inputs, {"kernel_shape": list(kernel), **attributes})
    yield Form("Conv", (floats(2, 4, 6, 6), floats(6, 2, 3, 3), floats(6)), {"group": 2, "pads": [1] * 4})
    yield Form("Conv", (floats(2, 4, 6, 6), floats(8, 1, 3, 3)), {"group": 4})
    yield Form("Conv", (floats(1, 1, 28, 28), floats(6, 1, 5, 5)))


def pool() -> Iterator[Form]:
    """Yield poolings over one axis and over two, of each type."""
    for image, kernel in [((9, 8), (3, 2)), ((8, 8), (2, 2)), ((11,), (3,))]:
        for attributes in windows(len(kernel)):
            for ceil in (0, 1):
                settings = {"kernel_shape": kernel, "ceil_mode": ceil, **attributes}
                yield Form("MaxPool", (floats(2, 3, *image),), settings)
    for dtype in ("int8", "uint8"):
        attributes = {"kernel_shape": [2, 2], "strides": [2, 2], "storage_order": 1}
        yield Form("MaxPool", (integers(dtype, 1, 2, 5, 5),), attributes)


def gemm() -> Iterator[Form]:
    """Yield products turned either way, scaled, with what may be added."""
    for left, right in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        a = floats(7, 5) if left else floats(5, 7)
        b = floats(6, 7) if right else floats(7, 6)
        for added in (None, floats(6), floats(1, 6), floats(5, 1), floats(5, 6), floats(1), floats()):
            inputs = (a, b) if added is None else (a, b, added)
            yield Form("Gemm", inputs, {"transA": left, "transB": right, "alpha": 0.5, "beta": -1.5})
    yield Form("Gemm", (floats(1, 9), floats(9, 1), floats(1)))


def dequantize() -> Iterator[Form]:
    """Yield integers with one scale, one for each row of any axis, or one for each block."""
    for dtype in ("int8", "uint8"):
        data, zero = integers(dtype, 3, 4, 5), integers(dtype)
        yield Form("DequantizeLinear", (data, floats(), zero))
        yield Form("DequantizeLinear", (data, floats(4), integers(dtype, 4)))
        for axis in (0, 1, 2, -1):
            yield Form("DequantizeLinear", (data, floats(data.shape[axis])), {"axis": axis})
        yield Form(
            "DequantizeLinear",
            (data, floats(3, 2, 5), integers(dtype, 3, 2, 5)),
            {"axis": 1, "block_size": 2},
        )
    yield Form("DequantizeLinear", (integers("int32", 3, 4), floats(3)), {"axis": 0})


def cast() -> Iterator[Form]:
    """Yield each type, made each other."""
    types = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
    for source in types:
        data = np.abs(floats(3, 4) * 30) if source == "float32" else np.abs(integers(source, 3, 4))
        for code in types.values():
            yield Form("Cast", (data.astype(source),), {"to": code})


def forms(operator: str) -> list[Form]:
    """Return an operator in all its forms."""
    data = floats(2, 1, 3, 1)
    found: dict[str, list[Form]] = {
        "Cast": list(cast()),
        "Conv": list(conv()),
        "DequantizeLinear": list(dequantize()),
        "Flatten": [Form("Flatten", (floats(2, 3, 4),), {"axis": axis}) for axis in range(-3, 4)]
        + [Form("Flatten", (floats(2, 3, 4),))],
        "Gemm": list(gemm()),
        "Log": [Form("Log", (np.abs(floats(3, 4)) + np.float32(0.01),))],
        "MatMul": [
            Form("MatMul", (floats(*left), floats(*right)))
            for left, right in [
                *(((5, 7), (7, 6)), ((7,), (7, 6)), ((5, 7), (7,)), ((7,), (7,))),
                *(((2, 3, 5, 7), (7, 6)), ((2, 1, 5, 7), (3, 7, 6)), ((7,), (3, 7, 6))),
            ]
        ],
        "MaxPool": list(pool()),
        "Relu": [Form("Relu", (floats(3, 4),))]
        + [Form("Relu", (integers(dtype, 3, 4),)) for dtype in ("int8", "int32")],
        "Reshape": [
            Form("Reshape", (floats(2, 3, 4), shape_of(*shape)), {"allowzero": zero})
            for shape, zero in [
                ((6, 4), 0),
                ((-1, 4), 0),
                ((0, -1), 0),
                ((4, -1), 1),
                ((1, 24, 1), 0),
                ((-1,), 1),
            ]
        ],
        "Softmax": [Form("Softmax", (floats(2, 3, 4) * 5,), {"axis": axis}) for axis in range(-3, 3)]
        + [Form("Softmax", (floats(2, 3, 4),)), Form("Softmax", (floats(2, 3) + np.float32(300),))],
        "Squeeze": [Form("Squeeze", (data,))]
        + [Form("Squeeze", (data, shape_of(*axes))) for axes in [(1,), (-1,), (1, 3), (-1, 1)]],
        "Transpose": [Form("Transpose", (floats(2, 3, 4),))]
        + [
            Form("Transpose", (floats(2, 3, 4),), {"perm": perm})
            for perm in [(0, 2, 1), (2, 0, 1), (1, 0, 2)]
        ]
        + [Form("Transpose", (integers("int64", 2, 3),))],
        "Unsqueeze": [
            Form("Unsqueeze", (floats(2, 3), shape_of(*axes)))
            for axes in [(0,), (1,), (2,), (-1,), (0, 3), (-1, 0)]
        ],
    }
    return found.get(operator) or list(binary(operator))


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_operator_computes_what_onnx_runtime_does(operator: str) -> None:
    """In every form, with weights and with computed numbers, again and again, results are the same."""
    cases = [(form, n_fed) for form in forms(operator) for n_fed in {1, len(form.inputs)}]
    models = [to_onnx(form, n_fed) for form, n_fed in cases]
    expected = [
        run_reference(model, form.inputs[:n_fed]) for model, (form, n_fed) in zip(models, cases, strict=True)
    ]
    answers = run_page(
        [
            question(model, *[form.inputs[:n_fed]] * 2)
            for model, (form, n_fed) in zip(models, cases, strict=True)
        ]
    )
    for (form, _), wanted, answer in zip(cases, expected, answers, strict=True):
        assert not isinstance(answer, str), (str(form), answer)
        for got in answer:
            assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape), str(form)
            np.testing.assert_allclose(got, wanted, rtol=TOLERANCE, atol=TOLERANCE, err_msg=str(form))


def test_runtime_has_the_operators_that_models_may_have() -> None:
    """The runtime and the inspection name the same operators, and the attributes that ONNX gives them."""
    known = ask_node("describe.mjs", None)["operators"]
    assert sorted(known) == sorted(OPERATORS)
    for name, attributes in known.items():
        expected = {one for opset in OPSETS for one in onnx.defs.get_schema(name, opset, "").attributes}
        assert set(attributes) == expected, name


def test_runtime_has_the_table_of_the_inspection() -> None:
    """Both read the same fields of ONNX's protocol buffers, and no other."""
    table = {
        message: {name: list(entry) for name, entry in fields.items()}
        for message, fields in _MESSAGES.items()
    }
    assert ask_node("describe.mjs", None)["messages"] == table


def test_buffers_fit_what_comes_next() -> None:
    """A graph that is run with more images, fewer, then other sizes computes each as if it were the first."""
    form = Form("Conv", (floats(1, 2, 6, 6), floats(3, 2, 3, 3)), {"pads": [1, 1, 1, 1]})
    model = to_onnx(form, 1)
    rounds = [[floats(*shape)] for shape in [(1, 2, 6, 6), (5, 2, 6, 6), (2, 2, 6, 6), (2, 2, 9, 4)]]
    (answers,) = run_page([question(model, *rounds)])
    for inputs, got in zip(rounds, answers, strict=True):
        np.testing.assert_allclose(got, run_reference(model, inputs), rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("form", "match"),
    [
        (Form("Sigmoid", (floats(2),)), r"Operators must be among Add, .*\. Got Sigmoid\."),
        (
            Form("Conv", (floats(1, 1, 4, 4, 4), floats(1, 1, 2, 2, 2))),
            r"Conv \(output\): Windows must slide",
        ),
        (
            Form("Cast", (floats(2),), {"to": 11}),
            r"Cast \(output\): to must be one of float32, .* Got type 11",
        ),
        (
            Form("MatMul", (integers("int32", 2, 2), integers("int32", 2, 2))),
            r"MatMul .* float32\. Got int32",
        ),
        (Form("Flatten", (floats(2, 2),), {"axi": 1}), r"Flatten .* must be known\. Got axi of Flatten"),
        (
            Form("Reshape", (floats(4, 6), shape_of(5, -1))),
            r"Reshape \(output\): A shape must keep all numbers",
        ),
        (Form("Transpose", (floats(2, 3),), {"perm": [0, 0]}), r"Transpose \(output\): perm must name each"),
        (Form("Gemm", (floats(2, 3), floats(3, 4), floats(5))), r"Gemm \(output\): Dimensions must match"),
        (Form("Gemm", (floats(2, 3), floats(2, 4))), r"Gemm \(output\): Both sides must fit"),
        (Form("Conv", (floats(1, 2, 4, 4), floats(3, 2, 2, 2), floats(2))), r"Conv .* The bias must be of"),
        (Form("Conv", (floats(1, 3, 4, 4), floats(3, 2, 2, 2))), r"Conv \(output\): Kernels must be for 3"),
        (Form("Add", (floats(2), integers("int32", 2))), r"Add \(output\): Both sides must be of one type"),
        (Form("Div", (shape_of(2), shape_of(0))), r"Div \(output\): "),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_it_cannot_run_is_named(form: Form, match: str) -> None:
    """An operator, an attribute or a type that the runtime does not know ends with its name."""
    (answer,) = run_page([question(to_onnx(form, 1), form.inputs[:1])])
    assert re.match(f"ModelFileError: {match}", answer)
