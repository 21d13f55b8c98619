"""Many pictures: files, folders, and the pages of PDFs, one after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from tenfold.arrays import Ink
from tenfold.errors import InputError, PictureError
from tenfold.pictures import SUFFIXES, load_pages


@dataclass(frozen=True, eq=False)
class Page:
    """A picture that was opened, or why it could not be.

    Attributes
    ----------
    path : Path
        The file.
    number : int or None
        Of the page, from 1, in a PDF of several pages.
    grey : ndarray of shape (height, width), dtype=uint8, or None
        0 black … 255 white, upright.
    error : PictureError or None
        Why there is no picture.
    """

    path: Path
    number: int | None = None
    grey: Ink | None = None
    error: PictureError | None = None

    @property
    def name(self) -> str:
        """Return the path, and the page where there are several."""
        return str(self.path) if self.number is None else f"{self.path}#page={self.number}"


def list_pictures(paths: Iterable[Path]) -> list[Path]:
    """Return the files to read: those named, and all pictures in the folders named and below them.

    Raises
    ------
    InputError
        A folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in (*SUFFIXES, ".pdf"))
        if not inside:
            raise InputError(f"{path} must hold pictures ({', '.join(SUFFIXES)}, .pdf). Got none.")
        found += inside
    return found


def open_pages(path: Path) -> Iterator[Page]:
    """Open the pages of a file, one at a time; one that cannot be opened is the last.

    Raises
    ------
    MissingExtraError
        It is a PDF, and pypdfium2 is not installed.
    """
    pages = _open_each(path)
    first = list(islice(pages, 2))
    for number, page in enumerate(chain(first, pages), 1):
        of_several = number if len(first) > 1 else None
        if isinstance(page, PictureError):
            yield Page(path, of_several, error=page)
        else:
            yield Page(path, of_several, page)


def _open_each(path: Path) -> Iterator[Ink | PictureError]:
    """Yield pages and, where there are no more for a reason, the reason."""
    try:
        yield from load_pages(path)
    except PictureError as error:
        yield error
