"""What a person does on the page."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.browser.handwriting import Point, Stroke, write

PATIENCE = 60_000
"""Milliseconds for an answer where the machine is busy; it usually takes a hundredth."""


def draw(page: Any, strokes: Iterable[Stroke]) -> None:
    """Draw strokes with the mouse."""
    for stroke in strokes:
        first, *others = place(page, stroke)
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point, steps=3)
        page.mouse.up()


def touch(page: Any, strokes: Iterable[Stroke]) -> None:
    """Draw strokes with a finger."""
    fingers = page.context.new_cdp_session(page)

    def send(kind: str, points: Sequence[Point]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    for stroke in strokes:
        first, *others = place(page, stroke)
        send("touchStart", [first])
        for point in others:
            send("touchMove", [point])
        send("touchEnd", [])


def place(page: Any, stroke: Stroke) -> Stroke:
    """Return where the points of a stroke lie in the window."""
    pad = page.locator("#paper").bounding_box()
    return [(pad["x"] + x * pad["width"], pad["y"] + y * pad["height"]) for x, y in stroke]


def write_on(page: Any, text: str, *, seed: int = 0) -> None:
    """Write a number on an empty pad."""
    clear = page.locator("#clear[aria-disabled=false]")
    if clear.count():
        clear.click()
    pad = page.locator("#paper").bounding_box()
    draw(page, write(text, seed=seed, aspect=pad["width"] / pad["height"]))


def see(page: Any, text: str) -> None:
    """Wait until the page shows that a text was read, and no other answer is due."""
    from playwright.sync_api import expect

    settle(page)
    expect(page.locator("#digits[aria-busy=false] .digit span")).to_have_text(list(text), timeout=PATIENCE)


def settle(page: Any) -> None:
    """Wait until no answer is due."""
    from playwright.sync_api import expect

    expect(page.locator("#digits")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)


def hear(page: Any, place: str, words: str) -> None:
    """Wait until some words stand in a place."""
    from playwright.sync_api import expect

    expect(page.locator(place)).to_contain_text(words, timeout=PATIENCE)
