"""Read and write model files."""

import dataclasses
import importlib.resources
from pathlib import Path
from typing import Final

from tenfold.atomic import write_atomically
from tenfold.errors import ModelFileError
from tenfold.model_file.card import CARD_KEY, Card, card_to_json, seal
from tenfold.model_file.inspect import MAX_BYTES, ModelFile, inspect
from tenfold.model_file.schema import encode_metadata

SHIPPED: Final = ("robust-cnn", "tiny-cnn")
"""Names of the models in the package. The first is the default."""


LINE_READERS: Final = ("number-reader",)
"""Names of those that read lines."""


def load(path: str | Path) -> ModelFile:
    """Read a model file and inspect it.

    Parameters
    ----------
    path : str or Path
        An ``.onnx`` file that tenfold wrote, or the name of a model that comes with tenfold.

    Raises
    ------
    ModelFileError
        It is no regular file, cannot be read, or does not pass `inspect`.
    """
    if str(path) in SHIPPED + LINE_READERS:
        return inspect((importlib.resources.files("tenfold") / "models" / f"{path}.onnx").read_bytes())
    try:
        path = Path(path).expanduser()
        if path.exists() and not path.is_file():
            raise ModelFileError(f"{path} must be a model file. Got a folder or device.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{path} must be a model file, or {' or '.join(SHIPPED)}. Got no such file. "
            f"`tenfold train --out {path}` makes one."
        ) from error
    except (OSError, RuntimeError, ValueError) as error:  # the last two of "~nobody/…" and of null bytes
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise ModelFileError(f"{path} cannot be read: {reason}.") from error
    try:
        return inspect(data)
    except ModelFileError as error:
        raise ModelFileError(f"{path} is not a model that this tenfold opens. {error}") from error


def save(path: str | Path, model: ModelFile) -> None:
    """Write a model file in one step.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there before still stands there.
    """
    with write_atomically(Path(path).expanduser()) as file:
        file.write(model.data)


def add_card(graph: bytes, card: Card) -> ModelFile:
    """Make a model file of an ONNX graph and a card.

    Parameters
    ----------
    graph : bytes
        A serialized ONNX model without a card. It stays in the file as it is, bit for bit.
    card : Card
        What the model says of itself; its `sha256` is filled in.

    Raises
    ------
    ModelFileError
        The graph does not pass `inspect`.
    """
    sealed = dataclasses.replace(card, sha256=seal(graph, card))
    return inspect(graph + encode_metadata(CARD_KEY, card_to_json(sealed)))
