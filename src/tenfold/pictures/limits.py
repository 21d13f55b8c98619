"""How large a picture may be, and how Pillow's mishaps are told."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image, UnidentifiedImageError

from tenfold.errors import PictureError

MAX_BYTES: Final = 50_000_000
MAX_PIXELS: Final = 16_000_000

_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    LookupError,
    ArithmeticError,
    MemoryError,
    AssertionError,
    AttributeError,  # where -O has taken its assertions
    struct.error,
)
"""What Pillow stumbles with over damaged bytes."""


def check_size(width: int, height: int) -> None:
    """Refuse a picture without pixels or with too many.

    Raises
    ------
    PictureError
        There are none, or over 16 million.
    """
    if width * height > MAX_PIXELS:
        raise PictureError(f"A picture may have {MAX_PIXELS} pixels. Got {width}×{height}. Scale it down.")
    if width < 1 or height < 1:
        raise PictureError(f"A picture must have at least one pixel. Got {width}×{height}.")


@contextmanager
def pillow_errors() -> Iterator[None]:
    """Turn whatever Pillow raises into a PictureError, and keep its warnings to itself."""
    try:
        with warnings.catch_warnings():
            # Of Pillow alone: threads that leave this block out of order silence nothing else.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            yield
    except Image.DecompressionBombError as error:
        raise PictureError(f"A picture may have {MAX_PIXELS} pixels. {error}") from error
    except UnidentifiedImageError as error:
        raise PictureError("The picture is damaged: its header makes no sense.") from error
    except _DAMAGE as error:
        raise PictureError(f"The picture is damaged: {error}.") from error
