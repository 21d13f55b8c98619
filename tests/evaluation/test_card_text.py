"""Model cards to publish: what machines read in front, what people read below."""

import dataclasses
import html
import json
import re

import pytest

from tenfold import model_file, training
from tenfold.evaluation import SplitFigures, make_card_text
from tenfold.evaluation.front_matter import make_front_matter, quote
from tenfold.model_file import Card, ModelFile
from tests.evaluation.yaml_lines import split_card

NAMES = ("robust-cnn", "tiny-cnn", "number-reader")
ODD = [
    'a: "b" # c',
    "back\\slash",
    "two\nlines\r\n---\nlicense: evil",
    "- item",
    "{a: 1}",
    "yes",
    "1e3",
    "",
    " spaces ",
    "Ziffern ö 数字",
    "\x00\x1b\x7f\x85\u2028\ufeff",
    "`code` | cell | <script>alert(1)</script> *b* _i_ [x](y)",
]
SECTIONS = [
    "Model description",
    "Intended use and limits",
    "Training data",
    "Evaluation",
    "How to reproduce",
    "File",
]


@pytest.fixture(params=NAMES)
def shipped(request: pytest.FixtureRequest) -> ModelFile:
    """Return each of the models that come with tenfold."""
    return model_file.load(request.param)


def changed(run: training.Run, **fields: object) -> ModelFile:
    """Return a model file whose card says something else; its graph is not looked at."""
    return dataclasses.replace(run.model, card=dataclasses.replace(run.model.card, **fields))  # type: ignore[arg-type]


def test_front_matter_is_the_cards(shipped: ModelFile) -> None:
    """It parses, and holds the license, data, name and exact accuracy of the card in the file."""
    values, _ = split_card(make_card_text(shipped))
    card, is_of_lines = shipped.card, shipped.card.kind == "lines"
    (index,) = values["model-index"]
    (result,) = index["results"]
    (metric,) = result["metrics"]
    assert (values["license"], values["library_name"], values["datasets"]) == ("mit", "tenfold", ["mnist"])
    assert index["name"] == card.recipe["name"]
    assert metric["value"] == card.metrics["test"]["accuracy"]
    assert metric["type"] == values["metrics"][0] == ("exact_match" if is_of_lines else "accuracy")
    task = "image-to-text" if is_of_lines else "image-classification"
    assert values["pipeline_tag"] == result["task"]["type"] == task
    assert result["dataset"] == {"name": "mnist", "type": "mnist", "split": "test"}
    assert f"{card.metrics['test']['n']:,}" in metric["name"]


def test_card_says_what_the_file_says(shipped: ModelFile) -> None:
    """Its sections have the recipe's fields, the data's checksums, the figures, the command and the file."""
    _, body = split_card(make_card_text(shipped))
    card, figures = shipped.card, shipped.card.metrics["test"]
    assert re.findall(r"^## (.+)$", body, re.MULTILINE) == SECTIONS
    for key in card.recipe.keys() - {"name", "summary"}:
        assert re.search(rf"^\| `{key}` \| `.+` \|$", body, re.MULTILINE)
    for sha256 in (*card.data["sha256"].values(), shipped.sha256):
        assert f"`{sha256}`" in body
    interval = f"{figures['accuracy']:.2%} | {figures['accuracy_low']:.2%} to {figures['accuracy_high']:.2%}"
    assert f"| {figures['n']:,} | {figures['errors']:,} | {interval} |" in body
    assert f"```sh\n{card.command}\n```" in body
    assert f"| bytes | {len(shipped.data):,} |" in body
    assert f"`{card.thresholds['unsure']}`" in body


def test_card_names_inputs_and_outputs() -> None:
    """Each kind has its own contract."""
    digits, lines = (make_card_text(model_file.load(name)) for name in ("tiny-cnn", "number-reader"))
    assert "| input | `images`, uint8 (n, 28, 28) |" in digits
    assert f"`embedding`, float32 (n, {model_file.load('tiny-cnn').n_embedding})" in digits
    assert "| input | `lines`, uint8 (n, 32, width) |" in lines
    assert "embedding" not in lines
    assert "strings composed of its images" in lines


