"""What `inspect` lets through, and what it refuses before any runtime sees it."""

import dataclasses
import io
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper
from PIL import Image

from tenfold import model_file, training
from tenfold.data import Dataset
from tenfold.errors import ModelFileError
from tenfold.model_file.inspect import MAX_BYTES
from tenfold.recognizer import Recognizer
from tenfold.training.quantize import store_weights_as_bytes

Edit = Callable[[onnx.ModelProto], object]


def edited(run: training.Run, *edits: Edit) -> bytes:
    """Return the run's model with changes."""
    model = onnx.load_from_string(run.model.data)
    for edit in edits:
        edit(model)
    return model.SerializeToString()


def with_cards(run: training.Run, *texts: str) -> bytes:
    """Return the run's model with other cards, as text."""
    entries = [onnx.StringStringEntryProto(key="tenfold", value=text) for text in texts]
    return edited(run, lambda m: m.metadata_props.clear(), lambda m: m.metadata_props.extend(entries))


def set_card(run: training.Run, **changes: object) -> bytes:
    """Return the run's model with some fields of its card replaced, or left out where None."""
    values = {**dataclasses.asdict(run.model.card), **changes}
    return with_cards(run, json.dumps({key: value for key, value in values.items() if value is not None}))


def images_type(model: onnx.ModelProto) -> Any:
    """Return the declared type of the input."""
    return model.graph.input[0].type.tensor_type


def dequantize(**attributes: int) -> Edit:
    """Return an edit that puts an operator first that turns integers into weights."""
    node = onnx.helper.make_node("DequantizeLinear", ["integers", "scales"], ["weights"], **attributes)
    return lambda m: m.graph.node.insert(0, node)


def width(model: onnx.ModelProto, output: int) -> Any:
    """Return the declared last dimension of an output."""
    return model.graph.output[output].type.tensor_type.shape.dim[1]


def set_mean(value: float) -> Edit:
    """Return an edit that puts one value among the weights."""
    values = np.zeros(784, np.float32)
    values[500] = value
    return lambda m: m.graph.initializer[0].CopyFrom(numpy_helper.from_array(values, "mean"))


def add_attribute(**values: Any) -> Edit:
    """Return an edit that gives an operator one more attribute."""
    return lambda m: m.graph.node[4].attribute.add(name="alpha", **values)


def test_inspect_passes_what_training_made(run: training.Run) -> None:
    """A trained model passes, is valid ONNX by onnx's own checker, and is described as it is."""
    onnx.checker.check_model(onnx.load_from_string(run.model.data), full_check=True)
    found = model_file.inspect(run.model.data)
    assert dataclasses.asdict(found) == dataclasses.asdict(run.model)
    assert found.n_embedding == 32
    assert found.n_weights == 784 * 2 + 784 * 32 + 32 + 32 * 10 + 10 + 10 * 11


def test_inspect_passes_the_operators_of_committees_and_bytes(run: training.Run, digits: Dataset) -> None:
    """Add, Log and DequantizeLinear pass, and the model that has them reads what it read before."""
    model = onnx.load_from_string(run.model.data)
    model.metadata_props.clear()
    (softmax,) = [node for node in model.graph.node if node.op_type == "Softmax"]
    position = list(model.graph.node).index(softmax)
    softmax.output[0] = "once"
    for operator, inputs, output in [
        ("Softmax", ["twice"], "digits"),
        ("Add", ["logs", "logs"], "twice"),
        ("Log", ["once"], "logs"),
    ]:
        model.graph.node.insert(position + 1, onnx.helper.make_node(operator, inputs, [output]))
    store_weights_as_bytes(model.graph)
    found = model_file.add_card(model.SerializeToString(), run.model.card)
    assert model_file.inspect(found.data) == found
    read, before = (Recognizer(part).predict(digits.test.images) for part in (found, run.model))
    assert np.mean(read == before) > 0.98


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(np.random.default_rng(0).bytes(5000), id="random"),
        pytest.param(b"a model, honestly\n", id="text"),
        pytest.param(b'{"model": "mlp", "weights": [1, 2]}', id="json"),
        pytest.param(b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x2e", id="pickle"),
    ],
)
def test_inspect_refuses_what_is_not_onnx(data: bytes) -> None:
    """Bytes of another kind are refused as no ONNX model."""
    with pytest.raises(ModelFileError, match="must be an ONNX model"):
        model_file.inspect(data)


