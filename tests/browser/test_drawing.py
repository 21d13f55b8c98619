"""Drawing on the page, and the answer that follows."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import MODEL, Watched
from tests.browser.hand import draw, hear, see, touch, write_on
from tests.browser.handwriting import scribble, write
from tests.serve.process import running

pytestmark = pytest.mark.browser


def test_each_digit_is_read(page: Any) -> None:
    """A digit of any kind is read as soon as it is drawn."""
    for label in "0123456789":
        write_on(page, label, seed=int(label))
        see(page, label)
        hear(page, "#verdict", "% sure")


def test_answer_follows_the_stroke(page: Any) -> None:
    """There is an answer before the pen is lifted."""
    pad = page.locator("#paper").bounding_box()
    page.mouse.move(pad["x"] + pad["width"] / 2, pad["y"] + 100)
    page.mouse.down()
    page.mouse.move(pad["x"] + pad["width"] / 2 - 10, pad["y"] + 400, steps=12)
    see(page, "1")
    page.mouse.up()


def test_number_is_read_with_boxes(page: Any) -> None:
    """Several digits are a number; each has a box around its ink, and may be looked at."""
    write_on(page, "2024")
    see(page, "2024")
    boxes = [box.bounding_box() for box in page.locator("#overlay .box rect").all()]
    pad = page.locator("#paper").bounding_box()
    lefts = sorted(box["x"] - pad["x"] for box in boxes)
    wanted = [pad["width"] * (0.05 + 0.225 * position) for position in range(4)]
    assert lefts == pytest.approx(wanted, abs=0.09 * pad["width"])
    page.locator("#digits input").nth(1).check()
    hear(page, "#which", "Digit 2 of 4")
    assert page.locator("#bars .most th").inner_text() == "0"


def test_probabilities_are_shown_as_they_are(page: Any) -> None:
    """Eleven bars, each as long as its probability, with the number beside it; together they are one."""
    write_on(page, "3")
    see(page, "3")
    rows = page.locator("#bars tbody tr")
    assert rows.locator("th").all_inner_texts() == [*"0123456789", "not a digit"]
    page.wait_for_timeout(400)  # the bars grow
    lengths = rows.locator(".bar").evaluate_all("bars => bars.map(bar => parseFloat(bar.style.width))")
    assert sum(lengths) == pytest.approx(100, abs=0.1)
    assert max(range(11), key=lengths.__getitem__) == 3
    assert "%" in rows.nth(3).locator(".value").inner_text()


def test_model_is_shown_what_it_saw(page: Any) -> None:
    """The small image has the ink of the drawing, centered, as the model got it."""
    write_on(page, "1")
    see(page, "1")
    ink = page.locator("#image").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 3)"
    )
    assert len(ink) == 784
    assert max(ink) > 200
    down = sum(position // 28 * shade for position, shade in enumerate(ink)) / sum(ink)
    across = sum(position % 28 * shade for position, shade in enumerate(ink)) / sum(ink)
    assert (down, across) == pytest.approx((14, 14), abs=0.6)


def test_scribble_is_not_read(page: Any) -> None:
    """What is no digit is said to be none, in words."""
    draw(page, [scribble()])
    hear(page, "#verdict", "I don’t know: not a digit.")
    see(page, "")
    assert page.locator("#bars .most th").inner_text() == "not a digit"


def test_undo_and_clear(page: Any) -> None:
    """Undo takes back the last stroke, or a clearing; an empty pad has no answer."""
    write_on(page, "17")
    see(page, "17")
    page.click("#undo")
    see(page, "1")
    page.click("#clear")
    see(page, "")
    hear(page, "#verdict", "while you draw")
    page.keyboard.press("Control+z")
    see(page, "1")


def test_history_brings_back_and_is_not_kept(page: Any) -> None:
    """What was cleared may be put back; a reload forgets it, and nothing was stored anywhere."""
    write_on(page, "5", seed=5)
    see(page, "5")
    write_on(page, "8", seed=8)
    see(page, "8")
    page.locator("#past button", has_text="5").click()
    see(page, "5")
    assert page.locator("#past li").count() == 2
    kept = (
        "async () => [localStorage.length, sessionStorage.length, document.cookie, "
        "(await indexedDB.databases()).length]"
    )
    assert page.evaluate(kept) == [0, 0, "", 0]
    page.reload()
    assert page.locator("#past li").count() == 0


def test_finger_draws_on_a_phone(open_page: Callable[..., Any]) -> None:
    """At 360 pixels a finger draws without moving the page, nothing is cut off, and the answer is in view."""
    page = open_page(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, device_scale_factor=3
    )
    touch(page, write("42", seed=2, aspect=1))
    see(page, "42")
    assert page.evaluate("[scrollY, document.documentElement.scrollWidth]") == [0, 360]
    assert page.locator("#verdict").bounding_box()["y"] < 740
    assert page.get_by_text("Camera").is_visible()


def test_other_fingers_do_nothing(open_page: Callable[..., Any]) -> None:
    """A second finger neither draws nor ends the stroke of the first."""
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    pad = page.locator("#paper").bounding_box()
    fingers = page.context.new_cdp_session(page)
    first = [{"x": pad["x"] + 150, "y": pad["y"] + 60 + 10 * step, "id": 1} for step in range(20)]
    palm = {"x": pad["x"] + 280, "y": pad["y"] + 250, "id": 2}

    def send(kind: str, *points: dict[str, float]) -> None:
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", first[0])
    send("touchStart", first[0], palm)
    for point in first[1:]:
        send("touchMove", point, palm)
    send("touchEnd", first[-1])
    send("touchEnd")
    see(page, "1")


def test_service_that_is_gone_is_said(open_page: Callable[..., Any], watched: Watched) -> None:
    """Where the service does not answer the page says so, and the next stroke asks again."""
    watched.expected = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"
    with running(model=MODEL) as service:
        page = open_page(address=service.address)
    write_on(page, "7")
    hear(page, "#trouble", "The service does not answer.")
    see(page, "")
    with running(model=MODEL, port=service.port):
        write_on(page, "1")
        see(page, "1")
        assert not page.locator("#trouble").is_visible()
    watched.check(service.address)
    watched.asked.clear()
