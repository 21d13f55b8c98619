"""A mirror for the tests that download."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.mirror import Mirror


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Return a running mirror whose certificate is trusted and which no proxy stands before."""
    with Mirror(tmp_path) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield server
