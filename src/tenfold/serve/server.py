"""The process that serves: a socket, time limits on what arrives, an orderly end."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any, Final

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from tenfold.errors import InputError
from tenfold.serve.failures import busy, failure_response
from tenfold.serve.limits import HEALTH, SECURITY_HEADERS

HEAD_SECONDS: Final = 10.0
"""That a client may take to send the head of a request."""

BODY_SECONDS: Final = 30.0
"""That a client may take to send the body of a request."""

HEAD_BYTES: Final = 16_384
DRAIN_SECONDS: Final = 0.3
"""After the signal to end, in which what clients have sent already is still taken."""

END_SECONDS: Final = 4
"""After that, in which requests that run may end."""

MOST_REQUESTS: Final = 512
"""That are answered at a time. More are refused as soon as their head is read, which costs least."""

MOST_FILES: Final = 65_536

_LATE: Final = (
    b'{"error": {"code": "too_late", "message": "The request must arrive in time.", '
    b'"hint": "Send it faster."}}'
)


class PatientProtocol(H11Protocol):
    """HTTP of uvicorn, but clients that send too slowly are let go, and too many requests refused.

    Only requests that have arrived whole count: clients that keep theirs to themselves take no room.
    """

    _phase: Any = None
    _timer: asyncio.TimerHandle | None = None
    _is_counted = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the head of a request."""
        super().connection_made(transport)
        self._expect(h11.IDLE, HEAD_SECONDS)

    def handle_events(self) -> None:
        """Take what has arrived, and expect what must follow."""
        is_full = self.app_state.get("n_answered", 0) >= MOST_REQUESTS
        self.app = self._refuse if is_full else self.config.loaded_app
        super().handle_events()
        state = self.conn.their_state
        if state in {h11.DONE, h11.MUST_CLOSE} and self.cycle and not self.cycle.response_complete:
            self._count(is_answered=True)
        if state is h11.SEND_BODY:
            self._expect(state, BODY_SECONDS)
        elif state is h11.IDLE and self.conn.trailing_data[0]:
            self._expect(state, HEAD_SECONDS)
        else:
            self._stop()

    def on_response_complete(self) -> None:
        """Make room for another request."""
        self._count(is_answered=False)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._stop()
        self._count(is_answered=False)
        super().connection_lost(exc)

    def _count(self, *, is_answered: bool) -> None:
        """Count the request of this connection, once, in what all connections share."""
        if is_answered != self._is_counted:
            self._is_counted = is_answered
            self.app_state["n_answered"] = self.app_state.get("n_answered", 0) + (1 if is_answered else -1)

    async def _refuse(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  # uvicorn's types
        """Answer that there is no room; only health is told all the same."""
        if scope["path"] in HEALTH:
            await self.config.loaded_app(scope, receive, send)
            return
        app: Any = self.config.app
        app.state.metrics.count_refusal()
        failure = busy("Too many requests are being answered.")
        failure.headers.update(SECURITY_HEADERS)
        await failure_response(failure, scope["path"])(scope, receive, send)

    def _expect(self, phase: object, seconds: float) -> None:
        """Start the clock of a phase, unless it runs."""
        if phase is not self._phase:
            self._stop()
            self._phase = phase
            self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop(self) -> None:
        self._phase = None
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        """Close the connection, with an answer where none has begun."""
        self._stop()
        if self.transport.is_closing():
            return
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and self.conn.their_state is not h11.ERROR:
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(_LATE))),
                ("connection", "close"),
            ]
            response = h11.Response(status_code=408, headers=headers, reason=b"Request Timeout")
            for event in (response, h11.Data(_LATE), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Server(uvicorn.Server):
    """A server that says when it is ready, and takes what has been sent before it ends."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.is_ready = False
        await asyncio.sleep(DRAIN_SECONDS)
        await super().shutdown(sockets)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address.

    Parameters
    ----------
    host : str
        A name or an IP address.
    port : int
        0 for any that is free.

    Raises
    ------
    InputError
        The port is taken, or the host is none of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
            stack.pop_all()  # it stays open where all went well
    except OSError as error:
        raise InputError(
            f"The service must have an address that is free and of this machine. Got {host} port {port}: "
            f"{error.strerror or error}. Choose another with --host and --port."
        ) from error
    return listener


def run(app: FastAPI, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serve until a signal ends it: SIGTERM, or Ctrl-C.

    Requests that run have `END_SECONDS` to end; what is left is cut off.

    Parameters
    ----------
    app : FastAPI
        Of `make_app`.
    listener : socket
        Of `bind`.
    on_ready : callable
        Called when requests are taken.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # failed requests are logged by `Limits`
    _allow_files()
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=END_SECONDS,
    )
    _Server(config, app, on_ready).run([listener])


def _allow_files() -> None:
    """Let this process hold as many connections as the system lets it."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
