"""Saying on the page what it should have been."""

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import MODEL, Watched
from tests.browser.hand import draw, hear, see, settle, write_on
from tests.browser.handwriting import scribble
from tests.serve.process import running

pytestmark = pytest.mark.browser


def count_kept(store: Path) -> int:
    """Return how many corrections the store has."""
    with sqlite3.connect(store) as database:
        return int(database.execute("SELECT count(*) FROM corrections").fetchone()[0])


@pytest.fixture
def sent(page: Any) -> list[dict[str, Any]]:
    """Return the bodies of all corrections that the page sends."""
    bodies: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda request: (
            bodies.append(json.loads(request.post_data))
            if request.method == "POST" and request.url.endswith("/v1/corrections")
            else None
        ),
    )
    return bodies


def test_correction_is_kept_after_consent(page: Any, store: Path, sent: list[dict[str, Any]]) -> None:
    """It is asked for once; what is sent is what was shown, and the store has it."""
    n_before = count_kept(store)
    write_on(page, "7")
    see(page, "7")
    correct = page.get_by_role("group", name="What should it have been?")
    correct.get_by_role("button", name="1", exact=True).click()
    assert sent == []
    page.get_by_role("button", name="I agree").click()
    hear(page, "#kept", "Kept as correction")
    write_on(page, "3")
    see(page, "3")
    correct.get_by_role("button", name="not a digit").click()
    hear(page, "#kept", "Kept as correction")
    assert [(body["predicted"], body["label"], body["consent"]) for body in sent] == [
        (7, 1, True),
        (3, None, True),
    ]
    assert all(len(base64.b64decode(body["image"])) == 784 and len(body["model"]) == 64 for body in sent)
    assert all(body.keys() == {"image", "label", "predicted", "model", "consent"} for body in sent)
    assert count_kept(store) == n_before + 2


@pytest.mark.parametrize("how", ["Keep nothing", "Escape"])
def test_nothing_is_sent_without_consent(page: Any, sent: list[dict[str, Any]], how: str) -> None:
    """Who declines, or closes the question, is not asked again, and the correction stays on the page."""
    write_on(page, "7")
    see(page, "7")
    page.click("#correct button[value='1']")
    if how == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name=how).click()
    hear(page, "#kept", "nothing was kept")
    page.click("#correct button[value='2']")
    assert not page.locator("#consent").is_visible()
    assert page.locator("#correct button[aria-pressed=true]").inner_text() == "2"
    assert sent == []


def test_consent_is_taken_back(page: Any, sent: list[dict[str, Any]]) -> None:
    """After consent was withdrawn the next correction is asked about."""
    write_on(page, "7")
    see(page, "7")
    page.click("#correct button[value='1']")
    page.get_by_role("button", name="I agree").click()
    hear(page, "#kept", "Kept as correction")
    page.get_by_role("button", name="Keep no more corrections").click()
    page.click("#correct button[value='2']")
    assert page.locator("#consent").is_visible()
    assert len(sent) == 1


def test_what_was_no_digit_is_corrected(page: Any, sent: list[dict[str, Any]]) -> None:
    """Where no digit was seen a person may say which it was."""
    draw(page, [scribble()])
    settle(page)
    hear(page, "#verdict", "not a digit")
    page.click("#correct button[value='8']")
    page.get_by_role("button", name="I agree").click()
    hear(page, "#kept", "Kept as correction")
    assert (sent[0]["predicted"], sent[0]["label"]) == (None, 8)


def test_service_without_a_store_is_offered_no_corrections(
    open_page: Callable[..., Any], watched: Watched
) -> None:
    """Where corrections are not kept nobody is asked for one."""
    with running(model=MODEL) as service:
        page = open_page(address=service.address)
        write_on(page, "7")
        see(page, "7")
        assert not page.locator("#correct").is_visible()
    watched.check(service.address)
    watched.asked.clear()
