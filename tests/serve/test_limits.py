"""What is refused before anything is read, and what every answer carries."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tenfold.serve.failures import Failure
from tenfold.serve.rate import MOST_CLIENTS, RateLimit
from tenfold.serve.store import list_corrections, open_store
from tests.serve.clients import BINARY, serving
from tests.serve.test_corrections import GOOD

KEY = "a key of many characters"
ONE = bytes(784)
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def code(answer: object) -> str:
    """Return the code of an error."""
    return str(answer.json()["error"]["code"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("/", "/healthz", "/metrics", "/docs", "/openapi.json", "/v1/model")),
        *(("GET", path) for path in ("/nothing", "/v1/nothing", "/v2/models/none")),
        *(("POST", path) for path in ("/v1/read", "/v1/predict", "/v2/models/tiny-cnn/infer", "/")),
    ],
)
def test_every_answer_has_the_security_headers(client: TestClient, method: str, path: str) -> None:
    """Pages, data and errors alike come with the content policy, nosniff and no-referrer."""
    headers = client.request(method, path).headers

    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_failures_have_the_security_headers_and_no_traceback() -> None:
    """Where the service itself fails, the answer is a typed error without any detail of it."""
    with serving() as client:
        engine = client.app.state.engine  # type: ignore[attr-defined]
        served, engine.current = engine.current, None
        answer = client.get("/v1/model")
        engine.current = served

    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.json() == {
        "error": {
            "code": "internal_error",
            "message": "The service failed.",
            "hint": "Try again; report it if it stays so.",
        }
    }


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "10.0.0.7", "[::2]:8000"]
)
def test_a_wrong_host_is_refused(client: TestClient, host: str) -> None:
    """A page whose host's name was given our address reaches neither the page nor the data."""
    for path in ("/", "/healthz", "/v1/model"):
        answer = client.get(path, headers={"host": host})
        assert answer.status_code == 421
        assert code(answer) == "wrong_host"
    assert client.post("/v1/predict", content=ONE, headers=BINARY | {"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000"])
def test_the_names_of_this_machine_are_taken(client: TestClient, host: str) -> None:
    """The service may be called by any of its own names, on any port."""
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"), [("192.0.2.7:80", 200), ("[2001:db8::1]", 200), ("a.example", 421)]
)
def test_any_address_is_taken_where_no_name_is_known(host: str, status: int) -> None:
    """A service for others is reached by any address, which no page can forge, and by no unknown name."""
    with serving(hosts=None) as client:
        assert client.get("/healthz", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"origin": "http://localhost:8000.evil.example"},
        {"origin": "localhost:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_site_cannot_post(client: TestClient, headers: dict[str, str]) -> None:
    """What a page elsewhere sends from a visitor's browser is refused, also without an origin of its own."""
    for path in ("/v1/predict", "/v1/read", "/v1/corrections", "/v2/models/tiny-cnn/infer"):
        answer = client.post(path, content=ONE, headers=BINARY | headers)
        assert answer.status_code == 403
    assert code(client.post("/v1/predict", content=ONE, headers=BINARY | headers)) == "cross_site"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
    ],
)
def test_a_page_of_another_site_leaves_no_correction(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    """What a page elsewhere says that somebody agreed to is not kept; what our own page sends is."""
    store = str(tmp_path / "corrections.db")
    with serving(store=store) as client:
        assert client.post("/v1/corrections", json=GOOD, headers=headers).status_code == status
        assert list_corrections(open_store(store)) == []
        own = {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}
        assert client.post("/v1/corrections", json=GOOD, headers=own).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:8000"},
        {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"},
    ],
)
def test_its_own_page_and_programs_can_post(client: TestClient, headers: dict[str, str]) -> None:
    """The service's own page, and programs that send no origin, are answered."""
    assert client.post("/v1/predict", content=ONE, headers=BINARY | headers).status_code == 200


@pytest.fixture(scope="module")
def guarded() -> Iterator[TestClient]:
    """Return a client of a service with a key."""
    with serving(key_sha256=hashlib.sha256(KEY.encode()).digest()) as client:
        yield client


