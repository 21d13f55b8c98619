"""Storage elsewhere that fails when it is told to, as others do: by exceptions of its own, full of secrets.

It keeps what is here, under `stubborn://`. A folder `failures` beside, or above, what is asked for says what
fails: a file `open.always` each opening, `open.1` and `open.2` two of them. Of that all processes know.
"""

import re
from pathlib import Path
from typing import Any

import fsspec
from fsspec.spec import AbstractFileSystem

PASSWORD = "hunter2"
SIGNATURE = "0ddba11"
STEPS = ("list", "open", "read", "write", "move")


class RefusedError(Exception):
    """What clients of storage raise: no OSError, with an address in its words."""

    def __init__(self, step: str, status: int = 503) -> None:
        self.status = status
        address = f"https://me:{PASSWORD}@host/x?page=1&X-Sig={SIGNATURE}"
        super().__init__(f"{step} failed at {address} with status {status}")


class Stubborn(AbstractFileSystem):
    """Files of this machine, by way of a network that fails."""

    protocol = "stubborn"

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(one) for one in path]
        return re.sub(r"^stubborn://[^/]*|\?[^/]*=.*", "", path).rstrip("/") or "/"

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002
        """List a folder."""
        _fail("list", path)
        names = sorted(map(str, Path(path).iterdir()))
        return [self.info(name) for name in names] if detail else names

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Describe a file."""
        here = Path(self._strip_protocol(path))
        status = here.stat()
        kind = "directory" if here.is_dir() else "file"
        return {"name": str(here), "size": status.st_size, "type": kind, "time": status.st_mtime_ns}

    def _open(self, path: str, mode: str = "rb", **_: Any) -> "_File":
        _fail("open", path)
        return _File(path, mode)

    def mv(self, path1: str, path2: str, **_: Any) -> None:
        """Move a file."""
        _fail("move", path1)
        Path(path1).replace(path2)

    def rm(self, path: str, **_: Any) -> None:
        """Remove a file."""
        Path(path).unlink()

    def makedirs(self, path: str, exist_ok: bool = False) -> None:  # noqa: FBT001, FBT002
        """Make a folder."""
        Path(path).mkdir(parents=True, exist_ok=exist_ok)


class _File:
    def __init__(self, path: str, mode: str) -> None:
        self._path = path
        self._file = Path(path).open(mode)  # noqa: SIM115
        for name in ("seek", "tell", "close", "readable", "writable", "seekable"):
            setattr(self, name, getattr(self._file, name))

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        _fail("read", self._path)
        return self._file.read(size)  # type: ignore[no-any-return]

    def write(self, data: bytes) -> int:
        _fail("write", self._path)
        return self._file.write(data)


def _fail(step: str, path: str) -> None:
    """Raise an error if this step is to fail, or this file: `status-403.png` is refused by that status."""
    named = re.search(r"status-(\d+)", path)
    if named and step == "read":
        raise RefusedError(step, int(named[1]))
    folder = next(
        (one / "failures" for one in (Path(path), *Path(path).parents) if (one / "failures").is_dir()), None
    )
    for token in sorted(folder.glob(f"{step}.*")) if folder else []:
        if token.suffix != ".always":
            try:
                token.unlink()
            except FileNotFoundError:  # another process took it
                continue
        raise RefusedError(step)


def register() -> None:
    """Let fsspec know it."""
    fsspec.register_implementation("stubborn", Stubborn, clobber=True)


def dask_setup(_: object) -> None:
    """Let a worker know it, which is started with this module as a preload."""
    register()
