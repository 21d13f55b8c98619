"""`tenfold serve`."""

import hashlib
import ipaddress
import logging
import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tenfold.cli.options import StoreOption
from tenfold.errors import InputError, MissingExtraError, StoreError
from tenfold.model_file import SHIPPED

if TYPE_CHECKING:
    from tenfold.serve.store import Store

MODULES: Final = {
    "fastapi": "fastapi",
    "uvicorn": "uvicorn",
    "httptools": "httptools",
    "python_multipart": "python-multipart",
    "prometheus_client": "prometheus-client",
    "sqlalchemy": "sqlalchemy",
}
"""What the extra `serve` brings: modules, and the packages they come in."""

SHORTEST_KEY: Final = 16
PUBLIC_RATE: Final = 20.0
"""Requests per second of one client, where others than this machine may ask."""

logger: Final = logging.getLogger("tenfold.serve")


def serve(
    model: Annotated[
        Path, typer.Option(help="A model file that tenfold wrote, or one that comes with it.")
    ] = Path(SHIPPED[0]),
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8000,
    store: StoreOption = None,
    api_key: Annotated[
        str | None,
        typer.Option(
            help="A key that requests must carry. Better set TENFOLD_API_KEY, which no other user sees.",
            show_default=False,
        ),
    ] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Take requests without a key from whoever reaches --host.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            help="A name under which the service is reached, such as digits.example.org.", show_default=False
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            help=f"Requests per second of one client; 0: any number. By default {PUBLIC_RATE:g}, and any "
            "number at an address that only this machine reaches.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve a page to draw on, and a REST service, until Ctrl-C.

    Prints the address when it is ready. Only this machine reaches it, unless --host says otherwise: then it
    takes a key, or --open. What people correct on the page, and agree to give, is kept: --store none keeps
    nothing.

    Examples:

    - `tenfold serve`
    - `tenfold serve --model mine.onnx --port 8080`
    - `tenfold serve --store none`
    - `TENFOLD_API_KEY=… tenfold serve --host 0.0.0.0 --allow-host digits.example.org`
    """
    _check_extra()
    from tenfold.serve import Settings, make_app
    from tenfold.serve.server import bind, run
    from tenfold.serve.settings import LOOPBACK

    key = api_key or os.environ.get("TENFOLD_API_KEY")
    is_public = not _is_loopback(host)
    _check_key(key, host, is_needed=is_public and not is_open)
    logging.basicConfig(format="tenfold: %(message)s", level=logging.INFO)
    names = tuple(name.lower() for name in allow_host or ())
    settings = Settings(
        model=model,
        store=_choose_store(store),
        hosts=None if is_public and not names else (*LOOPBACK, *names, host.lower()),
        key_sha256=hashlib.sha256(key.encode()).digest() if key else None,
        rate=(PUBLIC_RATE if is_public else None) if rate is None else rate or None,
    )
    with bind(host, port) as listener:
        service = make_app(settings)
        kept_in = service.state.store
        run(service, listener, on_ready=lambda: _greet(listener, kept_in, has_key=key is not None))


def _check_extra() -> None:
    for module, package in MODULES.items():
        if find_spec(module) is None:
            raise MissingExtraError(package, "serve")


def _check_key(key: str | None, host: str, *, is_needed: bool) -> None:
    if key is None and is_needed:
        raise InputError(
            f"At an address that others reach, requests must carry a key. Got --host {host} without one. Set "
            "TENFOLD_API_KEY, or let anybody in with --open."
        )
    if key is not None and len(key) < SHORTEST_KEY:
        raise InputError(
            f"The key must have at least {SHORTEST_KEY} characters. Got {len(key)}. "
            "`openssl rand -hex 32` makes one."
        )


def _choose_store(named: str | None) -> str | None:
    """Return where corrections are kept: as it was said, or in the user's data folder where that can be."""
    from tenfold.serve.store import make_default_store

    if named is not None:
        return None if named == "none" else named
    try:
        return make_default_store()
    except StoreError as error:
        logger.warning("%s No corrections are kept.", error)
        return None


def _is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _greet(listener: socket.socket, store: "Store | None", *, has_key: bool) -> None:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # where to look at it from here
    name = f"[{shown}]" if ":" in shown else shown
    print(f"tenfold serves at http://{name}:{port}/ (Ctrl-C ends it)", flush=True)
    if store:
        print(f"tenfold: corrections are kept, with consent, in {store.name}", file=sys.stderr, flush=True)
    if not has_key and not _is_loopback(host):
        print("tenfold: anybody who reaches this machine may use it.", file=sys.stderr, flush=True)
