"""The part of ONNX's protocol buffers that a tenfold model may use.

The ``onnx`` package is not needed to open a model, only to make one. Field numbers are those of
``onnx.proto`` (ONNX 1.17); what is not listed here is an unknown field, which `inspect` refuses.
"""

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from tenfold.errors import ModelFileError

_Field = descriptor_pb2.FieldDescriptorProto

_SCALARS: Final = {
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "uint64": _Field.TYPE_UINT64,
    "float": _Field.TYPE_FLOAT,
    "double": _Field.TYPE_DOUBLE,
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
}

_MESSAGES: Final = {
    # name: {field: (number, type)}; a star marks a repeated field
    "Model": {
        "ir_version": (1, "int64"),
        "producer_name": (2, "string"),
        "producer_version": (3, "string"),
        "domain": (4, "string"),
        "model_version": (5, "int64"),
        "doc_string": (6, "string"),
        "graph": (7, "Graph"),
        "opset_import": (8, "*OperatorSet"),
        "metadata_props": (14, "*Entry"),
    },
    "OperatorSet": {"domain": (1, "string"), "version": (2, "int64")},
    "Entry": {"key": (1, "string"), "value": (2, "string")},
    "Graph": {
        "node": (1, "*Node"),
        "name": (2, "string"),
        "initializer": (5, "*Tensor"),
        "doc_string": (10, "string"),
        "input": (11, "*Value"),
        "output": (12, "*Value"),
        "value_info": (13, "*Value"),
    },
    "Node": {
        "input": (1, "*string"),
        "output": (2, "*string"),
        "name": (3, "string"),
        "op_type": (4, "string"),
        "attribute": (5, "*Attribute"),
        "doc_string": (6, "string"),
        "domain": (7, "string"),
    },
    "Attribute": {
        "name": (1, "string"),
        "f": (2, "float"),
        "i": (3, "int64"),
        "s": (4, "bytes"),
        "floats": (7, "*float"),
        "ints": (8, "*int64"),
        "strings": (9, "*bytes"),
        "type": (20, "int32"),
    },
    "Tensor": {
        "dims": (1, "*int64"),
        "data_type": (2, "int32"),
        "float_data": (4, "*float"),
        "int32_data": (5, "*int32"),
        "int64_data": (7, "*int64"),
        "name": (8, "string"),
        "raw_data": (9, "bytes"),
        "doc_string": (12, "string"),
        "external_data": (13, "*Entry"),
        "data_location": (14, "int32"),
    },
    "Value": {"name": (1, "string"), "type": (2, "Type"), "doc_string": (3, "string")},
    "Type": {"tensor_type": (1, "TensorType"), "denotation": (6, "string")},
    "TensorType": {"elem_type": (1, "int32"), "shape": (2, "Shape")},
    "Shape": {"dim": (1, "*Dimension")},
    "Dimension": {"dim_value": (1, "int64"), "dim_param": (2, "string")},
}


def _build() -> type[Message]:
    """Make message classes from the table, in a pool of their own beside the onnx package's."""
    file = descriptor_pb2.FileDescriptorProto(name="tenfold_onnx.proto", package="tenfold", syntax="proto2")
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for field_name, (number, kind) in fields.items():
            plain = kind.lstrip("*")
            field = message.field.add(name=field_name, number=number)
            field.label = _Field.LABEL_REPEATED if kind.startswith("*") else _Field.LABEL_OPTIONAL
            if plain in _SCALARS:
                field.type = _SCALARS[plain]
            else:
                field.type = _Field.TYPE_MESSAGE
                field.type_name = f".tenfold.{plain}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tenfold.Model"))


_Model: Final = _build()


def read_model(data: bytes) -> Any:  # noqa: ANN401  # its class is made at run time
    """Decode the bytes of an ONNX file into a message with the fields of the table above.

    Raises
    ------
    ModelFileError
        The bytes are no ONNX model, or use a field that is not listed.
    """
    try:
        model = _Model.FromString(data)
    except DecodeError as error:
        raise ModelFileError(
            "The file must be an ONNX model. Got bytes that do not decode as one."
        ) from error
    if not model.HasField("graph"):
        raise ModelFileError("The file must be an ONNX model. Got bytes without a graph.")
    _refuse_unknown_fields(model, "model")
    return model


def encode_metadata(key: str, value: str) -> bytes:
    """Return bytes that add an entry of metadata to a model when appended to its own.

    Protocol buffers merge concatenated messages, so the graph before them stays as it is, bit for bit.
    """
    model: Any = _Model()
    model.metadata_props.add(key=key, value=value)
    return bytes(model.SerializeToString())


def _refuse_unknown_fields(message: Message, place: str) -> None:
    """Raise if `message` or anything in it has a field that the table does not list, or broken text."""
    unknown = [field.field_number for field in UnknownFieldSet(message)]  # type: ignore[attr-defined]
    if unknown:
        raise ModelFileError(
            f"A tenfold model uses a part of ONNX only. Got field {unknown[0]} in its {place}."
        )
    for field, value in message.ListFields():
        if field.message_type is None and field.type != _Field.TYPE_STRING:
            continue
        for part in value if field.is_repeated else [value]:
            if isinstance(part, Message):
                _refuse_unknown_fields(part, f"{place}.{field.name}")
            elif isinstance(part, bytes):  # how protobuf hands over a string that is not UTF-8
                raise ModelFileError(f"{place}.{field.name} must be UTF-8. Got {part!r:.60}.")
