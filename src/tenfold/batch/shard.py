"""A shard: a few thousand inputs, the unit of work, of retry and of output."""

import hashlib
from dataclasses import dataclass
from typing import Final

from tenfold.batch.addresses import hide
from tenfold.batch.digit_images import DigitImages
from tenfold.batch.inputs import Pictures

PREFIX: Final = "part-"
SUFFIX: Final = ".parquet"

Content = Pictures | DigitImages


@dataclass(frozen=True, repr=False)
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
        identity = hide(self.content.identify()).encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(identity).hexdigest()
        return f"{PREFIX}{self.index:08}-{digest[:16]}{SUFFIX}"

    def __repr__(self) -> str:
        """Return what a log may show: neither thousands of names nor the credentials in them."""
        return f"Shard({self.index}, {len(self.content)} inputs)"
