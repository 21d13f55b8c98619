"""The exported files in real browsers."""

from pathlib import Path

import numpy as np
import pytest

import tenfold
from tenfold import model_file
from tenfold.data import Dataset
from tenfold.webpage import export_html, export_module
from tests.browser.handwriting import write
from tests.webpage.browsers import ask_browser, steering_firefox
from tests.webpage.parity import check_parity

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PAGE = """<!doctype html>
<meta charset="utf-8">
<script type="module">
  import { load } from "./tenfold.js";

  const tell = (path, body) => fetch(path, { method: "POST", body });
  try {
    const reader = await load();
    const images = await (await fetch("images.bin")).arrayBuffer();
    await tell("answer", reader.predictProba(new Uint8Array(images)));
  } catch (error) {
    await tell("failure", `${error}\\n${error.stack}`);
  }
</script>
"""


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
@pytest.mark.parametrize("name", ["tiny-cnn", "robust-cnn"])
def test_browser_says_the_same_of_all_test_images(
    browser: str, name: str, mnist: Dataset, tmp_path: Path
) -> None:
    """Of MNIST's 10,000 test images every label is that of ONNX Runtime, every probability near."""
    folder, profile = tmp_path / "page", tmp_path / "profile"
    folder.mkdir()
    profile.mkdir()
    export_module(model_file.load(name), folder / "tenfold.js")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "images.bin").write_bytes(mnist.test.images.tobytes())
    answer = ask_browser(browser, "index.html", folder, profile=profile, seconds=600)
    probabilities = np.frombuffer(answer, np.float32).reshape(-1, 11)
    check_parity(probabilities, tenfold.load(name).predict_proba(mnist.test.images))


def test_page_reads_from_a_folder_in_firefox(tmp_path: Path) -> None:
    """The exported page, opened from a folder in Firefox, reads what is drawn, and asks for nothing."""
    path, profile = tmp_path / "digits.html", tmp_path / "profile"
    profile.mkdir()
    export_html(model_file.load("tiny-cnn"), path, name="tiny-cnn")
    with steering_firefox(profile) as firefox:
        firefox.open(path.as_uri())
        firefox.wait_for("return document.getElementById('model').textContent.startsWith('Read by tiny-cnn')")
        for number in (*"0123456789", "2024"):
            firefox.draw(write(number))
            firefox.wait_for(f"return [...document.querySelectorAll('.digit')]"
                             f".map((digit) => digit.textContent).join('') === '{number}'")  # fmt: skip
            firefox.run("document.getElementById('clear').click()")
        assert firefox.run("return performance.getEntriesByType('resource').map(({ name }) => name)") == []
