"""POST /v1/predict: digit images in, labels, reasons and probabilities out."""

import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tenfold.arrays import Images
from tenfold.data import Dataset
from tenfold.reading import Reader
from tests.serve.clients import BINARY, serving


@pytest.fixture
def images(digits: Dataset) -> Images:
    """Return digit images."""
    return digits.test.images[:20]


def test_predict_answers_what_the_recognizer_says(
    client: TestClient, shipped: Reader, images: Images
) -> None:
    """Each image has the probabilities of the model, its label or why it has none, and the model's sha256."""
    answer = client.post("/v1/predict", json={"images": images.reshape(-1, 784).tolist()}).json()

    expected = shipped.predict_proba(images)
    seen = [one["probabilities"] for one in answer["predictions"]]
    np.testing.assert_allclose(seen, expected, atol=1e-5)
    assert answer["model"] == shipped.sha256
    for row, one in zip(expected, answer["predictions"], strict=True):
        assert one.keys() == {"label", "confidence", "reason", "probabilities"}
        if row.argmax() < 10:
            assert one["label"] == row.argmax()
            assert one["confidence"] == pytest.approx(row.max(), abs=1e-5)
            assert one["reason"] == (None if row.max() >= shipped.least else "unsure")


def test_predict_takes_the_same_images_in_each_form(client: TestClient, images: Images) -> None:
    """Flat rows, nested rows and bytes give the same answer."""
    flat = client.post("/v1/predict", json={"images": images.reshape(-1, 784).tolist()}).json()
    nested = client.post("/v1/predict", json={"images": images.tolist()}).json()
    binary = client.post("/v1/predict", content=images.tobytes(), headers=BINARY).json()

    assert flat == nested == binary


def test_predict_answers_in_bytes_where_asked(client: TestClient, shipped: Reader, images: Images) -> None:
    """With the header Accept the probabilities come as little-endian float32; a header names the model."""
    answer = client.post(
        "/v1/predict", content=images.tobytes(), headers=BINARY | {"accept": BINARY["content-type"]}
    )

    seen = np.frombuffer(answer.content, "<f4").reshape(-1, 11)
    np.testing.assert_allclose(seen, shipped.predict_proba(images), atol=1e-6)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-model-sha256"] == shipped.sha256


def test_predict_reads_10_000_images_in_one_request(
    client: TestClient, shipped: Reader, images: Images
) -> None:
    """As many images as a request may have are read in their order."""
    many = np.resize(images, (10_000, 28, 28))
    binary = client.post(
        "/v1/predict", content=many.tobytes(), headers=BINARY | {"accept": BINARY["content-type"]}
    )
    written = client.post("/v1/predict", content=many.tobytes(), headers=BINARY).json()

    expected = np.resize(shipped.predict_proba(images), (10_000, 11))
    np.testing.assert_allclose(np.frombuffer(binary.content, "<f4").reshape(-1, 11), expected, atol=1e-5)
    labels = [one["probabilities"] for one in written["predictions"]]
    np.testing.assert_allclose(labels, expected, atol=1e-5)


def test_predict_abstains(client: TestClient) -> None:
    """A blank image, and one with ink that is no digit, have a reason in place of a label."""
    dash = np.zeros((28, 28), np.uint8)
    dash[13:16, 5:24] = 255
    answer = client.post("/v1/predict", json={"images": [np.zeros((28, 28), int).tolist(), dash.tolist()]})

    blank, no_digit = answer.json()["predictions"]
    assert (blank["label"], blank["confidence"], blank["reason"]) == (None, 0, "blank")
    assert (no_digit["label"], no_digit["confidence"], no_digit["reason"]) == (None, 0, "not a digit")


ZEROS = [0] * 784
REFUSED: dict[str, Any] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "no images": {"pictures": []},
    "an empty list": {"images": []},
    "a number": {"images": 7},
    "text": {"images": "<script>alert(1)</script>"},
    "too few pixels": {"images": [[0] * 783]},
    "no pixels": {"images": [[]]},
    "ragged rows": {"images": [ZEROS, [0]]},
    "text in rows": {"images": [["0"] * 784]},
    "nothing in rows": {"images": [[None] * 784]},
    "truths": {"images": [[True] * 784]},
    "less than nothing": {"images": [[-1, *ZEROS[1:]]]},
    "too much ink": {"images": [[256, *ZEROS[1:]]]},
    "halves": {"images": [[0.5, *ZEROS[1:]]]},
    "more than 64 bits": {"images": [[10**30, *ZEROS[1:]]]},
    "no number": b'{"images": [[NaN' + b",0" * 783 + b"]]}",
    "infinity": b'{"images": [[Infinity' + b",0" * 783 + b"]]}",
    "four dimensions": {"images": [[[[0] * 28] * 28]]},
    "depth": b"[" * 100_000,
    "depth in images": b'{"images": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
    "digits without end": b'{"images": ' + b"9" * 90_000 + b"}",
    "bytes that are no text": b"\xff\xfe\xfd",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_predict_refuses_what_are_no_images(client: TestClient, body: Any) -> None:
    """Whatever else stands in the body, the answer is a typed error that says what is expected."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post("/v1/predict", content=content)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "bad_input"
    assert "The body must be" in answer.json()["error"]["message"]


@pytest.mark.parametrize("n_bytes", [0, 1, 783, 785, 1000])
def test_predict_refuses_pieces_of_images(client: TestClient, n_bytes: int) -> None:
    """Bytes that are not 784 for each image are refused."""
    answer = client.post("/v1/predict", content=bytes(n_bytes), headers=BINARY)

    assert answer.status_code == 422
    assert f"784 bytes for each image. Got {n_bytes} bytes" in answer.json()["error"]["message"]


def test_predict_gives_up_in_time(images: Images) -> None:
    """Images that are not read within the limit are answered with 503."""
    with serving(predict_seconds=0.0) as client:
        answer = client.post("/v1/predict", content=images.tobytes(), headers=BINARY)

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "too_slow"


def test_predict_refuses_images_for_which_there_is_no_room(images: Images) -> None:
    """Where enough images wait, more are refused at once, with the time to come back."""
    with serving(max_waiting=0) as client:
        answer = client.post("/v1/predict", content=images.tobytes(), headers=BINARY)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["code"] == "busy"
