"""Write a model as one HTML file, or as one ES module, with all it needs inside."""

import gzip
import importlib.resources
import json
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from tenfold.atomic import check_writable, write_atomically
from tenfold.errors import InputError, ModelFileError
from tenfold.model_file import LINES, ModelFile, inspect
from tenfold.webpage.bundle import bundle
from tenfold.webpage.single_file import encode_base64, make_page, read_modules

WORTH_PACKING: Final = 0.9
"""Of a model's bytes that gzip may leave, or else they go in as they are."""

_MODEL: Final = "embedded.js"


def export_html(model: ModelFile, path: str | Path, *, name: str = "model") -> int:
    """Write a page that reads what is drawn, in any browser, from a file, without a network.

    Parameters
    ----------
    model : ModelFile
        A model of digit images.
    path : str or Path
        The file to write; it must end in ``.html``.
    name : str
        What the page calls the model.

    Returns
    -------
    int
        The number of bytes written.

    Raises
    ------
    InputError
        The name of the file ends otherwise.
    OutputError
        The file cannot be written; what stood there before still stands there.
    ModelFileError
        The model does not pass inspection, or reads lines.
    """
    path = _check_path(path, ".html")
    modules = _make_modules(model, name)
    data = make_page(_folder("page"), modules).encode()
    with write_atomically(path) as file:
        file.write(data)
    return len(data)


def export_module(model: ModelFile, path: str | Path, *, name: str = "model") -> int:
    """Write an ES module for pages of one's own, and its types, ``NAME.d.ts``, beside it.

    Parameters
    ----------
    model : ModelFile
        A model of digit images.
    path : str or Path
        The file to write; it must end in ``.js``.
    name : str
        What the module calls the model.

    Returns
    -------
    int
        The number of bytes of the module.

    Raises
    ------
    InputError
        The name of the file ends otherwise.
    OutputError
        A file cannot be written.
    ModelFileError
        The model does not pass inspection, or reads lines.
    """
    path = _check_path(path, ".js")
    types = path.with_suffix(".d.ts")
    check_writable(types)
    data = bundle(_make_modules(model, name), "tenfold.js", exports=True).encode()
    with write_atomically(types) as types_file, write_atomically(path) as file:
        types_file.write((_folder("js") / "tenfold.d.ts").read_bytes())
        file.write(data)
    return len(data)


def _folder(name: str) -> Traversable:
    """Return the folder of the page, or of the runtime, ``js``."""
    return importlib.resources.files("tenfold.webpage") / name


def _make_modules(model: ModelFile, name: str) -> dict[str, str]:
    """Return the modules of the runtime, a model among them."""
    _check_model(model)
    return {**read_modules(_folder("js")), _MODEL: _embed(model, name)}


def _embed(model: ModelFile, name: str) -> str:
    """Return the module that holds a model, gzipped where that saves more than a tenth."""
    packed = gzip.compress(model.data, mtime=0)
    data = packed if len(packed) < WORTH_PACKING * len(model.data) else model.data
    values = {"name": name, "sha256": model.sha256, "base64": encode_base64(data)}
    return f"export const EMBEDDED = {json.dumps(values)};\n"


def _check_path(path: str | Path, suffix: str) -> Path:
    path = Path(path).expanduser()
    if path.suffix != suffix:
        raise InputError(f"The file must end in {suffix}. Got {path.name!r}. Choose another name.")
    check_writable(path)
    return path


def _check_model(model: ModelFile) -> None:
    """Inspect a model again: it may have been made by hand."""
    card = inspect(model.data).card
    if card.kind == LINES:
        raise ModelFileError(
            "The model must be one of digits. Got one of lines, which no page runs. Export robust-cnn, "
            "tiny-cnn, or what `tenfold train` makes with any other recipe than number-reader."
        )
