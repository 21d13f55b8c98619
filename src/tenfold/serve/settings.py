"""What a service may be told, and its limits."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tenfold.model_file import SHIPPED

LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine, as they stand in the header `Host`."""


def _count_cores() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One service.

    Attributes
    ----------
    model : Path
        A model file, or the name of one that comes with tenfold.
    store : str or None
        Address of the database of corrections; None keeps none.
    hosts : tuple of str or None
        What the header `Host` may name, in lower case and without port. None: this machine by any IP
        address, or as `localhost`.
    key_sha256 : bytes or None
        SHA-256 of the key that requests must carry; None asks for none.
    rate : float or None
        Requests per second that one client may make on average; None: as many as it likes.
    max_bytes : int
        Of the body of a request.
    max_images_bytes : int
        Of the body of a request with digit images, which may be 10,000.
    max_held_bytes : int
        Of the bodies of all requests together, as far as they have arrived.
    threads : int
        How many batches of digit images are read at a time.
    window : float
        Seconds that a digit image waits for others to be read with it; without, those are read together that
        came while all threads were busy.
    max_waiting : int
        Digit images that may wait to be read; more are refused.
    predict_seconds : float
        Within which digit images must be read.
    readers : int
        Processes that read pictures.
    max_pictures_waiting : int
        Pictures that may wait for one of them; more are refused.
    read_seconds : float
        That one picture may take.
    read_memory : int
        Bytes that reading a picture may take, above those of a process that has just started.
    watch_seconds : float
        Between two looks at the model file, whether it is another.
    """

    model: Path = Path(SHIPPED[0])
    store: str | None = None
    hosts: tuple[str, ...] | None = LOOPBACK
    key_sha256: bytes | None = None
    rate: float | None = None
    max_bytes: int = 5_000_000
    max_images_bytes: int = 7_840_000
    max_held_bytes: int = 256_000_000
    threads: int = field(default_factory=_count_cores)
    window: float = 0.0
    max_waiting: int = 1024
    predict_seconds: float = 10.0
    readers: int = field(default_factory=_count_cores)
    max_pictures_waiting: int = 32
    read_seconds: float = 20.0
    read_memory: int = 1_000_000_000
    watch_seconds: float = 1.0
