"""Archives that mean harm, or are damaged: a bad member costs its own row, and only rows are written."""

import gzip
import io
import itertools
import stat
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenfold.batch.sources import plan
from tenfold.pictures import MAX_BYTES
from tests.batch.made import digit_files, do, job_of, read_rows, read_source, tar_of, zip_of

FILES = digit_files(5)
PLAIN = tar_of(FILES)
Packer = Callable[[dict[str, bytes]], bytes]
PACKERS: dict[str, Packer] = {
    "in.tar": tar_of,
    "in.tar.gz": lambda files: tar_of(files, "w:gz"),
    "in.zip": zip_of,
}


def _tar_with(*infos: tarfile.TarInfo, mode: str = "w") -> bytes:
    """Return an archive of members without bytes among pictures."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for (name, data), info in itertools.zip_longest(FILES.items(), infos):
            picture = tarfile.TarInfo(name)
            picture.size = len(data)
            archive.addfile(picture, io.BytesIO(data))
            if info:
                archive.addfile(info)
    return file.getvalue()


def _without_end(data: bytes) -> bytes:
    """Return an archive to which members can be added."""
    data = data.rstrip(b"\0")
    return data + bytes(-len(data) % tarfile.BLOCKSIZE)


def _member(kind: bytes, name: str = "bad.png", target: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def _read(folder: Path, name: str, data: bytes, **options: Any) -> list[dict[str, Any]]:
    (folder / name).write_bytes(data)
    return read_source(folder / name, folder, **options)


def _errors(rows: list[dict[str, Any]]) -> list[str]:
    return [row["error"] for row in rows if row["error"] is not None]


@pytest.mark.parametrize("name", PACKERS)
def test_members_are_never_written_by_their_names(name: str, tmp_path: Path) -> None:
    """Members named ../ or / are read like any other, and nothing appears outside of the results."""
    picture = FILES["000000.png"]
    names = ["../../up.png", "/tmp/absolute.png", "a/../../up.png", "C:\\up.png", "..\\..\\up.png"]
    work = tmp_path / "a" / "b"
    work.mkdir(parents=True)
    rows = _read(work, name, PACKERS[name](dict.fromkeys(names, picture)))
    assert _errors(rows) == []
    assert sorted(row["path"] for row in rows) == sorted(f"{work / name}#{member}" for member in names)
    assert {path.name for path in tmp_path.rglob("*.png")} == set()
    assert not Path("/tmp/absolute.png").exists()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_errors(kind: bytes, mode: str, tmp_path: Path) -> None:
    """A link is followed neither to a file of this machine nor to a member; the rest is read."""
    bad = [_member(kind), _member(kind, "also.png", "000000.png")]
    rows = _read(tmp_path, "in.tar" + mode[1:].replace(":", "."), _tar_with(*bad, mode=mode))
    assert len(rows) == len(FILES) + 2
    assert len(_errors(rows)) == 2
    assert all("must be a file. Got a link or device." in error for error in _errors(rows))


def test_links_in_zip_are_errors(tmp_path: Path) -> None:
    """A link in a ZIP archive is not followed."""
    info = zipfile.ZipInfo("link.png")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
        archive.writestr("digit.png", FILES["000000.png"])
    rows = read_source(tmp_path / "in.zip", tmp_path)
    assert [error.rpartition("#")[2] for error in _errors(rows)] == ["link.png must be a file. Got a link."]
    assert len(rows) == 2


@pytest.mark.parametrize("name", PACKERS)
def test_what_is_no_picture_is_passed_over_or_an_error(name: str, tmp_path: Path) -> None:
    """Labels beside pictures are passed over; what is named like a picture and is none is an error."""
    extra = {"000000.cls": b"7", "sub/readme.txt": b"text", "empty.png": b"", "text.PNG": b"text" * 5000}
    rows = _read(tmp_path, name, PACKERS[name](FILES | extra))
    assert len(rows) == len(FILES) + 2
    empty, text = sorted(_errors(rows))
    assert empty.endswith("Got an empty file. Save the picture as PNG or JPEG.")
    assert text.endswith("Got text. Save the picture as PNG or JPEG.")


@pytest.mark.parametrize("name", ["in.tar.gz", "in.zip"])
def test_a_bomb_is_not_unpacked(name: str, tmp_path: Path) -> None:
    """A member of a gigabyte of zeros, or of 40 MB, costs one row and neither time nor memory."""
    large = tarfile.TarInfo("large.png")
    large.size = 1 << 30
    member = large.tobuf() + bytes(1 << 20)  # the file ends before the member does
    bombs = {"b.png": bytes(40_000_000), **FILES}
    data = PACKERS[name](bombs)
    if name == "in.tar.gz":
        data = gzip.compress(_without_end(tar_of(bombs)) + member, 1)
    (tmp_path / name).write_bytes(data)
    job = job_of(tmp_path / name, tmp_path / "out")
    tracemalloc.start()
    started = time.perf_counter()
    rows = read_rows(job.out, do(job))
    assert time.perf_counter() - started < 5
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()
    assert sum(row["error"] is None for row in rows) == len(FILES)
    assert any("Got a file of an unknown kind" in error for error in _errors(rows))
    if name == "in.tar.gz":
        assert any(f"may have {MAX_BYTES} bytes. Got {1 << 30}" in error for error in _errors(rows))


def test_a_zip_that_lies_about_sizes_is_an_error(tmp_path: Path) -> None:
    """A member that unpacks to more than it declares is cut there, and its checksum is wrong."""
    data = bytearray(zip_of({"a.png": FILES["000000.png"] + bytes(10_000_000)}))
    start = data.rindex(b"PK\x01\x02") + 24
    data[start : start + 4] = (5000).to_bytes(4, "little")
    (row,) = _read(tmp_path, "in.zip", bytes(data))
    assert row["error"].endswith("a.png is damaged: its checksum is wrong.")


@pytest.mark.parametrize(
    ("method", "flag", "message"),
    [(zipfile.ZIP_LZMA, 0, "must be stored or deflated."), (zipfile.ZIP_STORED, 1, "must not be encrypted.")],
)
def test_a_zip_that_needs_more_is_an_error(method: int, flag: int, message: str, tmp_path: Path) -> None:
    """Members that are encrypted, or packed by methods that may ask for gigabytes, are errors."""
    data = bytearray(zip_of({"a.png": FILES["000000.png"]}, method))
    data[data.rindex(b"PK\x01\x02") + 8] |= flag
    (row,) = _read(tmp_path, "in.zip", bytes(data))
    assert row["error"].endswith(message)


@pytest.mark.parametrize("name", ["in.tar", "in.tar.gz"])
def test_headers_of_gigabytes_are_refused(name: str, tmp_path: Path) -> None:
    """A name of a gigabyte, as a long header may have, is not read."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    data = _without_end(PLAIN) + header.tobuf() + bytes(1 << 20)
    tracemalloc.start()
    rows = _read(tmp_path, name, gzip.compress(data) if name.endswith("gz") else data)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    (error,) = _errors(rows)
    assert "a header has over 65536 bytes" in error
    assert len(rows) == len(FILES) + 1


