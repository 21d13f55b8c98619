"""The path of corrections: what people say, with their consent, of what they drew."""

import base64
import binascii
import logging
from typing import Annotated, Any, Final, Literal

from anyio import CapacityLimiter, Semaphore, WouldBlock, to_thread
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.datastructures import State

from tenfold.errors import InputError, MissingExtraError, StoreUnavailableError
from tenfold.serve.correction import N_BYTES, Correction, check_correction
from tenfold.serve.failures import Failure
from tenfold.serve.schemas import ERRORS

N_CHARACTERS: Final = 4 * -(-N_BYTES // 3)
"""Of base64 for a digit image."""

N_WRITERS: Final = 4
MOST_WAITING: Final = 12
"""Corrections that may wait for a writer. They have threads of their own, so nothing else waits for them."""

NO_STORE: Final = (
    404,
    "no_store",
    "This service keeps no corrections.",
    "Whoever runs it may start it with --store sqlite:///corrections.db.",
)
NO_CONSENT: Final = (
    403,
    "no_consent",
    "A correction is kept only with consent. Nothing was kept.",
    'Ask the person who drew the digit; where they agree, send "consent": true.',
)
UNAVAILABLE: Final = (
    503,
    "store_unavailable",
    "The correction could not be kept.",
    "Try again later. Reading goes on.",
    {"Retry-After": "30"},
)

logger = logging.getLogger("tenfold.serve")
router = APIRouter(responses=ERRORS)

Digit = Annotated[int, Field(ge=0, le=9)]


class CorrectionBody(BaseModel):
    """A digit image, what was answered, and what it should have been."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: Annotated[
        str,
        Field(
            min_length=N_CHARACTERS,
            max_length=N_CHARACTERS,
            description=f"The digit image: base64 of {N_BYTES} bytes, 0 paper … 255 ink.",
        ),
    ]
    label: Digit | None = Field(description="What it is; null: not a digit.")
    predicted: Digit | None = Field(description="What was answered; null: no digit.")
    model: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="The sha256 of the model.")]
    consent: Literal[True] = Field(description="Whether the person who drew it agrees that it is kept.")

    @model_validator(mode="before")
    @classmethod
    def _ask_consent(cls, data: Any) -> Any:  # noqa: ANN401
        """Refuse before anything else is looked at."""
        if isinstance(data, dict) and data.get("consent") is not True:
            raise Failure(*NO_CONSENT)
        return data


class Kept(BaseModel):
    """The number of a correction that was kept."""

    id: int


class Taken(BaseModel):
    """Whether corrections are kept, and what of them."""

    accepts: bool
    keeps: tuple[str, ...] = ("image", "predicted", "label", "model", "time")


def install(app: FastAPI, store: str | None, *, most_rows: int | None = None) -> None:
    """Open the store, and let an app take corrections into it.

    Parameters
    ----------
    app : FastAPI
        Its `state.store` becomes the open store, or None.
    store : str or None
        As `open_store` takes it; None keeps none.
    most_rows : int, optional
        The number of corrections at which no more are taken; by default `store.MOST_ROWS`.

    Raises
    ------
    StoreError, InputError, MissingExtraError
        The store cannot be opened.
    """
    app.state.store = None
    if store is not None:
        try:
            from tenfold.serve.store import MOST_ROWS, open_store
        except ImportError as error:
            raise MissingExtraError("sqlalchemy", "serve") from error
        app.state.store = open_store(store, most_rows=MOST_ROWS if most_rows is None else most_rows)
    app.state.correction_places = Semaphore(N_WRITERS + MOST_WAITING)
    app.state.correction_writers = CapacityLimiter(N_WRITERS)
    app.include_router(router)


async def _check_store(request: Request) -> None:
    if request.app.state.store is None:
        raise Failure(*NO_STORE)


@router.post(
    "/v1/corrections",
    status_code=201,
    dependencies=[Depends(_check_store)],
)
async def correct(body: CorrectionBody, request: Request) -> Kept:
    """Keep what a digit should have been; once answered, it is on the disk."""
    correction = Correction(_decode(body.image), body.label, body.predicted, body.model)
    check_correction(correction)
    return Kept(id=await _keep(correction, request.app.state))


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"image must be base64 of {N_BYTES} bytes. {error}.") from error


async def _keep(correction: Correction, state: State) -> int:
    """Write a correction in a thread, or say that it cannot be kept; why stands in the log alone."""
    from tenfold.serve.store import add_correction

    try:
        state.correction_places.acquire_nowait()
    except WouldBlock:
        raise Failure(*UNAVAILABLE) from None
    try:
        return await to_thread.run_sync(
            add_correction, state.store, correction, limiter=state.correction_writers
        )
    except StoreUnavailableError as error:
        logger.warning("%s", error)
        raise Failure(*UNAVAILABLE) from error
    finally:
        state.correction_places.release()


@router.get("/v1/corrections")
async def describe(request: Request) -> Taken:
    """Say whether corrections are kept here, and what of them."""
    return Taken(accepts=request.app.state.store is not None)
