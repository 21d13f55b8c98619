"""The files of the page, as they are."""

import re
from html.parser import HTMLParser
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Final

import pytest

PACKAGE = Path(str(files("tenfold")))
PAGE = PACKAGE / "webpage" / "page"
FILES = sorted(path for folder in (PAGE, PACKAGE / "serve" / "static") for path in folder.iterdir())
MOST_BYTES = 100_000
SVG = "http://www.w3.org/2000/svg"
"""The name of a language, which nothing is fetched from."""

READABLE: Final = 4.5
"""Contrast of text that WCAG 2.2 asks for at level AA."""


class Page(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect one."""
        self.elements.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page() -> Page:
    """Return index.html."""
    return Page((PAGE / "index.html").read_text("utf-8"))


def test_page_is_light() -> None:
    """All files together are at most 100 kB, uncompressed."""
    assert sum(path.stat().st_size for path in FILES) <= MOST_BYTES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_another_host(path: Path) -> None:
    """No address of the web stands in any file, so no other host is asked for anything."""
    text = path.read_text("utf-8").replace(SVG, "")
    assert not re.search(r"https?:|(?<![:\w/])//\w+\.\w|@import|url\(", text)


def test_nothing_is_inline(page: Page) -> None:
    """Scripts and styles are files of their own: the policy forbids all others."""
    names = {tag for tag, _ in page.elements}
    assert "style" not in names
    assert all("src" in attributes for tag, attributes in page.elements if tag == "script")
    assert not [
        key for _, attributes in page.elements for key in attributes if key == "style" or key.startswith("on")
    ]


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".js"], ids=lambda path: path.name)
def test_scripts_take_no_text_for_code(path: Path) -> None:
    """No script makes code or markup of text, and none keeps anything in the browser."""
    forbidden = r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|localStorage"
    assert not re.search(
        forbidden + r"|sessionStorage|indexedDB|document\.cookie|\.cookie\b", path.read_text("utf-8")
    )


def test_names_of_elements_are_used_as_they_are(page: Page) -> None:
    """Each id is there once, and each that a script or a label looks for exists."""
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    scripts = "".join(path.read_text("utf-8") for path in FILES if path.suffix == ".js")
    wanted = set(re.findall(r'find\("([\w-]+)"\)', scripts))
    for _, attributes in page.elements:
        for key in ("for", "aria-labelledby", "aria-describedby"):
            wanted |= set((attributes.get(key) or "").split())
    assert wanted
    assert wanted <= set(ids)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colors_are_readable(scheme: str) -> None:
    """Text of every color has enough contrast on page and pad."""
    colors = read_colors(scheme)
    pairs = [
        *product(("ink", "faint", "accent", "unsure"), ("page", "pad")),
        ("on-accent", "accent"),
        ("ink", "soft"),
    ]
    for text, ground in pairs:
        assert contrast(colors[text], colors[ground]) >= READABLE, (text, ground)


def read_colors(scheme: str) -> dict[str, tuple[float, float, float]]:
    """Return the colors that page.css names."""
    light, dark = (PAGE / "page.css").read_text("utf-8").split("@media (prefers-color-scheme: dark)", 1)
    text = light if scheme == "light" else light + dark.split("}", 1)[0]
    found = re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", text)
    return {name: parse_color(value) for name, value in found}


def parse_color(value: str) -> tuple[float, float, float]:
    """Return the shares of red, green and blue in linear light."""
    digits = value if len(value) == 6 else "".join(2 * one for one in value)
    red, green, blue = (linear(int(digits[start : start + 2], 16) / 255) for start in (0, 2, 4))
    return red, green, blue


def linear(share: float) -> float:
    """Undo the curve of sRGB."""
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """Return the contrast of two colors as WCAG defines it."""
    lights = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (first, second))
    return (lights[1] + 0.05) / (lights[0] + 0.05)
