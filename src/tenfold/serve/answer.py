"""What the service answers: readings and predictions as plain data."""

import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from tenfold.arrays import Images, Ink, Probabilities
from tenfold.errors import EmptyImageError
from tenfold.image import picture_to_digit_image
from tenfold.pictures import read_picture
from tenfold.reading import BLANK, Reader, Reading, cut_digit, decide, judge_images, parse_expectation


def answer_picture(
    data: bytes, reader: Reader, *, expect: Sequence[str] = (), with_images: bool = False
) -> dict[str, Any]:
    """Read a picture as `tenfold read --json` does.

    Parameters
    ----------
    data : bytes
        A picture file.
    reader : Reader
        The model.
    expect : sequence of str
        What the numbers may be; no lists, which are files.
    with_images : bool
        Whether each digit brings the digit image that it was read from, as base64 of 784 bytes, and a
        picture without digits what the model made of it.

    Raises
    ------
    PictureError
        It is no picture, or a damaged one.
    InputError
        What is expected cannot be understood.
    """
    expectation = parse_expectation(expect, files=False)
    grey = read_picture(data)
    reading = decide(reader.find(grey), expectation, least=reader.least)
    answer = reading.to_dict()
    if with_images:
        _add_images(answer, grey, reading, reader)
    answer["model"] = reader.sha256
    return answer


def answer_images(images: Images, probabilities: Probabilities, least: float) -> list[dict[str, Any]]:
    """Say what each digit image shows, or why that is not said.

    Parameters
    ----------
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images.
    probabilities : ndarray of shape (n_samples, 11), dtype=float32
        What the model says of them.
    least : float
        Confidence of a digit below which it is unsure.
    """
    labels = probabilities.argmax(axis=1)
    rounded = np.round(probabilities.astype(np.float64), 6)
    confidences = rounded.max(axis=1)
    are_digits, reasons = judge_images(images, labels, confidences, least=least)
    return [
        {
            "label": label if is_digit else None,
            "confidence": confidence if is_digit else 0.0,
            "reason": reason,
            "probabilities": row,
        }
        for label, confidence, is_digit, reason, row in zip(
            *(labels.tolist(), confidences.tolist(), are_digits.tolist(), reasons, rounded.tolist()),
            strict=True,
        )
    ]


def _add_images(answer: dict[str, Any], grey: Ink, reading: Reading, reader: Reader) -> None:
    """Add to each digit the image that it was read from; to a reading without any, the picture's."""
    for number, written in zip(reading.numbers, answer["numbers"], strict=True):
        for digit, entry in zip(number.digits, written["digits"], strict=True):
            with suppress(EmptyImageError):
                entry["image"] = _encode(cut_digit(grey, reading, digit, reader))
    if not reading.numbers and reading.reason != BLANK:
        with suppress(EmptyImageError):
            image = picture_to_digit_image(grey)
            answer["image"] = _encode(image)
            answer["probabilities"] = [round(float(one), 6) for one in reader.predict_proba(image[None])[0]]


def _encode(image: Ink) -> str:
    return base64.b64encode(image.tobytes()).decode()
