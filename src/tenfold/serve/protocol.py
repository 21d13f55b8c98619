"""HTTP, with limits on what arrives: how quickly, how much, how many requests at a time."""

import asyncio
import functools
from http import HTTPStatus
from typing import Final

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tenfold.serve.failures import Failure, busy, failure_response
from tenfold.serve.limits import HEALTH, SECURITY_HEADERS

HEAD_SECONDS: Final = 10.0
"""That a client may take to send the head of a request."""

BODY_SECONDS: Final = 30.0
"""That a client may take to send the body of a request."""

HEAD_BYTES: Final = 16_384

MOST_REQUESTS: Final = 512
"""That are answered at a time. More are refused as soon as their head is read, which costs least."""

TOO_LATE: Final = Failure(408, "too_late", "The request must arrive in time.", "Send it faster.")
LARGE_HEAD: Final = Failure(
    431,
    "large_head",
    f"The head of a request may have {HEAD_BYTES} bytes. Got more.",
    "Send less.",
)
NO_HTTP: Final = Failure(400, "no_http", "The request must be HTTP. Got something else.")
FULL: Final = busy("Too many requests are being answered.")

_ALWAYS: Final = HEALTH | {"/metrics"}
"""Paths that are answered however many requests there are."""

_HEAD: Final = "head"
_BODY: Final = "body"


class PatientProtocol(HttpToolsProtocol):
    """HTTP of uvicorn, but clients that send too slowly are let go, and too many requests refused.

    Only requests that have arrived whole count: clients that keep theirs to themselves take no room.
    """

    _phase: str | None = None
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_counted = False
    _refusal: Response | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the head of a request."""
        super().connection_made(transport)
        self._expect(_HEAD, HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived; of a head no more than is allowed."""
        if self._phase is None and not self._is_counted:
            self._expect(_HEAD, HEAD_SECONDS)
        if self._phase == _HEAD:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._phase == _HEAD and self._head_bytes > HEAD_BYTES:
            self._end(LARGE_HEAD)

    def on_message_begin(self) -> None:
        """Expect the rest of a head."""
        super().on_message_begin()
        self._expect(_HEAD, HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """Let the app answer, or refuse; expect the body."""
        refusal = self._refuse()
        is_plain = self.parser.get_method() != b"HEAD" and not self.expect_100_continue
        self._refusal = refusal if is_plain and self._is_alone() else None
        if not self._refusal:
            self.app = refusal or self.config.loaded_app
            super().on_headers_complete()
        self._head_bytes = 0
        self._expect(_BODY, BODY_SECONDS)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, or drop it where it was refused."""
        if not self._refusal:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect nothing: the request is there."""
        self._stop()
        if self._refusal:
            self._answer_at_once(self._refusal)
            return
        super().on_message_complete()
        if not self.cycle.response_complete:
            self._count(is_answered=True)

    def on_response_complete(self) -> None:
        """Make room for another request, unless the client has sent one ahead."""
        self._count(is_answered=bool(self.pipeline))
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._stop()
        self._count(is_answered=False)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # as uvicorn calls it
        """Answer what is no HTTP."""
        self._end(NO_HTTP)

    def _count(self, *, is_answered: bool) -> None:
        """Count the request of this connection, once, in what all connections share."""
        if is_answered != self._is_counted:
            self._is_counted = is_answered
            self.app_state["n_answered"] = self.app_state.get("n_answered", 0) + (1 if is_answered else -1)

    def _is_alone(self) -> bool:
        """Tell whether no request that came before on this connection is still being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self) -> Response | None:
        """Return what is answered in place of the app, if its head is too large or there is no room."""
        path = self.url.partition(b"?")[0].decode("ascii")
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            failure = LARGE_HEAD
        elif self.app_state.get("n_answered", 0) >= MOST_REQUESTS and path not in _ALWAYS:
            failure = FULL
        else:
            return None
        self.config.app.state.metrics.count_refusal(failure.status)  # type: ignore[union-attr]
        return _respond(failure, is_v2=path.startswith("/v2"))

    def _answer_at_once(self, response: Response) -> None:
        """Answer without a task of its own, which would take longer than an answer does."""
        is_last = not self.parser.should_keep_alive()
        self.transport.write(_lay_out(response, is_last=is_last))
        self.on_response_complete()
        if is_last:
            self.transport.close()

    def _expect(self, phase: str, seconds: float) -> None:
        """Start the clock of a phase, unless it runs."""
        if phase != self._phase:
            self._stop()
            self._phase = phase
            self._timer = self.loop.call_later(seconds, self._end, TOO_LATE)

    def _stop(self) -> None:
        self._phase = None
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _end(self, failure: Failure) -> None:
        """Close the connection, with an answer where none has begun."""
        self._stop()
        if self.transport.is_closing():
            return
        if not self.pipeline and (self._is_alone() or not self.cycle.response_started):
            self.transport.write(_lay_out(_respond(failure, is_v2=False), is_last=True))
        self.transport.close()


@functools.cache
def _respond(failure: Failure, *, is_v2: bool) -> Response:
    """Return the answer to what does not reach the app."""
    response = failure_response(failure, "/v2" if is_v2 else "")
    response.headers.update(SECURITY_HEADERS)
    return response


@functools.cache
def _lay_out(response: Response, *, is_last: bool) -> bytes:
    """Return a whole answer as bytes."""
    lines = [f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    lines += ["connection: close"] if is_last else []
    return "\r\n".join([*lines, "", ""]).encode() + bytes(response.body)
