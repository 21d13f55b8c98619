"""Fetching, from a real server on loopback that misbehaves."""

import hashlib
import importlib
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
import trustme

from tenfold.data.fetch import cache_folder, fetch, is_offline
from tenfold.data.sources import Source
from tenfold.errors import FetchError, OutputError
from tests.data.mirror import (
    BAD,
    FILES,
    GOOD,
    NAMES,
    PIECE,
    Mirror,
    closed_port,
    damaged,
    make_source,
    start_fetch,
)

fetching = importlib.import_module(
    "tenfold.data.fetch"
)  # the module; the package gives its function that name

IMAGES, LABELS = NAMES
REASONS = {
    "page": r"it sent a web page \(text/html; charset=utf-8\), not the file",
    "page_as_file": r"it sent 43 of the 115024 bytes",
    "forbidden": "it answered 403 Forbidden",
    "failing": "it answered 500 Internal Server Error",
    "short": "it sent 115023 of the 115024 bytes",
    "cut": r"it sent \d+ of the 115024 bytes",
    "breaks_off": "the connection broke off",
    "long": "it sent more than the 115024 bytes",
    "other": "it sent bytes with sha256 [0-9a-f]{64}, expected [0-9a-f]{64}",
    "damaged": r"its gzip stream is damaged \(.*incorrect data check\)",
    "empty": "it sent 0 of the 115024 bytes",
    "bomb": "it sent more than the 115024 bytes",
    "endless": "it sent more than the 115024 bytes",
    "endless_name": "it sent more than the 115024 bytes",
    "to_http": "it redirects to an address that is not HTTPS",
    "silent": "silent for too long",
    "drips": r"only \d+ bytes came in 1 s",
    "dries_up": r"only \d+ bytes came in 1 s",
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a silent mirror for a second, not for fifteen."""
    monkeypatch.setattr(fetching, "SILENCE_SECONDS", 1.0)


def stored(folder: Path) -> dict[str, bytes]:
    """Return what stands in a cache folder, the lock apart."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def wrong_files(source: Source, folder: Path) -> list[str]:
    """Return the final names in a cache folder that hold other bytes than the published ones."""
    published = {file.name: file.sha256 for file in source.files}
    contents = {path: path.read_bytes() for path in folder.glob("[!.]*")}
    return [
        path.name
        for path, content in contents.items()
        if hashlib.sha256(content).hexdigest() != published.get(path.name)
    ]


@pytest.mark.parametrize("behavior", GOOD)
def test_fetch_stores_the_published_bytes(mirror: Mirror, behavior: str) -> None:
    """However a mirror sends the right bytes, they stand in the cache afterwards, and nothing else."""
    folder = fetch(make_source(mirror.address(behavior)))

    assert folder == cache_folder("stand-in")
    assert stored(folder) == FILES


STALLING = {"silent", "drips", "dries_up"}
"""Mirrors that are given up after a second or two."""


@pytest.mark.parametrize(
    "behavior", [pytest.param(name, marks=[pytest.mark.slow] * (name in STALLING)) for name in BAD]
)
def test_fetch_refuses_a_bad_mirror(mirror: Mirror, behavior: str) -> None:
    """A bad answer is an error that names the mirror and the reason, and leaves nothing in the cache."""
    with pytest.raises(FetchError, match=REASONS[behavior]) as caught:
        fetch(make_source(mirror.address(behavior)))

    assert caught.value.file_name == IMAGES
    assert len(caught.value.attempts) == 1
    assert caught.value.attempts[0].startswith(mirror.address(behavior) + IMAGES + ".gz: ")
    assert stored(cache_folder("stand-in")) == {}


@pytest.mark.parametrize(
    "behavior",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in STALLING - {"silent"})) for name in BAD],
)
def test_fetch_moves_on_to_the_next_mirror(mirror: Mirror, behavior: str) -> None:
    """After a bad mirror the next one is asked, and the good file is kept."""
    files = {IMAGES: FILES[IMAGES]}

    folder = fetch(make_source(mirror.address(behavior), mirror.address("gzip"), files=files))

    assert stored(folder) == files
    assert mirror.requests == {f"/{behavior}/{IMAGES}.gz": 1, f"/gzip/{IMAGES}.gz": 1}


