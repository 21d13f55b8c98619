"""Text of strangers in every field and parameter: it never comes back as a page, and opens no file."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.serve.clients import BINARY, MODEL, get_raw, serving
from tests.serve.hostile import PATHS, XSS
from tests.serve.process import Service, head, running
from tests.serve.test_corrections import GOOD, IMAGE
from tests.serve.test_inference_protocol import tensor

TEXTS = (*XSS, *PATHS)
READ, PREDICT, INFER, CORRECT = "/v1/read", "/v1/predict", f"/v2/models/{MODEL}/infer", "/v1/corrections"
TENSOR = tensor(np.frombuffer(IMAGE, np.uint8).reshape(1, 28, 28))
KEY = "a key of many characters"

Send = Callable[[TestClient, str], Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a service that keeps corrections."""
    with serving(store=str(tmp_path_factory.mktemp("store") / "corrections.db")) as client:
        yield client


def post_form(client: TestClient, **changes: str) -> Any:
    """Send a form with a file and a text, byte for byte as it is written here."""
    given = {
        "name": "file",
        "filename": "7.png",
        "kind": "image/png",
        "data": "7",
        "field": "a",
        "value": "b",
    }
    body = (
        '--x\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        "Content-Type: {kind}\r\n\r\n{data}\r\n"
        '--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n--x--\r\n'
    ).format(**given | changes)
    return client.post(
        READ, content=body.encode(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )


def form(part: str) -> Send:
    """Return what sends a form with a text in that part of it."""
    return lambda client, text: post_form(client, **{part: text})


def parameter(path: str, name: str | None) -> Send:
    """Return what sends a text as a parameter of that name, or as the name of one."""
    return lambda client, text: client.post(path, params={name or text: text}, content=b"7")


def values(path: str, make: Callable[[str], Any]) -> Send:
    """Return what sends values with a text in them, as JSON."""
    return lambda client, text: client.post(path, json=make(text))


def header(name: str) -> Send:
    """Return what sends a text in a header; no server lets breaks of lines and null bytes through."""

    def send(client: TestClient, text: str) -> Any:
        value = text.encode().translate(None, b"\r\n\0")
        return client.post(PREDICT, content=IMAGE, headers=BINARY | {name: value})

    return send


def path(before: str, after: str = "", *, method: str = "GET") -> Send:
    """Return what sends a text as a part of the path."""
    return lambda client, text: client.request(method, f"{before}{quote(text, safe='')}{after}")


def changed_tensor(**changes: Any) -> dict[str, Any]:
    """Return a request of the Open Inference Protocol with other fields of its tensor."""
    return {"inputs": [TENSOR["inputs"][0] | changes]}


FIELDS: dict[str, Send] = {
    **{f"{part} of a form": form(part) for part in ("name", "filename", "kind", "data", "field", "value")},
    "body of a picture": lambda client, text: client.post(READ, content=text.encode()),
    **{f"parameter {name} of read": parameter(READ, name) for name in ("expect", "images", None)},
    **{f"parameter {name} of predict": parameter(PREDICT, name) for name in ("images", None)},
    "rule of expect": lambda client, text: client.post(
        READ, params={"expect": f"pattern={text}"}, content=b"7"
    ),
    "list of expect": lambda client, text: client.post(READ, params={"expect": f"list={text}"}, content=b"7"),
    "images": values(PREDICT, lambda text: {"images": text}),
    "rows of images": values(PREDICT, lambda text: {"images": [text]}),
    "pixels of images": values(PREDICT, lambda text: {"images": [[text] * 784]}),
    "objects in images": values(PREDICT, lambda text: {"images": [{text: text}]}),
    "keys of images": values(PREDICT, lambda text: {text: text}),
    "body of images": lambda client, text: client.post(PREDICT, content=text.encode()),
    "id": values(INFER, lambda text: TENSOR | {"id": text}),
    "parameters": values(INFER, lambda text: TENSOR | {"parameters": {text: text}}),
    "outputs": values(INFER, lambda text: TENSOR | {"outputs": text}),
    "name of an output": values(INFER, lambda text: TENSOR | {"outputs": [{"name": text}]}),
    "inputs": values(INFER, lambda text: {"inputs": [text]}),
    "name of a tensor": values(INFER, lambda text: changed_tensor(name=text)),
    "datatype": values(INFER, lambda text: changed_tensor(datatype=text)),
    "shape": values(INFER, lambda text: changed_tensor(shape=[text])),
    "data": values(INFER, lambda text: changed_tensor(data=[text])),
    "body of inference": lambda client, text: client.post(INFER, content=text.encode()),
    **{
        f"{name} of a correction": values(CORRECT, lambda text, name=name: GOOD | {name: text})
        for name in GOOD
    },
    "another field of a correction": values(CORRECT, lambda text: GOOD | {text: text}),
    "body of a correction": lambda client, text: client.post(
        CORRECT, content=text.encode(), headers={"Content-Type": "application/json"}
    ),
    **{
        f"header {name}": header(name)
        for name in (
            *("accept", "content-type", "content-length", "content-encoding", "transfer-encoding", "host"),
            *("origin", "referer", "cookie", "user-agent", "authorization", "sec-fetch-site", "forwarded"),
            *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-original-url", "range"),
        )
    },
    "path": path("/"),
    "path of data": path("/v1/"),
    "name of a model": path("/v2/models/"),
    "name of a model that is ready": path("/v2/models/", "/ready"),
    "name of a model that infers": path("/v2/models/", "/infer", method="POST"),
}


def check(answer: Any, text: str) -> None:
    """Fail where an answer is more than data: a page, a file, a way elsewhere, a fault of the service."""
    headers = answer.headers
    assert 200 <= answer.status_code < 300 or 400 <= answer.status_code < 500, text
    assert headers["content-type"] == "application/json", text
    assert headers["x-content-type-options"] == "nosniff", text
    assert not {"set-cookie", "location", "refresh"} & headers.keys(), text
    assert text not in headers.values()
    assert "root:" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json(), text


@pytest.mark.slow
@pytest.mark.parametrize("send", FIELDS.values(), ids=FIELDS)
def test_text_of_a_stranger_comes_back_as_data_alone(client: TestClient, send: Send) -> None:
    """Whatever is written into a field, the answer is JSON that no browser takes for a page."""
    assert len(set(XSS)) >= 50
    for text in TEXTS:
        check(send(client, text), text)


def test_each_text_of_a_stranger_comes_back_as_data_alone(client: TestClient) -> None:
    """Each text in one field or another, and each field with one text or another."""
    sends = itertools.cycle(FIELDS.values())
    for text, send in zip((*TEXTS, *TEXTS), sends, strict=False):
        check(send(client, text), text)


def test_text_that_is_repeated_is_repeated_as_it_was(client: TestClient) -> None:
    """The one text that comes back, the id of a request, is a string of JSON with every character of it."""
    for text in TEXTS:
        answer = client.post(INFER, json=TENSOR | {"id": text})
        assert (answer.status_code, answer.json()["id"]) == (200, text)
        assert not set("\r\n\0") & set(answer.text)


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_pages_hold_nothing_that_was_asked(client: TestClient, page: str) -> None:
    """A page is the same whatever stands in its parameters and headers."""
    plain = client.get(page)
    assert plain.headers["content-type"].startswith("text/html")
    for text in TEXTS:
        headers = {name: text.encode().translate(None, b"\r\n\0") for name in ("referer", "accept-language")}
        answer = client.get(page, params={"x": text, text: "x"}, headers=headers)
        assert (answer.content, answer.headers) == (plain.content, plain.headers)


def test_a_wrong_key_is_not_repeated() -> None:
    """Text in place of the key is refused as any wrong key is."""
    with serving(key_sha256=hashlib.sha256(KEY.encode()).digest()) as client:
        for text in TEXTS:
            for value in (text, f"Bearer {text}"):
                answer = client.get(
                    "/v1/model", headers={"authorization": value.encode().translate(None, b"\r\n\0")}
                )
                assert answer.status_code == 401
                check(answer, text)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Return a service that runs, and counts the requests of each client."""
    with running("--rate", "1000000") as service:
        yield service


@pytest.mark.parametrize("place", ["target", "method", "Host", "X-Forwarded-For", "Content-Type", "a name"])
def test_text_in_the_head_of_a_request_splits_no_answer(service: Service, place: str) -> None:
    """Text in the head, with line breaks and null bytes, gives data or a refusal, no page and no cookie."""
    for text in TEXTS:
        first = {"target": ("GET", f"/v1/model?{text}"), "method": (text, "/v1/model")}
        method, target = first.get(place, ("GET", "/v1/model"))
        line = f"{text}: x" if place == "a name" else f"{place}: {text}"
        answer = service.ask(head(method, target, *([] if place in first else [line])))
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 4")), (text, answer)
        assert b"text/html" not in answer, text
        assert b"set-cookie:" not in answer.lower(), text
        assert text.strip().encode() not in answer, text
    assert service.ask(head("GET", "/healthz")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("text", PATHS)
def test_no_file_outside_the_page_is_served(client: TestClient, text: str) -> None:
    """No path leads out of the folder of the page, to the code beside it or anywhere else."""
    for target in (f"/{text}", f"/static/{text}", f"//{text}", f"/v2/models/{text}", f"/%2e%2e/{text}"):
        status, body = get_raw(client, target)
        assert status in {404, 405}
        assert b"root:" not in body


@pytest.mark.parametrize(
    "target",
    ["/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/x/../../app.py", "/docs.html", "//app.py"],
)
def test_no_code_is_served(client: TestClient, target: str) -> None:
    """What lies beside the folder of the page stays there."""
    status, body = get_raw(client, target)

    assert status == 404 or b"<!doctype html>" in body.lower()
    assert b"import" not in body