def test_inspect_refuses_a_picture() -> None:
    """A PNG is refused as no ONNX model."""
    picture = io.BytesIO()
    Image.new("L", (28, 28)).save(picture, "PNG")
    with pytest.raises(ModelFileError, match="must be an ONNX model"):
        model_file.inspect(picture.getvalue())


def test_inspect_refuses_over_20_mb() -> None:
    """One byte over 20 MB is too much, whatever the bytes are."""
    with pytest.raises(ModelFileError, match=r"may have 20000000 bytes\. Got 20000001"):
        model_file.inspect(bytes(MAX_BYTES + 1))


@given(st.binary(max_size=200))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_inspect_raises_nothing_but_model_file_error(data: bytes) -> None:
    """Whatever short bytes come, they are refused with a ModelFileError."""
    with pytest.raises(ModelFileError, match=r"must be an ONNX model|uses a part"):
        model_file.inspect(data)


def test_inspect_refuses_every_truncation(run: training.Run) -> None:
    """A model cut off anywhere is refused with a ModelFileError."""
    data = run.model.data
    card = data.index(b'{"command"')
    seeded = np.random.default_rng(0).integers(0, len(data), 300).tolist()
    for length in [*range(17), *range(card - 20, card + 5), len(data) - 1, *seeded]:
        with pytest.raises(ModelFileError, match=r"must|uses a part"):
            model_file.inspect(data[:length])


@pytest.mark.slow
def test_inspect_refuses_every_flipped_bit(run: training.Run) -> None:
    """A bit changed anywhere, in the weights or in the card's own figures, is refused."""
    data, generator = bytearray(run.model.data), np.random.default_rng(0)
    card = data.index(b'{"command"')
    positions = [*generator.integers(0, len(data), 200), *range(2000), *range(card - 20, len(data))]
    for position in map(int, positions):
        bit = 1 << int(generator.integers(0, 8))
        data[position] ^= bit
        with pytest.raises(ModelFileError, match=r"must|uses a part|reads model format"):
            model_file.inspect(bytes(data))
        data[position] ^= bit
    assert model_file.inspect(bytes(data)) == run.model


