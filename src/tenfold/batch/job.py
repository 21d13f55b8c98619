"""What is to be done, as every process of a batch knows it."""

import hashlib
from dataclasses import dataclass, field

import tenfold
from tenfold.batch.addresses import make_absolute
from tenfold.model_file import ModelFile, inspect
from tenfold.reading import Expectation, Reader


@dataclass(frozen=True)
class Job:
    """A source, a model that reads it, and the folder that takes the rows.

    Attributes
    ----------
    source, out : str
        Absolute paths or addresses.
    model : bytes
        The model file: workers elsewhere need not have it.
    model_sha256 : str
        Of it.
    expect : tuple of str
        What the numbers may be, as it was typed.
    expectation : Expectation
        The same, parsed, with the lists that it names.
    shard_size : int or None
        Inputs in a shard; None for the default.
    version : str
        Of tenfold.
    """

    source: str
    out: str
    model: bytes
    model_sha256: str
    expect: tuple[str, ...] = ()
    expectation: Expectation = field(default_factory=Expectation)
    shard_size: int | None = None
    version: str = tenfold.__version__

    @property
    def key(self) -> str:
        """Return a name that no other job has."""
        parts = (self.source, self.out, self.model_sha256, repr(self.expectation), str(self.shard_size))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def open_reader(self) -> Reader:
        """Load the model, for threads that each use one core."""
        import cv2

        cv2.setNumThreads(1)
        return Reader(inspect(self.model), threads=1)


def make_job(
    source: str,
    out: str,
    model: ModelFile,
    *,
    expect: tuple[str, ...] = (),
    expectation: Expectation | None = None,
    shard_size: int | None = None,
) -> Job:
    """Return a job.

    Parameters
    ----------
    source, out : str
        Paths, relative or not, or addresses.
    model : ModelFile
        Reads the pictures.
    expect : tuple of str
        What the numbers may be, as it was typed.
    expectation : Expectation, optional
        The same, parsed.
    shard_size : int, optional
        Inputs in a shard.
    """
    return Job(
        source=make_absolute(source),
        out=make_absolute(out),
        model=model.data,
        model_sha256=model.sha256,
        expect=expect,
        expectation=expectation or Expectation(),
        shard_size=shard_size,
    )