def test_fetch_names_every_mirror_that_failed(mirror: Mirror) -> None:
    """When all mirrors fail, the error holds each with its own reason, in order."""
    quick = ["forbidden", "page", "short", "other", "damaged", "bomb"]

    with pytest.raises(FetchError, match=f"{IMAGES} could not be downloaded") as caught:
        fetch(make_source(*map(mirror.address, quick)))

    for behavior, attempt in zip(quick, caught.value.attempts, strict=True):
        assert attempt in str(caught.value)
        assert re.search(f"/{behavior}/{IMAGES}.gz: {REASONS[behavior]}", attempt)


@pytest.mark.parametrize(("behavior", "received_most"), [("bomb", PIECE), ("endless", 115024 + 65536)])
def test_fetch_stops_a_mirror_without_end(mirror: Mirror, behavior: str, received_most: int) -> None:
    """Of endless bytes, packed or not, no more is taken than the block that goes past the known size."""
    received: list[int] = []
    with pytest.raises(FetchError, match="it sent more than the 115024 bytes"):
        fetch(make_source(mirror.address(behavior)), on_progress=lambda *seen: received.append(seen[1]))

    assert received[-1] <= received_most
    assert mirror.sent[behavior] < 16_000_000  # what fits in the sockets' buffers


def test_fetch_keeps_a_whole_file_with_an_endless_tail(mirror: Mirror) -> None:
    """Bytes after a whole gzip stream are not waited for."""
    fetch(make_source(mirror.address("endless_tail")))

    assert mirror.sent["endless_tail"] < 16_000_000


def test_fetch_never_asks_over_plain_http(mirror: Mirror) -> None:
    """Neither a redirect nor a mirror's own address makes it connect without TLS."""
    plain = f"http://127.0.0.1:{mirror.plain.server_port}/gzip/"

    with pytest.raises(FetchError, match=r"not HTTPS.*not HTTPS"):
        fetch(make_source(mirror.address("to_http"), plain))

    assert not mirror.plain_was_asked()


def test_fetch_refuses_a_certificate_it_does_not_trust(mirror: Mirror, tmp_path: Path) -> None:
    """A mirror with a stranger's certificate, or one for another host, is passed over."""
    (tmp_path / "stranger").mkdir()
    other_host = mirror.address("gzip").replace("127.0.0.1", "localhost")
    with Mirror(tmp_path / "stranger") as stranger:
        with pytest.raises(FetchError, match=r"certificate was refused.*certificate was refused"):
            fetch(make_source(stranger.address("gzip"), other_host))
        fetch(make_source(stranger.address("gzip"), mirror.address("gzip")))

    assert not stranger.requests


def test_fetch_trusts_no_authority_of_its_own(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another authority configured, the mirror that was good is refused."""
    other = mirror.authority.with_name("other.pem")
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))

    with pytest.raises(FetchError, match="its certificate was refused"):
        fetch(make_source(mirror.address("gzip")))


def test_fetch_passes_over_a_closed_port(mirror: Mirror) -> None:
    """A machine that answers on no port is passed over at once."""
    nobody = f"https://127.0.0.1:{closed_port()}/"
    with pytest.raises(FetchError, match="no connection"):
        fetch(make_source(nobody))

    assert stored(fetch(make_source(nobody, mirror.address("gzip")))) == FILES


def test_fetch_gives_up_on_a_machine_that_never_shakes_hands(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is taken and then left silent, before TLS, is given up in the time to connect."""
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.3)
    started = time.monotonic()
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(FetchError, match="silent for too long"),
    ):
        fetch(make_source(f"https://127.0.0.1:{silent.getsockname()[1]}/"))

    assert time.monotonic() - started < 5


def test_fetch_reports_its_progress(mirror: Mirror) -> None:
    """The callback hears each file's name, growing counts up to the announced length, and that length."""
    seen: list[tuple[str, int, int | None]] = []

    fetch(make_source(mirror.address("gzip")), on_progress=lambda *call: seen.append(call))

    assert {name for name, _, _ in seen} == set(NAMES)
    for name in NAMES:
        counts = [received for file, received, _ in seen if file == name]
        assert counts == sorted(set(counts))
        assert {expected for file, _, expected in seen if file == name} == {counts[-1]}


def test_fetch_reports_an_unknown_length_as_none(mirror: Mirror) -> None:
    """Where a mirror announces no length, none is made up."""
    expected: set[int | None] = set()

    fetch(make_source(mirror.address("chunked")), on_progress=lambda *seen: expected.add(seen[2]))

    assert expected == {None}


