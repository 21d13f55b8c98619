"""Picture files, wherever they are: what a shard holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from tenfold.data.idx import Readable

CARRIED: Final = 8_000_000
"""Bytes that a shard carries with it, of a file that can be read from its start alone."""


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


@runtime_checkable
class Stream(Readable, Protocol):
    """A file that is open, at any place."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""

    def tell(self) -> int:
        """Return the place."""


@runtime_checkable
class Pictures(Protocol):
    """Where picture files are. Picklable, and the same whenever the source is listed."""

    def __len__(self) -> int:
        """Return how many there are."""

    def identify(self) -> str:
        """Return a text that no other pictures have."""

    def read(self) -> Iterator[Input]:
        """Yield each file; one that cannot be read with its error."""


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
