"""Addresses of what is here or elsewhere; of their credentials none is printed, written or logged."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tenfold.errors import TenfoldError

GUARDED: Final = "sig|token|key|cred|secret|pass|pwd|auth|policy|session|jwt|code"
"""What the names of parameters have in them whose values let people in."""

PATTERNS: Final = (
    (re.compile(r"(https?://)[^/?#\s\0]*@"), r"\1"),  # a user may be a token
    (re.compile(r"(://[^/?#\s\0:@]*):[^/?#\s\0]*@"), r"\1@"),  # elsewhere it may be a container
    (
        re.compile(rf"([?&][^=&?\s\0]{{0,60}}(?:{GUARDED})[^=&?\s\0]{{0,60}}=)[^&#\s\0'\"<>)]+", re.I),
        r"\1…",
    ),
)


def local_path(url: str) -> Path | None:
    """Return the path of a file on this machine; None where the address leads elsewhere."""
    if url.startswith("file://"):
        return Path(url.removeprefix("file://"))
    return None if "://" in url else Path(url)


def make_absolute(url: str) -> str:
    """Return an address that means the same in every process and folder."""
    path = local_path(url)
    return url.rstrip("/") if path is None else str(path.expanduser().absolute())


def hide(text: str) -> str:
    """Return a text with addresses in it, but without their credentials.

    Examples
    --------
    >>> hide("https://me:secret@example.org/a.png?page=2&X-Amz-Signature=0123#row=3")
    'https://example.org/a.png?page=2&X-Amz-Signature=…#row=3'
    """
    if "://" not in text:
        return text
    for pattern, kept in PATTERNS:
        text = pattern.sub(kept, text)
    return text


@contextmanager
def hiding() -> Iterator[None]:
    """Hide credentials in the words of errors."""
    try:
        yield
    except TenfoldError as error:
        error.args = tuple(hide(one) if isinstance(one, str) else one for one in error.args)
        raise
