"""The path of corrections: what is kept with consent, and what is refused without harm."""

import base64
import json
import logging
import sqlite3
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tenfold.errors import MissingExtraError, StoreError
from tenfold.serve import Settings, corrections, database, failures, make_app
from tenfold.serve.store import list_corrections, open_store
from tests.full_disk import files_at_most
from tests.serve.clients import BASE, BINARY, MODEL
from tests.serve.hostile import STRINGS
from tests.serve.killed_writers import make_correction

IMAGE = make_correction(7).image
GOOD: dict[str, Any] = {
    "image": base64.b64encode(IMAGE).decode(),
    "label": 7,
    "predicted": 2,
    "model": "0123456789abcdef" * 4,
    "consent": True,
}


def make_client(store: str | None, **options: Any) -> TestClient:
    """Return a client of a service that takes corrections, and nothing else."""
    app = FastAPI()
    failures.install(app)
    corrections.install(app, store, **options)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the store is."""
    return tmp_path / "corrections.db"


@pytest.fixture
def client(file: Path) -> Iterator[TestClient]:
    """Return a client of a service with a store."""
    with make_client(str(file)) as client:
        yield client


@pytest.fixture
def service(file: Path) -> Iterator[TestClient]:
    """Return a client of a service that takes corrections, and digit images besides."""
    app = FastAPI()
    failures.install(app)
    corrections.install(app, str(file))
    app.mount("/", make_app(Settings(model=MODEL, threads=1)))
    with TestClient(app, base_url=BASE) as client:
        yield client


def check_predicts(service: TestClient) -> None:
    """Check that digit images are read."""
    assert service.post("/v1/predict", content=IMAGE, headers=BINARY).status_code == 200


def post(client: TestClient, **changes: Any) -> Any:
    """Send the good correction with some fields replaced; ... leaves one out."""
    body = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return client.post("/v1/corrections", json=body)


def check_error(answer: Any, status: int, code: str) -> str:
    """Check that an answer is an error of the one form; return its message."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (list(answer.json()), list(error)) == (["error"], ["code", "message", "hint"])
    assert error["code"] == code
    assert error["hint"]
    assert "Traceback" not in answer.text
    return str(error["message"])


