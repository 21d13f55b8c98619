"""`tenfold serve` as a process: its start, and clients that are slow, many or hostile."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from tenfold.cli import serve as serve_command
from tenfold.cli.main import app
from tenfold.errors import MissingExtraError, TenfoldError
from tests.cli.program import run_main
from tests.serve.process import Service, head, percentile, receive_all, running, timed

if TYPE_CHECKING:
    import socket

BODY = bytes(784)
BINARY = "Content-Type: application/octet-stream"


def predict_request(n_bytes: int = 784) -> bytes:
    """Return the head of a request with digit images."""
    return head("POST", "/v1/predict", BINARY, f"Content-Length: {n_bytes}")


def test_serve_prints_its_address_and_answers(service: Service) -> None:
    """The address that is printed leads to the page, and the service is ready."""
    assert b"<!doctype html>" in service.ask(head("GET", "/"))
    assert b'{"status":"ok"}' in service.ask(head("GET", "/readyz"))
    assert b'"label"' in service.ask(predict_request() + BODY)


def test_serve_tells_nothing_of_what_it_runs_on(service: Service) -> None:
    """Answers name no server software."""
    assert b"server:" not in service.ask(head("GET", "/healthz")).lower()


def test_serve_fails_in_one_line_where_the_port_is_taken(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port that is taken is named, and the command exits with 1."""
    assert run_main(["serve", "--port", str(service.port)]) == 1
    err = capsys.readouterr().err
    assert f"Got 127.0.0.1 port {service.port}" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], r"must carry a key. Got --host 0\.0\.0\.0 without one"),
        (["--host", "::"], "must carry a key"),
        (["--host", "0.0.0.0", "--api-key", "short"], "at least 16 characters. Got 5"),
        (["--host", "192.0.2.1", "--open"], "of this machine. Got 192.0.2.1"),
        (["--model", "missing.onnx"], "Got no such file"),
    ],
)
def test_serve_refuses_to_start(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key in public, with a weak one, at another's address or without a model it does not start."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_API_KEY", raising=False)
    with pytest.raises(TenfoldError, match=message):
        CliRunner().invoke(app, ["serve", "--port", "0", *arguments], catch_exceptions=False)


def test_serve_names_the_extra_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its packages the command says which extra brings them."""
    monkeypatch.setattr(serve_command, "MODULES", {"no_such_module": "no-such-package"})
    with pytest.raises(MissingExtraError, match=r"needs no-such-package.*pip install 'tenfold\[serve\]'"):
        CliRunner().invoke(app, ["serve"], catch_exceptions=False)


@pytest.mark.slow
def test_serve_takes_its_key_from_the_environment_and_logs_it_nowhere() -> None:
    """A key of the environment is asked for, and stands in nothing that the service writes."""
    key = "0123456789abcdef-secret"
    with running("--host", "0.0.0.0", TENFOLD_API_KEY=key) as service:
        refused = service.ask(head("GET", "/v1/model", "Authorization: Bearer wrong"))
        answered = service.ask(head("GET", "/v1/model", f"Authorization: Bearer {key}"))
        service.process.send_signal(signal.SIGTERM)
        written = "".join(service.process.communicate(timeout=20))

    assert refused.startswith(b"HTTP/1.1 401")
    assert answered.startswith(b"HTTP/1.1 200")
    assert key not in written


@pytest.fixture(scope="module")
def writing_nothing() -> Iterator[Service]:
    """Return a service that cannot write a byte to any file."""
    before = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    with running(before=before) as service:
        yield service


FORM = "Content-Type: multipart/form-data; boundary=x"
FORM_HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="7.png"\r\n\r\n'
FORM_END = b"\r\n--x--\r\n"


def send_chunked(service: Service, path: str, kind: str, body: bytes) -> bytes:
    """Send a body without a length, piece by piece, until it is all sent or the service has had enough."""
    with service.connect() as connection:
        connection.sendall(head("POST", path, "Transfer-Encoding: chunked", kind))
        try:
            for start in range(0, len(body), 0x10000):
                piece = body[start : start + 0x10000]
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        return receive_all(connection)


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [
        ("/v1/read", FORM, FORM_HEAD),
        ("/v1/read", "Content-Type: image/png", b""),
        ("/v1/predict", BINARY, b""),
    ],
    ids=["form", "picture", "images"],
)
def test_serve_refuses_chunked_bodies_past_the_limit(
    writing_nothing: Service, path: str, kind: str, start: bytes
) -> None:
    """A body without a length is cut off at the limit; nothing of it is written to a disk."""
    answer = send_chunked(writing_nothing, path, kind, start + bytes(60_000_000))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"too_large"' in answer
    assert writing_nothing.ask(head("GET", "/healthz")).startswith(b"HTTP/1.1 200")


def test_serve_takes_large_bodies_without_writing_them(writing_nothing: Service) -> None:
    """What is just within the limit is read, in a form too, by a service that cannot write to any file."""
    form = send_chunked(writing_nothing, "/v1/read", FORM, FORM_HEAD + bytes(4_999_000) + FORM_END)
    images = send_chunked(writing_nothing, "/v1/predict", BINARY, bytes(7_840_000))
    assert form.startswith(b"HTTP/1.1 422")
    assert b'"bad_picture"' in form
    assert images.startswith(b"HTTP/1.1 200")
    assert images.count(b'"blank"') == 10_000


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\0\1\2\3\r\n\r\n",
        b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\nabcde",
        b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 2_000_000 + b"\r\n\r\n",
    ],
    ids=range(8),
)
def test_serve_refuses_what_is_no_http(service: Service, request_bytes: bytes) -> None:
    """Bytes that are no request, heads that contradict themselves or have no end are refused."""
    answer = service.ask(request_bytes)

    assert answer.startswith(b"HTTP/1.1 4")
    assert b"Traceback" not in answer
    assert service.ask(head("GET", "/healthz")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"\0\1\2\3\r\n\r\n", b"400", b'"no_http"'),
        (head("GET", "/", "X: " + "a" * 20_000), b"431", b'"large_head"'),
        (head("GET", "/" + "a" * 20_000), b"431", b'"large_head"'),
    ],
)
def test_serve_says_what_is_wrong_with_a_head(
    service: Service, request_bytes: bytes, status: bytes, code: bytes
) -> None:
    """What is no HTTP, and a head that is too large, get an error of the form that all errors have."""
    answer = service.ask(request_bytes)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert code in answer
    assert b"content-security-policy" in answer


def test_serve_answers_requests_that_are_sent_ahead(service: Service) -> None:
    """Requests that a client sends without waiting are answered one by one, in their order."""
    keeping = head("GET", "/healthz").replace(b"close", b"keep-alive")

    answer = service.ask(2 * keeping + predict_request() + BODY)

    assert answer.count(b"HTTP/1.1 200") == 3
    assert answer.rindex(b'"predictions"') > answer.rindex(b'"ok"')


@pytest.mark.slow
def test_serve_closes_slow_clients(service: Service) -> None:
    """A head that is not there in 10 s, a body not in 30 s: the client is told so, and disconnected."""
    with service.connect() as silent, service.connect() as dripping, service.connect() as slow:
        slow.sendall(predict_request() + BODY[:100])
        started = time.monotonic()
        end = started + 9
        while time.monotonic() < end:
            dripping.sendall(b"GET / HTTP/1.1\r\n" if time.monotonic() < started + 0.5 else b"X: y\r\n")
            time.sleep(1)
        answers = [receive_all(connection) for connection in (silent, dripping)]
        seconds = time.monotonic() - started
        assert [answer[:12] for answer in answers] == [b"HTTP/1.1 408"] * 2
        assert 9 < seconds < 14
        answer = receive_all(slow)
        assert answer.startswith(b"HTTP/1.1 408")
        assert 28 < time.monotonic() - started < 35


@pytest.mark.slow
def test_serve_refuses_requests_over_its_limit() -> None:
    """Requests over the limit are refused, told when to come back, and counted; health is told."""
    with running(before="from tenfold.serve import protocol\nprotocol.MOST_REQUESTS = 0") as service:
        refused = service.ask(predict_request() + BODY)
        service.ask(head("GET", "/v1/model"))
        health = service.ask(head("GET", "/healthz"))
        counted = service.ask(head("GET", "/metrics")).decode()

    assert 'tenfold_requests_total{path="refused",status="503"} 2.0' in counted
    assert refused.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 1" in refused
    assert b"content-security-policy" in refused
    assert b'"busy"' in refused
    assert health.startswith(b"HTTP/1.1 200")


@pytest.mark.slow
def test_serve_makes_room_again() -> None:
    """A request that was answered, refused or given up takes no room any more."""
    with running(before="from tenfold.serve import protocol\nprotocol.MOST_REQUESTS = 1") as service:
        for _ in range(3):
            with service.connect() as gone:
                gone.sendall(predict_request() + BODY)
            service.ask(head("POST", "/v1/predict", BINARY, "Content-Length: 99999999"))
            service.ask(head("GET", "/v1/nothing"))
            time.sleep(0.5)
            assert service.ask(predict_request() + BODY).startswith(b"HTTP/1.1 200")


@pytest.mark.slow
def test_serve_stays_quick_among_400_slow_clients(service: Service) -> None:
    """Clients that send heads and bodies byte by byte do not hold up others."""
    connections: list[socket.socket] = []
    try:
        for number in range(400):
            connection = service.connect()
            connection.sendall(b"GET / HTTP/1.1\r\nHo" if number % 2 else predict_request() + BODY[:1])
            connections.append(connection)
        seconds = []
        for number in range(200):
            for connection in connections[number : number + 200 : 50]:
                connection.sendall(b"x")
            seconds.append(timed(service, "/healthz"))
        answer = service.ask(predict_request() + BODY)
    finally:
        for connection in connections:
            connection.close()

    assert percentile(seconds, 0.99) <= 0.2
    assert b'"label"' in answer
