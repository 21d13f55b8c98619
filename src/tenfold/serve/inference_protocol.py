"""The Open Inference Protocol, for clients of KServe, Triton and others: /v2."""

from typing import Any, Final

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from tenfold.arrays import Images, Probabilities
from tenfold.errors import InputError
from tenfold.recognizer import NONE
from tenfold.serve import schemas
from tenfold.serve.engine import Served
from tenfold.serve.failures import Failure
from tenfold.serve.routes import predict_proba, readyz
from tenfold.serve.uploads import parse_json, shape_images, to_array

DATATYPES: Final = ("UINT8", "FP32")
INPUT: Final = {"name": "images", "datatype": "UINT8", "shape": [-1, 28, 28]}
OUTPUTS: Final = {"probabilities": "FP32", "labels": "INT64"}

router = APIRouter(prefix="/v2", responses=schemas.PROTOCOL_ERRORS)


@router.get("", response_model=schemas.ServerMetadata)
async def server(request: Request) -> Response:
    """Say what this is."""
    return JSONResponse({"name": "tenfold", "version": request.app.version, "extensions": []})


@router.get("/health/live", response_model=schemas.Live)
async def live() -> Response:
    """Say that the service runs."""
    return JSONResponse({"live": True})


@router.get("/health/ready", response_model=schemas.Ready)
async def ready(request: Request) -> Response:
    """Say whether the service takes requests."""
    await readyz(request)
    return JSONResponse({"ready": True})


@router.get("/models/{name}", response_model=schemas.ModelMetadata)
async def model(request: Request, name: str) -> Response:
    """Say what the model takes and gives. Its version is its sha256."""
    served = _find(request, name)
    outputs = [
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, NONE + 1]},
        {"name": "labels", "datatype": "INT64", "shape": [-1]},
    ]
    return JSONResponse(
        {
            "name": name,
            "versions": [served.reader.sha256],
            "platform": "onnxruntime_onnx",
            "inputs": [INPUT],
            "outputs": outputs,
        }
    )


@router.get("/models/{name}/ready", response_model=schemas.ModelReady)
async def model_ready(request: Request, name: str) -> Response:
    """Say whether the model takes requests."""
    _find(request, name)
    await readyz(request)
    return JSONResponse({"name": name, "ready": True})


@router.post(
    "/models/{name}/infer", response_model=schemas.InferenceAnswer, openapi_extra=schemas.INFERENCE_BODY
)
async def infer(request: Request, name: str) -> Response:
    """Say what digit images show: `probabilities` of 0–9 and of no digit, and `labels`, 10 for no digit."""
    _find(request, name)
    asked = parse_json(await request.body())
    wanted = _wanted_outputs(asked.get("outputs"))
    served, probabilities = await predict_proba(request, _parse_tensor(asked.get("inputs")))
    answer: dict[str, Any] = {"model_name": name, "model_version": served.reader.sha256}
    if isinstance(asked.get("id"), str):
        answer["id"] = asked["id"]
    answer["outputs"] = [_make_output(output, probabilities) for output in wanted]
    return JSONResponse(answer)


def _find(request: Request, name: str) -> Served:
    served: Served = request.app.state.engine.current
    if name != served.name:
        raise Failure(404, "no_such_model", f"The model must be {served.name}. Got another name.")
    return served


def _parse_tensor(inputs: object) -> Images:
    """Return the digit images of the one input tensor."""
    tensor = inputs[0] if isinstance(inputs, list) and len(inputs) == 1 else None
    if not isinstance(tensor, dict) or tensor.get("name") != "images":
        raise InputError("inputs must be one tensor with the name images. Got others.")
    data, shape = tensor.get("data"), tensor.get("shape")
    if tensor.get("datatype") not in DATATYPES:
        raise InputError("datatype must be UINT8 or FP32. Got another.")
    if not isinstance(data, list):
        raise InputError("data must be a list of numbers. Got none.")
    if not isinstance(shape, list) or not all(type(side) is int and side >= 0 for side in shape):
        raise InputError("shape must be a list of lengths. Got another.")
    pixels = to_array(data)
    if pixels.size != np.prod(shape, dtype=float):
        raise InputError(f"shape must be that of the data. Got {shape} for {pixels.size} numbers.")
    return shape_images(pixels.reshape(shape))


def _wanted_outputs(outputs: object) -> list[str]:
    if outputs is None or outputs == []:
        return list(OUTPUTS)
    names = [one.get("name") if isinstance(one, dict) else None for one in _as_list(outputs)]
    known = [name for name in names if isinstance(name, str) and name in OUTPUTS]
    if len(known) != len(names):
        raise InputError(f"outputs must be of {', '.join(OUTPUTS)}. Got others.")
    return known


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [None]


def _make_output(name: str, probabilities: Probabilities) -> dict[str, Any]:
    values = probabilities.argmax(axis=1) if name == "labels" else probabilities
    return {
        "name": name,
        "datatype": OUTPUTS[name],
        "shape": list(values.shape),
        "data": values.ravel().tolist(),
    }
