"""POST /v1/read: a picture in, what `tenfold read` says out, whatever the picture is."""

import base64
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from tenfold.arrays import Ink
from tenfold.data import Dataset
from tenfold.pictures import FORMATS
from tenfold.reading import Reader
from tests.cli.program import read_json
from tests.image.drawn import on_paper
from tests.picture_files import encoded, png
from tests.picture_files import pdf as make_pdf
from tests.reading.pages import Hand, on_sheet
from tests.serve.clients import drawing, serving
from tests.test_pdf import ENCRYPTED
from tests.test_pictures import DAMAGED_PNGS, HARMLESS, HOSTILE, NO_PICTURES, TINY

SIZES = ((0, 0), (0, 5), (5, 0), (4001, 4000), (16_000_001, 1), (60_000, 60_000), (2**31 - 1, 1))
BAD = {
    **NO_PICTURES,
    **{name: data for name, (data, _) in DAMAGED_PNGS.items()},
    **{name: data for name, (data, _) in HOSTILE.items()},
    **{f"half of a {kind}": encoded(TINY, kind)[:60] for kind in FORMATS},
    **{f"a PNG of {width} × {height}": png(width, height, b"") for width, height in SIZES},
    "a small file of too many pixels": encoded(Image.new("1", (4001, 4000)), "PNG"),
    "a PDF with a page": make_pdf(),
    "an encrypted PDF": make_pdf(trailer=ENCRYPTED),
}


@pytest.fixture(scope="module")
def number(hand: Hand) -> bytes:
    """Return a picture of a number."""
    ink = on_sheet(hand.write("20486", np.random.default_rng(0)))
    return encoded(Image.fromarray(on_paper(ink)))


