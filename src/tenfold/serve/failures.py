"""What went wrong, as an answer: one table from classes of errors to status and code."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from tenfold.errors import InputError, MissingExtraError, ModelFileError, PictureError, TenfoldError


@dataclass(eq=False)
class Failure(Exception):  # noqa: N818  # it is an answer, too
    """A request that cannot be answered as asked.

    Attributes
    ----------
    status : int
        Of HTTP.
    code : str
        For programs.
    message : str
        What is wrong.
    hint : str
        What to do.
    headers : dict of str to str
        Of the answer.
    """

    status: int
    code: str
    message: str
    hint: str = ""
    headers: dict[str, str] = field(default_factory=dict)


TABLE: Final[dict[type[TenfoldError], tuple[int, str, str]]] = {
    PictureError: (422, "bad_picture", "Send a PNG, JPEG, WebP, TIFF, BMP or GIF file."),
    InputError: (422, "bad_input", "See /docs for what is taken."),
    MissingExtraError: (501, "not_installed", "Ask whoever runs this service to install it."),
    ModelFileError: (503, "no_model", "Ask whoever runs this service for a model that opens."),
}
"""Status, code and hint of each class of error; of several that fit the first."""


INTERNAL: Final = Failure(
    500, "internal_error", "The service failed.", "Try again; report it if it stays so."
)


def failure_response(failure: Failure, path: str) -> Response:
    """Return the answer to a request of that path: under /v2 as the Open Inference Protocol has it."""
    detail = {"code": failure.code, "message": failure.message, "hint": failure.hint}
    error = f"{failure.message} {failure.hint}".strip() if path.startswith("/v2") else detail
    content = json.dumps({"error": error}).encode()
    return Response(content, failure.status, failure.headers, media_type="application/json")


def install(app: FastAPI) -> None:
    """Let an app answer all errors in this way."""
    for kind in (Failure, TenfoldError, RequestValidationError, HTTPException, ClientDisconnect):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    return failure_response(find_failure(error), request.scope["path"])


def find_failure(error: Exception) -> Failure:
    """Return what is answered where an error was raised."""
    match error:
        case Failure():
            return error
        case TenfoldError():
            return from_table(type(error), str(error))
        case RequestValidationError():
            return _from_problems(error.errors()[:5])
        case HTTPException():
            return _from_framework(error)
        case ClientDisconnect():
            return Failure(400, "disconnected", "The client went away.")
    return INTERNAL


def from_table(kind: type[TenfoldError], message: str) -> Failure:
    """Return what is answered where an error of that class, with that message, was raised."""
    for known, (status, code, hint) in TABLE.items():
        if issubclass(kind, known):
            return Failure(status, code, message, hint)
    return INTERNAL


def busy(message: str) -> Failure:
    """Return what is answered where there is no room for a request."""
    return Failure(503, "busy", message, "Try again in a second.", {"retry-after": "1"})


def _from_framework(error: HTTPException) -> Failure:
    """Return what is answered where the framework raised an error."""
    if error.status_code == 413:  # a body without a length, once it is too long
        return Failure(413, "too_large", "The body must be smaller. Got too many bytes.", "Send less.")
    code = HTTPStatus(error.status_code).name.lower()
    headers = dict(error.headers or {})
    return Failure(error.status_code, code, f"{error.detail}.", "See /docs for what there is.", headers)


def _from_problems(problems: Sequence[Any]) -> Failure:
    """Return what is answered where parameters are not what the OpenAPI document says."""
    listed = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems)
    return Failure(422, "bad_input", f"{listed}.", "See /docs for what is taken.")
