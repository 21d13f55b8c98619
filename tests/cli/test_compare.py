"""`tenfold compare`: what it prints, when it ends with 1, and what it refuses."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import tenfold
from tenfold import model_file, training
from tenfold.cli.main import app
from tenfold.data import Dataset, Split
from tenfold.recipes import find_recipe, with_settings
from tests.cli.program import invoke, read_json, run_main

KEYS = [
    *("dataset", "n", "both_right", "only_a_right", "only_b_right", "neither_right", "answered_differently"),
    *("accuracy_a", "accuracy_b", "points", "points_low", "points_high", "p", "significant", "per_class"),
]
POORER = ("compare", "fair.onnx", "poor.onnx", "--dataset", "digits")
SHIPPED = ("compare", "robust-cnn", "tiny-cnn", "--dataset", "digits")


@pytest.fixture(scope="module")
def poor(digits: Dataset) -> model_file.ModelFile:
    """Return a model that has hardly been trained."""
    settings = {"max_iter": "1", "hidden_units": "4"}
    return training.train(with_settings(find_recipe("tutorial-mlp"), settings), digits).model


@pytest.fixture(autouse=True)
def _workplace(
    run: training.Run, poor: model_file.ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work in a folder with a fair model and a poor one, both trained on digits."""
    monkeypatch.chdir(tmp_path)
    model_file.save("fair.onnx", run.model)
    model_file.save("poor.onnx", poor)


def save_test_split(name: str, samples: Split) -> None:
    """Write an archive with a test split of its own."""
    images, labels = samples.images, samples.labels
    np.savez(name, x_train=images[:1], y_train=labels[:1], x_test=images, y_test=labels)


