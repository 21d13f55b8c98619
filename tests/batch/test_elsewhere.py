"""Storage elsewhere that fails: one line that names the place, after some tries; and never credentials."""

import logging
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from tenfold.batch import Job, in_threads
from tenfold.batch.addresses import hide
from tenfold.batch.manifest import NAME
from tenfold.errors import InputError, PlaceError
from tests.batch.made import digit_files, do, job_of, read_rows, tar_of, write_files
from tests.batch.stubborn import PASSWORD, SIGNATURE, STEPS, register
from tests.cli.program import run_main

N = 40
SECRETS = (PASSWORD, SIGNATURE)


@pytest.fixture(autouse=True)
def _stubborn() -> None:
    register()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Return a job whose source and results are elsewhere."""
    write_files(tmp_path / "in", digit_files(N))
    return job_of(f"stubborn://{tmp_path}/in", f"stubborn://{tmp_path}/out", shard_size=20)


def fail(folder: Path, step: str, *times: object) -> None:
    """Let a step fail: `always`, or as often as there are names."""
    write_files(folder / "failures", {f"{step}.{name}": b"" for name in times})


def recover(folder: Path) -> None:
    """Let nothing fail any more."""
    for path in (folder / "failures").iterdir():
        path.unlink()


@pytest.mark.parametrize("step", STEPS)
def test_storage_that_fails_is_one_error(step: str, job: Job, tmp_path: Path) -> None:
    """Whatever a back end raises, the error says which place and what to do; and the job goes on later."""
    fail(tmp_path, step, "always")
    words = rf"^stubborn://{tmp_path}/\S+ cannot be used: RefusedError: {step} failed at .*Check address"
    with pytest.raises(PlaceError, match=words) as caught:
        do(job)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert not list((tmp_path / "out").glob("part*"))
    recover(tmp_path)
    rows = read_rows(tmp_path / "out", do(job))
    assert [row["path"] for row in rows] == [f"{job.source}/{name}" for name in digit_files(N)]
    assert [row["error"] for row in rows] == [None] * N
    assert not list((tmp_path / "out").glob(".part*"))


@pytest.mark.parametrize("step", ["open", "read", "write", "move"])
def test_storage_that_fails_for_a_moment_costs_nothing(step: str, tmp_path: Path) -> None:
    """A shard is tried twice more."""
    (tmp_path / "in.tar").write_bytes(tar_of(digit_files(N)))
    job = job_of(f"stubborn://{tmp_path}/in.tar", f"stubborn://{tmp_path}/out")

    def engine(job: Job, shards: object) -> object:
        listed = list(shards)  # type: ignore[call-overload]
        fail(tmp_path, step, 1, 2)
        return in_threads(1)(job, iter(listed))

    rows = read_rows(tmp_path / "out", do(job, engine))  # type: ignore[arg-type]
    assert [row["error"] for row in rows] == [None] * N
    assert not list((tmp_path / "failures").iterdir())


@pytest.mark.parametrize("folder", ["in", "in/below"])
@pytest.mark.parametrize("pattern", ["", "/**/*.png", "/b*/*.png"])
def test_a_folder_that_cannot_be_listed_is_not_passed_over(
    pattern: str, folder: str, job: Job, tmp_path: Path
) -> None:
    """No picture is lost of a folder below that cannot be listed; fsspec's own walk goes on without it."""
    write_files(tmp_path / "in" / "below", digit_files(2))
    fail(tmp_path / folder, "list", "always")
    with pytest.raises(PlaceError, match=r"cannot be used: RefusedError: list failed"):
        do(job_of(f"{job.source}{pattern}", job.out))


def test_patterns_elsewhere_match_as_those_here(tmp_path: Path) -> None:
    """Each pattern finds the same pictures, wherever they are."""
    names = ("a.png", "b.png", "x/a.png", "x/y/a.png", "z.x/c.png", "x/y.png/a.png")
    write_files(tmp_path / "in", dict.fromkeys(names, digit_files(1)["000000.png"]))
    for number, pattern in enumerate(("*.png", "**/*.png", "*/a.png", "x/**", "[xz]*/?.png", "x/*/a.png")):
        found = []
        for place in ("", "stubborn://"):
            out = tmp_path / f"out-{number}-{place[:8]}"
            rows = read_rows(out, do(job_of(f"{place}{tmp_path}/in/{pattern}", out)))
            found.append({row["path"].removeprefix(place) for row in rows if row["error"] is None})
        assert found[0] == found[1]
        assert found[0]


