"""The page for everybody: keys, screen readers, dark rooms, no motion; and what it weighs."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import MODEL, Watched
from tests.browser.hand import hear, see, write_on
from tests.serve.process import running

pytestmark = pytest.mark.browser

MOST_BYTES = 100_000
FOCUSED = "(document.activeElement.closest('label') ?? document.activeElement)"
KEY = "correct horse battery"


def press(page: Any, *keys: str) -> None:
    """Press keys, one after another; "ArrowDown*9" nine times."""
    for key in keys:
        name, _, times = key.partition("*")
        for _ in range(int(times or 1)):
            page.keyboard.press(name)


def test_keyboard_alone_draws_and_corrects(page: Any) -> None:
    """With keys only a person draws 71, looks at a digit, says what it should have been, and clears."""
    press(page, "Tab", "ArrowLeft*8", "Space", "ArrowRight*6", "End*6", "ArrowDown*6", "Space")
    see(page, "7")
    press(page, "Escape", "ArrowUp*12", "ArrowRight*12", "Space", "ArrowDown*12", "Space")
    see(page, "71")
    focus_until(page, "input[name=digit]")
    press(page, "ArrowLeft")
    hear(page, "#which", "Digit 1 of 2")
    focus_until(page, "#correct button[value='2']")
    press(page, "Enter")
    hear(page, "#consent", "May this service keep")
    press(page, "Escape")
    hear(page, "#kept", "nothing was kept")
    press(page, *["Shift+Tab"] * 3)
    page.locator("#paper").focus()
    press(page, "Backspace")
    see(page, "7")
    press(page, "Delete")
    see(page, "")


def focus_until(page: Any, selector: str) -> None:
    """Press Tab until something has the focus; each thing that has it on the way shows it."""
    for _ in range(40):
        press(page, "Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        assert page.evaluate(f"getComputedStyle({FOCUSED}).outlineStyle") == "solid"
    pytest.fail(f"Tab must reach {selector}. It does not.")


def test_answer_is_spoken(page: Any) -> None:
    """A screen reader hears the answer when the pen rests, and the names of all that can be used."""
    write_on(page, "7")
    hear(page, "#spoken", "Read as 7.")
    assert page.locator("#spoken").get_attribute("role") == "status"
    tree = page.locator("body").aria_snapshot()
    for name in ("Draw digits here", "Undo", "Clear", "Picture to read", "Digit 1 of 1: 7", "not a digit"):
        assert name in tree
    assert not re.search(r"- (button|radio|textbox)\s*$", tree, re.MULTILINE)  # one without a name


def test_dark_room(open_page: Callable[..., Any]) -> None:
    """Where the system is dark the page is, the pen is light, and the digit is read as ever."""
    page = open_page(color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    pen = page.evaluate("getComputedStyle(document.getElementById('paper')).color")
    assert max(map(int, re.findall(r"\d+", ground))) < 40
    assert min(map(int, re.findall(r"\d+", pen))) > 200
    write_on(page, "5", seed=5)
    see(page, "5")


def test_nothing_moves_where_that_is_wished(open_page: Callable[..., Any]) -> None:
    """With reduced motion there is no animation and no transition."""
    page = open_page(reduced_motion="reduce")
    moving = "document.getAnimations().length"
    write_on(page, "2")
    see(page, "2")
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("size", [(320, 568), (360, 740), (768, 1024), (1280, 720), (2560, 1440)])
def test_page_fits_every_width(open_page: Callable[..., Any], size: tuple[int, int]) -> None:
    """From a small phone to a large screen nothing reaches over the edge, with an answer or without."""
    page = open_page(viewport={"width": size[0], "height": size[1]})
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    write_on(page, "20")
    see(page, "20")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_drawing_survives_a_turn_of_the_phone(open_page: Callable[..., Any]) -> None:
    """When the pad changes its shape the drawing is fitted into it, and read again."""
    page = open_page(viewport={"width": 740, "height": 360})
    write_on(page, "38", seed=4)
    see(page, "38")
    page.set_viewport_size({"width": 360, "height": 740})
    see(page, "38")
    pad = page.locator("#paper").bounding_box()
    for box in page.locator("#overlay .box rect").all():
        place = box.bounding_box()
        assert pad["x"] <= place["x"] and place["x"] + place["width"] <= pad["x"] + pad["width"]  # noqa: PT018


def test_page_weighs_little(chromium: Any, service: str) -> None:
    """All files together, uncompressed, are at most 100 kB, and each is found."""
    page = chromium.new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto(service, wait_until="networkidle")
    page.close()
    assert f"{service}/main.js" in sizes
    assert sum(sizes.values()) <= MOST_BYTES


def test_key_is_asked_for(open_page: Callable[..., Any], watched: Watched) -> None:
    """Where the service wants a key the page asks for it, and then reads."""
    watched.expected = "status of 401"
    with running("--api-key", KEY, model=MODEL) as service:
        page = open_page(address=service.address)
        hear(page, "#trouble", "asks for a key")
        page.get_by_label("Key of this service").fill(KEY)
        page.keyboard.press("Enter")
        write_on(page, "7")
        see(page, "7")
        assert not page.locator("#trouble").is_visible()
    watched.check(service.address)
    watched.asked.clear()
