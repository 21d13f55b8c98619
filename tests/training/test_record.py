"""What a run leaves beside its model: a record and a picture."""

import dataclasses
import json
import platform
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold import training
from tenfold.errors import OutputError
from tenfold.recipes import find_recipe
from tenfold.training import Progress, end_points, save_curve, save_record

KEYS = [
    "model_sha256",
    "recipe",
    "data",
    "seed",
    "seconds",
    "metrics",
    "thresholds",
    "machine",
    "versions",
    "curve",
]


def report(iteration: int, epoch: int | None, stage: str = "fit", accuracy: float | None = None) -> Progress:
    """Return a report of a run of four steps."""
    return Progress(iteration, 4, 1 / iteration, 0.5, epoch=epoch, stage=stage, validation_accuracy=accuracy)


CURVE = [report(2, 1, "trial", 0.5), report(4, 2, "trial", 0.75), report(2, 1), report(4, 2)]


def test_end_points_are_the_last_of_each_epoch() -> None:
    """Of each epoch of each stage the last report is kept, in order."""
    between = [report(1, 1, "trial"), CURVE[0], report(3, 2, "trial"), *CURVE[1:3], report(3, 2), CURVE[3]]
    assert end_points(between) == CURVE
    assert end_points(CURVE) == CURVE


@pytest.mark.parametrize("reports", [[], [report(1, None)], [report(1, None), report(2, None)]], ids=len)
def test_end_points_are_all_reports_where_there_are_no_epochs(reports: list[Progress]) -> None:
    """An optimizer that knows no epochs has a point for each iteration."""
    assert end_points(reports) == reports


def test_the_record_says_how_the_model_was_made(run: training.Run, tmp_path: Path) -> None:
    """The JSON has recipe, data, seed, figures, machine, versions and curve, as the card has them."""
    recipe = find_recipe("fast-mlp")
    save_record(tmp_path / "run.json", run, recipe, CURVE)
    record = json.loads((tmp_path / "run.json").read_bytes())
    card = run.model.card
    assert list(record) == KEYS
    assert record["model_sha256"] == run.model.sha256
    assert record["recipe"] == dataclasses.asdict(recipe)
    assert [record[key] for key in ("data", "seed", "metrics")] == [card.data, card.seed, card.metrics]
    assert record["machine"].keys() == {"system", "processor", "cores"}
    assert record["versions"]["python"] == platform.python_version()
    assert record["versions"]["numpy"] == np.__version__
    assert record["curve"][0] == {
        "iteration": 2,
        "max_iter": 4,
        "loss": 0.5,
        "seconds": 0.5,
        "epoch": 1,
        "validation_accuracy": 0.5,
        "stage": "trial",
    }
    assert [point["stage"] for point in record["curve"]] == ["trial", "trial", "fit", "fit"]


@pytest.mark.parametrize(
    "curve",
    [CURVE, CURVE[2:], [report(1, None)], []],
    ids=["two stages", "no validation", "one point", "no point"],
)
def test_the_curve_is_a_picture(curve: list[Progress], tmp_path: Path) -> None:
    """However many points there are, it is a PNG of 700 by 400 pixels, with ink, drawn without a warning."""
    save_curve(tmp_path / "curve.png", "small on digits", curve)
    with Image.open(tmp_path / "curve.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (700, 400))
        low, high = picture.convert("L").getextrema()
        assert low < 100
        assert high == 255


def test_what_cannot_be_written_is_an_output_error(run: training.Run, tmp_path: Path) -> None:
    """A folder that is missing is named."""
    with pytest.raises(OutputError, match=r"nowhere/run\.json cannot be written"):
        save_record(tmp_path / "nowhere" / "run.json", run, find_recipe("fast-mlp"), [])
    with pytest.raises(OutputError, match=r"nowhere/curve\.png cannot be written"):
        save_curve(tmp_path / "nowhere" / "curve.png", "title", CURVE)
