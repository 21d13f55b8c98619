"""The edge where fsspec is called: what its back ends raise, of whatever kind, becomes an error of ours."""

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, ParamSpec, TypeVar

from tenfold.batch.addresses import hide, local_path
from tenfold.errors import InputError, PlaceError, TenfoldError

NOT_OF_ONE_FILE: Final = {401, 407, 408, 425, 429}
"""Statuses of HTTP from 400 to 499 by which a server refuses whoever asks, and not one file."""

RETRIES: Final = 2
"""Times that work is tried again after an error of its storage."""

P = ParamSpec("P")
R = TypeVar("R")


def persist(work: Callable[P, R], /, *arguments: P.args, **options: P.kwargs) -> R:
    """Call a function, and again where storage elsewhere fails."""
    for _ in range(RETRIES):
        with suppress(PlaceError):
            return work(*arguments, **options)
    return work(*arguments, **options)


@contextmanager
def asked(url: str) -> Iterator[tuple[Any, str]]:
    """Yield the file system that holds an address, and the path there; tell what it raises."""
    located = locate(url)
    with telling(url):
        yield located


def locate(url: str) -> tuple[Any, str]:
    """Return the file system that holds an address, and the path there.

    Raises
    ------
    InputError
        There is no such file system.
    PlaceError
        The package for it is not installed, or it cannot be reached.
    """
    from fsspec.core import url_to_fs

    with telling(url):
        try:
            system, path = url_to_fs(url)
        except ValueError as error:
            raise InputError(f"{url} cannot be reached: {error}.") from error
    return system, str(path)


@contextmanager
def telling(url: str) -> Iterator[None]:
    """Tell what goes wrong elsewhere, of whatever kind, as an error that says where."""
    try:
        yield
    except FileNotFoundError as error:
        if local_path(url) is not None:
            raise
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), hide(url)) from error
    except ImportError as error:
        raise PlaceError(hide(url), str(error), "Every worker needs it as well") from error
    except TenfoldError:
        raise
    except Exception as error:
        if local_path(url) is not None:
            raise
        raise PlaceError(hide(url), describe(error)) from None  # its words may hold credentials


def is_of_one_file(error: Exception) -> bool:
    """Tell whether a file cannot be read by its own fault, and others of its storage may be."""
    if isinstance(error, (FileNotFoundError, PermissionError, IsADirectoryError, ValueError)):
        return True
    statuses = [_find_status(one) for one in (error, error.__cause__)]
    return any(400 <= status < 500 and status not in NOT_OF_ONE_FILE for status in statuses)


def _find_status(error: BaseException | None) -> int:
    """Return the status of HTTP that an error tells, as the clients of each storage name it; 0 if none."""
    response = getattr(error, "response", None)
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    named = [getattr(error, name, None) for name in ("status", "status_code", "code")]
    found = [metadata.get("HTTPStatusCode"), *named]
    return next((status for status in found if isinstance(status, int)), 0)


class FileElsewhere(io.RawIOBase):
    """A file elsewhere, whose errors are those of its place.

    Parameters
    ----------
    file : file object
        As fsspec opens it.
    url : str
        Where it is.
    """

    def __init__(self, file: Any, url: str) -> None:  # noqa: ANN401  # fsspec has no types
        self._file = file
        self._url = url

    def readable(self) -> bool:
        """Tell whether it is open for reading."""
        return bool(self._file.readable())

    def writable(self) -> bool:
        """Tell whether it is open for writing."""
        return bool(self._file.writable())

    def seekable(self) -> bool:
        """Tell whether it is read at any place."""
        return bool(self._file.seekable())

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401
        """Fill a buffer with the next bytes, and return how many there were."""
        with telling(self._url):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any, /) -> int:  # noqa: ANN401
        """Write bytes, and return how many."""
        with telling(self._url):
            return int(self._file.write(data))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""
        with telling(self._url):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """Return the place."""
        return int(self._file.tell())

    def close(self) -> None:
        """Close it; what was written is only then there."""
        if not self.closed:
            super().close()
            with telling(self._url):
                self._file.close()


def describe(error: Exception) -> str:
    """Return what an error of a file elsewhere says, on one line and without credentials."""
    if isinstance(error, FileNotFoundError):
        return os.strerror(errno.ENOENT)
    words = " ".join(str(error).split()).rstrip(".")
    return hide(f"{type(error).__name__}: {words:.300}" if words else type(error).__name__)