def test_inspect_refuses_bytes_after_the_card(run: training.Run) -> None:
    """Metadata added by another program is refused: the file is no longer what tenfold wrote."""
    data = edited(run, lambda m: m.metadata_props.add(key="author", value="me"))
    with pytest.raises(ModelFileError, match="must be as tenfold wrote it"):
        model_file.inspect(data)


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda m: setattr(m.graph.node[5], "op_type", "Loop"), r"Operators must be among .*Got Loop\."),
        (lambda m: setattr(m.graph.node[5], "domain", "com.evil"), r"ONNX's own domain\. Got com\.evil"),
        (lambda m: setattr(m.opset_import[0], "version", 16), r"opset 17 to 23 .*\('', 16\)"),
        (lambda m: setattr(m.opset_import[0], "version", 24), r"opset 17 to 23 .*\('', 24\)"),
        (lambda m: setattr(m.opset_import[0], "domain", "ai.onnx.ml"), r"opset .*'ai\.onnx\.ml'"),
        (lambda m: m.opset_import.add(domain="ai.onnx.ml", version=3), r"and no other\. .*'ai\.onnx\.ml'"),
        (lambda m: m.opset_import.clear(), r"opset 17 to 23 and no other\. Got \[\]"),
        (lambda m: setattr(m, "ir_version", 7), r"IR version must be 8 to 11\. Got 7"),
        (lambda m: setattr(m, "ir_version", 12), r"IR version must be 8 to 11\. Got 12"),
        (lambda m: m.ClearField("graph"), r"Got bytes without a graph"),
        (lambda m: setattr(m.graph.node[5], "op_type", "Exp"), r"Got Exp\."),
        (lambda m: setattr(m.graph.node[5], "op_type", "QuantizeLinear"), r"Got QuantizeLinear\."),
        (dequantize(axis=65), r"within ±64\. Got axis of DequantizeLinear"),
        (dequantize(block_size=10**9), r"within ±64\. Got block_size of DequantizeLinear"),
        (add_attribute(f=math.nan), r"finite numbers\. Got alpha of Gemm"),
        (add_attribute(floats=[1.0, math.inf]), r"finite numbers\. Got alpha of Gemm"),
    ],
)
def test_inspect_refuses_what_tenfold_does_not_emit(run: training.Run, edit: Edit, match: str) -> None:
    """Another operator, domain, opset, IR version, or a number that is none, is refused and named."""
    with pytest.raises(ModelFileError, match=match):
        model_file.inspect(edited(run, edit))


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda m: setattr(m.graph.input[0], "name", "pixels"), r"alone\. Got \[\('pixels', 2"),
        (lambda m: setattr(images_type(m), "elem_type", 1), r"alone\. Got \[\('images', 1"),
        (lambda m: setattr(images_type(m).shape.dim[2], "dim_value", 27), r"alone\. .*\[None, 28, 27\]"),
        (lambda m: setattr(images_type(m).shape.dim[0], "dim_value", 1), r"alone\. .*\[1, 28, 28\]"),
        (lambda m: images_type(m).shape.dim.add(dim_value=1), r"alone\. .*\[None, 28, 28, 1\]"),
        (lambda m: m.graph.input.append(m.graph.input[0]), r"alone\. Got .*'images'.*'images'"),
        (lambda m: m.graph.input.clear(), r"alone\. Got \[\]"),
        (lambda m: m.graph.output.pop(), r"outputs must be probabilities.*\(n, d\)\. Got \[\('prob[^(]*\]\."),
        (lambda m: m.graph.output.clear(), r"outputs must be probabilities.*\(n, d\)\. Got \[\]"),
        (lambda m: m.graph.output.reverse(), r"Got \[\('embedding'.*\('probabilities'"),
        (lambda m: setattr(width(m, 0), "dim_value", 10), r"\(n, d\)\. Got \[\('prob[^(]*\[None, 10\]"),
        (lambda m: setattr(width(m, 1), "dim_value", 0), r"\(n, d\)\. Got .*'embedding', 1, \[None, 0\]"),
        (lambda m: setattr(width(m, 1), "dim_value", -5), r"\(n, d\)\. Got .*'embedding', 1, \[None, -5\]"),
        (
            lambda m: setattr(width(m, 1), "dim_param", "d"),
            r"\(n, d\)\. Got .*'embedding', 1, \[None, None\]",
        ),
    ],
)
def test_inspect_refuses_other_inputs_and_outputs(run: training.Run, edit: Edit, match: str) -> None:
    """Inputs and outputs that are not those of the contract are refused and shown."""
    with pytest.raises(ModelFileError, match=match):
        model_file.inspect(edited(run, edit))


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (set_mean(math.nan), r"must hold finite numbers"),
        (set_mean(-math.inf), r"must hold finite numbers"),
        (
            lambda m: m.graph.initializer[0].dims.append(2),
            r"shape \[784, 2\] must have 6272 raw bytes. Got 3136",
        ),
        (lambda m: m.graph.initializer[0].dims.extend([-1, -1]), r"\[784, -1, -1\] must have 3136 raw bytes"),
        (
            lambda m: m.graph.initializer[0].dims.append(2**62),
            r"4611686018427387904\] must have \d+ raw bytes",
        ),
        (lambda m: m.graph.initializer[0].float_data.extend([0.0] * 784), r"and 784 numbers apart"),
        (lambda m: setattr(m.graph.initializer[0], "data_type", 11), r"Got ONNX type 11"),
        (lambda m: setattr(m.graph.initializer[0], "data_location", 1), r"inside the file\. Got a reference"),
        (
            lambda m: m.graph.initializer[0].external_data.add(key="location", value="/etc/passwd"),
            r"inside the file\. Got a reference to other data",
        ),
    ],
)
def test_inspect_refuses_bad_tensors(run: training.Run, edit: Edit, match: str) -> None:
    """Weights that are elsewhere, not finite, or not of the size they declare are refused by name."""
    with pytest.raises(ModelFileError, match=f"The tensor 'mean'.*{match}"):
        model_file.inspect(edited(run, edit))


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (add_attribute(g=onnx.GraphProto(name="body")), r"field 6 in its model\.graph\.node\.attribute"),
        (add_attribute(t=onnx.TensorProto(name="t")), r"field 5 in its model\.graph\.node\.attribute"),
        (lambda m: m.functions.add(name="f"), r"field 25 in its model\."),
        (lambda m: m.training_info.add(), r"field 20 in its model\."),
        (lambda m: m.graph.sparse_initializer.add(), r"field 15 in its model\.graph\."),
        (lambda m: m.graph.quantization_annotation.add(), r"field 14 in its model\.graph\."),
    ],
)
def test_inspect_refuses_other_parts_of_onnx(run: training.Run, edit: Edit, match: str) -> None:
    """Sub-graphs, functions and all else that tenfold does not write are refused as unknown fields."""
    with pytest.raises(ModelFileError, match=match):
        model_file.inspect(edited(run, edit))


