"""A shard: a few thousand inputs, the unit of work, of retry and of output."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tenfold.arrays import Images


@dataclass(frozen=True)
class Input:
    """A picture file: its bytes, or why there are none.

    Attributes
    ----------
    name : str
        Where it is.
    data : bytes
        The file. Of one that starts like no picture, the start alone.
    error : str or None
        Why it cannot be read.
    """

    name: str
    data: bytes = b""
    error: str | None = None


class Pictures(Protocol):
    """Where a shard's picture files are. Small, picklable, and the same whenever the source is listed."""

    def __len__(self) -> int:
        """Return how many there are."""

    def identify(self) -> str:
        """Return a text that no other pictures have."""

    def read(self) -> Iterator[Input]:
        """Yield each file; one that cannot be read with its error."""


class Digits(Protocol):
    """Where a shard's digit images are. Small, picklable, and the same whenever the source is listed."""

    def __len__(self) -> int:
        """Return how many there are."""

    def identify(self) -> str:
        """Return a text that no other digit images have."""

    def names(self) -> list[str]:
        """Return the name of each."""

    def load(self) -> Images:
        """Return them all."""


Content = Pictures | Digits


@dataclass(frozen=True)
class Broken:
    """A source, or the rest of one, that cannot be listed: one input that cannot be read."""

    name: str
    error: str

    def __len__(self) -> int:
        """Return 1."""
        return 1

    def identify(self) -> str:
        """Return name and error."""
        return f"broken {self.name} {self.error}"

    def read(self) -> Iterator[Input]:
        """Yield the error."""
        yield Input(self.name, error=self.error)


@dataclass(frozen=True)
class Shard:
    """Inputs that are read together.

    Attributes
    ----------
    index : int
        Position among the shards of the source, from 0.
    content : Pictures or Digits
        Where the inputs are.
    """

    index: int
    content: Content

    @property
    def name(self) -> str:
        """Return the name of the file that takes its rows; it tells the content as well."""
        digest = hashlib.sha256(self.content.identify().encode("utf-8", "surrogateescape")).hexdigest()
        return f"{PREFIX}{self.index:08}-{digest[:16]}{SUFFIX}"


PREFIX = "part-"
SUFFIX = ".parquet"
