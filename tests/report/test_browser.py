"""The report in a real browser."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.chromium import CHROMIUM

SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the browser's own requests lead nowhere
)
BROWSER = "not an origin"
"""Who asks for what the browser wants for itself, such as updates."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium"),
]


def photograph(page: Path, width: int) -> tuple[np.ndarray, str, list[str]]:
    """Return what Chromium draws, what it says, and who asked for something over the network."""
    picture, log = page.with_suffix(".png"), page.with_suffix(".json")
    command = [str(CHROMIUM), *SWITCHES, f"--user-data-dir={page.parent / 'profile'}"]
    command += [f"--log-net-log={log}", f"--screenshot={picture}", f"--window-size={width},3000"]
    done = subprocess.run([*command, page.as_uri()], check=True, capture_output=True, text=True, timeout=100)
    initiators = re.findall(r'"initiator":"([^"]+)"', log.read_text("utf-8"))
    with Image.open(picture) as image:
        return np.asarray(image.convert("L")), done.stderr, initiators


@pytest.mark.parametrize("width", [390, 1200])
def test_report_renders_and_asks_for_nothing(page: str, tmp_path: Path, width: int) -> None:
    """On a phone and on a desk the page is drawn, the console is silent, and no request leaves the file."""
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    pixels, said, initiators = photograph(path, width)
    assert pixels.shape[1] == width
    assert all(part.std() > 5 for part in np.array_split(pixels, 3))
    assert pixels[:, -4:].std() < 1  # nothing reaches over the edge
    assert "CONSOLE" not in said
    assert set(initiators) <= {BROWSER}


def test_what_is_forbidden_would_be_noticed(tmp_path: Path) -> None:
    """A page that breaks its policy makes the console speak, and one that fetches is seen."""
    path = tmp_path / "bad.html"
    policy = '<meta http-equiv="Content-Security-Policy" content="script-src \'none\'">'
    path.write_text(f'{policy}<script>1</script><img src="http://127.0.0.1:9/x.png">', encoding="utf-8")
    _, said, initiators = photograph(path, 390)
    assert "CONSOLE" in said
    assert set(initiators) - {BROWSER}
