"""Files, folders and pages, one after the other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.arrays import Ink
from tenfold.errors import InputError, PictureError
from tenfold.reading import files, list_pictures, open_pages
from tests.picture_files import pdf as make_pdf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three pictures, one of them in a folder below, and of a text."""
    for name in ("b.png", "a.JPG", "below/c.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("L", (9, 7), 200).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("7")
    return tmp_path


def test_list_pictures_looks_into_folders(folder: Path) -> None:
    """All pictures in a folder and below, sorted, whatever the case of their suffix; and no other file."""
    names = [path.relative_to(folder).as_posix() for path in list_pictures([folder])]
    assert names == ["a.JPG", "b.png", "below/c.tif"]


def test_list_pictures_keeps_the_order_given(folder: Path) -> None:
    """Files come in the order in which they are named, also those that do not exist or have no suffix."""
    named = [folder / "b.png", folder / "notes.txt", folder / "none.png", folder / "below", folder / "b.png"]
    assert list_pictures(named) == [*named[:3], folder / "below" / "c.tif", folder / "b.png"]


def test_list_pictures_refuses_a_folder_without_any(tmp_path: Path) -> None:
    """A folder that holds no picture is an error that says what it may hold."""
    (tmp_path / "notes.txt").write_text("7")
    with pytest.raises(InputError, match=rf"{tmp_path} must hold pictures \(.*\.png.*, \.pdf\)\. Got none"):
        list_pictures([tmp_path])


def test_open_pages_opens_a_picture(folder: Path) -> None:
    """A picture is one page, without a number, with its pixels."""
    (page,) = open_pages(folder / "b.png")
    assert (page.name, page.number, page.error) == (str(folder / "b.png"), None, None)
    np.testing.assert_array_equal(page.grey, np.full((7, 9), 200))


@pytest.mark.parametrize("name", ["notes.txt", "none.png", "below"])
def test_open_pages_tells_why_not(folder: Path, name: str) -> None:
    """What cannot be opened is a page without pixels that says why."""
    (page,) = open_pages(folder / name)
    assert page.grey is None
    assert isinstance(page.error, PictureError)
    assert str(page.error).startswith(str(folder / name))


@pytest.mark.parametrize(("n_pages", "names"), [(1, [""]), (3, ["#page=1", "#page=2", "#page=3"])])
def test_open_pages_numbers_the_pages_of_a_pdf(tmp_path: Path, n_pages: int, names: list[str]) -> None:
    """Each page of a PDF has its number in its name, unless it is the only one."""
    pytest.importorskip("pypdfium2", reason="needs the extra pdf")
    path = tmp_path / "scan.pdf"
    path.write_bytes(make_pdf(n_pages=n_pages))
    pages = list(open_pages(path))
    assert [page.name for page in pages] == [f"{path}{name}" for name in names]
    assert all(page.grey is not None and page.grey.shape == (1000, 800) for page in pages)


def test_open_pages_keeps_what_came_before_a_bad_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages before one that cannot be opened are read; that one says why, and is the last."""

    def open_two(path: Path) -> Iterator[Ink]:
        yield np.full((4, 4), 200, np.uint8)
        raise PictureError(f"{path} cannot be drawn.")

    monkeypatch.setattr(files, "load_pages", open_two)
    first, second = open_pages(tmp_path / "scan.pdf")
    assert first.grey is not None
    assert (first.number, second.number) == (1, 2)
    assert "cannot be drawn" in str(second.error)
