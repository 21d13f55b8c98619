"""Bring a dataset's files into the cache, each verified before it takes its name there."""

import hashlib
import itertools
import logging
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import filelock
import platformdirs

from tenfold.atomic import remove_leftovers, write_atomically
from tenfold.data.idx import GZIP_MAGIC
from tenfold.data.sources import Source, SourceFile
from tenfold.errors import FetchError, OutputError

if TYPE_CHECKING:
    import requests
    import urllib3

Progress = Callable[[str, int, int | None], None]
"""Called with the file's name, the bytes received, and how many there will be if the mirror says."""

CONNECT_SECONDS: Final = 5.0
SILENCE_SECONDS: Final = 15.0
LEAST_RATE: Final = 1_000
"""Bytes per second. A mirror that stays below it for as long as `SILENCE_SECONDS` is passed over."""

_BLOCK: Final = 1 << 16
_OVERHEAD: Final = 4096
"""Most bytes of a gzip header and trailer; deflate itself adds less than a thousandth."""

logger = logging.getLogger(__name__)


class _MirrorError(Exception):
    """Why one mirror is passed over. Never leaves this module."""


def cache_folder(name: str) -> Path:
    """Return the folder where `fetch` keeps a dataset: below ``TENFOLD_CACHE``, or the user's cache."""
    root = os.environ.get("TENFOLD_CACHE") or platformdirs.user_cache_path("tenfold", appauthor=False)
    return Path(root) / name


def is_offline(offline: bool | None) -> bool:  # noqa: FBT001
    """Return `offline`; where it is None, whether ``TENFOLD_OFFLINE`` is set to anything but 0."""
    if offline is not None:
        return offline
    return os.environ.get("TENFOLD_OFFLINE", "0") not in {"", "0"}


def fetch(source: Source, *, on_progress: Progress | None = None) -> Path:
    """Download what the cache lacks of a dataset, or holds damaged.

    Each file comes from the first mirror that delivers it whole: over HTTPS alone, of the right
    length and sha256. It is unpacked on the way and takes its name in the cache in one step. One
    process downloads at a time; others wait for it and then find the files there.

    Parameters
    ----------
    source : Source
        A named dataset with mirrors.
    on_progress : callable, optional
        Called as bytes arrive with the file's name, the bytes received and the bytes expected or None.

    Returns
    -------
    Path
        The folder in the cache that now holds every file.

    Raises
    ------
    FetchError
        Every mirror failed for a file; the error names each with its reason.
    OutputError
        The cache cannot be written.
    """
    folder = cache_folder(source.name)
    if all(_is_intact(folder / file.name, file) for file in source.files):
        return folder
    with _only_writer(folder):
        for file in source.files:
            if not _is_intact(folder / file.name, file):
                remove_leftovers(folder / file.name)
                _download(file, folder / file.name, source.mirrors, on_progress or _silent)
    return folder


def _silent(name: str, received: int, expected: int | None) -> None:
    """Report nothing."""