@pytest.mark.parametrize(
    ("status", "is_a_row"), [(403, True), (416, True), (401, False), (429, False), (503, False)]
)
def test_one_file_that_is_refused_is_a_row(status: int, *, is_a_row: bool, job: Job, tmp_path: Path) -> None:
    """What a server says of one file costs its row; what it says of whoever asks ends the job, for now."""
    (tmp_path / "in" / "000003.png").rename(tmp_path / "in" / f"status-{status}.png")
    if not is_a_row:
        with pytest.raises(PlaceError, match=rf"/in/status-{status}\.png cannot be used: .* status {status}"):
            do(job)
        return
    rows = read_rows(tmp_path / "out", do(job))
    (error,) = (row["error"] for row in rows if row["error"])
    assert f"status-{status}.png cannot be read: RefusedError: read failed" in error
    assert not any(secret in error for secret in SECRETS)
    assert len(rows) == N


def test_files_that_are_gone_are_rows_and_files_all_refused_an_error(job: Job, tmp_path: Path) -> None:
    """Sixteen that are gone are sixteen rows; of sixteen that are refused no credentials can be good."""
    names = list(digit_files(N))
    paths = [f"{job.source}/{name.replace('0000', 'gone')}" for name in names[:16]]
    (tmp_path / "list.csv").write_text("\n".join(["path", *paths, f"{job.source}/{names[20]}"]))
    rows = read_rows(tmp_path / "gone", do(job_of(tmp_path / "list.csv", tmp_path / "gone")))
    errors = {row["error"].partition(" cannot ")[2] for row in rows if row["error"]}
    assert (len(rows), errors) == (17, {"be read: No such file or directory."})
    for name in names:
        (tmp_path / "in" / name).rename(tmp_path / "in" / f"status-403.{name}")
    with pytest.raises(PlaceError, match=r"status-403\.\d+\.png cannot be used"):
        do(job)


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    """What to install is said, wherever the address stands."""
    fsspec.register_implementation(
        "far", "farfs.Far", clobber=True, errtxt="Install farfs to access far places"
    )
    words = r"far://\S+ cannot be used: Install farfs to access far places\. Every worker needs it as well\.$"
    write_files(tmp_path, {"list.csv": b"path\nfar://bucket/a.png\n"})
    for source in ("far://bucket/a.png", "far://bucket/*.tar", tmp_path / "list.csv"):
        with pytest.raises(PlaceError, match=words):
            do(job_of(source, tmp_path / "out"))
    with pytest.raises(PlaceError, match=words):
        do(job_of(write_files(tmp_path / "in", digit_files(1)), "far://bucket/out"))


def test_an_address_of_no_protocol_in_a_list_is_a_row(tmp_path: Path) -> None:
    """A typo in a list costs its own row; those after it are read."""
    write_files(tmp_path, digit_files(2))
    (tmp_path / "list.csv").write_text("path\n000000.png\nhtps://a/b.png\n000001.png\n")
    rows = read_rows(tmp_path / "out", do(job_of(tmp_path / "list.csv", tmp_path / "out")))
    (error,) = (row["error"] for row in rows if row["error"])
    assert error == "htps://a/b.png cannot be reached: Protocol not known: htps."
    assert len(rows) == 3


def _address(path: Path, signature: str = SIGNATURE) -> str:
    return f"stubborn://me:{PASSWORD}@host{path}?page=1&X-Sig={signature}"


def check_hidden(*texts: str) -> None:
    """Find no credentials in texts."""
    for text in texts:
        assert not any(secret in text for secret in SECRETS)


