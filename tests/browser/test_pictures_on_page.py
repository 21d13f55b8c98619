"""Pictures that are chosen, dropped and pasted."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import Watched
from tests.browser.hand import hear, see, write_on
from tests.browser.handwriting import photograph, write

pytestmark = pytest.mark.browser

HAND_OVER = """
([kind, name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}
"""


def hand_over(page: Any, kind: str, picture: bytes) -> None:
    """Paste a picture, or drop it on the page."""
    page.evaluate(HAND_OVER, [kind, "photo.png", "image/png", base64.b64encode(picture).decode()])


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_picture_is_read(page: Any, kind: str) -> None:
    """A photo that is pasted or dropped anywhere is shown and read."""
    hand_over(page, kind, photograph(list(write("307"))))
    see(page, "307")
    assert page.locator("#pad").get_attribute("data-holds") == "picture"


def test_chosen_picture_is_read(page: Any, tmp_path: Path) -> None:
    """A file is read; clearing puts it into the history and gives the pad back to the pen."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(photograph(list(write("64")), kind="JPEG"))
    page.set_input_files("#file", file)
    see(page, "64")
    write_on(page, "7")
    see(page, "7")
    hear(page, "#past", "64")


def test_digit_is_chosen_on_the_picture(page: Any) -> None:
    """A click on a digit of a picture shows that digit, and draws nothing."""
    hand_over(page, "paste", photograph(list(write("307"))))
    see(page, "307")
    boxes = [box.bounding_box() for box in page.locator("#overlay .box rect").all()]
    last = max(boxes, key=lambda box: box["x"])
    page.mouse.click(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2)
    hear(page, "#which", "Digit 3 of 3")
    assert page.locator("#bars .most th").inner_text() == "7"


def test_turned_photo_lies_upright(page: Any, tmp_path: Path) -> None:
    """A camera's note of how it was held is followed: boxes lie on the digits as they are shown."""
    upright = Image.open(io.BytesIO(photograph(list(write("25")))))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter clockwise
    file = tmp_path / "photo.jpg"
    upright.transpose(Image.Transpose.ROTATE_90).save(file, exif=exif, quality=95)
    page.set_input_files("#file", file)
    see(page, "25")
    pad = page.locator("#paper").bounding_box()
    box = page.locator("#overlay .box rect").first.bounding_box()
    assert box["height"] > box["width"]
    assert box["y"] - pad["y"] == pytest.approx(0.2 * pad["height"], abs=0.1 * pad["height"])


def test_large_photo_is_made_smaller(page: Any, tmp_path: Path) -> None:
    """A photo with more bytes than the service takes is scaled down in the browser, and read."""
    file = tmp_path / "photo.png"
    file.write_bytes(photograph(list(write("90")), size=(3200, 2400)))
    assert file.stat().st_size > 5_000_000
    page.set_input_files("#file", file)
    see(page, "90")


def test_what_is_no_picture_is_said(page: Any, tmp_path: Path, watched: Watched) -> None:
    """Of a file that is no picture the page says what is wrong and what to do."""
    watched.expected = "status of 422"
    file = tmp_path / "notes.png"
    file.write_text("seven")
    page.set_input_files("#file", file)
    hear(page, "#trouble", "PNG, JPEG")
    write_on(page, "7")
    see(page, "7")


def test_empty_clipboard_is_said(page: Any) -> None:
    """Pasting what is no picture changes nothing but a sentence."""
    write_on(page, "7")
    see(page, "7")
    nothing = "{ clipboardData: new DataTransfer(), bubbles: true }"
    page.evaluate(f"document.body.dispatchEvent(new ClipboardEvent('paste', {nothing}))")
    hear(page, "#trouble", "no picture in the clipboard")
    see(page, "7")
