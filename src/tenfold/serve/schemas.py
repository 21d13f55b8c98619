"""What requests and answers look like, for the OpenAPI document."""

from typing import Any, Final

from pydantic import BaseModel

Box = tuple[int, int, int, int]


class ErrorDetail(BaseModel):
    """What went wrong: a code for programs, words, and what to do."""

    code: str
    message: str
    hint: str


class ErrorBody(BaseModel):
    """An answer with a status from 400."""

    error: ErrorDetail


class CandidateBody(BaseModel):
    """What a number may be, with which probability."""

    text: str
    probability: float


class DigitBody(BaseModel):
    """One digit. Its image, if asked for, is base64 of 784 bytes, row by row, 0 paper to 255 ink."""

    label: int
    confidence: float
    box: Box
    probabilities: list[float]
    reason: str | None
    image: str | None = None


class NumberBody(BaseModel):
    """Digits that belong together; boxes are left, top, width, height in pixels of the upright picture."""

    text: str
    confidence: float
    box: Box
    line: int
    reason: str | None
    candidates: list[CandidateBody]
    digits: list[DigitBody]


class ReadingBody(BaseModel):
    """What was read from a picture."""

    text: str
    confidence: float
    reason: str | None
    diagnosis: list[str]
    numbers: list[NumberBody]
    image: str | None = None
    probabilities: list[float] | None = None
    model: str


class PredictionBody(BaseModel):
    """What a digit image shows; no label where it is blank or no digit."""

    label: int | None
    confidence: float
    reason: str | None
    probabilities: list[float]


class PredictionsBody(BaseModel):
    """What digit images show, in their order, and the sha256 of the model that says so."""

    predictions: list[PredictionBody]
    model: str


class ModelBody(BaseModel):
    """The model that answers."""

    name: str
    sha256: str
    card: dict[str, Any]


class StatusBody(BaseModel):
    """Whether the service runs, or is ready."""

    status: str


class ProtocolError(BaseModel):
    """An answer with a status from 400, as the Open Inference Protocol has it."""

    error: str


_STATUSES: Final = {
    400: "A request that makes no sense",
    401: "Without the key",
    403: "From another site",
    404: "Not there",
    413: "Too large",
    421: "Meant for another host",
    422: "Not what is expected, or no picture",
    429: "Too many requests of this client",
    503: "Too many requests",
}
ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ErrorBody, "description": description} for status, description in _STATUSES.items()
}
PROTOCOL_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ProtocolError, "description": description} for status, description in _STATUSES.items()
}


def _describe_body(content: dict[str, Any]) -> dict[str, Any]:
    """Return what the OpenAPI document says of a body, by its content types."""
    return {"requestBody": {"required": True, "content": content}}


PICTURE_BODY: Final = _describe_body(
    {
        "image/*": {"schema": {"type": "string", "format": "binary"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        },
    }
)
"""Of the OpenAPI document: a picture, as the body or in a form."""

_PIXEL: Final = {"type": "integer", "minimum": 0, "maximum": 255}
_ROW: Final = {"type": "array", "items": _PIXEL, "minItems": 28, "maxItems": 28}

IMAGES_BODY: Final = _describe_body(
    {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["images"],
                "properties": {
                    "images": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "oneOf": [
                                {"type": "array", "items": _PIXEL, "minItems": 784, "maxItems": 784},
                                {"type": "array", "items": _ROW, "minItems": 28, "maxItems": 28},
                            ]
                        },
                    }
                },
            }
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
)
"""Of the OpenAPI document: digit images, as JSON or 784 bytes each."""


class ServerMetadata(BaseModel):
    """Of the Open Inference Protocol, as all that follows."""

    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    """Whether the service runs."""

    live: bool


class Ready(BaseModel):
    """Whether the service takes requests."""

    ready: bool


class ModelReady(BaseModel):
    """Whether a model takes requests."""

    name: str
    ready: bool


class TensorMetadata(BaseModel):
    """What a tensor must be; -1 stands for any length."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """What a model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Tensor(TensorMetadata):
    """A tensor with its numbers, row by row."""

    data: list[float]


class InferenceAnswer(BaseModel):
    """What the model says; `model_version` is its sha256."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[Tensor]


INFERENCE_BODY: Final = _describe_body(
    {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["inputs"],
                "properties": {
                    "id": {"type": "string"},
                    "inputs": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["name", "datatype", "shape", "data"],
                            "properties": {
                                "name": {"const": "images"},
                                "datatype": {"enum": ["UINT8", "FP32"]},
                                "shape": {"type": "array", "items": {"type": "integer"}},
                                "data": {"type": "array"},
                            },
                        },
                    },
                    "outputs": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"name": {"enum": ["probabilities", "labels"]}},
                        },
                    },
                },
            }
        }
    }
)
"""Of the OpenAPI document: one tensor of digit images."""
