"""Pictures in ZIP archives, read as streams. No member is ever written to a disk."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tenfold.batch.files import is_picture_name
from tenfold.batch.inputs import Broken, Input, Stream
from tenfold.batch.places import find_stamp, open_stream
from tenfold.errors import PictureError
from tenfold.pictures import HEAD, MAX_BYTES, looks_like_picture

ENCRYPTED: Final = 1
"""The flag of a member that needs a password."""

UNIX: Final = 3
"""The system whose archives know links."""

HEADER: Final = struct.Struct("<4s22xHH")
"""Before a member's bytes: what it starts with, and the lengths of name and extra field that follow it."""


@dataclass(frozen=True)
class Entry:
    """A member, as the archive's directory describes it.

    Attributes
    ----------
    name : str
        As it stands there.
    offset : int
        Where its header begins.
    n_packed, n_bytes : int
        Its size in the archive, and unpacked.
    method : int
        How it is packed.
    checksum : int
        CRC-32 of its bytes.
    error : str or None
        Why it is not read.
    """

    name: str
    offset: int
    n_packed: int
    n_bytes: int
    method: int
    checksum: int
    error: str | None


@dataclass(frozen=True)
class ZipMembers:
    """Pictures that follow each other in the directory of an archive.

    Workers need not read the directory, which may be large: each entry is here.

    Attributes
    ----------
    url : str
        The archive.
    stamp : str
        What changes when it does.
    start : int
        Position of the first among the pictures of the archive, from 0.
    entries : tuple of Entry
        Where they are.
    """

    url: str
    stamp: str
    start: int
    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.entries)

    def identify(self) -> str:
        """Return which part of which archive it is."""
        return f"zip {self.url} {self.stamp} {self.start} {len(self.entries)}"

    def read(self) -> Iterator[Input]:
        """Yield each picture."""
        with open_stream(self.url) as stream:
            for entry in self.entries:
                name = f"{self.url}#{entry.name}"
                try:
                    yield Input(name, _unpack(stream, entry))
                except PictureError as error:
                    yield Input(name, error=f"{name} {error}")


def plan_zip(url: str, size: int) -> Iterator[ZipMembers | Broken]:
    """Yield the pictures of an archive, by where they are in it."""
    stamp = find_stamp(url)
    try:
        with open_stream(url) as stream, zipfile.ZipFile(stream) as archive:
            members = [info for info in archive.infolist() if is_picture_name(info.filename)]
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        yield Broken(url, f"{url} must be a ZIP archive: {error}.")
        return
    for start in range(0, len(members), size):
        entries = tuple(map(_describe, members[start : start + size]))
        yield ZipMembers(url, stamp, start, entries)


def _describe(info: zipfile.ZipInfo) -> Entry:
    problems = {
        "must be a file. Got a link.": info.create_system == UNIX and stat.S_ISLNK(info.external_attr >> 16),
        "must not be encrypted.": bool(info.flag_bits & ENCRYPTED),
        "must be stored or deflated.": info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED},
        f"may have {MAX_BYTES} bytes. Got {max(info.file_size, info.compress_size)}.": (
            max(info.file_size, info.compress_size) > MAX_BYTES
        ),
    }
    return Entry(
        info.filename,
        info.header_offset,
        info.compress_size,
        info.file_size,
        info.compress_type,
        info.CRC,
        next((problem for problem, is_so in problems.items() if is_so), None),
    )


def _unpack(stream: Stream, entry: Entry) -> bytes:
    """Return the bytes of a member; of one that starts like no picture its start alone.

    Raises
    ------
    PictureError
        It is not read, or damaged.
    """
    if entry.error:
        raise PictureError(entry.error)
    stream.seek(entry.offset)
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise PictureError("is damaged: it has no header.")
    _, n_name, n_extra = HEADER.unpack(header)
    stream.seek(entry.offset + HEADER.size + n_name + n_extra)
    packed = stream.read(entry.n_packed)
    if entry.method == zipfile.ZIP_STORED:
        data = packed if looks_like_picture(packed[:HEAD]) else packed[:HEAD]
    else:
        data = _inflate(packed, entry.n_bytes)
    if len(data) > HEAD and (len(data) != entry.n_bytes or zlib.crc32(data) != entry.checksum):
        raise PictureError("is damaged: its checksum is wrong.")
    return data


def _inflate(packed: bytes, n_bytes: int) -> bytes:
    """Unpack deflated bytes, to their declared end only if they start like a picture."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        head = unpacker.decompress(packed, HEAD)
        if not looks_like_picture(head):
            return head
        rest = n_bytes - len(head)
        return head + (unpacker.decompress(unpacker.unconsumed_tail, rest) if rest > 0 else b"")
    except zlib.error as error:
        raise PictureError(f"is damaged: {error}.") from error
