"""`tenfold export`."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Final

import typer

from tenfold.cli.options import JsonOption
from tenfold.errors import InputError

DEFAULT_MODEL: Final = Path("tiny-cnn")


def export(
    to: Annotated[
        Path,
        typer.Option(
            help="The file to write: NAME.html, a page; or NAME.js, an ES module, with its types in "
            "NAME.d.ts beside it.",
            show_default=False,
        ),
    ],
    model: Annotated[
        Path,
        typer.Argument(
            help="A model file that tenfold wrote, or one that comes with it: robust-cnn, or tiny-cnn, "
            "a tenth of its size."
        ),
    ] = DEFAULT_MODEL,
    as_json: JsonOption = False,
) -> None:
    """Write a model as one HTML file that reads digits in any browser, without a server or a network.

    The page has the model inside; open it from a folder, mail it, or put it on any web server. What is drawn
    or dropped on it stays in it. The ES module is for pages of your own.

    Examples:

    - `tenfold export --to digits.html`
    - `tenfold export model.onnx --to digits.html`
    - `tenfold export robust-cnn --to tenfold.js`
    """
    from tenfold import model_file
    from tenfold.webpage import export_html, export_module

    exporters = {".html": export_html, ".js": export_module}
    if to.suffix not in exporters:
        raise InputError(f"--to must end in .html or .js. Got {to.name!r}.")
    n_bytes = exporters[to.suffix](model_file.load(model), to, name=model.name.removesuffix(".onnx"))
    if as_json:
        sha256 = hashlib.sha256(to.expanduser().read_bytes()).hexdigest()
        print(json.dumps({"path": str(to), "bytes": n_bytes, "sha256": sha256}))
        return
    print(f"Wrote {to}: {n_bytes:,} bytes.")
