"""What callers hold as arrays: checked, and made into digit images and labels."""

import math
from typing import Final

import numpy as np

from tenfold.arrays import AnyArray, Images, Labels
from tenfold.data.splits import N_CLASSES
from tenfold.errors import DatasetError, InputError
from tenfold.image import SIDE, to_digit_image
from tenfold.training.run import check_classes

SMALL_SIDE: Final = 8
"""Of the digits that scikit-learn carries."""

SMALL_SCALE: Final = 16
FULL_SCALE: Final = 255

ROUNDING: Final = 1e-6
"""By which scalers may overshoot the full scale, as a share of it."""

PIXELS: Final = "X must be digits of 28×28 or 8×8 pixels, finite numbers from 0, one row or square each."
LABELS: Final = "y must be whole numbers 0–9, one for each digit."


def check_samples(X: object, y: object) -> tuple[AnyArray, Labels]:  # noqa: N803
    """Return X as squares of pixels and y as labels, or say all that is wrong with them.

    Raises
    ------
    InputError
        X or y does not pass `check_squares` or `check_labels`, or one is longer than the other.
    """
    checked, problems = [], []
    for check, values in ((check_squares, X), (check_labels, y)):
        try:
            checked.append(check(values))
        except (InputError, DatasetError) as error:
            problems.append(str(error))
    if problems:
        raise InputError(" ".join(problems))
    squares, labels = checked
    if len(squares) != len(labels):
        raise InputError(f"X and y must have the same length. Got {len(squares)} and {len(labels)}.")
    return squares, labels


def check_squares(X: object) -> AnyArray:  # noqa: N803
    """Return X as an array of finite numbers from 0, of shape (n, 28, 28) or (n, 8, 8).

    Raises
    ------
    InputError
        X is empty, sparse, no numbers, holds NaN, infinite or negative ones, or has another shape.
    """
    from sklearn.utils import check_array

    try:
        pixels: AnyArray = check_array(
            X, allow_nd=True, ensure_2d=False, ensure_non_negative=True, input_name="X"
        )
    except (TypeError, ValueError) as error:
        raise InputError(f"{PIXELS} {_first_line(error)}") from error
    side = math.isqrt(math.prod(pixels.shape[1:]))
    if side in {SMALL_SIDE, SIDE} and pixels.shape[1:] in {(side * side,), (side, side)}:
        return pixels.reshape(-1, side, side)
    found = f"{pixels.shape[1]} feature(s)" if pixels.ndim == 2 else f"{pixels.ndim} dimension(s)"
    raise InputError(
        f"X must be of shape (n, 784), (n, 28, 28), (n, 64) or (n, 8, 8). Got {found}, shape {pixels.shape}. "
        "Make each picture a digit image with tenfold.image.picture_to_digit_image."
    )


def check_labels(y: object) -> Labels:
    """Return y as labels.

    Raises
    ------
    InputError
        y is not one-dimensional, holds other than the whole numbers 0–9, or a class has a single sample.
    DatasetError
        It shows one class only.
    """
    from sklearn.utils import assert_all_finite, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets

    try:
        values = column_or_1d(y, warn=True)
        if any(isinstance(value, str | bytes) for value in values[:1]):
            raise InputError(
                f"Got strings, such as {str(values[0])!r}. Convert them: numpy.asarray(y).astype(int)."
            )
        assert_all_finite(values, input_name="y")
        check_classification_targets(values)
        labels: Labels = values.astype(np.int64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{LABELS} {_first_line(error)}") from error
    wrong = values[(labels < 0) | (labels >= N_CLASSES)]
    if len(wrong):
        raise InputError(f"{LABELS} Got {wrong[0]}.")
    singles = np.flatnonzero(np.bincount(labels) == 1)
    if len(singles):
        raise InputError(
            f"y must show each digit at least twice. Class {singles[0]} has 1 sample. Add samples of it, or "
            "leave it out."
        )
    check_classes(labels, "y")
    return labels


def choose_scale(squares: AnyArray) -> int:
    """Return the number that stands for full ink: 1, 16 (8×8 alone) or 255."""
    highest = squares.max()
    if highest <= 1 + ROUNDING:
        return 1
    return SMALL_SCALE if squares.shape[1] == SMALL_SIDE and highest <= SMALL_SCALE else FULL_SCALE


def to_images(squares: AnyArray, scale: int) -> Images:
    """Make digit images of squares of pixels.

    Parameters
    ----------
    squares : ndarray of shape (n_samples, 28, 28) or (n_samples, 8, 8)
        From 0 to `scale`. 28×28 are digit images already; 8×8 are made into such, a blank one into a blank.
    scale : int
        What stands for full ink.

    Raises
    ------
    InputError
        A pixel is above the scale.
    """
    if squares.max() > scale * (1 + ROUNDING):
        raise InputError(
            f"X must have pixels from 0 to {scale}, the scale that fit found. Got up to {squares.max():g}. "
            "Scale X as it was scaled for fit."
        )
    if squares.dtype == np.uint8 and scale == FULL_SCALE:
        ink = np.require(squares, requirements=["C", "W"])  # torch warns of what is read-only
    else:
        scaled = np.multiply(squares, FULL_SCALE / scale, dtype=np.float32)
        ink = np.minimum(scaled.round(), FULL_SCALE).astype(np.uint8)
    if squares.shape[1] == SIDE:
        return ink
    return np.stack(
        [to_digit_image(digit) if digit.any() else np.zeros((SIDE, SIDE), np.uint8) for digit in ink]
    )


def _first_line(error: Exception) -> str:
    """Return what scikit-learn finds wrong, without its advice for other data."""
    return str(error).partition("\n")[0]
