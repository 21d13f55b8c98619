"""Memory that is kept for the next step."""

import ctypes
import subprocess
import sys

import pytest

from tenfold.training.memory import keep_freed_memory

COUNT_FAULTS = """
import resource, sys
from tenfold.training.memory import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
bytearray(20_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    bytearray(20_000_000)
    bytearray(18_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
"""Clears two blocks again and again, as the steps of a training do, and counts the pages asked for."""


def count_faults(way: str) -> int:
    """Return how often a process of its own had to be given a page."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT_FAULTS, way], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def has_glibc() -> bool:
    """Tell whether this is a system with the C library whose memory can be kept."""
    try:
        ctypes.CDLL("libc.so.6")
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_glibc(), reason="Needs glibc, as most Linux systems have it.")
def test_freed_memory_is_kept() -> None:
    """Of the pages that a process is otherwise given anew at each step, hardly any are asked for."""
    assert count_faults("kept") < count_faults("given back") / 20


def test_other_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no glibc nothing happens."""

    def refuse(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    keep_freed_memory.cache_clear()
    keep_freed_memory()
    keep_freed_memory.cache_clear()
