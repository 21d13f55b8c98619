"""What is checked before a request is read, and what every answer carries."""

import hashlib
import hmac
import ipaddress
import logging
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenfold.serve.failures import INTERNAL, Failure, busy, failure_response
from tenfold.serve.rate import RateLimit
from tenfold.serve.settings import Settings

logger: Final = logging.getLogger("tenfold.serve")

SECURITY_HEADERS: Final = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

GUARDED: Final = ("/v1", "/v2", "/metrics")
"""Beginnings of paths that need the key and count for the rate. The page and its files need none."""

HEALTH: Final = {"/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"}

IMAGES: Final = "/v1/predict"
"""The path whose requests may be larger."""

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
CLOSING: Final = {408, 413}
"""Statuses after which what is left of the request is not read: the connection is closed."""


class Limits:
    """ASGI middleware: refuses what must not reach the app, and adds headers to all that is answered.

    Parameters
    ----------
    app : ASGI app
        What is protected.
    settings : Settings
        The limits.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._settings = settings
        self._rate = RateLimit(settings.rate) if settings.rate else None
        self._held = 0
        self._small = RequestBodyLimitMiddleware(app, settings.max_bytes)
        self._large = RequestBodyLimitMiddleware(app, settings.max_images_bytes)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        held = _Held(self, receive)
        try:
            self._check(scope)
            app = self._large if scope["path"] == IMAGES else self._small
            await app(scope, held.receive, answer.send)
        except Failure as failure:
            await failure_response(failure, scope["path"])(scope, receive, answer.send)
        except Exception:
            logger.exception("A request failed.")
            if answer.is_started:
                raise
            await failure_response(INTERNAL, scope["path"])(scope, receive, answer.send)
        finally:
            self._held -= held.n_bytes

    def hold(self, n_bytes: int) -> None:
        """Count bytes that have arrived; refuse those for which there is no room."""
        self._held += n_bytes
        if self._held > self._settings.max_held_bytes:
            raise busy("Too many large requests are being read.")

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        _check_host(headers, self._settings.hosts)
        path: str = scope["path"]
        if scope["method"] not in SAFE:
            _check_origin(headers)
        if path.startswith(GUARDED) and path not in HEALTH:
            if self._rate:
                self._rate.check(scope["client"][0] if scope.get("client") else "")
            if self._settings.key_sha256:
                _check_key(headers, self._settings.key_sha256)
        _check_length(
            headers, self._settings.max_images_bytes if path == IMAGES else self._settings.max_bytes
        )


class _Answer:
    """What is sent, with the headers that all answers have."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_started = True
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS)
            if message["status"] in CLOSING:
                headers["connection"] = "close"
        await self._send(message)


class _Held:
    """What of a request has arrived."""

    def __init__(self, limits: Limits, receive: Receive) -> None:
        self._limits = limits
        self._receive = receive
        self.n_bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        n_bytes = len(message.get("body", b""))
        self.n_bytes += n_bytes
        self._limits.hold(n_bytes)
        return message


def _check_host(headers: Headers, hosts: tuple[str, ...] | None) -> None:
    """Refuse a request that was meant for another host: a page may have given its host's name our address."""
    given = headers.getlist("host")
    host = _without_port(given[0].lower()) if len(given) == 1 else ""
    if host not in hosts if hosts is not None else not (host == "localhost" or _is_address(host)):
        raise Failure(
            421, "wrong_host", "The header Host must name this service.", "Start it with --allow-host NAME."
        )


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _check_origin(headers: Headers) -> None:
    """Refuse what a page of another site sends. Programs that are no browser send no origin."""
    origin = headers.get("origin")
    is_own = origin is None or origin.lower().partition("://")[2] == headers["host"].lower()
    if not is_own or headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Failure(403, "cross_site", "Requests must come from this service's own page, or from no page.")


def _check_key(headers: Headers, expected: bytes) -> None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    given = hashlib.sha256(key.strip().encode("latin-1")).digest()
    if not hmac.compare_digest(given, expected) or scheme.lower() != "bearer":
        raise Failure(
            401,
            "no_key",
            "The request must carry the key of this service.",
            "Send the header Authorization: Bearer KEY.",
            {"www-authenticate": "Bearer"},
        )


def _check_length(headers: Headers, most: int) -> None:
    """Refuse a body by its announced length, before any of it is read."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > most:
        raise Failure(413, "too_large", f"The body may have {most} bytes. Got more.", "Send less.")