def decode(text: str) -> Ink:
    """Return a digit image as it is sent."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(28, 28)


def test_read_answers_what_the_command_prints(
    client: TestClient, shipped: Reader, number: bytes, tmp_path: Path
) -> None:
    """The answer is that of `tenfold read --json` without the path, with the sha256 of the model."""
    (tmp_path / "number.png").write_bytes(number)
    (printed,) = read_json("read", str(tmp_path / "number.png"), "--model", "tiny-cnn")
    del printed["path"]

    answer = client.post("/v1/read", content=number)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == printed | {"model": shipped.sha256}
    assert answer.json()["text"] == "20486"


def test_read_takes_a_form(client: TestClient, number: bytes) -> None:
    """A picture in the field `file` of a form, under any name, is read as one that is the body."""
    for name in ("number.png", "../../etc/passwd", "<script>.svg"):
        answer = client.post("/v1/read", files={"file": (name, number)})
        assert answer.json() == client.post("/v1/read", content=number).json()


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"files": {"picture": b"7"}}, "a file in the field `file`"),
        ({"files": [("file", b"7"), ("file", b"7")]}, "Too many files"),
        ({"files": {"file": b"7"}, "data": {str(n): "x" for n in range(9)}}, "Too many fields"),
        ({"files": {"file": b"7"}, "data": {"x": "x" * 20_000}}, "maximum size"),
        ({"content": b"--x\r\n\r\n", "headers": {"content-type": "multipart/form-data"}}, "boundary"),
        (
            {"content": b"oops", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            "Invalid|file",
        ),
    ],
)
def test_read_refuses_other_forms(client: TestClient, form: dict[str, object], message: str) -> None:
    """A form without that field, with several files, many or long fields, or a damaged one is refused."""
    answer = client.post("/v1/read", **form)  # type: ignore[arg-type]

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "bad_input"
    assert any(part in answer.json()["error"]["message"] for part in message.split("|"))


def test_read_returns_the_images_that_it_read(client: TestClient, shipped: Reader, number: bytes) -> None:
    """With images each digit has the digit image that gives its probabilities."""
    answer = client.post("/v1/read", params={"images": "true"}, content=number).json()

    assert len(answer["numbers"][0]["digits"]) == 5
    for digit in answer["numbers"][0]["digits"]:
        seen = shipped.predict_proba(decode(digit["image"])[None])[0]
        assert seen.argmax() == digit["label"]
        np.testing.assert_allclose(seen, digit["probabilities"], atol=0.1)


def test_read_returns_the_image_that_is_no_digit(client: TestClient, shipped: Reader) -> None:
    """Ink that is no digit comes with what the model made of it; blank paper has nothing to show."""
    scribble = Image.new("L", (200, 200), 255)
    scribble.paste(0, (30, 90, 170, 110))
    answer = client.post("/v1/read", params={"images": "true"}, content=encoded(scribble)).json()
    blank = Image.new("L", (200, 200), 255)
    nothing = client.post("/v1/read", params={"images": "true"}, content=encoded(blank)).json()

    assert (answer["text"], answer["reason"]) == ("", "not a digit")
    seen = shipped.predict_proba(decode(answer["image"])[None])[0]
    np.testing.assert_allclose(seen, answer["probabilities"], atol=1e-5)
    assert nothing["reason"] == "blank"
    assert "image" not in nothing
    assert "probabilities" not in nothing


def test_read_decodes_by_what_is_expected(client: TestClient, number: bytes) -> None:
    """What is expected holds for what is read, as on the command line, or nothing is read."""
    shorter = client.post("/v1/read", params={"expect": "length=4"}, content=number).json()
    within = client.post("/v1/read", params={"expect": ["length=5", "range=20000..20999"]}, content=number)

    others = {"expect": "range=20490..20499"}
    assert client.post("/v1/read", params=others, content=number).json()["text"] in map(
        str, range(20490, 20500)
    )
    assert (shorter["text"], shorter["reason"], shorter["numbers"]) == ("", "unsure", [])
    assert within.json()["text"] == "20486"


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("list=/etc/passwd", "must be one of length, range, pattern, checksum, sum. Got list"),
        (" list = /etc/passwd", "Got list"),
        ("length=5,list=/etc/passwd", "Got list"),
        ("lenght=5", "Did you mean length"),
        ("length=" + "9" * 5000, "length"),
        ("<script>alert(1)</script>", "KEY=VALUE"),
    ],
)
def test_read_refuses_what_it_may_not_expect(
    client: TestClient, number: bytes, expect: str, message: str
) -> None:
    """An unknown rule is refused, and a list, which would be a file of the service, is never opened."""
    answer = client.post("/v1/read", params={"expect": expect}, content=number)

    assert answer.status_code == 422
    assert message in answer.json()["error"]["message"]
    assert "root" not in answer.text


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_read_refuses_every_bad_picture(client: TestClient, data: bytes) -> None:
    """What is no picture, damaged or hostile is refused with a typed error, as the body and in a form."""
    for sent in ({"content": data}, {"files": {"file": ("7.png", data)}}):
        answer = client.post("/v1/read", **sent)  # type: ignore[arg-type]

        assert 400 <= answer.status_code < 500
        assert answer.json()["error"].keys() == {"code", "message", "hint"}
        assert answer.json()["error"]["code"] in {"bad_picture", "too_large"}
        assert "Traceback" not in answer.text
        assert "/" not in answer.json()["error"]["message"]  # no path of this machine


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_read_is_not_held_up_by_harmless_surplus(client: TestClient, data: bytes) -> None:
    """Pictures with texts, profiles and bombs around their pixels are read, unless they are too large."""
    assert client.post("/v1/read", content=data).status_code == (413 if len(data) > 5_000_000 else 200)


def test_read_goes_on_after_a_picture_that_takes_too_long(hand: Hand) -> None:
    """A picture over the time limit is refused, its process ended, and the next one is read by another."""
    ink = on_sheet(hand.write("20486" * 4, np.random.default_rng(0)))
    page = encoded(Image.fromarray(np.tile(on_paper(ink), (40, 3))), "JPEG")
    with serving(read_seconds=0.05) as client:
        slow = client.post("/v1/read", content=page)
        readers = client.app.state.engine.current.readers  # type: ignore[attr-defined]
        readers._settings = dataclasses.replace(readers._settings, read_seconds=20.0)
        good = client.post("/v1/read", content=drawing(hand.images[0]))

    assert slow.status_code == 422
    assert slow.json()["error"]["code"] == "too_costly"
    assert good.json()["text"] == str(hand.labels[0])


def test_read_goes_on_after_a_picture_that_takes_too_much_memory(hand: Hand) -> None:
    """A picture over the memory limit is refused, and the next one is read."""
    with serving(read_memory=20_000_000) as client:
        large = client.post("/v1/read", content=encoded(Image.new("L", (4000, 4000), 255)))
        good = client.post("/v1/read", content=drawing(hand.images[0]))

    assert large.status_code == 422
    assert "Traceback" not in large.text
    assert good.json()["text"] == str(hand.labels[0])


def test_read_goes_on_after_its_process_was_killed(hand: Hand) -> None:
    """Where a process has died between two pictures, another takes its place."""
    with serving() as client:
        for process in client.app.state.engine.current.readers._processes:  # type: ignore[attr-defined]
            process.kill()
            process.wait()
        answer = client.post("/v1/read", content=drawing(hand.images[0]))

    assert answer.json()["text"] == str(hand.labels[0])


def test_read_refuses_pictures_for_which_there_is_no_room(digits: Dataset) -> None:
    """Where enough pictures wait, a further one is refused at once, with the time to come back."""
    with serving(max_pictures_waiting=0) as client:
        client.app.state.engine.current.readers.n_waiting = 1  # type: ignore[attr-defined]
        answer = client.post("/v1/read", content=drawing(digits.test.images[0]))
        client.app.state.engine.current.readers.n_waiting = 0  # type: ignore[attr-defined]

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["code"] == "busy"
