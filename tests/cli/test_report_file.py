"""`tenfold evaluate --report`."""

import re
from pathlib import Path

import numpy as np
import pytest

from tenfold import model_file, training
from tenfold.cli.report_file import Evaluated, write_report
from tenfold.data import Dataset
from tenfold.evaluation import Evaluation, measure_robustness
from tenfold.reading import Reader
from tests.cli.program import invoke, read_json
from tests.report.conftest import certain


@pytest.fixture(autouse=True)
def _workplace(run: training.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that holds a model."""
    monkeypatch.chdir(tmp_path)
    model_file.save("good.onnx", run.model)


def test_report_has_every_miss_with_neighbors(run: training.Run) -> None:
    """The file has the figures that are printed, all misses, and training digits beside each."""
    assert invoke("evaluate", "good.onnx", "--report", "r.html", "--no-robustness").endswith(
        "Wrote r.html.\n"
    )
    page = Path("r.html").read_text("utf-8")
    assert f"{run.evaluation.accuracy:.2%}" in page
    assert len(re.findall(r'alt="image \d+', page)) == run.evaluation.errors
    assert len(re.findall(r'title="training digit \d+', page)) == 5 * run.evaluation.errors
    assert "tenfold evaluate good.onnx --dataset digits --report r.html --no-robustness" in page
    assert 'id="robustness"' not in page


def test_report_is_the_same_twice() -> None:
    """The same command writes the same bytes, and --json prints nothing but JSON beside it."""
    options = ("evaluate", "good.onnx", "--report", "r.html", "--no-robustness")
    assert read_json(*options)["n"] == 359
    first = Path("r.html").read_bytes()
    read_json(*options)
    assert Path("r.html").read_bytes() == first


def test_report_keeps_folders_of_this_machine_to_itself(tmp_path: Path) -> None:
    """Of whole paths the last part is named, so a report that is handed over says nothing of its maker."""
    model, report = str(tmp_path / "good.onnx"), str(tmp_path / "r.html")
    invoke("evaluate", model, "--split", "all", "--report", report, "--no-robustness")
    page = Path("r.html").read_text("utf-8")
    assert str(tmp_path) not in page
    assert "evaluate good.onnx --dataset digits --split all --report r.html" in page


def test_report_measures_robustness(run: training.Run, digits: Dataset) -> None:
    """Unless it is switched off, the report has the figures that are measured for the same images."""
    samples = digits.test.take(np.arange(20))
    reader = Reader(run.model)
    assert isinstance(run.evaluation, Evaluation)
    result = run.evaluation.without(range(20, 359))
    evaluated = Evaluated(Path("good.onnx"), reader, digits, samples, "test", ())
    write_report(Path("r.html"), result, evaluated, robustness=True, offline=True)
    expected = measure_robustness(reader.predict_proba, samples.images, samples.labels)
    page = Path("r.html").read_text("utf-8")
    assert f"{expected.mean_accuracy:.2%} are read right on average" in page
    assert "--no-robustness" not in page


def test_report_without_a_miss_embeds_nothing(
    run: training.Run, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No neighbors are sought where there is nothing to set them beside."""
    reader = Reader(run.model)
    monkeypatch.setattr(reader, "embed", None)
    result = certain(digits.test.labels, digits.test.labels)
    evaluated = Evaluated(Path("good.onnx"), reader, digits, digits.test, "test", ())
    write_report(Path("r.html"), result, evaluated, robustness=False, offline=True)
    assert "training digit " not in Path("r.html").read_text("utf-8")


def test_report_does_without_training_digits_that_are_not_at_hand(run: training.Run, digits: Dataset) -> None:
    """Digits that the model was not trained on never stand as its training digits."""
    model = model_file.load("robust-cnn")  # trained on MNIST, which is not here
    assert isinstance(run.evaluation, Evaluation)
    evaluated = Evaluated(Path("robust-cnn"), Reader(model), digits, digits.test, "test", ())
    write_report(Path("r.html"), run.evaluation, evaluated, robustness=False, offline=True)
    page = Path("r.html").read_text("utf-8")
    assert "training digit" not in page
    assert "not at hand" in page