def check_unavailable(answer: Any, file: Path) -> None:
    """Check that a client is told to come back, and nothing of the machine."""
    check_error(answer, 503, "store_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert str(file.parent) not in answer.text


@pytest.mark.parametrize(("label", "predicted"), [(7, 2), (0, 9), (None, 4), (3, None), (None, None)])
def test_a_correction_is_kept(
    client: TestClient, file: Path, label: int | None, predicted: int | None
) -> None:
    """The answer is 201 and a number, under which the store holds what was sent."""
    answer = post(client, label=label, predicted=predicted)
    assert answer.status_code == 201, answer.text
    (entry,) = list_corrections(open_store(str(file), create=False))
    assert answer.json() == {"id": entry.id}
    kept = entry.correction
    assert (kept.image, kept.label, kept.predicted, kept.model) == (IMAGE, label, predicted, GOOD["model"])


def test_nothing_else_is_kept(client: TestClient, file: Path) -> None:
    """The database has columns for these six, and holds neither the client's address nor its name."""
    headers = {"User-Agent": "Mozilla/secret", "X-Forwarded-For": "192.0.2.77", "Cookie": "a=secret"}
    assert client.post("/v1/corrections", json=GOOD, headers=headers).status_code == 201
    connection = sqlite3.connect(file)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(corrections)")]
    connection.close()
    assert columns == ["id", "time", "image", "predicted", "label", "model"]
    stored = b"".join(path.read_bytes() for path in file.parent.glob("corrections.db*"))
    assert b"secret" not in stored
    assert b"192.0.2.77" not in stored


@pytest.mark.parametrize("consent", [..., False, None, "true", 1, "yes", [True], {}])
@pytest.mark.parametrize("changes", [{}, {"image": "x"}, {"label": 99, "model": None}])
def test_without_consent_nothing_is_kept(
    client: TestClient, file: Path, consent: object, changes: dict[str, Any]
) -> None:
    """Where consent is anything but true the answer is 403, whatever else is sent."""
    message = check_error(post(client, consent=consent, **changes), 403, "no_consent")
    assert message == "A correction is kept only with consent. Nothing was kept."
    assert list_corrections(open_store(str(file))) == []


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"image": ...}, "image"),
        ({"image": base64.b64encode(IMAGE[:-1]).decode()}, "at least 1048"),
        ({"image": base64.b64encode(IMAGE + b"1").decode()}, "must be 784 bytes, 28×28. Got 785"),
        ({"image": base64.b64encode(IMAGE + b"12").decode()}, "must be 784 bytes, 28×28. Got 786"),
        ({"image": base64.b64encode(IMAGE * 2).decode()}, "at most 1048"),
        ({"image": base64.b64encode(bytes(784)).decode()}, "must have ink"),
        ({"image": base64.b64encode(b"\xff" * 784).decode()}, "Invert it"),
        ({"image": "A" * 1048}, "must be 784 bytes"),
        ({"image": "*" * 1048}, "must be base64 of 784 bytes"),
        ({"image": "é" * 1048}, "must be base64 of 784 bytes"),
        ({"image": "=" * 1048}, "must be base64 of 784 bytes"),
        ({"image": GOOD["image"][:-4] + "\n==="}, "must be base64 of 784 bytes"),
        ({"image": GOOD["image"].rstrip("=")}, "at least 1048"),
        ({"image": "A" * 3_000_000}, "at most 1048"),
        ({"image": ""}, "at least 1048"),
        ({"image": None}, "image"),
        ({"image": [0] * 784}, "image"),
        ({"label": ...}, "label"),
        ({"label": 10}, "label"),
        ({"label": -1}, "label"),
        ({"label": 3.0}, "label"),
        ({"label": "3"}, "label"),
        ({"label": True}, "label"),
        ({"label": [3]}, "label"),
        ({"label": 10**400}, "label"),
        ({"predicted": ...}, "predicted"),
        ({"predicted": 10}, "predicted"),
        ({"predicted": "3"}, "predicted"),
        ({"model": ...}, "model"),
        ({"model": "a" * 63}, "model"),
        ({"model": "a" * 65}, "model"),
        ({"model": "A" * 64}, "model"),
        ({"model": "g" * 64}, "model"),
        ({"model": "a" * 64 + "\n"}, "model"),
        ({"model": None}, "model"),
        ({"comment": "this is a seven"}, "comment"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_correction_is_refused(
    client: TestClient, file: Path, changes: dict[str, Any], match: str
) -> None:
    """Each field must be of its form; the message names the one that is not, and nothing is kept."""
    assert match in check_error(post(client, **changes), 422, "bad_input")
    assert list_corrections(open_store(str(file))) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"null", "application/json"),
        (b"[1, 2]", "application/json"),
        (b'"consent"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a":' * 100_000, "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b'{"consent": true, "label": NaN}', "application/json"),
        (json.dumps(GOOD).encode(), "text/plain"),
        (json.dumps(GOOD).encode(), "application/x-www-form-urlencoded"),
        (b"consent=true&label=7", "application/x-www-form-urlencoded"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_body_of_another_kind_is_refused(client: TestClient, file: Path, content: bytes, kind: str) -> None:
    """What is no JSON object, or does not say that it is JSON, is a client's error, typed as all are."""
    answer = client.post("/v1/corrections", content=content, headers={"Content-Type": kind})
    assert answer.status_code in {400, 422}
    check_error(answer, answer.status_code, answer.json()["error"]["code"])
    assert list_corrections(open_store(str(file))) == []


@pytest.mark.parametrize("field", ["image", "label", "predicted", "model"])
def test_hostile_strings_are_refused(client: TestClient, file: Path, field: str) -> None:
    """No string that is not of a field's form is kept; the tables stay, and the next correction is taken."""
    assert len(set(STRINGS)) >= 50
    for text in STRINGS:
        answer = post(client, **{field: text})
        assert field in check_error(answer, 422, "bad_input")
        assert answer.headers["content-type"] == "application/json"
        padded = post(client, **{field: text[:64].ljust(1048 if field == "image" else 64, "~")})
        check_error(padded, 422, "bad_input")
    assert post(client).status_code == 201
    assert len(list_corrections(open_store(str(file)))) == 1


def test_without_a_store_the_answer_says_how_to_keep_corrections() -> None:
    """A service without a store answers 404 to any correction, and tells a page that it takes none."""
    with make_client(None) as client:
        for changes in ({}, {"label": 99}, {"consent": False}):
            check_error(post(client, **changes), 404, "no_store")
        assert "--store sqlite:///corrections.db" in post(client).json()["error"]["hint"]
        assert client.get("/v1/corrections").json()["accepts"] is False


def test_a_page_is_told_what_is_kept(client: TestClient, file: Path) -> None:
    """With a store, a page learns that corrections are taken, and what of them is kept; not what was."""
    post(client)
    assert client.get("/v1/corrections").json() == {
        "accepts": True,
        "keeps": ["image", "predicted", "label", "model", "time"],
    }


def test_a_store_that_cannot_be_opened_fails_at_the_start(tmp_path: Path) -> None:
    """The service does not start on a store that it cannot write."""
    with pytest.raises(StoreError, match="cannot be opened: Is a directory"):
        make_client(str(tmp_path))


def test_a_store_needs_the_extra(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SQLAlchemy a service with a store does not start, and says why; one without does."""
    monkeypatch.setitem(sys.modules, "tenfold.serve.store", None)
    with pytest.raises(MissingExtraError, match=r"needs sqlalchemy.* pip install 'tenfold\[serve\]'"):
        make_client(str(file))
    assert make_client(None).get("/v1/corrections").status_code == 200


def test_a_locked_database_is_503(
    client: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """While the database is locked corrections answer 503, and the log alone says why; then all is well."""
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with caplog.at_level(logging.WARNING, "tenfold.serve"):
        check_unavailable(post(client), file)
    assert "database is locked" in caplog.text
    assert client.get("/v1/corrections").status_code == 200
    other.close()
    assert post(client).status_code == 201


def test_a_deleted_database_is_503(service: TestClient, file: Path) -> None:
    """When the file is gone corrections answer 503, until it is back; predictions go on."""
    post(service)
    elsewhere = file.rename(file.with_name("elsewhere"))
    check_unavailable(post(service), file)
    check_predicts(service)
    assert not file.exists()
    elsewhere.rename(file)
    assert post(service).json() == {"id": 2}


def test_a_full_disk_is_503(service: TestClient, file: Path) -> None:
    """When the disk is full corrections answer 503, and 201 again when there is room; predictions go on."""
    with files_at_most(50_000):
        answers = [post(service) for _ in range(60)]
        check_predicts(service)
    check_unavailable(answers[-1], file)
    n_kept = sum(answer.status_code == 201 for answer in answers)
    assert 5 < n_kept < 60
    assert post(service).status_code == 201
    assert len(list_corrections(open_store(str(file)))) == n_kept + 1


def test_strangers_cannot_fill_the_disk(file: Path) -> None:
    """From the limit on, corrections answer 503 and the file no longer grows."""
    with make_client(str(file), most_rows=3) as client:
        assert [post(client).status_code for _ in range(3)] == [201] * 3
        size = file.stat().st_size
        for _ in range(3):
            check_unavailable(post(client), file)
    assert file.stat().st_size == size


def test_a_locked_database_holds_up_nothing_else(
    service: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While many corrections wait for the lock predictions are made, and too many are not let in."""
    monkeypatch.setattr(database, "PATIENCE", 30)  # longer than this takes
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with ThreadPoolExecutor(20) as threads:
        started = time.monotonic()
        waiting = [threads.submit(post, service) for _ in range(20)]
        while sum(one.done() for one in waiting) < 4:
            assert time.monotonic() - started < 20, "too many were let in"
            time.sleep(0.01)
        check_predicts(service)
        assert sum(one.done() for one in waiting) == 4
        other.close()
        statuses = sorted(one.result().status_code for one in waiting)
    assert corrections.N_WRITERS + corrections.MOST_WAITING == 16
    assert statuses == [201] * 16 + [503] * 4
    assert len(list_corrections(open_store(str(file)))) == 16


def test_the_document_names_each_answer(client: TestClient) -> None:
    """The OpenAPI document has the path with its fields, and the statuses that it may answer."""
    document = client.get("/openapi.json").json()
    operation = document["paths"]["/v1/corrections"]["post"]
    for status in ("403", "404", "422", "503"):
        content = operation["responses"][status]["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
    assert operation["responses"]["201"]
    body = document["components"]["schemas"]["CorrectionBody"]
    assert body["additionalProperties"] is False
    assert sorted(body["required"]) == sorted(GOOD)