@pytest.mark.parametrize("name", ["in.tar", "in.tar.gz"])
@pytest.mark.parametrize("place", [512 + 3, 1500, -1])
def test_a_damaged_tar_says_what_is_lost(name: str, place: int, tmp_path: Path) -> None:
    """Where a header is damaged, or the end is missing, a row says so; what stands before it is read."""
    data = bytearray(PLAIN)
    if place == -1:
        data = data[:1300]  # in the second member
    else:
        start = 1024 * 2 if place == 1500 else 1024
        data[start : start + 512] = b"\xff" * 512
    rows = _read(tmp_path, name, gzip.compress(data) if name.endswith("gz") else bytes(data), shard_size=2)
    assert 1 <= len(_errors(rows)) <= 2
    assert all("is damaged, and what follows is lost" in error for error in _errors(rows))


@pytest.mark.parametrize("data", [b"", b"no archive" * 100, PLAIN[:100], b"PK\x03\x04" + bytes(100)])
@pytest.mark.parametrize("name", PACKERS)
def test_what_is_no_archive_is_one_error(name: str, data: bytes, tmp_path: Path) -> None:
    """A file with the name of an archive, and the bytes of none, is one row."""
    (row,) = _read(tmp_path, name, data)
    assert row["path"] == str(tmp_path / name)
    assert "is damaged" in row["error"] or "must be a ZIP archive" in row["error"]


@pytest.mark.slow
@pytest.mark.timeout(400)  # packing them takes most of it
@pytest.mark.parametrize("name", PACKERS)
def test_a_hundred_thousand_members_are_listed_in_flat_memory(name: str, tmp_path: Path) -> None:
    """10⁵ members are listed in seconds, a shard at a time."""
    (tmp_path / name).write_bytes(PACKERS[name]({f"{n}.png": b"x" for n in range(100_000)}))
    tracemalloc.start()
    n_inputs = sum(len(shard.content) for shard in plan(str(tmp_path / name), 1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_inputs == 100_000
    assert peak < (100_000_000 if name == "in.zip" else 5_000_000)


@pytest.mark.slow
def test_many_members_of_no_picture_are_as_many_errors(tmp_path: Path) -> None:
    """10⁵ members that are no pictures give 10⁵ rows."""
    data = tar_of({f"{n}.png": b"x" for n in range(100_000)})
    assert len(_errors(_read(tmp_path, "in.tar", data))) == 100_000
