"""How many requests were answered how, and how long that took."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenfold.serve.metrics import Metrics


class Counting:
    """ASGI middleware that counts each request under the path it was routed to.

    Parameters
    ----------
    app : ASGI app
        What answers.
    metrics : Metrics
        Where to count.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            path = getattr(scope.get("route"), "path", None) or "other"
            self._metrics.count_request(path, status, time.perf_counter() - started)
