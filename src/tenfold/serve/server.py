"""The process that serves: a socket, an orderly end."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from fastapi import FastAPI

from tenfold.errors import InputError
from tenfold.serve.protocol import PatientProtocol

DRAIN_SECONDS: Final = 0.3
"""After the signal to end, in which what clients have sent already is still taken."""

END_SECONDS: Final = 4
"""After that, in which requests that run may end."""

MOST_FILES: Final = 65_536


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
        loop="asyncio",
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