def test_fetch_interrupted_leaves_nothing(mirror: Mirror) -> None:
    """When the user interrupts a download, no file and no half of one stays behind."""

    def interrupt(name: str, received: int, expected: int | None) -> None:
        raise KeyboardInterrupt("enough")

    with pytest.raises(KeyboardInterrupt, match="enough"):
        fetch(make_source(mirror.address("gzip")), on_progress=interrupt)

    assert stored(cache_folder("stand-in")) == {}


def test_fetch_asks_nobody_for_what_it_has(mirror: Mirror) -> None:
    """A second fetch verifies the files and contacts no mirror, even where nothing can be written."""
    source = make_source(mirror.address("gzip"))
    folder = fetch(source)
    (folder / ".lock").unlink(missing_ok=True)

    assert fetch(source) == folder
    assert mirror.requests.total() == len(FILES)
    assert not (folder / ".lock").exists()


@pytest.mark.parametrize("name", NAMES)
def test_fetch_mends_a_damaged_file(mirror: Mirror, name: str) -> None:
    """A file in the cache with one wrong bit is fetched again, and only that one."""
    source = make_source(mirror.address("gzip"))
    folder = fetch(source)
    (folder / name).write_bytes(damaged(FILES[name], 900))

    assert stored(fetch(source)) == FILES
    assert mirror.requests == {f"/gzip/{file}.gz": 1 + (file == name) for file in NAMES}


def test_fetch_keeps_a_damaged_file_until_it_has_a_better_one(mirror: Mirror) -> None:
    """When every mirror fails, what stood in the cache still stands there."""
    folder = fetch(make_source(mirror.address("gzip")))
    (folder / IMAGES).write_bytes(b"damaged")

    with pytest.raises(FetchError, match="403"):
        fetch(make_source(mirror.address("forbidden")))

    assert stored(folder) == {**FILES, IMAGES: b"damaged"}


def test_fetch_removes_what_a_killed_one_left(mirror: Mirror) -> None:
    """Temporary files of an earlier process go when their file is fetched; other files stay."""
    folder = cache_folder("stand-in")
    folder.mkdir(parents=True)
    (folder / f".{IMAGES}.0123abcd.part").write_bytes(b"half")
    (folder / "notes.part").write_bytes(b"mine")

    fetch(make_source(mirror.address("gzip")))

    assert stored(folder) == {**FILES, "notes.part": b"mine"}


def test_fetch_by_two_processes_downloads_once(mirror: Mirror) -> None:
    """Of two processes at once one downloads, the other waits, and both succeed."""
    source = make_source(mirror.address("slow"))

    processes = [start_fetch(source, stderr=subprocess.DEVNULL) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]

    assert outputs == [f"fetching\nfetched {cache_folder('stand-in')}\n"] * 2
    assert mirror.requests == {f"/slow/{name}.gz": 1 for name in NAMES}


@pytest.mark.parametrize(
    "moment",
    [
        *(0, 0.09, 0.26),
        *(
            pytest.param(moment, marks=pytest.mark.slow)
            for moment in (0.02, 0.04, 0.06, 0.13, 0.17, 0.21, 0.31, 0.37, 0.45)
        ),
    ],
)
def test_fetch_killed_leaves_no_bad_file(mirror: Mirror, moment: float) -> None:
    """After kill -9 no wrong bytes stand under a final name, and the next fetch completes and cleans up."""
    source = make_source(mirror.address("slow"))
    with start_fetch(source) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "fetching\n"
        time.sleep(moment)
        process.kill()

    assert wrong_files(source, cache_folder("stand-in")) == []
    assert stored(fetch(make_source(mirror.address("gzip")))) == FILES


@pytest.mark.parametrize("behavior", ["page", "other", "bomb"])
def test_fetch_refuses_a_bad_mirror_without_asserts(mirror: Mirror, behavior: str) -> None:
    """Under `python -O`, which drops assertions, the same typed error comes."""
    output, _ = start_fetch(make_source(mirror.address(behavior)), "-O").communicate(timeout=60)

    assert re.search(f"FetchError {IMAGES} could not be downloaded.*{REASONS[behavior]}", output)
    assert stored(cache_folder("stand-in")) == {}


