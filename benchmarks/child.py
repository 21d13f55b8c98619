"""Run a piece of Python in a process of its own, and take its time and memory."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_WATCHED = """
import json, sys, time
{setup}
def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
before = peak()
started = time.perf_counter()
{work}
seconds = time.perf_counter() - started
print(json.dumps([seconds, peak() - before]))
"""


@dataclass(frozen=True)
class Usage:
    """What some work took: seconds of wall clock, and megabytes of memory."""

    seconds: float
    megabytes: float


def measure(setup: str, work: str) -> Usage:
    """Run `setup`, then take the time of `work`, and its memory above that of the set-up.

    Linux only, for the peak of the resident set.
    """
    if not Path("/proc/self/status").exists():
        sys.exit("This benchmark reads the peak memory from /proc/self/status, which only Linux has.")
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED.format(setup=setup, work=work)],
        check=True,
        capture_output=True,
        text=True,
    )
    return Usage(*json.loads(done.stdout))