@pytest.mark.parametrize("kind", ["source", "list"])
def test_credentials_are_written_nowhere(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither rows nor the file that says whose they are, nor what is printed or logged, has them."""
    caplog.set_level(logging.DEBUG)
    write_files(tmp_path, {"in.tar": tar_of(digit_files(3)), "a.png": digit_files(1)["000000.png"]})
    (tmp_path / "list.csv").write_text(
        f"path\n{_address(tmp_path / 'a.png')}\n{_address(tmp_path / 'no.png')}\n"
    )
    source = _address(tmp_path / "in.tar") if kind == "source" else str(tmp_path / "list.csv")
    out = f"stubborn://me:{PASSWORD}@host{tmp_path}/out"
    status = run_main(["batch", source, "--out", out, "--model", "tiny-cnn", "--workers", "0"])
    said = capsys.readouterr()
    assert (status or 0, said.err) == (int(kind == "list"), "")
    rows = read_rows(tmp_path / "out")
    assert len(rows) == (3 if kind == "source" else 2)
    assert {row["path"].partition("#")[0].rpartition("/")[2].partition("?")[2] for row in rows} == {
        "page=1&X-Sig=…"
    }
    assert f"Wrote stubborn://me@host{tmp_path}/out." in said.out
    check_hidden(said.out, caplog.text, str(rows), (tmp_path / "out" / NAME).read_text())


def test_a_job_goes_on_with_another_signature(tmp_path: Path) -> None:
    """A signature is good for some hours: with a new one it is the same source still."""
    (tmp_path / "in.tar").write_bytes(tar_of(digit_files(9)))
    first, second = (
        do(job_of(_address(tmp_path / "in.tar", signature), tmp_path / "out", shard_size=4))
        for signature in (SIGNATURE, "another")
    )
    assert [outcome.was_there for outcome in second] == [True] * len(first) == [True] * 3


@pytest.mark.parametrize(
    ("name", "words"),
    [("gone.tar", "Nothing is there"), ("empty.csv", "must have a column"), ("in.tar", "of another source")],
)
def test_errors_hide_credentials(name: str, words: str, tmp_path: Path) -> None:
    """No message has them: of a source that is not there, is none, or is another."""
    write_files(tmp_path, {"in.tar": tar_of(digit_files(9)), "empty.csv": b""})
    do(job_of(tmp_path / "in.tar", tmp_path / "out"))
    with pytest.raises(InputError, match=words) as caught:
        do(job_of(_address(tmp_path / name), tmp_path / "out"))
    assert f"stubborn://me@host{tmp_path}/{name}?page=1&X-Sig=…" in str(caught.value)
    check_hidden(repr(caught.value))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/me:you@here/a?token=3.png", "/home/me:you@here/a?token=3.png"),
        ("https://ghp_0123@host/a@b.png", "https://host/a@b.png"),
        ("abfs://container@account.dfs/a", "abfs://container@account.dfs/a"),
        ("ftp://me:p@ss:w@host/a", "ftp://me@host/a"),
        ("s3://bucket/a@b:c@d.png", "s3://bucket/a@b:c@d.png"),
        ("zip://a.png::https://me:you@host/in.zip", "zip://a.png::https://host/in.zip"),
        ("https://h/a?sv=1&sig=a%2Bb&se=2", "https://h/a?sv=1&sig=…&se=2"),
        (
            "at 'https://h/a?AWSAccessKeyId=A&Signature=b/c+d=', no",
            "at 'https://h/a?AWSAccessKeyId=…&Signature=…', no",
        ),
        ("https://h/a?X-Goog-Credential=me/1#row=7", "https://h/a?X-Goog-Credential=…#row=7"),
        ("files\0https://a:b@h/1?id=2\0https://a:b@h/1?id=3", "files\0https://h/1?id=2\0https://h/1?id=3"),
    ],
)
def test_hide_takes_out_what_lets_people_in(text: str, shown: str) -> None:
    """Passwords, tokens and signatures go, wherever an address stands; what tells inputs apart stays."""
    assert hide(text) == shown


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Run workers that know the storage, and return their scheduler's address."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
        preload=["tests.batch.stubborn"],
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.cluster
@pytest.mark.parametrize("step", ["open", "read", "write", "move"])
def test_workers_whose_storage_fails(step: str, scheduler: str, tmp_path: Path) -> None:
    """On a cluster more than a moment is one error, a moment costs nothing, and nobody logs credentials."""
    from distributed import Client

    from tenfold.batch.cluster import reach

    (tmp_path / "in.tar").write_bytes(tar_of(digit_files(N)))
    job = job_of(_address(tmp_path / "in.tar"), f"stubborn://me:{PASSWORD}@host{tmp_path}/out", shard_size=20)

    def engine(job: Job, shards: object) -> object:
        listed = list(shards)  # type: ignore[call-overload]
        fail(tmp_path, step, *times)
        return started.engine(job, iter(listed))

    with reach(scheduler) as started, Client(scheduler, set_as_default=False) as client:
        times: tuple[object, ...] = ("always",)
        with pytest.raises(PlaceError, match=rf"cannot be used: RefusedError: {step} failed") as caught:
            do(job, engine)  # type: ignore[arg-type]
        recover(tmp_path)
        times = (1, 2)
        rows = read_rows(tmp_path / "out", do(job, engine))  # type: ignore[arg-type]
        logs = str(client.get_worker_logs()) + str(client.get_scheduler_logs())
    assert [row["error"] for row in rows] == [None] * N
    assert not list((tmp_path / "failures").iterdir())
    assert ("Compute Failed" in logs) == (step in {"write", "move"})  # or the model is not even loaded
    check_hidden(str(caught.value), str(rows), logs)
