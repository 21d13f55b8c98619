"""A shard: a few thousand inputs, the unit of work, of retry and of output."""

import hashlib
from dataclasses import dataclass
from typing import Final

from tenfold.batch.digit_images import DigitImages
from tenfold.batch.inputs import Pictures

PREFIX: Final = "part-"
SUFFIX: Final = ".parquet"

Content = Pictures | DigitImages


@dataclass(frozen=True)
class Shard:
    """Inputs that are read together.

    Attributes
    ----------
    index : int
        Position among the shards of the source, from 0.
    content : Pictures or DigitImages
        Where the inputs are.
    """

    index: int
    content: Content

    @property
    def name(self) -> str:
        """Return the name of the file that takes its rows; it tells the content as well."""
        digest = hashlib.sha256(self.content.identify().encode("utf-8", "surrogateescape")).hexdigest()
        return f"{PREFIX}{self.index:08}-{digest[:16]}{SUFFIX}"
