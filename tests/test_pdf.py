"""The pages of a PDF as grey pixels."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.errors import MissingExtraError, PictureError
from tenfold.pictures import MAX_PAGES, MAX_PIXELS, load_pages, load_picture, pdf, read_pages
from tests.picture_files import encoded, pdf_stream
from tests.picture_files import pdf as make_pdf


def laughing_pdf(levels: int) -> bytes:
    """Return a PDF whose page draws ten forms, each of which draws ten forms, and so on."""
    forms = []
    for number in range(5, 5 + levels):
        last = number == 4 + levels
        resources = b"" if last else b"/Resources<</XObject<</F %d 0 R>>>>" % (number + 1)
        content = b"0 0 1 1 re f " * 10 if last else b"/F Do " * 10
        forms.append(pdf_stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]" + resources))
    return make_pdf(b"/F Do", page=b"/Resources<</XObject<</F 5 0 R>>>>", objects=forms)


def test_read_pages_draws_each_page_at_200_dpi() -> None:
    """Each page comes in grey at 200 pixels to the inch, its content where it belongs, on white."""
    pages = list(read_pages(make_pdf(n_pages=3)))

    assert [page.shape for page in pages] == [(1000, 800)] * 3
    for page in pages:
        black = np.argwhere(page < 128)
        np.testing.assert_allclose(black.min(axis=0), [1000 - 240 * 200 / 72, 20 * 200 / 72], atol=2)
        np.testing.assert_allclose(black.max(axis=0), [1000 - 40 * 200 / 72, 120 * 200 / 72], atol=2)
        assert (page[0, 0], page.min()) == (255, 0)


def test_read_pages_draws_annotations_and_turns_pages() -> None:
    """What a pen wrote into the PDF is drawn, and a page that lies on its side is turned upright."""
    stroke = pdf_stream(b"0 0 30 30 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 30 30]")
    note = b"<</Type/Annot/Subtype/Ink/Rect[10 10 40 40]/F 4/AP<</N 5 0 R>>>>"
    data = make_pdf(b"", page=b"/Rotate 90/Annots[6 0 R]", objects=[stroke, note])

    (page,) = read_pages(data)

    assert page.shape == (800, 1000)
    assert page[:120, :120].min() == 0
    assert page[200:, 200:].min() == 255


@pytest.mark.parametrize("box", ["0 0 14400 14400", "0 0 14400 1", "0 0 0 0", "9 9 1e12 1e12", "0 0 a b"])
def test_read_pages_draws_no_more_than_the_pixel_limit(box: str) -> None:
    """However large a page says it is, it is drawn within the limit."""
    (page,) = read_pages(make_pdf(box=box))

    assert 0 < page.size <= MAX_PIXELS


ENCRYPTED = b"/ID[(1)(1)]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(%s)/U(%s)>>" % (b"o" * 32, b"u" * 32)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (make_pdf(trailer=ENCRYPTED), "The PDF is encrypted. Save it without its password"),
        (b"%PDF-1.7\n", "The PDF is damaged"),
        (b"%PDF-1.7\n" + bytes(99_999), "The PDF is damaged"),
        (make_pdf()[:200], "The PDF is damaged"),
        (make_pdf(n_pages=0), "The PDF is damaged"),
        (make_pdf(n_pages=MAX_PAGES + 1), f"may have {MAX_PAGES} pages. Got {MAX_PAGES + 1}. Split it"),
    ],
    ids=["encrypted", "header", "zeros", "cut", "no pages", "too many pages"],
)
def test_read_pages_refuses_what_it_cannot_draw(data: bytes, message: str) -> None:
    """An encrypted, damaged, too long or malicious PDF is a typed error that says what to do."""
    with pytest.raises(PictureError, match=message):
        list(read_pages(data))


def test_read_pages_ends_a_page_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a few bytes that would take minutes is given up after the time limit."""
    monkeypatch.setattr(pdf, "MAX_SECONDS", 0.5)
    monkeypatch.setattr(pdf, "MAX_MEMORY", 4_000_000_000)
    with pytest.raises(PictureError, match=r"must be drawn within 0.5 seconds"):
        list(read_pages(laughing_pdf(7)))


def test_read_pages_ends_a_page_that_takes_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a few bytes that would take gigabytes is given up at the memory limit."""
    monkeypatch.setattr(pdf, "MAX_MEMORY", 100_000_000)
    with pytest.raises(PictureError, match=r"Page 1 of the PDF must be drawn within 20 seconds and 100 MB"):
        list(read_pages(laughing_pdf(8)))


def test_read_pages_survives_the_end_of_its_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A crash inside PDFium, even in the middle of a page, is a typed error."""
    for answer in ("", "pages 1\\npage 9", "pages 1\\npage 90 90\\nxyz", "pages 1\\n"):
        (tmp_path / "worker.py").write_text(f"import os\nos.write(1, b'{answer}')\nos.abort()")
        monkeypatch.setattr(pdf, "_WORKER", tmp_path / "worker.py")
        with pytest.raises(PictureError, match="PDFium was stopped"):
            list(read_pages(make_pdf() * 1000))


def test_read_pages_works_in_threads() -> None:
    """Several threads may each draw a PDF, although PDFium itself could not bear it."""
    data = make_pdf(n_pages=2)
    with ThreadPoolExecutor(3) as pool:
        pages = [page for pages in pool.map(lambda _: list(read_pages(data)), range(3)) for page in pages]

    assert len(pages) == 6
    assert all(np.array_equal(page, pages[0]) for page in pages)


def test_read_pages_can_be_left_early() -> None:
    """Taking the first page of many ends the process that draws them."""
    pages = read_pages(make_pdf(n_pages=50))

    assert next(pages).shape == (1000, 800)
    pages.close()  # type: ignore[attr-defined]
    assert list(pages) == []


def test_load_pages_reads_pictures_too(tmp_path: Path) -> None:
    """A picture is one page, and a PDF is known by its content, whatever the names."""
    (tmp_path / "scan").write_bytes(make_pdf(n_pages=2))
    (tmp_path / "photo.pdf").write_bytes(encoded(Image.new("L", (30, 20), 7)))

    assert [page.shape for page in load_pages(tmp_path / "scan")] == [(1000, 800)] * 2
    assert [page.shape for page in load_pages(str(tmp_path / "photo.pdf"))] == [(20, 30)]


def test_load_pages_names_the_file(tmp_path: Path) -> None:
    """What is wrong comes with the path, and a PDF where one picture is wanted with the way to read it."""
    (tmp_path / "scan.pdf").write_bytes(make_pdf(trailer=ENCRYPTED))

    with pytest.raises(PictureError, match=f"^{tmp_path / 'scan.pdf'}: The PDF is encrypted"):
        list(load_pages(tmp_path / "scan.pdf"))
    with pytest.raises(
        PictureError, match=r"scan.pdf: The file must be .* Got a PDF. Read its pages with load_pages"
    ):
        load_picture(tmp_path / "scan.pdf")
    with pytest.raises(PictureError, match=r"none.pdf cannot be read: No such file"):
        list(load_pages(tmp_path / "none.pdf"))


def test_read_pages_names_the_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pypdfium2 a PDF is an error with the install command; other pictures are read."""
    monkeypatch.setitem(sys.modules, "pypdfium2", None)

    with pytest.raises(MissingExtraError, match=r"needs pypdfium2.*pip install 'tenfold\[pdf\]'"):
        read_pages(make_pdf())
    assert len(list(read_pages(encoded(Image.new("L", (3, 3)))))) == 1
