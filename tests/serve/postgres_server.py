"""A PostgreSQL of its own for the tests that need one, where Debian's packages are installed."""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Server:
    """One that may run, in a folder, on a port of this machine."""

    programs: Path
    folder: Path
    port: int

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database of this server."""
        return f"postgresql+psycopg://tenfold@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> Any:
        """Run a statement by the driver itself; return its rows, if it has any."""
        import psycopg

        address = f"host=127.0.0.1 port={self.port} user=tenfold dbname={database}"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; Debian keeps them off the path."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)


@contextlib.contextmanager
def make_server() -> Iterator[Server]:
    """Make the files of a server, and remove them; or skip, and say what is missing."""
    programs = find_programs()
    if programs is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("needs PostgreSQL's driver: pip install 'tenfold[postgres]'")
    folder = Path(tempfile.mkdtemp(prefix="tenfold-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _unprivileged())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            server = Server(programs, folder / "data", probe.getsockname()[1])
        options = ("--auth", "trust", "--username", "tenfold", "--no-sync", "--encoding", "UTF8")
        subprocess.run(_command(server, "initdb", *options), check=True, **_owner())
        yield server
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def running(server: Server) -> Iterator[None]:
    """Run a server until the block ends."""
    settings = ("fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=")
    options = [part for setting in settings for part in ("-c", setting)]
    command = _command(server, "postgres", "-p", str(server.port), *options)
    with subprocess.Popen(command, **_owner()) as process:
        try:
            _wait_for(server.port)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: connections are closed
            process.wait(30)


def _command(server: Server, program: str, *options: str) -> list[str]:
    return [str(server.programs / program), "-D", str(server.folder), *options]


def _unprivileged() -> str:
    """Return a user to whom PostgreSQL does not refuse to run, as it does to root."""
    return "nobody"


def _owner() -> dict[str, Any]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    return {**quiet, "user": _unprivileged(), "group": "nogroup"} if os.geteuid() == 0 else quiet


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("PostgreSQL did not start within 30 s.")