def test_inspect_refuses_broken_text(run: training.Run) -> None:
    """A name that is not UTF-8 is refused with a ModelFileError."""
    with pytest.raises(ModelFileError, match=r"op_type must be UTF-8\. Got b'\\xffoftmax'"):
        model_file.inspect(run.model.data.replace(b"Softmax", b"\xffoftmax"))


@pytest.mark.parametrize(
    ("texts", "match"),
    [
        ([], r"one tenfold card\. Got 0"),
        (["{}", "{}"], r"one tenfold card\. Got 2"),
        (["no card"], r"card must be JSON\. Expecting value"),
        (["[1]"], r"card must be a JSON object\. Got list"),
        (["[" * 100_000], r"card must be JSON\."),
        (['{"format": ' + "9" * 5000 + "}"], r"card must be JSON\."),
        (['{"format": 1}'], r"Missing: command, data, .*, seed, sha256, tenfold_version, thresholds;"),
    ],
)
def test_inspect_refuses_other_cards(run: training.Run, texts: list[str], match: str) -> None:
    """No card, two cards, or a card that is no JSON object with all its fields is refused."""
    with pytest.raises(ModelFileError, match=match):
        model_file.inspect(with_cards(run, *texts))


@pytest.mark.parametrize("value", [None, 0, -1, "1", True, 1.0, [1]])
def test_inspect_refuses_no_format_number(run: training.Run, value: object) -> None:
    """A card whose format is not a positive integer is refused."""
    with pytest.raises(ModelFileError, match=r"card must have a format number\. Got "):
        model_file.inspect(set_card(run, format=value))


def test_inspect_refuses_a_future_format(run: training.Run) -> None:
    """A format of a newer tenfold is refused with the remedy."""
    with pytest.raises(ModelFileError, match=r"reads model format 1\. Got format 2.*Upgrade tenfold"):
        model_file.inspect(set_card(run, format=2))


def test_inspect_lists_missing_and_unknown_card_fields_together(run: training.Run) -> None:
    """Fields that a card lacks and fields that it should not have stand in one message."""
    with pytest.raises(ModelFileError, match=r"Missing: license, seed; unknown: author, mood\."):
        model_file.inspect(set_card(run, seed=None, license=None, mood="good", author="me"))


@pytest.mark.parametrize(
    ("field", "value", "expected"), [("seed", "0", "int"), ("seed", True, "int"), ("data", [], "dict")]
)
def test_inspect_refuses_card_fields_of_another_type(
    run: training.Run, field: str, value: object, expected: str
) -> None:
    """A field of the card with a value of another type is refused, saying which type it must have."""
    with pytest.raises(ModelFileError, match=rf"The card's {field} must be {expected}\. Got "):
        model_file.inspect(set_card(run, **{field: value}))


def test_inspect_lists_independent_mistakes_together(run: training.Run) -> None:
    """Several mistakes in one graph are all in one message."""
    data = edited(
        run,
        lambda m: setattr(m, "ir_version", 99),
        lambda m: setattr(m.opset_import[0], "version", 1),
        lambda m: setattr(m.graph.node[0], "op_type", "If"),
        lambda m: setattr(m.graph.input[0], "name", "x"),
        lambda m: m.graph.output.pop(),
        set_mean(math.nan),
        lambda m: m.graph.initializer[1].dims.append(3),
    )
    parts = ("IR version", "opset", "Got If", "input must", "outputs must", "'mean'", "'scale'")
    with pytest.raises(ModelFileError, match=".*".join(parts)):
        model_file.inspect(data)
