"""Processes that write corrections until they are killed.

``python -m tests.serve.killed_writers STORE ROUNDS``.
Prints, as JSON, the number and the image of each correction that `add_correction` had returned for.
"""

import json
import os
import random
import signal
import sys
import time
from typing import NoReturn

from tenfold.serve.correction import Correction
from tenfold.serve.store import add_correction, open_store


def make_correction(number: int) -> Correction:
    """Return a correction whose image no other number has."""
    return Correction(
        (255).to_bytes(400, "big") + number.to_bytes(384, "little"), number % 10, None, "a" * 64
    )


def write_until_killed(address: str, start: int, acknowledged: int) -> NoReturn:
    """Write corrections, and each time it is acknowledged, a line."""
    store = open_store(address)
    for number in range(start, sys.maxsize):
        row = add_correction(store, make_correction(number))
        os.write(acknowledged, f"{row} {number}\n".encode())
    os._exit(0)


def kill_one(address: str, start: int, seconds: float) -> list[list[int]]:
    """Let a process write, kill it some seconds after its first row, and return what it had acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        write_until_killed(address, start, writing)
    os.close(writing)
    with os.fdopen(reading) as lines:
        first = lines.readline()
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        said = [first, *lines]
    os.waitpid(child, 0)
    return [[int(word) for word in line.split()] for line in said]


if __name__ == "__main__":
    store_address, n_rounds = sys.argv[1], int(sys.argv[2])
    chance = random.Random(n_rounds)
    rows: list[list[int]] = []
    for position in range(n_rounds):
        rows += kill_one(store_address, position * 1_000_000, chance.uniform(0, 0.1))
    print(json.dumps(rows))
