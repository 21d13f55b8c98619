"""A model in Chromium: exported files, beside onnxruntime-web, which runs the same model as WebAssembly."""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.chromium import CHROMIUM

from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.data import load_dataset
from tenfold.webpage import export_html, export_module

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OTHER: Final = "onnxruntime-web"
MODELS: Final = ("tiny-cnn", "robust-cnn")
ROUNDS: Final = 11
DIGITS: Final = 200

READ_TENFOLD: Final = """
import { load } from "./MODEL.js";
const reader = await load();
window.answer = async (image) => reader.predictProba(image);
"""

READ_OTHER: Final = """
import * as ort from "./ort.wasm.min.mjs";
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create("MODEL.onnx", { executionProviders: ["wasm"] });
window.answer = async (image) => {
  const images = new ort.Tensor("uint8", image, [1, 28, 28]);
  return (await session.run({ images }, ["probabilities"])).probabilities.data;
};
"""

MEASURE: Final = """
const images = new Uint8Array(await (await fetch("images.bin")).arrayBuffer());
const imageAt = (i) => images.slice(784 * i, 784 * (i + 1));
const labelOf = (probabilities) => probabilities.indexOf(Math.max(...probabilities));
const labels = [labelOf(await window.answer(imageAt(0)))];
const first = performance.now();
const times = [];
for (let i = 1; i < images.length / 784; i++) {
  const start = performance.now();
  labels.push(labelOf(await window.answer(imageAt(i))));
  times.push(performance.now() - start);
}
const loaded = performance.getEntriesByType("resource").filter(({ name }) => !name.endsWith(".bin"));
const bytes = loaded.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
window.measured = { first, times, bytes, labels };
"""

OPENED: Final = """() => {
  if (!document.getElementById("model").textContent) return null;
  return performance.now();
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> str:
    """Measure, and return the tables."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        version = _fill(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with _serving(folder) as address:
            sides = [(kind, model) for model in MODELS for kind in ("tenfold", OTHER)]
            rounds = [
                [_measure(browser, f"{address}/{kind}-{model}.html") for kind, model in sides]
                for _ in range(ROUNDS)
            ]
        pages = [_measure_page(browser, folder / f"{model}.html") for model in MODELS]
        chromium = browser.version
        browser.close()
    tables = [_table(sides, rounds), _page_table(pages)]
    return "\n\n".join([*tables, f"Chromium {chromium}, {OTHER} {version}. {machine()}"])


def _fill(folder: Path) -> str:
    """Put all that is measured into a folder, and return the version of the other runtime."""
    version = _install_other(folder)
    load_dataset("mnist").test.images[:DIGITS].tofile(folder / "images.bin")
    for model in MODELS:
        loaded = model_file.load(model)
        export_html(loaded, folder / f"{model}.html", name=model)
        export_module(loaded, folder / f"{model}.js", name=model)
        (folder / f"{model}.onnx").write_bytes(loaded.data)
        for kind, read in (("tenfold", READ_TENFOLD), (OTHER, READ_OTHER)):
            script = f"<script type=module>{read.replace('MODEL', model)}{MEASURE}</script>"
            (folder / f"{kind}-{model}.html").write_text(
                f"<!doctype html><meta charset=utf-8>{script}", "utf-8"
            )
    return version


def _install_other(folder: Path) -> str:
    """Install onnxruntime-web in a folder of its own, and copy what a page needs of it."""
    npm = shutil.which("npm")
    if not npm:
        sys.exit("This benchmark needs npm, which installs onnxruntime-web into a temporary folder.")
    place = folder / "npm"
    place.mkdir()
    subprocess.run([npm, "install", "--prefix", place, "--silent", OTHER], check=True)
    package = place / "node_modules" / OTHER
    for file in (package / "dist").glob("ort*wasm*"):
        shutil.copy(file, folder)
    return str(json.loads((package / "package.json").read_text("utf-8"))["version"])


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _measure(browser: "Browser", address: str) -> dict[str, Any]:
    """Open a page without a cache, and return what it measured."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.measured", timeout=60_000)
    measured: dict[str, Any] = page.evaluate("window.measured")
    context.close()
    return measured


def _measure_page(browser: "Browser", path: Path) -> tuple[str, int, float]:
    """Return the name of an exported page, its bytes, and the milliseconds until its model has answered."""
    times = []
    for _ in range(ROUNDS):
        context = browser.new_context()
        page = context.new_page()
        page.goto(path.as_uri())
        times.append(float(page.wait_for_function(OPENED, polling=1).json_value()))
        context.close()
    return path.stem, path.stat().st_size, statistics.median(times)


def _table(sides: list[tuple[str, str]], rounds: list[list[dict[str, Any]]]) -> str:
    rows = []
    for (kind, model), measured in zip(sides, zip(*rounds, strict=True), strict=True):
        if any(one["labels"] != rounds[0][sides.index(("tenfold", model))]["labels"] for one in measured):
            raise AssertionError(f"{kind} and tenfold must read the same digits with {model}")
        first = statistics.median(one["first"] for one in measured)
        each = statistics.median(time for one in measured for time in one["times"])
        size = measured[0]["bytes"] / 1000
        rows.append([model, kind, f"{size:,.0f} kB", f"{first:.0f} ms", f"{each:.2f} ms"])
    headings = ["model", "run by", "loaded, uncompressed", "from opening to the first answer", "one digit"]
    return markdown_table(headings, rows)


def _page_table(pages: list[tuple[str, int, float]]) -> str:
    rows = [[name, f"{size / 1000:,.0f} kB", f"{time:.0f} ms"] for name, size, time in pages]
    return markdown_table(["HTML file with", "size", "from opening to the model's first answer"], rows)
