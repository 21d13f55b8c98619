"""The page in Chromium: how long from a stroke to its answer, and what the page weighs."""

import statistics
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from tests.browser.hand import draw
from tests.browser.handwriting import write
from tests.chromium import CHROMIUM
from tests.serve.process import running

from benchmarks.table import machine, markdown_table

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROUNDS = 5
SETTLED = 1500
"""Milliseconds after which no more answers are waited for."""

WATCH = """
addEventListener("DOMContentLoaded", () => {
  let lifted = 0;
  window.waited = 0;
  addEventListener("pointerup", () => { lifted = performance.now(); }, true);
  new MutationObserver(() => { window.waited = performance.now() - lifted; })
    .observe(document.getElementById("digits"), { childList: true });
});
"""


def main() -> str:
    """Measure, and return the table."""
    from playwright.sync_api import sync_playwright

    kinds = {"a digit": list("0123456789"), "a number of four digits": ["2024", "1789", "3056"]}
    with sync_playwright() as playwright, running(model="robust-cnn") as service:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.add_init_script(WATCH)
        page.goto(service.address, wait_until="networkidle")
        times = {kind: _measure(page, texts) for kind, texts in kinds.items()}
        browser.close()
    return _table(times)


def _measure(page: "Page", texts: Sequence[str]) -> list[float]:
    """Return the milliseconds from the end of the last stroke of each text to its answer."""
    waited = []
    for seed in range(ROUNDS + 1):
        for text in texts:
            draw(page, write(text, seed=seed))
            page.wait_for_timeout(SETTLED)
            if seed:  # the first round warms up
                waited.append(float(page.evaluate("window.waited")))
            page.click("#clear")
    return waited


def _table(times: dict[str, list[float]]) -> str:
    rows = []
    for kind, waited in times.items():
        slow = statistics.quantiles(waited, n=20)[-1]
        rows.append([kind, str(len(waited)), f"{statistics.median(waited):.0f} ms", f"{slow:.0f} ms"])
    table = markdown_table(["from the last stroke to the answer", "n", "median", "19 of 20 within"], rows)
    folders = (files("tenfold") / "webpage" / "page", files("tenfold") / "serve" / "static")
    loaded = [file for folder in folders for file in folder.iterdir()]
    weight = sum(len(file.read_bytes()) for file in loaded) / 1000
    return f"{table}\n\nThe page weighs {weight:.0f} kB in {len(loaded)} files, uncompressed.\n\n{machine()}"
