"""Exported files: whole, closed, and refused where they would not work."""

import base64
import dataclasses
import gzip
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tenfold import model_file, training
from tenfold.errors import InputError, ModelFileError, OutputError
from tenfold.model_file import ModelFile
from tenfold.webpage import export_html, export_module
from tenfold.webpage.single_file import make_page
from tests.full_disk import files_at_most
from tests.webpage.node import run_node

EXPORTERS = {".html": export_html, ".js": export_module}
SVG = "http://www.w3.org/2000/svg"
"""The name of a language, which nothing is fetched from."""


class Page(HTMLParser):
    """A page's elements with their attributes, and the text in those that hold code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.codes: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect one."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Collect the text of scripts and styles, which comes in one piece."""
        if self.elements and self.elements[-1][0] in {"script", "style"} and data.strip():
            self.codes.append((*self.elements[-1], data))


def checksum(text: str) -> str:
    """Return a checksum as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.fixture(scope="module")
def tiny() -> ModelFile:
    """Return the smallest model that ships."""
    return model_file.load("tiny-cnn")


@pytest.fixture
def html(tiny: ModelFile, tmp_path: Path) -> str:
    """Return the text of an exported page."""
    n_bytes = export_html(tiny, tmp_path / "digits.html", name="tiny-cnn")
    assert n_bytes == (tmp_path / "digits.html").stat().st_size
    return (tmp_path / "digits.html").read_text("utf-8")


def test_page_is_one_small_file(html: str) -> None:
    """With the smallest model it has at most 150 kB."""
    assert len(html.encode()) <= 150_000


def test_page_of_the_default_model_is_one_file(tmp_path: Path) -> None:
    """With the default model it has at most 2.5 MB."""
    assert export_html(model_file.load("robust-cnn"), tmp_path / "digits.html") <= 2_500_000


def test_page_names_no_other_file(html: str) -> None:
    """No element takes anything from elsewhere."""
    page = Page(html)
    sources = [
        value
        for _, attributes in page.elements
        for key, value in attributes.items()
        if key in {"src", "href", "action", "srcset", "data", "poster"}
    ]
    assert [source for source in sources if not str(source).startswith("data:")] == []
    assert not re.search(r"https?:|(?<![:\w/])//\w+\.\w|@import|url\(", html.replace(SVG, ""))


def test_policy_lets_nothing_out(html: str) -> None:
    """The policy comes before any code, forbids all but the page's own scripts and style, and names them."""
    page = Page(html)
    tag, policy = next((tag, attributes) for tag, attributes in page.elements if attributes.get("http-equiv"))
    assert page.elements.index((tag, policy)) < min(
        position for position, (tag, _) in enumerate(page.elements) if tag in {"script", "style", "link"}
    )
    rules = dict(rule.strip().split(" ", 1) for rule in str(policy["content"]).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    (style,) = [text for tag, _, text in page.codes if tag == "style"]
    assert rules["style-src"] == checksum(style)
    (packed, unpack) = [text for tag, _, text in page.codes if tag == "script"]
    script = gzip.decompress(base64.b64decode(packed)).decode()
    assert rules["script-src"] == f"{checksum(unpack)} {checksum(script)}"


def test_page_asks_the_model_and_not_a_service(html: str) -> None:
    """The script has the runtime's host inside, and nothing that sends."""
    packed = next(text for _, attributes, text in Page(html).codes if attributes.get("id") == "packed")
    script = gzip.decompress(base64.b64decode(packed)).decode()
    assert "EMBEDDED" in script
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|v1/read", script)


@pytest.mark.parametrize("suffix", EXPORTERS)
def test_export_is_the_same_again(suffix: str, tiny: ModelFile, tmp_path: Path) -> None:
    """The same model gives the same bytes, in place of what stood there."""
    path = tmp_path / f"file{suffix}"
    path.write_text("before")
    for _ in range(2):
        EXPORTERS[suffix](tiny, path)
        made = path.read_bytes()
    EXPORTERS[suffix](tiny, tmp_path / f"other{suffix}")
    assert (tmp_path / f"other{suffix}").read_bytes() == made


def test_module_brings_its_types(tiny: ModelFile, tmp_path: Path) -> None:
    """Beside the module lie its types, which name what it exports."""
    export_module(tiny, tmp_path / "reader.js")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reader.d.ts", "reader.js"]
    script = (tmp_path / "reader.js").read_text("utf-8")
    exported = re.search(r"^export const \{ (.+) \} = ", script, re.MULTILINE)
    assert exported
    types = (tmp_path / "reader.d.ts").read_text("utf-8")
    assert set(exported[1].split(", ")) == set(
        re.findall(r"^export (?:class|function) (\w+)", types, re.MULTILINE)
    )


@pytest.mark.parametrize("name", ["tiny-cnn", "</script>", 'a "quoted" nameé'])
def test_module_opens_its_model(name: str, tmp_path: Path) -> None:
    """The module opens the very bytes that were exported, whatever they are called."""
    model = model_file.load("tiny-cnn")
    export_module(model, tmp_path / "tenfold.js", name=name)
    (tmp_path / "user.mjs").write_text(
        'import { load } from "./tenfold.js";\n'
        "const { name, sha256, card, least } = await load();\n"
        'process.stdout.write([name, sha256, card.recipe.name, least].join("\\n"));\n'
    )
    answer = run_node(tmp_path / "user.mjs").decode().split("\n")
    assert answer == [name, model.sha256, "tiny-cnn", str(model.card.thresholds["unsure"])]


def test_model_that_gzip_does_not_shrink_goes_in_as_it_is(
    run: training.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where gzip saves less than it must, the model is embedded unpacked, and opens as well."""
    model = run.model
    monkeypatch.setattr("tenfold.webpage.export.WORTH_PACKING", 0.5)
    export_module(model, tmp_path / "tenfold.js")
    assert base64.b64encode(model.data).decode() in (tmp_path / "tenfold.js").read_text("utf-8")
    (tmp_path / "user.mjs").write_text(
        'import { load } from "./tenfold.js";\nprocess.stdout.write((await load()).sha256);\n'
    )
    assert run_node(tmp_path / "user.mjs").decode() == model.sha256


def changed(model: ModelFile, edit: Callable[[onnx.ModelProto], object]) -> ModelFile:
    """Return a model with changes, as if it had been inspected."""
    proto = onnx.load_from_string(model.data)
    edit(proto)
    return dataclasses.replace(model, data=proto.SerializeToString())


def use_sigmoid(model: onnx.ModelProto) -> None:
    """Use an operator that no recipe emits."""
    next(node for node in model.graph.node if node.op_type == "Relu").op_type = "Sigmoid"


def spoil_weights(model: onnx.ModelProto) -> None:
    """Put a weight that is no number into the model."""
    mean = np.full(784, np.nan, np.float32)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(mean, "mean"))


def blow_up(model: onnx.ModelProto) -> None:
    """Make the model too large."""
    weights = numpy_helper.from_array(np.zeros(5_100_000, np.float32), "zeros")
    model.graph.initializer.append(weights)


BAD_MODELS: dict[str, tuple[Callable[[ModelFile], ModelFile], str]] = {
    "operator": (lambda model: changed(model, use_sigmoid), r"Operators must be among .* Got Sigmoid"),
    "nan": (lambda model: changed(model, spoil_weights), "must hold finite numbers"),
    "size": (lambda model: changed(model, blow_up), "A model may have 20000000 bytes"),
    "lines": (lambda _: model_file.load("number-reader"), "Got one of lines, .* Export robust-cnn, tiny-cnn"),
}


@pytest.mark.parametrize("suffix", EXPORTERS)
@pytest.mark.parametrize("kind", BAD_MODELS)
def test_models_that_no_page_runs_are_refused(
    kind: str, suffix: str, run: training.Run, tmp_path: Path
) -> None:
    """An unknown operator, NaN, a large model and a model of lines are one error each, and leave no file."""
    make, match = BAD_MODELS[kind]
    with pytest.raises(ModelFileError, match=match):
        EXPORTERS[suffix](make(run.model), tmp_path / f"file{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("exporter", EXPORTERS.values())
@pytest.mark.parametrize("name", ["page", "page.htm", "page.onnx", ".html", "page.mjs"])
def test_names_that_end_otherwise_are_refused(
    exporter: Callable[..., int], name: str, tiny: ModelFile, tmp_path: Path
) -> None:
    """A file whose name does not say what it is is refused, and not written."""
    with pytest.raises(InputError, match=r"must end in \.(html|js)\. Got"):
        exporter(tiny, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", EXPORTERS)
def test_folders_that_are_missing_are_noticed_before_the_work(
    suffix: str, tiny: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing folder, and a folder of the file's name, are errors before anything is made."""
    monkeypatch.setattr("tenfold.webpage.export.inspect", None)
    (tmp_path / f"folder{suffix}").mkdir()
    for path in (tmp_path / "nowhere" / f"file{suffix}", tmp_path / f"folder{suffix}"):
        with pytest.raises(OutputError, match="cannot be written"):
            EXPORTERS[suffix](tiny, path)
    assert [path.name for path in tmp_path.iterdir()] == [f"folder{suffix}"]


@pytest.mark.parametrize("suffix", EXPORTERS)
@pytest.mark.parametrize("n_bytes", [0, 4096, 60_000])
def test_full_disks_leave_nothing(suffix: str, n_bytes: int, tiny: ModelFile, tmp_path: Path) -> None:
    """A disk that fills up on the way leaves neither half a file nor its types."""
    with files_at_most(n_bytes), pytest.raises(OutputError, match="cannot be written"):
        EXPORTERS[suffix](tiny, tmp_path / f"file{suffix}")
    assert list(tmp_path.iterdir()) == []


PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <link rel="icon" href="icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="page.css">
  <script type="module" src="main.js"></script>
</head>
</html>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the least of a page."""
    texts = {"index.html": PAGE, "icon.svg": "<svg/>", "page.css": "p { margin: 0 }", "main.js": "let a;\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


RUNTIME = {
    name: (Path(str(files("tenfold.webpage"))) / "js" / name).read_text("utf-8")
    for name in ("unpack.js", "bytes.js", "errors.js")
}


def test_least_page_is_taken(folder: Path) -> None:
    """A page with the four elements is made one file."""
    assert "margin: 0" in make_page(folder, RUNTIME)


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("index.html", PAGE.replace('  <meta charset="utf-8">\n', ""), "must have <meta charset"),
        ("index.html", PAGE.replace("stylesheet", "style"), 'must have <link rel="stylesheet"'),
        ("index.html", PAGE + '<script type="module" src="b.js"></script>', "once. Got it 2 times"),
        ("page.css", "p::before { content: '</style>' }", "must not hold tags. Got </style"),
        ("main.js", "export default 1;\n", "main.js must be of the known forms"),
        ("errors.js", "export const a = 1;\n", "must have names apart. Got errors.js"),
    ],
)  # fmt: skip
def test_pages_of_another_form_are_refused(name: str, text: str, match: str, folder: Path) -> None:
    """A page that would not work as one file is an error that says why."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        make_page(folder, RUNTIME)