def _is_intact(path: Path, file: SourceFile) -> bool:
    """Tell whether `path` holds exactly the published bytes."""
    try:
        with path.open("rb") as stream:
            return (
                os.fstat(stream.fileno()).st_size == file.n_bytes
                and hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
            )
    except OSError:
        return False


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Make the folder and hold its lock, which the system releases should this process die."""
    lock = filelock.FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            logger.warning("Another process is fetching into %s. Waiting for it.", folder)
            lock.acquire()
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error
    try:
        yield
    finally:
        lock.release()


def _download(file: SourceFile, path: Path, mirrors: tuple[str, ...], on_progress: Progress) -> None:
    """Write one file from the first mirror that has it."""
    attempts = []
    for mirror in mirrors:
        address = f"{mirror}{file.name}.gz"
        try:
            with write_atomically(path) as out:
                for block in _verified(_unpacked(_received(address, file, on_progress)), file):
                    out.write(block)
        except _MirrorError as error:
            attempts.append(f"{address}: {error}")
            logger.info("Passed over %s: %s", address, error)
        else:
            return
    raise FetchError(file.name, attempts)


def _received(address: str, file: SourceFile, on_progress: Progress) -> Iterator[bytes]:
    """Yield the bytes that a mirror sends, as long as they may be the file's."""
    import requests
    import urllib3

    session = requests.Session()
    session.adapters.pop("http://")  # so that a redirect to plain HTTP fails as well
    headers = {"Accept-Encoding": "identity"}
    try:
        with session.get(
            address, stream=True, timeout=(CONNECT_SECONDS, SILENCE_SECONDS), headers=headers
        ) as response:
            expected = _expected_length(response)
            received = 0
            for block in _paced(iter(lambda: response.raw.read1(_BLOCK, decode_content=False), b"")):
                received += len(block)
                if received > file.n_bytes + file.n_bytes // 1000 + _OVERHEAD:
                    raise _MirrorError(f"it sent more than the {file.n_bytes} bytes of {file.name}")
                on_progress(file.name, received, expected)
                yield block
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _MirrorError(_reason(error)) from error
    finally:
        session.close()


def _paced(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the blocks as long as they come fast enough."""
    came, since = 0, time.monotonic()
    for block in blocks:
        came += len(block)
        seconds = time.monotonic() - since
        if seconds > SILENCE_SECONDS:
            if came < LEAST_RATE * seconds:
                raise _MirrorError(f"only {came} bytes came in {seconds:.0f} s")
            came, since = 0, time.monotonic()
        yield block


def _expected_length(response: "requests.Response") -> int | None:
    """Return the announced length of an answer that may be the file; refuse any other answer."""
    if response.status_code != 200:
        raise _MirrorError(f"it answered {response.status_code} {response.reason}")
    kind = response.headers.get("Content-Type", "")
    if "html" in kind.lower():
        raise _MirrorError(f"it sent a web page ({kind}), not the file")
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _reason(error: "requests.RequestException | urllib3.exceptions.HTTPError") -> str:
    """Say in a few words what went wrong with a connection."""
    import requests
    import urllib3

    if "Read timed out" in str(error):
        return "silent for too long"
    kinds = {
        requests.exceptions.SSLError: "its certificate was refused",
        requests.exceptions.ConnectTimeout: f"no connection within {CONNECT_SECONDS:.0f} s",
        requests.exceptions.InvalidSchema: "it redirects to an address that is not HTTPS",
        urllib3.exceptions.ProtocolError: "the connection broke off",
        requests.exceptions.ConnectionError: "no connection",
    }
    for kind, reason in kinds.items():
        if isinstance(error, kind):
            return reason
    return f"{type(error).__name__}: {error}"


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield uncompressed bytes, at most a block at a time, of a stream that may be gzip."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= len(GZIP_MAGIC):
            break
    if not first.startswith(GZIP_MAGIC):
        yield first
        yield from blocks
        return
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for block in itertools.chain([first], blocks):
            rest = block
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _BLOCK)
                rest = unpacker.unconsumed_tail
            if unpacker.eof:
                return
    except zlib.error as error:
        raise _MirrorError(f"its gzip stream is damaged ({error})") from error


def _verified(blocks: Iterator[bytes], file: SourceFile) -> Iterator[bytes]:
    """Yield the blocks of a file, and raise at the first sign that it is another one."""
    digest, length = hashlib.sha256(), 0
    for block in blocks:
        length += len(block)
        if length > file.n_bytes:
            raise _MirrorError(f"it sent more than the {file.n_bytes} bytes of {file.name}")
        digest.update(block)
        yield block
    if length < file.n_bytes:
        raise _MirrorError(f"it sent {length} of the {file.n_bytes} bytes of {file.name}")
    if digest.hexdigest() != file.sha256:
        raise _MirrorError(f"it sent bytes with sha256 {digest.hexdigest()}, expected {file.sha256}")
