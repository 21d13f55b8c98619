"""The service's own paths: /v1, health and metrics."""

import asyncio
import dataclasses
from collections import Counter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from tenfold.arrays import Images, Probabilities
from tenfold.serve import schemas
from tenfold.serve.answer import answer_images
from tenfold.serve.engine import Served
from tenfold.serve.failures import Failure
from tenfold.serve.uploads import BINARY, parse_images, read_picture_body

OFF_LOOP: Final = 100_000
"""Bytes of a body from which it is parsed, and its answer written, in a thread."""

router = APIRouter(responses=schemas.ERRORS)


@router.post(
    "/v1/read",
    response_model=schemas.ReadingBody,
    response_model_exclude_unset=True,
    openapi_extra=schemas.PICTURE_BODY,
)
async def read(
    request: Request,
    *,
    images: Annotated[bool, Query(description="With the digit image of each digit.")] = False,
    expect: Annotated[
        list[str] | None, Query(description="What the numbers may be, such as length=8.", max_length=20)
    ] = None,
) -> Response:
    """Read the numbers in a picture: the body, or the field `file` of a form."""
    picture = await read_picture_body(request)
    served: Served = request.app.state.engine.current
    answer = await served.readers.read(picture, expect=expect or (), with_images=images)
    counted = answer.summary
    request.app.state.metrics.count_digits(counted["labels"], counted["reasons"], counted["confidences"])
    return Response(answer.content, media_type="application/json")


@router.post("/v1/predict", response_model=schemas.PredictionsBody, openapi_extra=schemas.IMAGES_BODY)
async def predict(request: Request) -> Response:
    """Say what digit images show.

    With `Accept: application/octet-stream` the answer is the probabilities alone: eleven little-endian
    float32 for each image; the header `x-model-sha256` names the model.
    """
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    is_large = len(body) > OFF_LOOP
    images = await _run(parse_images, content_type, body, apart=is_large)
    served, probabilities = await predict_proba(request, images)
    if request.headers.get("accept", "").lower().strip() == BINARY:
        content = probabilities.astype("<f4").tobytes()
        return Response(content, media_type=BINARY, headers={"x-model-sha256": served.reader.sha256})
    response: Response = await _run(_answer, request, served, images, probabilities, apart=is_large)
    return response


@router.get("/v1/model", response_model=schemas.ModelBody)
async def model(request: Request) -> Response:
    """Say which model answers, and what it says of itself."""
    served: Served = request.app.state.engine.current
    card = dataclasses.asdict(served.reader.card)
    return JSONResponse({"name": served.name, "sha256": served.reader.sha256, "card": card})


@router.get("/healthz", response_model=schemas.StatusBody)
async def healthz() -> Response:
    """Say that the service runs."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", response_model=schemas.StatusBody)
async def readyz(request: Request) -> Response:
    """Say whether the service takes requests: not while it starts or ends."""
    if not request.app.state.is_ready:
        raise Failure(503, "not_ready", "The service starts or ends.", "Ask again.", {"retry-after": "1"})
    return JSONResponse({"status": "ok"})


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Return what was counted, as Prometheus reads it."""
    return Response(request.app.state.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def predict_proba(request: Request, images: Images) -> tuple[Served, Probabilities]:
    """Let the current model read digit images, within the time limit.

    Raises
    ------
    Failure
        Too many images wait already, or it took too long.
    """
    state = request.app.state
    served: Served = state.engine.current
    seconds = state.settings.predict_seconds
    try:
        async with asyncio.timeout(seconds):
            return served, await state.batcher.predict_proba(served.reader, images)
    except TimeoutError as error:
        raise Failure(
            503,
            "too_slow",
            f"Images must be read within {seconds:g} seconds.",
            "Send fewer.",
            {"retry-after": "1"},
        ) from error


def _answer(request: Request, served: Served, images: Images, probabilities: Probabilities) -> Response:
    predictions = answer_images(images, probabilities, served.reader.least)
    request.app.state.metrics.count_digits(
        Counter(one["label"] for one in predictions if one["label"] is not None),
        Counter(one["reason"] for one in predictions if one["reason"]),
        [one["confidence"] for one in predictions if one["label"] is not None],
    )
    return JSONResponse({"predictions": predictions, "model": served.reader.sha256})


async def _run(function: Any, *arguments: object, apart: bool) -> Any:  # noqa: ANN401  # as asyncio.to_thread
    """Call a function: in a thread if it takes long."""
    return await asyncio.to_thread(function, *arguments) if apart else function(*arguments)
