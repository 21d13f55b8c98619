"""Runs in two stages: what is calibrated, what is resumed, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tenfold import training
from tenfold.data import Dataset, Split
from tenfold.errors import CheckpointError, DatasetError
from tenfold.recipes import TorchRecipe, find_recipe
from tenfold.training import Progress
from tenfold.training.network import Calibrated, train_network
from tests.training.small import assert_same_weights, ignore, make_recipe, relabel, stop_at

CALIBRATED = make_recipe(epochs=2, calibrate=True, none_share=0.1, average=0.5)


@pytest.fixture(scope="module")
def samples(digits: Dataset) -> Split:
    """Return 256 digits; with the drawn images they make 5 batches an epoch, 4 in the trial."""
    return digits.train.take(np.arange(256))


def run(
    samples: Split,
    folder: Path | None = None,
    *,
    recipe: TorchRecipe = CALIBRATED,
    seed: int = 0,
    on_progress: Callable[[Progress], None] = ignore,
    resuming: bool = False,
) -> Calibrated:
    """Train, with what most tests have in common."""
    return train_network(
        recipe, samples, seed=seed, on_progress=on_progress, folder=folder, resuming=resuming
    )


def interrupt(samples: Split, folder: Path, *, step: int, stage: str = "fit", **options: Any) -> None:
    """Train as far as a step of a stage."""
    with pytest.raises(KeyboardInterrupt, match=f"at step {step}"):
        run(samples, folder, on_progress=stop_at(step, stage), **options)


def assert_same(one: Calibrated, other: Calibrated) -> None:
    """Check that two trained networks are the same, temperature and thresholds included."""
    assert_same_weights(one.network, other.network)
    assert (one.temperature, one.thresholds) == (other.temperature, other.thresholds)


def test_a_recipe_that_calibrates_trains_a_trial_first(samples: Split, tmp_path: Path) -> None:
    """The trial is validated and gives temperature and threshold; what is shipped saw all samples."""
    reports: list[Progress] = []
    trained = run(samples, tmp_path, on_progress=reports.append)
    ends = training.end_points(reports)
    assert [(end.stage, end.epoch) for end in ends] == [("trial", 1), ("trial", 2), ("fit", 1), ("fit", 2)]
    assert [end.validation_accuracy is None for end in ends] == [False, False, True, True]
    assert [end.max_iter for end in ends] == [8, 8, 10, 10]
    assert 0.05 < trained.temperature < 20
    assert trained.thresholds.keys() == {"unsure"}
    assert 0 < trained.thresholds["unsure"] < 1
    assert trained.network.head.out_features == 11
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit", "trial"]


def test_a_recipe_that_does_not_calibrate_trains_once(samples: Split) -> None:
    """There is one stage, no threshold, and a temperature of one."""
    reports: list[Progress] = []
    trained = run(samples, recipe=make_recipe(), on_progress=reports.append)
    assert {report.stage for report in reports} == {"fit"}
    assert (trained.temperature, trained.thresholds) == (1.0, {})
    assert trained.network.head.out_features == 10


def test_the_trial_does_not_touch_the_shipped_weights(samples: Split) -> None:
    """With and without calibration the same weights are shipped."""
    plain = run(samples, recipe=make_recipe(epochs=2, none_share=0.1, average=0.5))
    assert_same_weights(run(samples).network, plain.network)


@pytest.mark.parametrize(("stage", "step"), [("trial", 4), ("trial", 8), ("fit", 5), ("fit", 10)])
def test_a_run_is_resumed_in_either_stage(stage: str, step: int, samples: Split, tmp_path: Path) -> None:
    """Interrupted at the end of any epoch of any stage, it ends as one that was not interrupted."""
    interrupt(samples, tmp_path, step=step, stage=stage)
    if (stage, step) == ("trial", 4):  # before the first checkpoint
        with pytest.raises(CheckpointError, match=r"must hold a checkpoint to resume from\. Got none"):
            run(samples, tmp_path, resuming=True)
        return
    assert_same(run(samples, tmp_path, resuming=True), run(samples))


def test_a_run_that_was_done_is_resumed_without_a_step(samples: Split, tmp_path: Path) -> None:
    """Killed after the last checkpoint, it has nothing left to do."""
    reports: list[Progress] = []
    done = run(samples, tmp_path)
    assert_same(run(samples, tmp_path, resuming=True, on_progress=reports.append), done)
    assert training.end_points(reports) == []


def test_a_new_run_leaves_no_stage_of_an_old_one(samples: Split, tmp_path: Path) -> None:
    """A run that starts anew and is interrupted in its trial is resumed, whatever run was there before."""
    interrupt(samples, tmp_path, step=10, seed=1)
    interrupt(samples, tmp_path, step=8, stage="trial", seed=2)
    assert_same(run(samples, tmp_path, resuming=True, seed=2), run(samples, seed=2))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            {"recipe": make_recipe(epochs=3, calibrate=True)},
            r"Got one of recipe\.epochs 2, not 3; recipe\.average 0\.5, not ",
        ),
        ({"seed": 1}, r"Got one of seed 0, not 1\."),
        ({"samples": slice(255)}, r"Got one of data .*, not "),
        ({"samples": relabel}, r"Got one of data .*, not "),
    ],
    ids=["recipe", "seed", "fewer samples", "other labels"],
)
def test_another_runs_checkpoint_is_refused(
    change: dict[str, Any], match: str, samples: Split, tmp_path: Path
) -> None:
    """Another recipe, seed, image or label is named before a step is taken."""
    interrupt(samples, tmp_path, step=10)
    other = change.pop("samples", lambda same: same)
    shown = other(samples) if callable(other) else samples.take(np.arange(256)[other])
    with pytest.raises(CheckpointError, match=rf"must be a checkpoint of this run\. {match}"):
        run(shown, tmp_path, resuming=True, **change)


def test_another_number_of_threads_is_refused(samples: Split, tmp_path: Path) -> None:
    """Sums depend on the number of threads, so it must be the same."""
    interrupt(samples, tmp_path, step=10)
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        with pytest.raises(CheckpointError, match=rf"Got one of threads {threads}, not {threads + 1}\."):
            run(samples, tmp_path, resuming=True)
    finally:
        torch.set_num_threads(threads)


def test_lbfgs_cannot_be_resumed(digits: Dataset, tmp_path: Path) -> None:
    """A recipe that keeps no checkpoints refuses to go on from them, and does not start anew in silence."""
    with pytest.raises(CheckpointError, match=r"tutorial-mlp .* no checkpoints"):
        training.train(find_recipe("tutorial-mlp"), digits, checkpoints=tmp_path, resume=True)


def test_a_digit_with_too_few_images_is_refused(digits: Dataset) -> None:
    """Where a digit cannot stand in all three parts, a recipe that calibrates says so."""
    few = digits.train.take(
        np.flatnonzero((digits.train.labels != 7) | (np.cumsum(digits.train.labels == 7) < 3))
    )
    with pytest.raises(DatasetError, match=r"at least 3 samples .* Class 7 has 2"):
        run(few)
