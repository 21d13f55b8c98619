"""The pages of a PDF as grey pixels."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final, cast

import numpy as np

from tenfold.arrays import Ink
from tenfold.errors import MissingExtraError, PictureError
from tenfold.pictures.limits import MAX_PIXELS

MAX_PAGES: Final = 200
DPI: Final = 200

MAX_SECONDS: Final = 20
"""For one page."""

MAX_MEMORY: Final = 400_000_000
"""Of the process that draws. A page in color at 600 dpi takes up to 300 MB, as JPEG 2000."""

_WORKER: Final = Path(__file__).with_name("pdf_worker.py")

_REASONS: Final = {
    b"encrypted": "The PDF is encrypted. Save it without its password.",
    b"damaged": "The PDF is damaged: PDFium cannot open it. Save it anew.",
}


def read_pdf(data: bytes) -> Iterator[Ink]:
    """Draw the pages of a PDF, one after another, as they are asked for.

    PDFium draws them in a process of its own, which has 20 seconds for a page and 400 MB of memory.
    Threads may call this side by side.

    Parameters
    ----------
    data : bytes
        A PDF file.

    Yields
    ------
    ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, upright, on white, with annotations, 200 pixels to the inch, or fewer where a
        page would have over 16 million pixels.

    Raises
    ------
    MissingExtraError
        pypdfium2 is not installed.
    PictureError
        While iterating: it is encrypted, damaged, has over 200 pages or one that is over the limits to draw.
    """
    if find_spec("pypdfium2") is None:
        raise MissingExtraError("pypdfium2", "pdf")
    return _draw_pages(data)


def _draw_pages(data: bytes) -> Iterator[Ink]:
    command = [sys.executable, "-P", str(_WORKER), *map(str, (MAX_MEMORY, DPI, MAX_PIXELS, MAX_PAGES))]
    with subprocess.Popen(  # noqa: S603  # our own program, without a shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        pipe_in, pipe_out = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        try:
            with _deadline(process, "The PDF"):
                with contextlib.suppress(OSError), pipe_in:  # a process that is gone does not answer either
                    pipe_in.write(data)
                (n_pages,) = _receive(pipe_out)
            if n_pages > MAX_PAGES:
                raise PictureError(f"A PDF may have {MAX_PAGES} pages. Got {n_pages}. Split it.")
            for number in range(1, n_pages + 1):
                with _deadline(process, f"Page {number} of the PDF"):
                    width, height = _receive(pipe_out)
                    pixels = np.frombuffer(pipe_out.read(width * height), np.uint8).reshape(height, width)
                yield pixels
        finally:
            process.kill()


@contextlib.contextmanager
def _deadline(process: "subprocess.Popen[bytes]", what: str) -> Iterator[None]:
    """End the process if the block takes longer than a page may; an answer cut short is an error."""
    timer = threading.Timer(MAX_SECONDS, process.kill)
    timer.start()
    try:
        yield
    except ValueError as error:
        raise PictureError(
            f"{what} must be drawn within {MAX_SECONDS} seconds and {MAX_MEMORY // 1_000_000} MB. PDFium was "
            "stopped. Save it as pictures."
        ) from error
    finally:
        timer.cancel()


def _receive(source: IO[bytes]) -> list[int]:
    """Return the numbers on the next line of an answer."""
    word, *rest = source.readline().split()
    if word == b"error":
        raise PictureError(_REASONS[b"".join(rest)])
    return [int(number) for number in rest]
