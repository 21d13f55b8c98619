"""Misses, and the training digits beside them."""

import base64
import io

import numpy as np
from PIL import Image

from tenfold.data import Dataset
from tenfold.evaluation import Evaluation
from tenfold.report import collect_misses, rank_misses, to_data_uri
from tests.report.conftest import certain


def test_misses_are_all_errors_by_confidence(evaluation: Evaluation, digits: Dataset) -> None:
    """Each error occurs once, with its own image, the most confident first."""
    misses = collect_misses(evaluation, digits.test.images)
    assert sorted(miss.position for miss in misses) == np.flatnonzero(~evaluation.is_right).tolist()
    confidences = [miss.confidence for miss in misses]
    assert confidences == sorted(confidences, reverse=True)
    for miss in misses:
        assert (miss.label, miss.predicted) == (
            digits.test.labels[miss.position],
            evaluation.y_pred[miss.position],
        )
        assert np.array_equal(miss.image, digits.test.images[miss.position])


def test_misses_stop_at_500() -> None:
    """Of more than are shown the first are kept."""
    evaluation = certain(np.full(600, 3), np.full(600, 4))
    assert rank_misses(evaluation).tolist() == list(range(500))


def test_data_uri_holds_the_picture() -> None:
    """The picture is a PNG of 28×28, ink dark, no shade off by more than half a step of sixteen."""
    image = np.linspace(0, 255, 784).astype(np.uint8).reshape(28, 28)
    head, _, data = to_data_uri(image).partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        grey = np.asarray(picture.convert("L")).astype(int)
    assert np.abs(255 - grey - image).max() <= 8
