"""What is written: one row for each picture, as Arrow knows rows."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenfold.arrays import Images, Probabilities
from tenfold.batch.addresses import hide
from tenfold.reading import Digit, Number, Reading, judge_images
from tenfold.recognizer import NONE

BOX: Final = pa.list_(pa.int32())
DIGIT: Final = pa.struct(
    [
        ("label", pa.int8()),
        ("confidence", pa.float32()),
        ("box", BOX),
        ("probabilities", pa.list_(pa.float32())),
        ("reason", pa.string()),
    ]
)
NUMBER: Final = pa.struct(
    [
        ("text", pa.string()),
        ("confidence", pa.float32()),
        ("box", BOX),
        ("line", pa.int32()),
        ("reason", pa.string()),
        ("digits", pa.list_(DIGIT)),
    ]
)
SCHEMA: Final = pa.schema(
    [
        ("path", pa.string()),
        ("text", pa.string()),
        ("confidence", pa.float32()),
        ("reason", pa.string()),
        ("diagnosis", pa.list_(pa.string())),
        ("numbers", pa.list_(NUMBER)),
        ("error", pa.string()),
        ("model", pa.string()),
    ]
)
"""The columns. `reason` says why there is no answer, or none to rely on; `error` why nothing was read."""

Row = dict[str, Any]


def reading_to_row(name: str, reading: Reading, model: str) -> Row:
    """Return the row of what was read from a picture.

    Parameters
    ----------
    name : str
        Of the picture.
    reading : Reading
        What was read.
    model : str
        sha256 of the model file.
    """
    unsure = next((number.reason for number in reading.numbers if number.reason), None)
    return {
        "path": _clean(name),
        "text": reading.text,
        "confidence": reading.confidence,
        "reason": reading.reason or unsure,
        "diagnosis": list(reading.diagnosis),
        "numbers": [_number_to_dict(number) for number in reading.numbers],
        "error": None,
        "model": model,
    }


def error_to_row(name: str, error: str, model: str) -> Row:
    """Return the row of a picture that could not be read."""
    return {"path": _clean(name), "error": _clean(error), "model": model}


def rows_to_batch(rows: Sequence[Row]) -> pa.RecordBatch:
    """Return rows as Arrow keeps them, column by column; what a row lacks is null."""
    return pa.RecordBatch.from_pylist(list(rows), SCHEMA)


def digits_to_batch(
    names: Sequence[str], images: Images, probabilities: Probabilities, *, least: float, model: str
) -> pa.RecordBatch:
    """Return a row for each digit image.

    Parameters
    ----------
    names : sequence of str
        One for each.
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images.
    probabilities : ndarray of shape (n_samples, 11), dtype=float32
        What the model says of them.
    least : float
        Confidence of a digit below which it is unsure.
    model : str
        sha256 of the model file.
    """
    labels = probabilities.argmax(axis=1)
    confidences = probabilities.max(axis=1)
    is_digit, reasons = judge_images(images, labels, confidences, least=least)
    texts = np.where(is_digit, labels.astype(str), "")
    numbers = _digits_to_numbers(labels[is_digit], probabilities[is_digit], reasons[is_digit])
    return pa.RecordBatch.from_arrays(
        [
            pa.array([_clean(name) for name in names], pa.string()),
            pa.array(texts.tolist(), pa.string()),
            pa.array(np.where(is_digit, confidences, 0), pa.float32()),
            pa.array(reasons, pa.string()),
            _lists(np.zeros(len(images), np.int64), pa.array([], pa.string())),
            _lists(is_digit.astype(np.int64), numbers),
            pa.nulls(len(images), pa.string()),
            pa.repeat(model, len(images)),
        ],
        schema=SCHEMA,
    )


def _digits_to_numbers(
    labels: NDArray[np.int64], probabilities: Probabilities, reasons: NDArray[np.object_]
) -> pa.StructArray:
    """Return numbers of one digit each, whose box is the whole image."""
    ones = np.ones(len(labels), np.int64)
    confidences = pa.array(probabilities.max(axis=1), pa.float32())
    boxes = _lists(4 * ones, pa.array(np.tile([0, 0, *IMAGE], len(labels)), pa.int32()))
    whys = pa.array(reasons, pa.string())
    eleven = _lists((NONE + 1) * ones, pa.array(probabilities.reshape(-1), pa.float32()))
    digits = pa.StructArray.from_arrays(
        [pa.array(labels, pa.int8()), confidences, boxes, eleven, whys], fields=list(DIGIT)
    )
    texts = pa.array(labels.astype(str).tolist(), pa.string())
    lines = pa.array(0 * ones, pa.int32())
    columns = [texts, confidences, boxes, lines, whys, _lists(ones, digits)]
    return pa.StructArray.from_arrays(columns, fields=list(NUMBER))


IMAGE: Final = (28, 28)
"""Width and height of a digit image."""


def _lists(lengths: NDArray[np.int64], values: pa.Array) -> pa.ListArray:
    """Return lists of these lengths, one after the other."""
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def _number_to_dict(number: Number) -> Row:
    return {
        "text": number.text,
        "confidence": number.confidence,
        "box": list(number.box),
        "line": number.line,
        "reason": number.reason,
        "digits": [_digit_to_dict(digit) for digit in number.digits],
    }


def _digit_to_dict(digit: Digit) -> Row:
    return {
        "label": digit.label,
        "confidence": digit.confidence,
        "box": list(digit.box),
        "probabilities": digit.probabilities.tolist(),
        "reason": digit.reason,
    }


def _clean(text: str) -> str:
    """Return a text without credentials that UTF-8 can hold: names of files need not be."""
    return hide(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
