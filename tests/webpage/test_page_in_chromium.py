"""The exported page in Chromium, opened from a folder: it reads, and nothing leaves it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tenfold import model_file
from tenfold.webpage import export_html, export_module
from tests.browser.conftest import Watched
from tests.browser.hand import draw, hear, see, touch, write_on
from tests.browser.handwriting import photograph, scribble, write
from tests.browser.test_pictures_on_page import hand_over
from tests.webpage.browsers import serving_folder
from tests.webpage.test_webpage_docs import blocks

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Hold every page of a test to silence and to its own file."""
    watched = Watched()
    yield watched
    watched.check(tmp_path.as_uri())
    assert {url for url in watched.asked if url.startswith("file:")} == {(tmp_path / "digits.html").as_uri()}


@pytest.fixture
def open_file(chromium: Any, watched: Watched, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that exports a model and opens the page."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, offline=True)

    def open_file(model: str = "tiny-cnn", *, on: Any = context) -> Any:
        path = tmp_path / "digits.html"
        export_html(model_file.load(model), path, name=model)
        page = on.new_page()
        page.on("console", lambda message: watched.said.append(message.text))
        page.on("pageerror", lambda error: watched.said.append(str(error)))
        page.on("request", lambda request: watched.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_file
    context.close()


@pytest.mark.parametrize("model", ["tiny-cnn", "robust-cnn"])
def test_page_reads_from_a_folder(model: str, open_file: Callable[..., Any]) -> None:
    """Without a network each digit, and a number, is read as it is drawn, by the model that was exported."""
    page = open_file(model)
    hear(page, "#model", f"Read by {model}, {model_file.load(model).sha256[:12]}.")
    for label in "0123456789":
        write_on(page, label, seed=int(label))
        see(page, label)
    write_on(page, "2024")
    see(page, "2024")


def test_page_says_what_is_no_digit(open_file: Callable[..., Any]) -> None:
    """A scribble is said to be none, and nobody asks what it should have been."""
    page = open_file()
    draw(page, [scribble()])
    hear(page, "#verdict", "I don’t know: not a digit.")
    assert not page.locator("#correct").is_visible()


def test_page_reads_a_picture(open_file: Callable[..., Any]) -> None:
    """A picture that is chosen is read; a file that is none is refused in words."""
    page = open_file()
    picture = photograph(list(write("37")))
    page.set_input_files("#file", {"name": "a.png", "mimeType": "image/png", "buffer": picture})
    see(page, "37")
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    hear(page, "#trouble", "must be a picture that this browser opens")


def test_page_reads_a_pasted_picture(open_file: Callable[..., Any]) -> None:
    """A picture from the clipboard is read."""
    page = open_file()
    hand_over(page, "paste", photograph(list(write("307"))))
    see(page, "307")


def test_page_follows_a_finger(chromium: Any, open_file: Callable[..., Any]) -> None:
    """On a phone a number is drawn with a finger, and read; the page does not scroll away under it."""
    phone = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = open_file(on=phone)
    touch(page, write("42", seed=2, aspect=1))
    see(page, "42")
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.close()


TRIES = """(address) => {
  const script = Object.assign(document.createElement("script"), { textContent: "window.ran = true" });
  document.body.append(script);
  const image = new Promise((done) => {
    Object.assign(new Image(), { onload: () => done("sent"), onerror: () => done("refused"), src: address });
  });
  const asked = fetch(address).then(() => "sent", () => "refused");
  return Promise.all([window.ran ? "ran" : "refused", image, asked]);
}"""
"""What a stranger's script in the page might try: to add code, and to send."""


def test_policy_lets_nothing_out(open_file: Callable[..., Any], watched: Watched, tmp_path: Path) -> None:
    """Whatever a script tried, the browser would neither run other code nor fetch nor send."""
    page = open_file()
    watched.expected = "Content Security Policy"
    with serving_folder(tmp_path) as address:
        page.context.set_offline(False)
        assert page.evaluate(TRIES, f"{address}/digits.html") == ["refused"] * 3
        watched.asked = [url for url in watched.asked if not url.startswith(address)]
    for rule in ("script-src", "default-src", "img-src"):
        assert [line for line in watched.said if rule in line], rule


def test_html_in_the_docs_runs(chromium: Any, tmp_path: Path) -> None:
    """The page of docs/webpage.md, beside an exported module, says what is in a picture."""
    (text,) = blocks("html")
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    export_module(model_file.load("tiny-cnn"), tmp_path / "tenfold.js")
    context = chromium.new_context()
    with serving_folder(tmp_path) as address:
        page = context.new_page()
        page.goto(f"{address}/index.html", wait_until="networkidle")
        for number in ("64", "307"):
            picture = photograph(list(write(number)))
            page.set_input_files("#picture", {"name": "a.png", "mimeType": "image/png", "buffer": picture})
            hear(page, "#answer", f"{number}, ")
        page.set_input_files("#picture", {"name": "a.png", "mimeType": "image/png", "buffer": photograph([])})
        hear(page, "#answer", "No number: blank.")
    context.close()
