"""Draw the pages of a PDF, in a process of its own.

Run as a program, with the limits as arguments; imports nothing of tenfold. Reads the PDF from standard
input. Writes a line ``pages N``, then for each page a line ``page WIDTH HEIGHT`` and its grey pixels; or
a line ``error REASON``.

PDFium is not thread-safe, a page of a few bytes can cost it hours and gigabytes, and a bug in it may end
the process. A process of its own keeps all three away from the one that asked.
"""

import contextlib
import math
import sys
from typing import BinaryIO

import pypdfium2

POINTS_PER_INCH = 72
WRONG_PASSWORD = pypdfium2.raw.FPDF_ERR_PASSWORD


def draw_pages(data: bytes, out: BinaryIO, *, dpi: int, max_pixels: int, max_pages: int) -> None:
    """Write the pages of a PDF as grey pixels."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        encrypted = error.err_code == WRONG_PASSWORD
        out.write(b"error %s\n" % (b"encrypted" if encrypted else b"damaged"))
        return
    out.write(b"pages %d\n" % len(document))
    for index in range(min(len(document), max_pages)):
        try:
            width, height, pixels = draw_page(document[index], dpi=dpi, max_pixels=max_pixels)
        except pypdfium2.PdfiumError:
            out.write(b"error damaged\n")
            return
        out.write(b"page %d %d\n" % (width, height))
        out.write(pixels)
        out.flush()


def draw_page(page: pypdfium2.PdfPage, *, dpi: int, max_pixels: int) -> tuple[int, int, bytes]:
    """Return width, height and grey pixels of a page on white, with its annotations."""
    size = [max(side, 1.0) for side in page.get_size()]
    scale = min(dpi / POINTS_PER_INCH, math.sqrt(max_pixels / math.prod(size)))
    width, height = (max(int(side * scale), 1) for side in size)
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, pypdfium2.raw.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    flags = pypdfium2.raw.FPDF_ANNOT | pypdfium2.raw.FPDF_GRAYSCALE
    pypdfium2.raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
    return width, height, bytes(bitmap.buffer)


def limit_memory(max_bytes: int) -> None:
    """Let this process have that much memory, on systems that can be asked to see to it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))


if __name__ == "__main__":
    limit_memory(int(sys.argv[1]))
    draw_pages(
        sys.stdin.buffer.read(),
        sys.stdout.buffer,
        dpi=int(sys.argv[2]),
        max_pixels=int(sys.argv[3]),
        max_pages=int(sys.argv[4]),
    )
