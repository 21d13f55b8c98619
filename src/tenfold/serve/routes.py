"""The service's own paths: /v1 and health."""

import asyncio
import dataclasses
import json
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from tenfold.arrays import Images
from tenfold.errors import InputError
from tenfold.reading import Reader
from tenfold.serve.answer import answer_images, answer_picture

BINARY: Final = "application/octet-stream"
PIXELS: Final = 28 * 28

router = APIRouter()


@router.post("/v1/read")
async def read(
    request: Request,
    *,
    images: Annotated[bool, Query()] = False,
    expect: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Read the numbers in a picture: the body, or the field `file` of a form."""
    data = await _read_upload(request)
    answer = await asyncio.to_thread(
        answer_picture, data, _reader(request), expect=expect or (), with_images=images
    )
    return JSONResponse(answer)


@router.post("/v1/predict")
async def predict(request: Request) -> Response:
    """Say what digit images show."""
    images = _parse_images(request.headers.get("content-type", ""), await request.body())
    reader = _reader(request)
    probabilities = await asyncio.to_thread(reader.predict_proba, images)
    if request.headers.get("accept") == BINARY:
        content = probabilities.astype("<f4").tobytes()
        return Response(content, media_type=BINARY, headers={"x-model-sha256": reader.sha256})
    predictions = answer_images(images, probabilities, reader.least)
    return JSONResponse({"predictions": predictions, "model": reader.sha256})


@router.get("/v1/model")
async def model(request: Request) -> dict[str, Any]:
    """Say which model answers."""
    reader = _reader(request)
    card = dataclasses.asdict(reader.card)
    return {"name": request.app.state.settings.model.stem, "sha256": reader.sha256, "card": card}


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the service runs."""
    return {"status": "ok"}


def _reader(request: Request) -> Reader:
    reader: Reader = request.app.state.reader
    return reader


async def _read_upload(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form(max_files=1, max_fields=8, max_part_size=10_000) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InputError("The form must have a file in the field `file`. Got none.")
        return await file.read()


def _parse_images(content_type: str, body: bytes) -> Images:
    if content_type.startswith(BINARY):
        if not body or len(body) % PIXELS:
            raise InputError(f"The body must be {PIXELS} bytes for each image. Got {len(body)} bytes.")
        return np.frombuffer(body, np.uint8).reshape(-1, 28, 28)
    try:
        pixels = np.array(json.loads(body)["images"])
        return pixels.astype(np.uint8).reshape(-1, 28, 28)
    except (ValueError, LookupError, TypeError) as error:
        raise InputError('The body must be {"images": [[784 numbers from 0 to 255], …]}.') from error