@pytest.mark.parametrize(
    "authorization",
    [None, "", KEY, f"Basic {KEY}", "Bearer", "Bearer ", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}"],
)
def test_without_the_key_there_are_no_data(guarded: TestClient, authorization: str | None) -> None:
    """Data and counters need the key; no answer tells what it is."""
    headers = {"authorization": authorization} if authorization is not None else {}
    for method, path in [("GET", "/v1/model"), ("POST", "/v1/predict"), ("GET", "/metrics"), ("GET", "/v2")]:
        answer = guarded.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert KEY not in answer.text


def test_with_the_key_there_are(guarded: TestClient) -> None:
    """The key opens; the page, its files and the state of health need none."""
    headers = {"authorization": f"bearer {KEY}"}
    assert guarded.get("/v1/model", headers=headers).status_code == 200
    assert guarded.post("/v1/predict", content=ONE, headers=BINARY | headers).status_code == 200
    for path in ("/", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/docs"):
        assert guarded.get(path).status_code == 200


@pytest.mark.parametrize(("path", "most"), [("/v1/read", 5_000_000), ("/v1/predict", 7_840_000)])
def test_a_body_over_the_limit_is_refused(client: TestClient, path: str, most: int) -> None:
    """A body that is announced as too large, or turns out to be, is refused; the connection is closed."""
    announced = client.post(path, content=b"", headers={"content-length": str(most + 1)})
    streamed = client.post(path, content=(bytes(1_000_000) for _ in range(1 + most // 1_000_000)))

    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"
        assert code(answer) == "too_large"
        assert answer.json()["error"].keys() == {"code", "message", "hint"}


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 400, "0x10", "²"])
def test_a_length_that_is_none_is_refused(client: TestClient, length: str) -> None:
    """A length that is no number, or one beyond all bounds, is refused."""
    answer = client.post("/v1/read", content=b"", headers={"content-length": length.encode("latin-1")})  # type: ignore[dict-item]
    assert answer.status_code == 413


def test_large_bodies_together_are_refused() -> None:
    """Bodies that together are over the limit are refused, and what was held is given back."""
    with serving(max_held_bytes=1_000_000) as client:
        answer = client.post("/v1/read", content=bytes(1_000_001))
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert client.post("/v1/read", content=bytes(999_999)).status_code == 422
        assert client.post("/v1/read", content=bytes(999_999)).status_code == 422


def test_a_client_that_asks_too_often_is_refused() -> None:
    """Over its rate a client gets 429 with the time to wait; the page and health do not count."""
    with serving(rate=2.0) as client:
        statuses = [client.get("/v1/model").status_code for _ in range(6)]
        answer = client.get("/v1/model")
        assert client.get("/").status_code == client.get("/healthz").status_code == 200

    assert statuses[:4] == [200] * 4
    assert statuses[-1] == answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 2


def test_rate_limit_tells_clients_apart_and_forgives() -> None:
    """Each client has its own bucket, a network of IPv6 one together, and a bucket fills again."""
    limit = RateLimit(10.0)
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
        for _ in range(20):
            limit.check(address)
    for address in ("192.0.2.1", "2001:db8::2"):
        with pytest.raises(Failure, match="10 requests a second"):
            limit.check(address)
    limit.check("2001:db8:0:1::1")
    time.sleep(0.15)
    limit.check("192.0.2.1")


def test_rate_limit_forgets() -> None:
    """However many clients ask, the memory for them is bounded."""
    limit = RateLimit(1.0)
    for number in range(MOST_CLIENTS + 100):
        limit.check(str(number))

    assert len(limit._buckets) == MOST_CLIENTS


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    """Paths are read by GET and written by POST alone; there is no answer to a preflight request."""
    answer = client.request(method, "/v1/predict", headers={"access-control-request-method": "POST"})

    assert answer.status_code in {404, 405}
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_page_has_no_inline_script(client: TestClient) -> None:
    """The page and the list of operations come without scripts of their own in the text."""
    for path in ("/", "/docs"):
        text = client.get(path).text
        assert "<script>" not in text
        assert "onclick" not in text
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text


def test_docs_list_every_operation(client: TestClient) -> None:
    """The page at /docs names each path of the OpenAPI document."""
    text = client.get("/docs").text
    paths = client.get("/openapi.json").json()["paths"]

    assert {"/v1/read", "/v1/predict", "/v1/model", "/v2/models/{name}/infer"} <= paths.keys()
    assert all(path in text for path in paths)
    assert client.get("/docs.css").headers["content-type"].startswith("text/css")
