"""Pictures are read in the browser as in Python by pieces, without lines and pages."""

import base64
import copy
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import tenfold
from tenfold.arrays import Ink
from tenfold.data import Dataset
from tenfold.reading import Reader, decide, parse_expectation
from tenfold.reading.diagnose import LEFT_OUT, NEIGHBORS
from tenfold.reading.turn import find_numbers
from tenfold.serve.answer import answer_picture
from tests.browser.handwriting import scribble
from tests.image.drawn import on_paper
from tests.reading.pages import as_thumbnail, clear_digits
from tests.webpage.javascript import ask
from tests.webpage.pictures import draw_digit, draw_number, send

MODEL = Path(tenfold.__file__).parent / "models" / "tiny-cnn.onnx"

LETTERS = {
    "A": [[(0.1, 1), (0.5, 0), (0.9, 1)], [(0.28, 0.6), (0.72, 0.6)]],
    "K": [[(0.2, 0), (0.2, 1)], [(0.8, 0), (0.2, 0.5), (0.8, 1)]],
    "X": [[(0.1, 0), (0.9, 1)], [(0.9, 0), (0.1, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
}


@pytest.fixture(scope="module")
def model() -> Reader:
    """Return the small model that comes with tenfold."""
    return tenfold.load(MODEL, threads=1)


def _read(pictures: Sequence[Ink]) -> list[dict[str, Any]]:
    return ask("read_pictures.mjs", pictures, str(MODEL))


def _read_in_python(pictures: Sequence[Ink], reader: Reader) -> list[dict[str, Any]]:
    anything = parse_expectation(())
    return [decide(find_numbers(grey, reader), anything, least=reader.least).to_dict() for grey in pictures]


def _make_texts(count: int) -> list[str]:
    generator = np.random.default_rng(0)
    return ["".join(map(str, generator.integers(0, 10, 1 + number % 6))) for number in range(count)]


@functools.cache
def _read_numbers(count: int, reader: Reader) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what Python and the page make of drawn numbers."""
    pictures = [draw_number(text, seed) for seed, text in enumerate(_make_texts(count))]
    return _read_in_python(pictures, reader), _read(pictures)


@pytest.mark.parametrize("count", [40, pytest.param(300, marks=pytest.mark.slow)])
def test_numbers_are_read_as_in_python(count: int, model: Reader) -> None:
    """Of 300 drawn numbers, some of which touch, 98 % are read as in Python, and as often rightly."""
    texts = _make_texts(count)
    python, page = ([answer["text"] for answer in answers] for answers in _read_numbers(count, model))
    pairs = {"same": (page, python), "Python right": (python, texts), "page right": (page, texts)}
    shares = {name: float(np.mean(np.array(one) == np.array(other))) for name, (one, other) in pairs.items()}
    assert shares["same"] >= 0.98, shares
    assert shares["page right"] >= shares["Python right"] - 0.01, shares


def test_answers_are_those_of_python(model: Reader) -> None:
    """Boxes, lines, candidates, reasons and diagnosis are the same, probabilities within a thousandth."""
    digits = [draw_digit(number) for number in range(20)]
    numbers, on_page = _read_numbers(40, model)
    answers = [*zip(numbers, on_page, strict=True)]
    answers += zip(_read_in_python(digits, model), _read(digits), strict=True)
    for python, page in copy.deepcopy(answers):
        for number in page["numbers"]:
            for digit in number["digits"]:
                assert len(base64.b64decode(digit.pop("image"))) == 784
        for name in ("image", "probabilities", "model"):
            page.pop(name, None)
        assert _rounded(page) == pytest.approx(_rounded(python), abs=1e-3)


def _rounded(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as one flat table, its keys being paths."""
    flat: dict[str, Any] = {}

    def add(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                add(f"{path}.{key}", one)
        elif isinstance(value, list):
            flat[f"{path} length"] = len(value)
            for place, one in enumerate(value):
                add(f"{path}[{place}]", one)
        else:
            flat[path] = value

    add("", answer)
    return flat


def test_answers_have_what_the_service_sends(model: Reader) -> None:
    """The keys of a number, of its digits and of their images are those of `POST /v1/read?images=true`."""
    pictures = [draw_number("7", 0), draw_number("304", 1), np.full((90, 90), 255, np.uint8), _scribble(3)]
    for grey, page in zip(pictures, _read(pictures), strict=True):
        service = answer_picture(cv2.imencode(".png", grey)[1].tobytes(), model, with_images=True)
        page["model"] = service["model"]
        assert sorted(_rounded(page)) == sorted(_rounded(service))


def test_digit_brings_the_image_that_was_read(model: Reader) -> None:
    """The image of a single digit is what the service sends, within one grey level."""
    pictures = [draw_digit(number) for number in range(10)]
    for grey, page in zip(pictures, _read(pictures), strict=True):
        service = answer_picture(cv2.imencode(".png", grey)[1].tobytes(), model, with_images=True)
        images = [_image_of(answer) for answer in (page, service)]
        assert np.abs(images[0] - images[1]).max() <= 1


def _image_of(answer: dict[str, Any]) -> np.ndarray:
    holder = answer["numbers"][0]["digits"][0] if answer["numbers"] else answer
    return np.frombuffer(base64.b64decode(holder["image"]), np.uint8).astype(int)


def _scribble(seed: int) -> Ink:
    return send([np.array(scribble(seed=seed))], 0.03)


def test_what_is_no_number_is_not_read(model: Reader) -> None:
    """Blank paper, scribbles, dashes and letters are answered as in Python, with a reason."""
    pictures = [
        np.full((200, 300), 255, np.uint8),
        *(_scribble(seed) for seed in range(8)),
        send([np.array([(0.1, 0.5), (0.9, 0.52)])], 0.08),
        send([np.array([(0.1, 0.5), (0.5, 0.48), (0.9, 0.5)])], 0.05),
        *(send([np.array(stroke) for stroke in strokes], 0.08) for strokes in LETTERS.values()),
    ]
    python, page = _read_in_python(pictures, model), _read(pictures)
    for expected, answer in zip(python, page, strict=True):
        told = [(one["text"], one["reason"], one["diagnosis"]) for one in (expected, answer)]
        assert told[0] == told[1]
    assert page[0]["reason"] == "blank"
    assert [answer["text"] for answer in page[9:11]] == ["", ""]


def test_thumbnails_are_read_as_in_python(model: Reader, digits: Dataset) -> None:
    """Of a small picture of a digit that its neighbors touch, both read the same one in the same place."""
    hand, generator = clear_digits(digits.test, model), np.random.default_rng(0)
    texts = ["".join(map(str, generator.integers(0, 10, 3))) for _ in range(40)]
    drawn = [hand.write(text, generator, gap=-4) for text in texts]
    pictures = [on_paper(as_thumbnail(one, 1), padding=0) for one in drawn]
    told = [
        [
            (answer["text"], answer["diagnosis"], [number["box"] for number in answer["numbers"]])
            for answer in answers
        ]
        for answers in (_read_in_python(pictures, model), _read(pictures))
    ]
    assert told[0] == told[1]
    assert {len(text) for text, *_ in told[0]} <= {0, 1}
    assert np.mean([text == middle for (text, *_), (_, middle, _) in zip(told[0], texts, strict=True)]) >= 0.7
    assert any(NEIGHBORS in diagnosis for _, diagnosis, _ in told[0])


def test_what_is_left_out_is_said_as_in_python(model: Reader, digits: Dataset) -> None:
    """Of digits that touch and are taken for a letter both say so, of the same pictures."""
    hand = clear_digits(digits.test, model)
    pictures = []
    for seed in range(12):
        drawn = hand.write("4863", np.random.default_rng(seed), gaps=[30, -12, 30])
        pictures.append(on_paper(drawn.ink, padding=40))
    told = [
        [(answer["text"], answer["diagnosis"]) for answer in answers]
        for answers in (_read_in_python(pictures, model), _read(pictures))
    ]
    assert told[0] == told[1]
    assert 0 < sum(LEFT_OUT in diagnosis for _, diagnosis in told[0]) < len(pictures)


@pytest.mark.parametrize(("scale", "slack"), [(1, 0), (-1, 0), pytest.param(4.5, 2, marks=pytest.mark.slow)])
def test_lines_and_numbers_apart_are_read_as_in_python(model: Reader, scale: float, slack: int) -> None:
    """Two lines, gaps that part numbers, and the boxes around them are the same; of pages nearly so."""
    rows = [
        np.hstack([_fit(draw_number(text, seed), 110) for seed, text in enumerate(texts)])
        for texts in (("41", "507"), ("8", "93", "6"))
    ]
    width = max(row.shape[1] for row in rows)
    sheet = np.vstack([np.pad(row, ((8, 8), (0, width - row.shape[1])), constant_values=255) for row in rows])
    sheet = cv2.resize(sheet if scale > 0 else 255 - sheet, None, fx=abs(scale), fy=abs(scale))
    [python], [page] = _read_in_python([sheet], model), _read([sheet])
    assert page["text"] == python["text"]
    boxes = [np.array([number["box"] for number in answer["numbers"]]) for answer in (page, python)]
    assert np.abs(boxes[0] - boxes[1]).max() <= slack


def _fit(picture: Ink, height: int) -> Ink:
    """Return a picture at that height, with paper beside it."""
    width = round(picture.shape[1] * height / picture.shape[0])
    scaled = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.pad(scaled, ((0, 0), (60, 60)), constant_values=255)
