"""Every error that tenfold raises on purpose.

::

    TenfoldError
    ├── InputError (also a ValueError)    an argument of a public function
    │   └── EmptyImageError               no ink where a digit was expected
    ├── MissingExtraError                 a package of an extra is not installed
    ├── OutputError                       a file that cannot be written
    ├── PlaceError                        storage elsewhere that refuses, or cannot be reached
    ├── StoreError                        a store of corrections, or of trials, that cannot be opened
    │   └── StoreUnavailableError         one that is open, and cannot be used just now
    ├── PictureError                      a file or pixels that are no picture we read
    ├── DataError
    │   ├── IdxError                      bytes that are not one IDX array
    │   ├── ChecksumError                 a verified file that changed
    │   ├── DatasetError                  images and labels that are no dataset
    │   ├── DatasetNotFoundError          nowhere on this machine, nor reachable
    │   ├── UnknownDatasetError           a name that is no dataset
    │   └── FetchError                    every mirror failed
    ├── RecipeError (also a ValueError)   an unknown recipe or field
    ├── CheckpointError                   no checkpoint of this run to resume from
    └── ModelFileError                    a file that is not a tenfold model

Messages say what must hold, what was found and what to do. The data of an
error stands in its attributes.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final


class TenfoldError(Exception):
    """Base of all errors raised by tenfold. They may cross from one process to another."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(
    kind: type[TenfoldError], args: tuple[object, ...], attributes: dict[str, object]
) -> TenfoldError:
    """Make an error again, of its message and its data."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(attributes)
    return error


class InputError(TenfoldError, ValueError):
    """An argument of a public function is not what it must be."""


class EmptyImageError(InputError):
    """An image has no ink."""


class MissingExtraError(TenfoldError):
    """A package that belongs to an extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f"This needs {package}, which is not installed. Install it with: pip install 'tenfold[{extra}]'"
        )


class OutputError(TenfoldError):
    """A file cannot be written."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"{path} cannot be written: {reason}. Nothing was changed there; choose another path."
        )


CHECK: Final = "Check address, credentials and network, and run again: what is done is kept"


class PlaceError(TenfoldError):
    """A place elsewhere, such as a bucket, cannot be reached or refuses."""

    def __init__(self, place: str, reason: str, advice: str = CHECK) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place} cannot be used: {reason}. {advice}.")


class StoreError(TenfoldError):
    """A store of corrections, or of trials, cannot be opened."""


class StoreUnavailableError(StoreError):
    """A store is locked, full, gone or unreachable; nothing was written."""


class PictureError(TenfoldError):
    """A file, an image or an array is not a picture that tenfold reads."""


class DataError(TenfoldError):
    """Base of all errors about datasets."""


class IdxError(DataError):
    """Bytes are not exactly one IDX array."""


class ChecksumError(DataError):
    """A file with a published checksum holds other bytes."""

    def __init__(self, path: Path, *, expected: str, actual: str) -> None:
        self.path = path
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"{path} must have sha256 {expected}. Got {actual}. The file is damaged, or is not the published "
            "one: delete it, then fetch it again."
        )


class DatasetError(DataError):
    """Images and labels do not form a dataset."""


class UnknownDatasetError(DataError):
    """A name is neither a known dataset nor a path that exists."""


class DatasetNotFoundError(DataError):
    """A known dataset is neither on this machine nor reachable.

    Attributes
    ----------
    places : tuple of str
        Where it was looked for and what was wrong there, in order.
    """

    def __init__(self, name: str, places: Sequence[str]) -> None:
        self.name = name
        self.places = tuple(places)
        listed = "; ".join(self.places)
        super().__init__(
            f"{name} was not found. Looked in: {listed}. Connect to the internet and run "
            f"`tenfold fetch {name}`, or set TENFOLD_DATA to a folder that holds {name}/."
        )


class FetchError(DataError):
    """No mirror delivered a file.

    Attributes
    ----------
    attempts : tuple of str
        One line per mirror: its address and why it was passed over.
    """

    def __init__(self, file_name: str, attempts: Sequence[str]) -> None:
        self.file_name = file_name
        self.attempts = tuple(attempts)
        super().__init__(f"{file_name} could not be downloaded. {'; '.join(self.attempts)}.")


class RecipeError(TenfoldError, ValueError):
    """A recipe or one of its fields does not exist or cannot take a value."""


class CheckpointError(TenfoldError):
    """There is no checkpoint that the run can resume from."""


class ModelFileError(TenfoldError):
    """A file is not a model that this tenfold opens."""


def suggest(name: str, known: Iterable[str]) -> str:
    """Return the question that ends a message about a name that is not known.

    Parameters
    ----------
    name : str
        As it was typed.
    known : iterable of str
        The names there are.

    Returns
    -------
    str
        With a space before it; empty where no known name is near.

    Examples
    --------
    >>> suggest("mnits", ["digits", "mnist"])
    ' Did you mean mnist?'
    """
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]}?" if near else ""