def end(*arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code and both streams."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_compare_says_when_it_cannot_tell() -> None:
    """Of two good models on 359 images it prints all figures, and that they show no difference."""
    text = invoke(*SHIPPED)
    assert text.startswith("A: robust-cnn\nB: tiny-cnn\n\non digits (test, 359 images)\n")
    assert re.search(r"^A right +\d+ +\d+$", text, re.MULTILINE)
    assert re.search(
        r"^B \d\d\.\d\d% right \(95 % interval \d\d\.\d\d% to \d\d\.\d\d%\)$", text, re.MULTILINE
    )
    assert re.search(r"^B less A [+-]0\.\d\d points .*, p = ", text, re.MULTILINE)
    assert "\nno difference that this test set can show\n" in text
    assert len(re.findall(r"^ +\d +\d\d ", text, re.MULTILINE)) == 10


def test_compare_says_which_is_better() -> None:
    """A model of one iteration is worse, and the other way round the fair one is better."""
    assert "\nB is worse, by more than chance\n" in invoke(*POORER)
    assert "\nB is better, by more than chance\n" in invoke("compare", "poor.onnx", "fair.onnx")


def test_compare_knows_the_same_model() -> None:
    """The same file twice answers alike, and has no table of classes."""
    text = invoke("compare", "poor.onnx", "poor.onnx")
    assert text.endswith("\nthe two answer alike on every image\n")
    assert "corrected" not in text


def test_compare_takes_what_both_were_trained_on() -> None:
    """Without --dataset it is the one that both cards name."""
    (only,) = read_json("compare", "poor.onnx", "poor.onnx")["comparisons"]
    assert (only["dataset"], only["n"]) == ("digits", 359)


def test_compare_prints_json(digits: Dataset) -> None:
    """--json prints the documented keys, with the figures of each dataset in the order given."""
    save_test_split("mine.npz", digits.test.take(np.arange(60)))
    summary = read_json(*SHIPPED, "--also", "mine.npz", "--fail-if-worse", "50")
    assert list(summary) == ["model_a", "model_b", "split", "comparisons", "fail_if_worse", "worse_on"]
    assert (summary["model_a"], summary["model_b"], summary["split"]) == ("robust-cnn", "tiny-cnn", "test")
    assert [list(item) for item in summary["comparisons"]] == [KEYS, KEYS]
    assert [(item["dataset"], item["n"]) for item in summary["comparisons"]] == [
        ("digits", 359),
        ("mine.npz", 60),
    ]
    assert (summary["fail_if_worse"], summary["worse_on"]) == (50, [])
    first = summary["comparisons"][0]
    assert list(first["accuracy_a"]) == ["share", "low", "high"]
    assert list(first["per_class"][0]) == ["label", "n", "only_a", "only_b", "p"]


@pytest.mark.parametrize(("split", "n"), [("test", 12), ("train", 48), ("all", 60)])
def test_compare_takes_any_split(split: str, n: int, digits: Dataset) -> None:
    """Of data without a test split, test is about a fifth of each class, and all is all of it."""
    few = digits.test.take(np.arange(60))
    np.savez("few.npz", images=few.images, labels=few.labels)
    arguments = ("compare", "fair.onnx", "poor.onnx", "--dataset", "few.npz", "--split", split)
    (only,) = read_json(*arguments)["comparisons"]
    assert abs(only["n"] - n) <= (0 if split == "all" else 5)
    assert sum(row["n"] for row in only["per_class"]) == only["n"]


def test_gate_fails_in_one_line() -> None:
    """A worse B ends with 1 after the figures; one line on stderr names dataset, difference and p."""
    code, out, err = end(*POORER, "--fail-if-worse", "0.05")
    assert (code, "B is worse" in out) == (1, True)
    assert re.fullmatch(
        r"tenfold: poor\.onnx must not be worse than fair\.onnx by more than 0\.05 points\. "
        r"Got \d+\.\d+ points on digits \(more than chance, p = \S+\)\.\n",
        err,
    )


def test_gate_says_what_may_be_chance(digits: Dataset) -> None:
    """The measured difference fails it also where it is not significant, and the line says so."""
    fair, poor = (
        tenfold.load(name, threads=1).predict(digits.test.images) for name in ("fair.onnx", "poor.onnx")
    )
    labels = digits.test.labels
    lost = np.flatnonzero((fair == labels) & (poor != labels))[:2]
    kept = np.flatnonzero((fair == labels) & (poor == labels))[:2]
    save_test_split("four.npz", digits.test.take(np.concatenate([lost, kept])))
    code, out, err = end(*POORER[:-1], "four.npz", "--fail-if-worse", "0.05")
    assert (code, "no difference that this test set can show" in out) == (1, True)
    assert err.endswith("Got 50 points on four.npz (which may be chance, p = 0.5).\n")


@pytest.mark.parametrize(
    ("a", "b", "points"),
    [
        ("poor.onnx", "fair.onnx", "0"),
        ("poor.onnx", "poor.onnx", "0"),
        ("fair.onnx", "poor.onnx", "99"),
        ("fair.onnx", "poor.onnx", None),
    ],
)
def test_gate_passes_silently(a: str, b: str, points: str | None) -> None:
    """A better B, an equal one, a worse one within the points, and no gate end with 0."""
    gate = ("--fail-if-worse", points) if points else ()
    code, _, err = end("compare", a, b, "--dataset", "digits", *gate)
    assert (code, err) == (0, "")


def test_gate_holds_on_every_dataset(digits: Dataset) -> None:
    """One dataset on which B is worse is enough, and JSON names it."""
    few = digits.test.take(np.arange(60))
    save_test_split("mine.npz", Split(few.images, tenfold.load("poor.onnx", threads=1).predict(few.images)))
    arguments = ("compare", "poor.onnx", "fair.onnx", "--also", "mine.npz", "--fail-if-worse", "0", "--json")
    code, out, err = end(*arguments)
    assert (code, err.count("\n")) == (1, 1)
    assert json.loads(out)["worse_on"] == ["mine.npz"]


@pytest.mark.parametrize("points", ["-0.1", "nan", "inf", "100", "few"])
def test_gate_refuses_points_that_are_none(points: str) -> None:
    """Points that cannot be, or that no model can fail, are a usage error."""
    code, out, err = end(*SHIPPED, f"--fail-if-worse={points}")
    assert (code, out) == (2, "")
    assert "Invalid value for '--fail-if-worse'" in err


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (
            ["tiny-cnn", "number-reader"],
            r"must be of the kind digits\. Got number-reader, of the kind lines\.",
        ),
        (["number-reader", "number-reader"], r"Got number-reader, of the kind lines\."),
        (["tiny-cnn", "missing.onnx"], r"missing\.onnx must be a model file"),
        (["rows.csv", "tiny-cnn"], r"rows\.csv is not a model that this tenfold opens"),
        (["tiny-cnn", "poor.onnx"], r"trained on mnist and digits\. Say on which images .*--dataset"),
        (["tiny-cnn", "robust-cnn"], r"mnist was not found"),
        (["tiny-cnn", "poor.onnx", "--dataset", "digit"], r"Got 'digit'\. Did you mean digits\?"),
        (["tiny-cnn", "poor.onnx", "--dataset", "digits", "--also", "none/"], r"Got 'none/'"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_compare_errors_are_one_line(
    arguments: list[str], match: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model or dataset that cannot be compared ends with 1 and one line, before any figure."""
    Path("rows.csv").write_text("1,2\n")
    assert run_main(["compare", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"tenfold: .*{match}.*\n", err)
