"""The model that answers: opened, watched, and replaced by a better one while requests run."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenfold import model_file
from tenfold.errors import ModelFileError
from tenfold.reading import Reader
from tenfold.serve.readers import Readers
from tenfold.serve.settings import Settings

logger: Final = logging.getLogger("tenfold.serve")

Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, eq=False)
class Served:
    """A model, ready to answer.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    reader : Reader
        Reads digit images, in this process.
    readers : Readers
        Read pictures, in processes of their own.
    """

    name: str
    reader: Reader
    readers: Readers


class Engine:
    """The current model of a service.

    Attributes
    ----------
    current : Served
        A request takes it once and keeps it to its end, whatever comes after.

    Parameters
    ----------
    settings : Settings
        Where the model is.
    observe : callable
        Told of each new file, whether it was accepted.

    Raises
    ------
    ModelFileError
        The model does not open.
    """

    def __init__(self, settings: Settings, observe: Callable[[bool], None]) -> None:
        self._settings = settings
        self._observe = observe
        self._stamp = _stamp(settings.model)
        self.current: Served = _open(settings)

    async def run(self) -> None:
        """Look again and again whether the file is another, and take that if it is a model."""
        while True:
            await asyncio.sleep(self._settings.watch_seconds)
            stamp = _stamp(self._settings.model)
            if stamp not in {self._stamp, None}:
                self._stamp = stamp
                await self._replace()

    async def _replace(self) -> None:
        try:
            served = await asyncio.to_thread(_open, self._settings)
        except ModelFileError as error:
            logger.warning("The model stays as it is. %s", error)
            self._observe(False)  # noqa: FBT003  # a callback takes what it takes
            return
        if served.reader.sha256 == self.current.reader.sha256:
            served.readers.close()
            return
        await served.readers.start()
        self.current, last = served, self.current
        last.readers.close()
        logger.info("The model is now %s (sha256 %s).", served.name, served.reader.sha256)
        self._observe(True)  # noqa: FBT003


def _open(settings: Settings) -> Served:
    """Open the model file; the runtime sees it after its inspection."""
    model = model_file.load(settings.model)
    return Served(settings.model.stem, Reader(model, threads=1), Readers(model.data, settings))


def _stamp(path: Path) -> Stamp:
    """Return what changes when a file is written or replaced; None where there is none."""
    try:
        found = path.expanduser().stat()
    except (OSError, RuntimeError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
