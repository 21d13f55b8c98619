"""The bodies of requests: pictures and digit images."""

import json
from typing import Any, Final

import numpy as np
from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from tenfold.arrays import AnyArray, Images
from tenfold.errors import InputError
from tenfold.image import SIDE

BINARY: Final = "application/octet-stream"
PIXELS: Final = SIDE * SIDE

_EXPECTED: Final = (
    '{"images": […]}, each image 784 whole numbers from 0 (paper) to 255 (ink), or 28 rows of 28'
)


class _Form(MultiPartParser):
    """A form that stays in memory: its size is limited, and nothing of a stranger's is written to disk."""

    spool_max_size = 1 << 30


async def read_picture_body(request: Request) -> bytes:
    """Return the bytes of a picture: the body, or the field `file` of a form.

    Raises
    ------
    InputError
        The form has no such field, more than one file, or is damaged.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await request.body()
    parser = _Form(request.headers, request.stream(), max_files=1, max_fields=8, max_part_size=10_000)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InputError(f"The form must be one that browsers send. {error.message}") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InputError("The form must have a file in the field `file`. Got none.")
        return await file.read()
    finally:
        await form.close()


def parse_images(content_type: str, body: bytes) -> Images:
    """Return the digit images that a body holds.

    Parameters
    ----------
    content_type : str
        JSON, unless it is ``application/octet-stream``.
    body : bytes
        784 bytes for each image, or JSON.

    Raises
    ------
    InputError
        It holds none, or something else.
    """
    if content_type.lower().partition(";")[0].strip() == BINARY:
        if not body or len(body) % PIXELS:
            raise InputError(f"The body must be {PIXELS} bytes for each image. Got {len(body)} bytes.")
        return np.frombuffer(body, np.uint8).reshape(-1, SIDE, SIDE)
    images = parse_json(body).get("images")
    if not isinstance(images, list) or not images:
        raise InputError(f"The body must be {_EXPECTED}. Got no list under `images`.")
    return shape_images(to_array(images))


def parse_json(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body holds.

    Raises
    ------
    InputError
        It holds none.
    """
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"The body must be JSON. {error}.") from error
    if not isinstance(values, dict):
        raise InputError(f"The body must be a JSON object. Got {type(values).__name__}.")
    return values


def to_array(values: list[Any]) -> AnyArray:
    """Return nested lists of numbers as an array.

    Raises
    ------
    InputError
        They are ragged, or hold something else.
    """
    try:
        pixels = np.array(values)
    except (ValueError, RecursionError, OverflowError) as error:
        raise InputError(f"The body must be {_EXPECTED}. Got lists of different lengths.") from error
    if pixels.dtype.kind not in "iuf":
        raise InputError(f"The body must be {_EXPECTED}. Got something that is no such number.")
    return pixels


def shape_images(pixels: AnyArray) -> Images:
    """Return numbers as digit images.

    Parameters
    ----------
    pixels : ndarray of shape (n_samples, 784) or (n_samples, 28, 28)
        Whole numbers, of any type.

    Raises
    ------
    InputError
        They have another shape, or are not from 0 to 255.
    """
    if pixels.ndim not in {2, 3} or pixels.shape[1:] not in {(PIXELS,), (SIDE, SIDE)} or not len(pixels):
        raise InputError(f"The body must be {_EXPECTED}. Got an array of shape {pixels.shape}.")
    if not ((pixels >= 0) & (pixels <= 255) & (pixels == np.floor(pixels))).all():
        raise InputError(f"The body must be {_EXPECTED}. Got others.")
    return pixels.astype(np.uint8).reshape(-1, SIDE, SIDE)
