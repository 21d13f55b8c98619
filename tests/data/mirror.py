"""A web server on loopback that serves a dataset's files well or badly, and counts what it did."""

import gzip
import hashlib
import http.server
import importlib.resources
import itertools
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import trustme

from tenfold.data.sources import Source, SourceFile

EMBEDDED: Final = importlib.resources.files("tenfold.data") / "embedded"
NAMES: Final = ("digits-images-idx3-ubyte", "digits-labels-idx1-ubyte")
FILES: Final = {name: gzip.decompress((EMBEDDED / f"{name}.gz").read_bytes()) for name in NAMES}
"""Real data in small: the embedded digits, uncompressed."""

PIECE: Final = 4096
PAGE: Final = b"<!doctype html><title>Please log in</title>"

FETCH_ELSEWHERE: Final = """
import sys
from tenfold.data.fetch import fetch
from tenfold.data.sources import Source, SourceFile
from tenfold.errors import TenfoldError
import requests  # what fetch imports late, so that the line below is the moment it starts

name, mirror, *parts = sys.argv[1:]
rows = [part.split(":") for part in parts]
files = tuple(SourceFile(file, int(n_bytes), sha256) for file, n_bytes, sha256 in rows)
source = Source(
    name=name, title="", n_train=0, n_test=0, license="", homepage="", files=files, mirrors=(mirror,)
)
print("fetching", flush=True)
try:
    print("fetched", fetch(source))
except TenfoldError as error:
    print(type(error).__name__, error)
"""


def make_source(*mirrors: str, name: str = "stand-in", files: dict[str, bytes] = FILES) -> Source:
    """Return a source of `files` under their published checksums."""
    published = tuple(
        SourceFile(file, len(content), hashlib.sha256(content).hexdigest()) for file, content in files.items()
    )
    return Source(
        name=name,
        title="",
        n_train=0,
        n_test=0,
        license="",
        homepage="",
        files=published,
        mirrors=mirrors,
    )


def start_fetch(
    source: Source, *options: str, before: tuple[str, ...] = (), **kwargs: Any
) -> subprocess.Popen[str]:
    """Fetch from the first mirror of `source` in a process of its own."""
    files = [f"{file.name}:{file.n_bytes}:{file.sha256}" for file in source.files]
    command = [sys.executable, *options, "-c", FETCH_ELSEWHERE, source.name, source.mirrors[0], *files]
    return subprocess.Popen([*before, *command], stdout=subprocess.PIPE, text=True, **kwargs)


