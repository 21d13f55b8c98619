"""Misses, and the training digits beside them."""

import base64
import io

import numpy as np
from PIL import Image

from tenfold.data import Dataset
from tenfold.evaluation import Evaluation
from tenfold.recognizer import Recognizer
from tenfold.report import collect_misses, nearest_training_digits, rank_misses, to_data_uri
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


def test_neighbors_are_those_of_a_search_through_all(reader: Recognizer, digits: Dataset) -> None:
    """Chunk by chunk the same training digits are found as from all distances at once."""
    images = digits.test.images[:6]
    steps: list[tuple[int, int]] = []
    found = nearest_training_digits(
        reader, digits.train, images, k=4, on_step=lambda *step: steps.append(step)
    )
    wanted, train = (reader.embed(part).astype(np.float64) for part in (images, digits.train.images))
    wanted, train = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in (wanted, train))
    distances = np.linalg.norm(wanted[:, None] - train[None], axis=2)
    expected = np.sort(distances, axis=1)[:, :4]
    assert np.allclose([[near.distance for near in row] for row in found], expected, atol=1e-3)
    assert steps == [(1024, 1438), (1438, 1438)]
    for row in found:
        for near in row:
            assert near.label == digits.train.labels[near.position]
            assert np.array_equal(near.image, digits.train.images[near.position])


def test_a_training_digit_is_nearest_to_itself(reader: Recognizer, digits: Dataset) -> None:
    """An image that is among them is found first."""
    found = nearest_training_digits(reader, digits.train, digits.train.images[1030:1033], k=1)
    assert [row[0].position for row in found] == [1030, 1031, 1032]


def test_neighbors_of_nothing_are_none(reader: Recognizer, digits: Dataset) -> None:
    """Without a miss nothing is embedded."""
    assert nearest_training_digits(reader, digits.train, digits.test.images[:0]) == []


def test_data_uri_holds_the_picture() -> None:
    """The picture is a PNG of 28×28, ink dark, no shade off by more than half a step of sixteen."""
    image = np.linspace(0, 255, 784).astype(np.uint8).reshape(28, 28)
    head, _, data = to_data_uri(image).partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        grey = np.asarray(picture.convert("L")).astype(int)
    assert np.abs(255 - grey - image).max() <= 8
