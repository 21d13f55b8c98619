"""The Open Inference Protocol: what clients of other servers send and expect."""

from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tenfold.arrays import Images
from tenfold.data import Dataset
from tenfold.reading import Reader
from tests.serve.clients import serving

INFER = "/v2/models/tiny-cnn/infer"


@pytest.fixture
def images(digits: Dataset) -> Images:
    """Return digit images."""
    return digits.test.images[:3]


def tensor(images: Images, **changes: Any) -> dict[str, Any]:
    """Return the input of a request."""
    given = {"name": "images", "datatype": "UINT8", "shape": list(images.shape), "data": images.tolist()}
    return {"inputs": [given | changes]}


def test_protocol_describes_server_and_model(client: TestClient, shipped: Reader) -> None:
    """Server, model and health have the fields that the protocol names."""
    model = client.get("/v2/models/tiny-cnn").json()

    assert client.get("/v2").json().keys() == {"name", "version", "extensions"}
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2/models/tiny-cnn/ready").json() == {"name": "tiny-cnn", "ready": True}
    assert model["versions"] == [shipped.sha256]
    assert model["inputs"] == [{"name": "images", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert [output["name"] for output in model["outputs"]] == ["probabilities", "labels"]


@pytest.mark.parametrize("datatype", ["UINT8", "FP32"])
@pytest.mark.parametrize("shape", [[3, 28, 28], [3, 784]])
def test_infer_answers_what_the_recognizer_says(
    client: TestClient, shipped: Reader, images: Images, datatype: str, shape: list[int]
) -> None:
    """Flat or nested data of either type give the model's probabilities and labels, by name and shape."""
    expected = shipped.predict_proba(images)
    for data in (images.ravel().tolist(), images.reshape(shape).tolist()):
        answer = client.post(
            INFER, json={"id": "7"} | tensor(images, datatype=datatype, shape=shape, data=data)
        )

        probabilities, labels = answer.json()["outputs"]
        assert answer.json()["id"] == "7"
        assert answer.json()["model_name"] == "tiny-cnn"
        assert answer.json()["model_version"] == shipped.sha256
        assert (probabilities["datatype"], probabilities["shape"]) == ("FP32", [3, 11])
        assert (labels["datatype"], labels["shape"]) == ("INT64", [3])
        np.testing.assert_allclose(np.reshape(probabilities["data"], (3, 11)), expected, atol=1e-5)
        assert labels["data"] == expected.argmax(axis=1).tolist()


def test_infer_returns_the_outputs_that_are_asked_for(client: TestClient, images: Images) -> None:
    """Named outputs come alone, in the order in which they are named."""
    for names in (["labels"], ["labels", "probabilities"]):
        answer = client.post(INFER, json=tensor(images) | {"outputs": [{"name": name} for name in names]})
        assert [output["name"] for output in answer.json()["outputs"]] == names


BLANK = np.zeros((1, 28, 28), np.uint8)
REFUSED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no list": {"inputs": 7},
    "no input": {"inputs": []},
    "two inputs": {"inputs": tensor(BLANK)["inputs"] * 2},
    "text": {"inputs": ["images"]},
    "another name": tensor(BLANK, name="pixels"),
    "another type": tensor(BLANK, datatype="BYTES"),
    "a type that is none": tensor(BLANK, datatype=["UINT8"]),
    "another shape": tensor(BLANK, shape=[1, 27, 28]),
    "a negative shape": tensor(BLANK, shape=[-1, -28, 28]),
    "an unknown length": tensor(BLANK, shape=[-1, 28, 28]),
    "a huge shape": tensor(BLANK, shape=[2**70, 2**70]),
    "a shape of text": tensor(BLANK, shape=["1", "28", "28"]),
    "no shape": tensor(BLANK, shape=None),
    "no data": tensor(BLANK, data=None),
    "empty data": tensor(BLANK, data=[], shape=[0, 28, 28]),
    "text for data": tensor(BLANK, data=["a"] * 784),
    "too much ink": tensor(BLANK, data=[300] * 784),
    "another output": tensor(BLANK) | {"outputs": [{"name": "embedding"}]},
    "outputs that are none": tensor(BLANK) | {"outputs": 7},
    "an output without a name": tensor(BLANK) | {"outputs": ["labels"]},
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_infer_refuses_what_is_no_request(client: TestClient, body: dict[str, Any]) -> None:
    """Whatever else is sent, the answer is an error in the words of the protocol: one text."""
    answer = client.post(INFER, json=body)

    assert answer.status_code == 422
    assert answer.json().keys() == {"error"}
    assert "must be" in answer.json()["error"]


def test_another_model_is_not_found(client: TestClient) -> None:
    """A name that is not the model's is answered with 404 everywhere."""
    paths = ("/v2/models/other", "/v2/models/other/ready")
    answers = [client.get(path) for path in paths] + [client.post("/v2/models/other/infer", json={})]

    for answer in answers:
        assert answer.status_code == 404
        assert "tiny-cnn" in answer.json()["error"]


def test_readiness_ends_before_the_service(images: Images) -> None:
    """A service that is about to end says that it is not ready, and still answers."""
    with serving() as client:
        client.app.state.is_ready = False  # type: ignore[attr-defined]
        for path in ("/readyz", "/v2/health/ready", "/v2/models/tiny-cnn/ready"):
            assert client.get(path).status_code == 503
        assert client.get("/healthz").status_code == client.get("/v2/health/live").status_code == 200
        assert client.post(INFER, json=tensor(images)).status_code == 200