def test_card_says_what_a_plain_model_lacks(run: training.Run) -> None:
    """A recipe without threshold and without the class none is described as such."""
    text = make_card_text(run.model)
    assert "it was not calibrated" in text
    assert 'The probability of `none`, "not a digit", is 0' in text
    assert "which it was trained on" in make_card_text(model_file.load("tiny-cnn"))


def test_card_is_the_same_each_time(shipped: ModelFile) -> None:
    """The same file gives the same text."""
    assert make_card_text(shipped) == make_card_text(shipped)


def test_new_figures_stand_beside_the_recorded() -> None:
    """Figures made now get a row; machines get one result for each split, the newest."""
    model = model_file.load("tiny-cnn")
    new = {"n": 50, "errors": 5, "accuracy": 0.9, "accuracy_low": 0.79, "accuracy_high": 0.96}
    results = [SplitFigures(name, "test", new, is_new=True) for name in ("mine", "mnist")]
    values, body = split_card(make_card_text(model, results))
    listed = values["model-index"][0]["results"]
    found = {result["dataset"]["name"]: result["metrics"][0]["value"] for result in listed}
    assert found == {"mnist": 0.9, "mine": 0.9}
    assert body.count("| for this card |") == 2
    assert body.count("| after training |") == 1


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_names_stay_names(run: training.Run, odd: str) -> None:
    """Whatever a recipe, a dataset or a license is called, the front matter gives it back, and no more."""
    card = run.model.card
    model = changed(
        run, recipe={**card.recipe, "name": odd}, data={**card.data, "name": odd}, license=odd, command=odd
    )
    values, body = split_card(make_card_text(model))
    assert values["datasets"] == [odd]
    assert values["model-index"][0]["name"] == odd
    assert values.get("license_name", values["license"]) in {odd, odd.lower()}
    assert re.findall(r"^## (.+)$", body, re.MULTILINE) == SECTIONS
    assert re.search(r"^# .*$", body, re.MULTILINE)
    outside_code = re.sub(r"(`+).*?\1", "", body, flags=re.DOTALL)
    assert "<script>" not in re.sub(r"\\<", html.escape("<"), outside_code)


def test_quoted_text_is_json_where_it_can_be() -> None:
    """Texts of 16 bits are JSON strings; the rest has YAML's long escape, half a pair a question mark."""
    for code in (*range(0x300), *range(0x1FF0, 0x2100), *range(0xD7F0, 0xD800), 0xE000, 0xFEFF, 0xFFFD):
        assert json.loads(quote(chr(code))) == chr(code)
    assert quote("\U000e0001") == r'"\U000e0001"'
    assert quote("😀") == '"😀"'
    assert quote("a\udcff") == '"a?"'


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"test": 3},
        {"test": {"n": "many", "errors": 0, "accuracy": 1, "accuracy_low": 1, "accuracy_high": 1}},
        {"test": {"n": 3, "errors": 0, "accuracy": float("nan"), "accuracy_low": 1, "accuracy_high": 1}},
        {"test": {"n": 3}},
    ],
    ids=str,
)
def test_what_is_no_figure_is_left_out(run: training.Run, metrics: dict[str, object]) -> None:
    """A card with other metrics, no data and no recipe still gives a text that parses."""
    values, body = split_card(make_card_text(changed(run, metrics=metrics, data={}, recipe={})))
    assert values["model-index"][0]["results"] == []
    assert "None are in the card." in body


def test_a_free_license_is_other(run: training.Run) -> None:
    """A license that is no SPDX name has the hubs' word for that, and its own beside it."""
    assert 'license: "apache-2.0"' in make_front_matter(changed(run, license="Apache-2.0").card, [])
    card: Card = changed(run, license="ask me").card
    assert 'license: "other"\nlicense_name: "ask me"' in make_front_matter(card, [])