def damaged(data: bytes, position: int) -> bytes:
    """Return the bytes with one bit flipped; a negative position counts from the end."""
    position %= len(data)
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def zeros_gzip() -> Iterator[bytes]:
    """Yield a gzip stream without end, each kilobyte of it a megabyte of zeros."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return itertools.chain([b"\x1f\x8b\x08" + bytes(7)], itertools.repeat(block))


class Request(http.server.BaseHTTPRequestHandler):
    """One request for ``/BEHAVIOR/FILE.gz``."""

    server: "Mirror"

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer as the behavior that the address names."""
        _, self.behavior, file = self.path.split("/")
        self.content = self.server.files[file.removesuffix(".gz")]
        self.server.requests[self.path] += 1
        BEHAVIORS[self.behavior](self)

    def answer(
        self, body: bytes | Iterable[bytes], *, status: int = 200, pause: float = 0, **headers: str
    ) -> None:
        """Send one answer; of a body in pieces, one at a time."""
        self.send_response(status)
        if isinstance(body, bytes):
            headers.setdefault("Content_Length", str(len(body)))
        for name, value in {"Content_Type": "application/octet-stream", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        for piece in [body] if isinstance(body, bytes) else body:
            self.wfile.write(piece)
            self.server.sent[self.behavior] += len(piece)
            time.sleep(pause)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in http.server
        """Stay silent."""


def pieces(data: bytes, size: int = PIECE) -> Iterator[bytes]:
    """Cut bytes into pieces."""
    return (data[start : start + size] for start in range(0, len(data), size))


def _silent(request: Request) -> None:
    """Send nothing until the client hangs up."""
    request.rfile.read(1)


def _chunked(request: Request) -> None:
    """Send the file in chunks, as a server that does not know its length."""
    request.protocol_version = "HTTP/1.1"
    chunks = (b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces(gzip.compress(request.content)))
    request.answer(itertools.chain(chunks, [b"0\r\n\r\n"]), Transfer_Encoding="chunked", Connection="close")
    request.close_connection = True


def _to_http(request: Request) -> None:
    """Redirect to the same file over plain HTTP."""
    location = f"http://127.0.0.1:{request.server.plain.server_port}{request.path}"
    request.answer(b"", status=302, Location=location)


GOOD: Final[dict[str, Callable[[Request], None]]] = {
    "gzip": lambda request: request.answer(gzip.compress(request.content)),
    "plain": lambda request: request.answer(request.content),
    "encoded": lambda request: request.answer(gzip.compress(request.content), Content_Encoding="gzip"),
    "chunked": _chunked,
    "slow": lambda request: request.answer(pieces(gzip.compress(request.content)), pause=0.02),
    "hesitant": lambda request: request.answer(
        itertools.chain(pieces(request.content[:20], 1), [request.content[20:]]), pause=0.005
    ),
    "moved": lambda request: request.answer(b"", status=302, Location=f"/gzip/{request.path.split('/')[-1]}"),
    "endless_tail": lambda request: request.answer(
        itertools.chain([gzip.compress(request.content)], itertools.repeat(bytes(PIECE)))
    ),
}
BAD: Final[dict[str, Callable[[Request], None]]] = {
    "page": lambda request: request.answer(PAGE, Content_Type="text/html; charset=utf-8"),
    "page_as_file": lambda request: request.answer(PAGE),
    "forbidden": lambda request: request.answer(b"", status=403),
    "failing": lambda request: request.answer(b"", status=500),
    "short": lambda request: request.answer(gzip.compress(request.content[:-1])),
    "cut": lambda request: request.answer(gzip.compress(request.content)[:-200]),
    "breaks_off": lambda request: request.answer(request.content[:PIECE], Content_Length="90000"),
    "long": lambda request: request.answer(gzip.compress(request.content + b"\0")),
    "other": lambda request: request.answer(gzip.compress(damaged(request.content, 1000))),
    "damaged": lambda request: request.answer(damaged(gzip.compress(request.content), -5)),
    "empty": lambda request: request.answer(b""),
    "bomb": lambda request: request.answer(zeros_gzip()),
    "endless": lambda request: request.answer(itertools.repeat(bytes(PIECE))),
    "endless_name": lambda request: request.answer(
        itertools.chain([b"\x1f\x8b\x08\x08" + bytes(6)], itertools.repeat(b"x" * PIECE))
    ),
    "to_http": _to_http,
    "silent": _silent,
    "drips": lambda request: request.answer(pieces(request.content, 1), pause=0.02),
    "dries_up": lambda request: request.answer(
        itertools.chain([request.content[:-1000]], pieces(request.content[-1000:], 1)), pause=0.02
    ),
}
BEHAVIORS: Final = {**GOOD, **BAD}


class Mirror(http.server.ThreadingHTTPServer):
    """An HTTPS server of `files`, each behavior under a folder of its own.

    Attributes
    ----------
    requests : Counter
        How often each path was asked for.
    sent : Counter
        Bytes of bodies sent, by behavior.
    plain : HTTPServer
        A server without TLS beside it, which nobody should ask for anything.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, *, files: dict[str, bytes] = FILES) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.files = files
        self.requests: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.authority = folder / "authority.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.authority))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.plain = http.server.HTTPServer(("127.0.0.1", 0), Request)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> Self:
        """Start to serve."""
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.shutdown()
        self.server_close()
        self.plain.server_close()

    def address(self, behavior: str) -> str:
        """Return the mirror of one behavior."""
        return f"https://127.0.0.1:{self.server_port}/{behavior}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: clients hang up on purpose here."""

    def plain_was_asked(self) -> bool:
        """Tell whether anybody connected to the server without TLS."""
        self.plain.socket.settimeout(0)
        try:
            self.plain.socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True


def closed_port() -> int:
    """Return a port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
