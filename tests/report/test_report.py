"""The report: one file that says all, and fetches nothing."""

import dataclasses
import importlib.resources
import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from tenfold import training
from tenfold.data import Dataset
from tenfold.evaluation import Evaluation, Robustness
from tenfold.explain import Neighbor
from tenfold.report import DataFacts, Miss, ModelFacts, collect_misses
from tests.report.conftest import Render, certain

VOID = {"meta", "link", "img", "br"}
ADDRESSES = {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href"}


class Page(HTMLParser):
    """What a page consists of; refuses elements that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that begins."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that has no end of its own."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag


def shown_positions(page: str) -> list[int]:
    """Return the positions of the misses in a page, in order."""
    return [int(position) for position in re.findall(r'alt="image (\d+): ', page)]


def noise(generator: np.random.Generator) -> np.ndarray:
    """Return an image that no encoder makes small."""
    image: np.ndarray = generator.integers(0, 256, (28, 28), np.uint8)
    return image


def test_template_is_in_the_package() -> None:
    """The page and its style are found where the package is installed."""
    folder = importlib.resources.files("tenfold.report")
    assert all((folder / name).is_file() for name in ("report.html", "report.css"))


def test_page_is_well_formed_and_fetches_nothing(page: str) -> None:
    """Elements close in order; there is no script or handler, and each address is in the page itself."""
    parsed = Page(page)
    assert {"table", "svg", "img", "h1", "h2"} <= set(parsed.tags)
    assert not {"script", "iframe", "object", "embed", "form", "base"} & set(parsed.tags)
    for name, value in parsed.attributes:
        assert not name.startswith("on")
        if name in ADDRESSES:
            assert re.match(r"#|data:(image/png|,|$)", value or "")
    assert not re.search(r"https?:|url\(|@import", page)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page


def test_headings_are_in_order(page: str) -> None:
    """There is one h1, and no level is left out."""
    levels = [int(tag[1]) for tag in Page(page).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_links_lead_to_sections(page: str) -> None:
    """Each link of the contents leads to a part of the page."""
    identifiers = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="#([^"]+)"', page)
    assert links
    assert set(links) <= identifiers


def test_figures_stand_in_the_page(
    page: str, run: training.Run, evaluation: Evaluation, robustness: Robustness
) -> None:
    """All that was measured is there: accuracy and its interval, probabilities, classes, robustness."""
    figures = evaluation.probability_figures()
    for text in (
        f"{evaluation.accuracy:.2%}",
        f"{evaluation.accuracy_low:.2%}–{evaluation.accuracy_high:.2%}",
        f"{figures['brier']:.4f}",
        f"{figures['log_loss']:.4f}",
        f"{figures['ece']:.2%}",
        *(f"{recall:.2%}" for recall in evaluation.per_class.recall[:10]),
        f"{robustness.mean_accuracy:.2%}",
        *(name.replace("_", " ") for name in robustness.corruptions),
        run.model.sha256,
        "tenfold evaluate good.onnx --report report.html",
    ):
        assert text in page, text


def test_confusion_matrix_has_its_numbers(page: str, evaluation: Evaluation) -> None:
    """The cells hold the counts, row by row."""
    matrix = page[page.index('<table class="matrix">') :].partition("</table>")[0]
    cells = re.findall(r"<td [^>]*>([^<]*)</td>", matrix)
    counts, names = evaluation.shown_confusion()
    assert np.array_equal([0 if cell == "·" else int(cell) for cell in cells], counts.ravel())
    assert len(names) == 10


def test_every_miss_is_shown_by_confidence(
    page: str, misses: tuple[Miss, ...], evaluation: Evaluation
) -> None:
    """All images that were read wrong are there, in order, each with its neighbor's label."""
    assert shown_positions(page) == [miss.position for miss in misses]
    assert len(misses) == evaluation.errors > 0
    assert page.count("training digit 7, distance 0.250") == len(misses)


@pytest.mark.parametrize("field", ["command", "license"])
def test_a_card_cannot_bring_elements(
    render: Render, run: training.Run, evaluation: Evaluation, field: str
) -> None:
    """What a model says of itself is text, whatever it is."""
    evil = "\"'><img onerror=alert(1) src=x>"
    card = dataclasses.replace(run.model.card, **{field: evil})  # type: ignore[arg-type]
    card = dataclasses.replace(card, recipe={evil: {evil: [evil]}})
    facts = ModelFacts(name=evil, sha256="00", card=card)
    data = DataFacts(name=evil, split="test", sha256={evil: evil}, title=evil, license=evil, homepage=evil)
    page = render(evaluation, model=facts, data=data, command=evil)
    assert "<img onerror" not in page
    assert "&lt;img onerror" in page
    assert "img" not in Page(page).tags


def test_same_values_give_the_same_bytes(
    render: Render, evaluation: Evaluation, misses: tuple[Miss, ...]
) -> None:
    """Nothing in the page depends on when it was made."""
    assert render(evaluation, misses=misses) == render(evaluation, misses=misses)


def test_perfect_model_has_no_misses(render: Render, digits: Dataset) -> None:
    """Where nothing is wrong the report says so."""
    page = render(certain(digits.test.labels, digits.test.labels))
    Page(page)
    assert "<p>There are none.</p>" in page
    assert "100.00%" in page


def test_constant_model_says_what_is_left_out(render: Render) -> None:
    """Of more misses than are shown, the rest are counted."""
    labels = np.arange(1000) % 10
    evaluation = certain(np.full(1000, 10), labels)
    images = np.zeros((1000, 28, 28), np.uint8)
    page = render(evaluation, misses=collect_misses(evaluation, images))
    Page(page)
    assert shown_positions(page) == list(range(500))
    assert re.search(r"The 500 most confident of 1,000 images.*500 more are not shown", page, re.DOTALL)
    assert "read as not a digit" in page
    assert "were trained on" not in page
    assert "not at hand" in page


def test_500_misses_fit_into_3_megabytes(render: Render, robustness: Robustness) -> None:
    """Even images of noise, which no encoder makes small, keep the file within its limit."""
    generator = np.random.default_rng(0)
    near = [Neighbor(59_999, 5, 0.123, noise(generator)) for _ in range(5)]
    miss = Miss(9999, 3, 8, 0.9876, noise(generator), near)
    evaluation = certain(np.full(600, 3), np.full(600, 4))
    page = render(evaluation, misses=[miss] * 500, robustness=robustness)
    assert len(page.encode()) < 3_000_000


def test_disputed_labels_are_named(render: Render, evaluation: Evaluation, misses: tuple[Miss, ...]) -> None:
    """A miss whose label people dispute says so, and the figure without these labels stands beside."""
    data = DataFacts(name="digits", split="test", sha256={}, disputed=(misses[0].position,))
    page = render(evaluation, misses=misses, data=data)
    assert page.count(", label disputed") == 1
    assert f"dispute: {evaluation.errors - 1} errors" in page
