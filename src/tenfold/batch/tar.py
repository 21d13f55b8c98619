"""Pictures in tar archives, read as streams. No member is ever written to a disk."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from tenfold.batch.files import is_picture_name
from tenfold.batch.inputs import CARRIED, Broken, Input, Stream
from tenfold.batch.places import find_stamp, open_stream
from tenfold.pictures import HEAD, MAX_BYTES, looks_like_picture

MOST_IN_HEADER: Final = 1 << 16
"""Bytes of a member's headers: more are no names that anybody gave."""

DAMAGE: Final = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, LookupError)
"""What damaged and hostile archives make their readers raise."""


@dataclass(frozen=True)
class TarMembers:
    """Pictures that follow each other in an archive.

    Attributes
    ----------
    url : str
        The archive, not compressed.
    stamp : str
        What changes when it does.
    offset : int
        Where the header of the first begins.
    n : int
        How many there are.
    """

    url: str
    stamp: str
    offset: int
    n: int

    def __len__(self) -> int:
        """Return how many there are."""
        return self.n

    def identify(self) -> str:
        """Return which part of which archive it is."""
        return f"tar {self.url} {self.stamp} {self.offset} {self.n}"

    def read(self) -> Iterator[Input]:
        """Yield each picture. Where the archive is damaged, those that are lost have an error each."""
        done = 0
        try:
            with open_stream(self.url) as stream:
                stream.seek(self.offset)
                for input_ in _read_members(self.url, stream, self.n):
                    done += 1
                    yield input_
        except DAMAGE as error:
            for position in range(done, self.n):
                yield Input(f"{self.url}#{self.offset}+{position}", error=_damaged(self.url, error))


@dataclass(frozen=True)
class Carried:
    """Pictures that travel with their shard, from an archive that can be read from its start alone.

    Attributes
    ----------
    url : str
        The archive.
    stamp : str
        What changes when it does.
    start : int
        Position of the first, from 0.
    inputs : tuple of Input
        Name and bytes of each.
    """

    url: str
    stamp: str
    start: int
    inputs: tuple[Input, ...]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.inputs)

    def identify(self) -> str:
        """Return which part of which archive it is."""
        return f"packed tar {self.url} {self.stamp} {self.start} {len(self.inputs)}"

    def read(self) -> Iterator[Input]:
        """Yield each picture."""
        return iter(self.inputs)


def plan_tar(url: str, size: int) -> Iterator[TarMembers | Broken]:
    """Yield the pictures of an archive that is not compressed, by where they are in it.

    What is lost behind a damaged place is one input that cannot be read.
    """
    stamp, offset, n = find_stamp(url), 0, 0
    broken = None
    with open_stream(url) as stream:
        try:
            for _, info in _list_members(stream):
                offset = offset if n else info.offset
                n += 1
                if n == size:
                    yield TarMembers(url, stamp, offset, n)
                    n = 0
        except DAMAGE as error:
            broken = Broken(url, _damaged(url, error))
    if n:
        yield TarMembers(url, stamp, offset, n)
    if broken:
        yield broken


def plan_packed_tar(url: str, size: int) -> Iterator[Carried | Broken]:
    """Yield the pictures of an archive compressed by gzip, with their bytes.

    What is lost behind a damaged place is one input that cannot be read.
    """
    stamp, start, n_bytes = find_stamp(url), 0, 0
    inputs: list[Input] = []
    broken = None
    with open_stream(url) as packed, gzip.GzipFile(fileobj=packed) as stream:
        try:
            for input_ in _read_members(url, stream):
                if inputs and (len(inputs) == size or n_bytes + len(input_.data) > CARRIED):
                    yield Carried(url, stamp, start, tuple(inputs))
                    start, n_bytes, inputs = start + len(inputs), 0, []
                inputs.append(input_)
                n_bytes += len(input_.data)
        except DAMAGE as error:
            broken = Broken(url, _damaged(url, error))
    if inputs:
        yield Carried(url, stamp, start, tuple(inputs))
    if broken:
        yield broken


class _Metered:
    """A stream that gives no more bytes than are left to it.

    Parameters
    ----------
    stream : file object
        Is read, and sought in.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.left = MOST_IN_HEADER
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if not 0 <= size <= self.left:
            raise tarfile.ReadError(f"a header has over {MOST_IN_HEADER} bytes")
        self.left -= size
        return self._stream.read(size)


class _Header(tarfile.TarInfo):
    """A header that must be right: `tarfile` takes a damaged one for the end of the archive."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> "_Header":
        """Return the next header."""
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.EmptyHeaderError as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError("it is cut short") from error
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error


def _list_members(stream: Stream) -> Iterator[tuple["_Archive", tarfile.TarInfo]]:
    """Yield what is named like a picture, from where the stream stands."""
    archive = _Archive(stream)
    while (info := archive.next()) is not None:
        if not info.isdir() and is_picture_name(info.name):
            yield archive, info


class _Archive:
    """An archive that is gone through once and keeps nothing of what it has passed."""

    def __init__(self, stream: Stream) -> None:
        self._metered = _Metered(stream)
        self._tar = tarfile.open(fileobj=self._metered, mode="r:", tarinfo=_Header)  # type: ignore[call-overload]  # noqa: SIM115

    def next(self) -> tarfile.TarInfo | None:
        """Return the next member; None after the last."""
        self._metered.left = MOST_IN_HEADER
        info: tarfile.TarInfo | None = self._tar.next()
        self._tar.members.clear()
        return info

    @contextmanager
    def open(self, info: tarfile.TarInfo) -> Iterator[IO[bytes]]:
        """Open a regular file."""
        self._metered.left = MAX_BYTES + tarfile.RECORDSIZE
        with self._tar.extractfile(info) as file:
            yield file


def _read_members(url: str, stream: Stream, most: int | None = None) -> Iterator[Input]:
    """Yield pictures with their bytes, from where the stream stands; `most` of them if it is given."""
    for position, (archive, info) in enumerate(_list_members(stream), 1):
        yield _read_member(f"{url}#{info.name}", archive, info)
        if position == most:
            return


def _read_member(name: str, archive: _Archive, info: tarfile.TarInfo) -> Input:
    """Read a member, to its end only if it starts like a picture."""
    if not info.isreg():
        return Input(name, error=f"{name} must be a file. Got a link or device.")
    if info.size > MAX_BYTES:
        return Input(name, error=f"{name}: a picture may have {MAX_BYTES} bytes. Got {info.size}.")
    with archive.open(info) as file:
        head = file.read(HEAD)
        return Input(name, head + file.read() if looks_like_picture(head) else head)


def _damaged(url: str, error: Exception) -> str:
    return f"{url} is damaged, and what follows is lost: {error}."
