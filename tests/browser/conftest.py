"""The service as `tenfold serve` starts it, and Chromium."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.serve.process import running

MODEL = "robust-cnn"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that the service keeps corrections in."""
    return tmp_path_factory.mktemp("store") / "corrections.db"


@pytest.fixture(scope="session")
def service(store: Path) -> Iterator[str]:
    """Return the address of a service that keeps corrections."""
    with running("--store", f"sqlite:///{store}", model=MODEL) as service:
        yield service.address


@dataclass
class Watched:
    """What pages said and asked for."""

    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    expected: str = "(?!)"
    """A pattern of what the console may say."""

    def check(self, address: str) -> None:
        """Fail where the console spoke, a policy was broken, or another host was asked."""
        assert [line for line in self.said if not re.search(self.expected, line)] == []
        assert [url for url in self.asked if not url.startswith((f"{address}/", "blob:", "data:"))] == []


@pytest.fixture
def watched(service: str) -> Iterator[Watched]:
    """Hold every page of a test to silence and to its own host."""
    watched = Watched()
    yield watched
    watched.check(service)


@pytest.fixture
def open_page(chromium: Any, service: str, watched: Watched) -> Iterator[Callable[..., Any]]:
    """Return a function that opens the page, with options of a browser context."""
    contexts = []

    def open_page(*, address: str = service, **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("console", lambda message: watched.said.append(message.text))
        page.on("pageerror", lambda error: watched.said.append(str(error)))
        page.on("request", lambda request: watched.asked.append(request.url))
        page.goto(address, wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """Return the page on a desk."""
    return open_page()
