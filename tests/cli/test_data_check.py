"""`tenfold data-check`: what it prints, lists and draws, and how it fails."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tenfold.cli.data_check import data_check
from tenfold.cli.main import app
from tenfold.data import Dataset
from tenfold.training import check_data, out_of_fold
from tests.cli.program import invoke, read_json
from tests.training.small import make_recipe

CHECK = ("data-check", "faulty.npz", "--networks", "1")


@pytest.fixture(autouse=True)
def _workplace(digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that holds a small, faulty archive, with a recipe that takes a second."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check_data, "QUICK", make_recipe(epochs=12))
    monkeypatch.setattr(out_of_fold, "MOST_EPOCHS", 1)
    train, test = digits.train.take(np.arange(300)), digits.test.take(np.arange(60))
    train.images[5] = 0
    train.images[7] = np.roll(train.images[7], 3, axis=1)
    train.labels[11] = (train.labels[11] + 5) % 10
    test.images[4] = train.images[20]
    test.labels[4] = (train.labels[20] + 1) % 10
    np.savez(
        "faulty.npz",
        train_images=train.images,
        train_labels=train.labels,
        test_images=test.images,
        test_labels=test.labels,
    )


@pytest.mark.slow
def test_the_summary_names_what_is_wrong() -> None:
    """Classes are counted; the blank image, the moved one, the copy and the wrong label are named."""
    text = invoke(*CHECK)
    assert re.search(r"^train +(\d+ +){10}300$", text, re.MULTILINE)
    assert "images of train: 1 blank, 0 light on dark, 0 over 20×20, 1 off center\n  blank: 5\n" in text
    assert "  off center: 7\n" in text
    assert "duplicates: 1 the same" in text
    assert "; 1 with different labels" in text
    assert re.search(r"  train 20 \(\d\) and test 4 \(\d\): the same", text)
    assert "labels of train: networks of 4 folds are confident of another digit in" in text
    assert re.search(r"^train +11 +\d +\d +0\.\d{3}", text, re.MULTILINE)
    assert len(text.split("suggested")[1].splitlines()) == 21


def test_json_lists_everything(digits: Dataset) -> None:
    """--json has each split, the duplicates with their places, and the suspicious labels in order."""
    found = read_json(*CHECK)
    assert list(found) == ["dataset", "seed", "splits", "duplicates", "suspicious"]
    train, test = found["splits"]
    assert (train["split"], train["n"], train["blank"], train["off_center"]) == ("train", 300, [5], [7])
    assert (test["split"], sum(test["class_counts"]), test["n_folds"]) == ("test", 60, 4)
    exact = [pair for pair in found["duplicates"] if pair["is_exact"]]
    assert [(pair["first"]["index"], pair["second"]["index"]) for pair in exact] == [(20, 4)]
    scores = [suspect["score"] for suspect in found["suspicious"]]
    assert scores == sorted(scores)
    assert len(scores) >= 50
    planted = next(item for item in found["suspicious"] if (item["split"], item["index"]) == ("train", 11))
    assert planted["suggested"] == digits.train.labels[11] != planted["label"]


def test_one_split_is_checked_alone() -> None:
    """--split test lists labels of the test split, and duplicates of which one at least stands there."""
    found = read_json(*CHECK, "--split", "test", "--seed", "3")
    assert [split["split"] for split in found["splits"]] == ["test"]
    assert {suspect["split"] for suspect in found["suspicious"]} == {"test"}
    assert {pair["second"]["split"] for pair in found["duplicates"]} == {"test"}
    assert found["seed"] == 3


@pytest.mark.slow
def test_out_draws_the_suspects() -> None:
    """--out writes a PNG with five rows of ten digits."""
    text = invoke(*CHECK, "--split", "test", "--out", "sheet.png")
    assert text.endswith("\n\nWrote sheet.png.\n")
    with Image.open("sheet.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (950, 570))
        assert picture.convert("L").getextrema() == (0, 255)


def test_folders_of_pictures_are_checked(digits: Dataset) -> None:
    """A folder per class works, in as many folds as its smallest class allows."""
    for label in (3, 8):
        folder = Path("pictures", str(label))
        folder.mkdir(parents=True)
        for number, image in enumerate(digits.train.images[digits.train.labels == label][: 3 + label]):
            Image.fromarray(255 - image).save(folder / f"{number}.png")
    text = invoke("data-check", "pictures", "--networks", "1", "--split", "test")
    assert "images of test: 0 blank" in text
    train = read_json("data-check", "pictures", "--networks", "1", "--split", "train")["splits"][0]
    assert (train["n"], train["n_folds"]) == (14, 4)


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([7] * 12, r"at least two classes, each of two images\. Got 10 of class 7\. Add images"),
        ([7] * 11 + [3] * 2, r"Got 1 of class 3, 9 of class 7"),
    ],
)
def test_labels_that_cannot_be_checked_are_one_error(labels: list[int], match: str) -> None:
    """One class, or one image of a class, ends in a line that says what there is, before any work."""
    images = np.random.default_rng(0).integers(0, 255, (len(labels), 28, 28)).astype(np.uint8)
    images[:, :4] = images[:, -4:] = 0
    np.savez("few.npz", images=images, labels=np.array(labels))
    result = CliRunner().invoke(app, ["data-check", "few.npz", "--split", "train"])
    assert result.exit_code == 1
    assert re.search(match, str(result.exception))


def test_what_was_called_wrongly_ends_before_the_work() -> None:
    """A sheet that cannot be written, a seed out of range and an unknown dataset are refused at once."""
    for arguments, match in [
        (("faulty.npz", "--out", "nowhere/s.png"), r"nowhere/s\.png cannot be written"),
        (("mnits",), r"Did you mean mnist"),
        (("faulty.npz", "--seed", "-1"), r"seed must be 0 to 4294967295\. Got -1"),
    ]:
        result = CliRunner().invoke(app, ["data-check", *arguments])
        assert result.exit_code == 1
        assert re.search(match, str(result.exception))


def test_as_many_networks_are_asked_as_in_python() -> None:
    """The command's default is that of the function, which it imports late."""
    assert inspect.signature(data_check).parameters["networks"].default == check_data.N_NETWORKS
