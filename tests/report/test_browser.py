"""The report in a real browser."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium"),
]


def photograph(page: Path, width: int, *switches: str) -> tuple[np.ndarray, str]:
    """Return what Chromium draws, and what it says."""
    picture = page.with_suffix(".png")
    command = [str(CHROMIUM), *SWITCHES, *switches, f"--user-data-dir={page.parent / 'profile'}"]
    command += [f"--screenshot={picture}", f"--window-size={width},3000", page.as_uri()]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)
    with Image.open(picture) as image:
        return np.asarray(image.convert("L")), done.stderr


@pytest.mark.parametrize("width", [390, 1200])
def test_report_renders_and_asks_for_nothing(page: str, tmp_path: Path, width: int) -> None:
    """On a phone and on a desk the page is drawn, the console is silent, and no request leaves the file."""
    path, log = tmp_path / "report.html", tmp_path / "net.json"
    path.write_text(page, encoding="utf-8")
    pixels, said = photograph(path, width, f"--log-net-log={log}")
    assert pixels.shape[1] == width
    thirds = np.array_split(pixels, 3)
    assert all(part.std() > 5 for part in thirds)
    assert pixels[:, -4:].std() < 1  # nothing reaches over the edge
    assert "CONSOLE" not in said
    asked = re.findall(r'"url":"(\w+):', log.read_text("utf-8"))
    assert set(asked) <= {"file", "data"}


def test_a_broken_page_is_noticed(tmp_path: Path) -> None:
    """A page that its own policy forbids something makes the console speak, so silence means something."""
    path = tmp_path / "bad.html"
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    path.write_text(f"{policy}<script>1</script>", encoding="utf-8")
    assert "CONSOLE" in photograph(path, 390)[1]
