"""What a service may be told, and its limits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenfold.model_file import SHIPPED

LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine, as they stand in the header `Host`."""


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
    key_sha256 : str or None
        Of the key that requests must carry; None asks for none.
    rate : float or None
        Requests per second that one client may make on average; None: as many as it likes.
    max_bytes : int
        Of the body of a request.
    max_images_bytes : int
        Of the body of a request with digit images, which is larger.
    """

    model: Path = Path(SHIPPED[0])
    store: str | None = None
    hosts: tuple[str, ...] | None = LOOPBACK
    key_sha256: str | None = None
    rate: float | None = None
    max_bytes: int = 5_000_000
    max_images_bytes: int = 7_840_000