def _fails(command: list[str]) -> bool:
    """Tell whether a command cannot be run here."""
    return bool(subprocess.run(command, check=False, capture_output=True).returncode)


def mount(folder: Path, options: str) -> tuple[str, ...]:
    """Return the start of a command line that runs with a tmpfs on `folder` and then lists its files."""
    script = f'mount -t tmpfs -o {options} tmpfs "$0" && "$@" && find "$0" -type f'
    before = ("unshare", "--mount", "sh", "-c", script, str(folder))
    if not shutil.which("unshare") or _fails([*before, "true"]):
        pytest.skip("needs the right to mount a tmpfs: run as root, or in a container that allows it")
    return before


@pytest.mark.parametrize(
    ("options", "reason"), [("ro", "Read-only file system"), ("size=64k", "No space left on device")]
)
def test_fetch_reports_a_disk_that_takes_nothing(
    mirror: Mirror, cache: Path, options: str, reason: str
) -> None:
    """A cache on a read-only or full disk is a typed error, and no half a file stays there."""
    cache.mkdir()
    source = make_source(mirror.address("gzip"))

    process = start_fetch(source, before=mount(cache, options))
    output, _ = process.communicate(timeout=60)

    assert re.search(f"OutputError .* cannot be written: {reason}", output)
    assert set(output.splitlines()[2:]) <= {str(cache_folder("stand-in") / ".lock")}


def test_fetch_reports_a_limit_on_the_size_of_files(mirror: Mirror) -> None:
    """A file system that takes only part of the file is a typed error, and that part is removed."""
    limit = ("sh", "-c", 'ulimit -f 100 && exec "$@"', "sh")

    output, _ = start_fetch(make_source(mirror.address("gzip")), before=limit).communicate(timeout=60)

    assert re.search(f"OutputError .*{IMAGES} cannot be written: File too large", output)
    assert stored(cache_folder("stand-in")) == {}


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere: run as another user"
)
def test_fetch_reports_a_folder_it_may_not_write(mirror: Mirror, cache: Path) -> None:
    """A cache folder without write permission is a typed error."""
    cache.mkdir(mode=0o500)

    with pytest.raises(OutputError, match="cannot be written: Permission denied"):
        fetch(make_source(mirror.address("gzip")))


@pytest.mark.parametrize("name", ["", "stand-in"])
def test_fetch_reports_a_cache_that_is_a_file(mirror: Mirror, cache: Path, name: str) -> None:
    """Where the cache or its folder is a file, the typed error names it and the file stays as it was."""
    blocked = cache / name
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_bytes(b"mine")

    with pytest.raises(OutputError, match=r"stand-in cannot be written: (Not a directory|File exists)"):
        fetch(make_source(mirror.address("gzip")))

    assert blocked.read_bytes() == b"mine"
    assert not mirror.requests


def test_fetch_reports_a_folder_under_the_files_name(mirror: Mirror) -> None:
    """A folder where the file should go is a typed error."""
    (cache_folder("stand-in") / IMAGES / "inside").mkdir(parents=True)

    with pytest.raises(OutputError, match=f"{IMAGES} cannot be written: it is a folder"):
        fetch(make_source(mirror.address("gzip")))

    assert [path.name for path in cache_folder("stand-in").glob(".*.part")] == []


@pytest.mark.parametrize(
    ("value", "offline", "expected"),
    [
        (None, None, False),
        ("", None, False),
        ("0", None, False),
        ("1", None, True),
        ("yes", None, True),
        ("1", False, False),
        ("0", True, True),
    ],
)
def test_is_offline_follows_the_argument_then_the_environment(
    monkeypatch: pytest.MonkeyPatch,
    value: str | None,
    offline: bool | None,  # noqa: FBT001
    expected: bool,  # noqa: FBT001
) -> None:
    """The argument decides; without it TENFOLD_OFFLINE does, of which 0 and nothing mean online."""
    monkeypatch.delenv("TENFOLD_OFFLINE")
    if value is not None:
        monkeypatch.setenv("TENFOLD_OFFLINE", value)

    assert is_offline(offline) is expected


def test_cache_folder_is_the_users_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without TENFOLD_CACHE the cache is the folder the system keeps for caches."""
    monkeypatch.delenv("TENFOLD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    assert cache_folder("mnist").name == "mnist"
    assert tmp_path in cache_folder("mnist").parents
