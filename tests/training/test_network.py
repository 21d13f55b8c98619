"""Runs of several stages and members: what is calibrated, what is resumed, and what is refused."""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch import nn

from tenfold import training
from tenfold.data import Dataset, Split, load_dataset, split_training
from tenfold.errors import CheckpointError, DatasetError
from tenfold.networks import Committee
from tenfold.recipes import TorchRecipe, find_recipe
from tenfold.training import Progress
from tenfold.training.calibrate import choose_threshold, fit_temperature
from tenfold.training.fit import compute_logits, fit_network
from tenfold.training.network import Calibrated, derive_seed, train_network
from tests.training.small import assert_same_weights, ignore, make_recipe, relabel, stop_at

CALIBRATED = make_recipe(epochs=2, trial_epochs=2, none_share=0.1, average=0.5)

COMMITTEE = dataclasses.replace(CALIBRATED, members=3)

STAGES = [f"{stage} {number} of 3" for stage in ("trial", "fit") for number in (1, 2, 3)]
"""Of the committee, in their order."""


@pytest.fixture(autouse=True)
def _one_member_at_a_time() -> Iterator[None]:
    """Leave torch one thread, so that where an interruption falls is certain."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


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


def interrupt(
    samples: Split, folder: Path, *, step: int, stage: str = "fit", **options: Any
) -> list[Progress]:
    """Train as far as a step of a stage, and return the reports so far."""
    reports: list[Progress] = []
    stop = stop_at(step, stage)

    def report(progress: Progress) -> None:
        reports.append(progress)
        stop(progress)

    with pytest.raises(KeyboardInterrupt, match=f"at step {step}"):
        run(samples, folder, on_progress=report, **options)
    return reports


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
    """Killed after the last checkpoint, it has nothing left to do but to report its epochs again."""
    first: list[Progress] = []
    again: list[Progress] = []
    done = run(samples, tmp_path, on_progress=first.append)
    assert_same(run(samples, tmp_path, resuming=True, on_progress=again.append), done)
    assert again == training.end_points(first)


def test_a_new_run_leaves_no_stage_of_an_old_one(samples: Split, tmp_path: Path) -> None:
    """A run that starts anew and is interrupted in its trial is resumed, whatever run was there before."""
    interrupt(samples, tmp_path, step=10, seed=1)
    interrupt(samples, tmp_path, step=8, stage="trial", seed=2)
    assert_same(run(samples, tmp_path, resuming=True, seed=2), run(samples, seed=2))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            {"recipe": make_recipe(epochs=3, trial_epochs=2)},
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


@functools.cache
def run_committee(**changes: Any) -> Calibrated:
    """Return the committee of a run that was not interrupted and kept no checkpoints."""
    few = load_dataset("digits").train.take(np.arange(256))
    seed = changes.pop("seed", 0)
    return run(few, recipe=dataclasses.replace(COMMITTEE, **changes), seed=seed)


def read_probabilities(network: nn.Module, samples: Split) -> np.ndarray:
    """Return a network's probabilities, in float64."""
    return softmax(compute_logits(network, samples.images).double().numpy(), axis=1)


def differ(network: nn.Module, other: nn.Module) -> bool:
    """Tell whether every matrix of weights differs."""
    theirs = dict(other.named_parameters())
    return not any(
        torch.equal(ours, theirs[name]) for name, ours in network.named_parameters() if ours.ndim > 1
    )


def test_a_committee_trains_its_members_one_by_one(samples: Split, tmp_path: Path) -> None:
    """Each has stages and checkpoints of its own; to look on and to save changes nothing."""
    reports: list[Progress] = []
    trained = run(samples, tmp_path, recipe=COMMITTEE, on_progress=reports.append)
    ends = training.end_points(reports)
    assert [(end.stage, end.epoch) for end in ends] == [(stage, n) for stage in STAGES for n in (1, 2)]
    assert [end.max_iter for end in ends] == [8] * 6 + [10] * 6
    assert [end.validation_accuracy is None for end in ends] == [False] * 6 + [True] * 6
    folders = sorted(path.parent.name for path in tmp_path.rglob("epoch-0002.safetensors"))
    assert folders == sorted(stage.replace(" ", "-") for stage in STAGES)
    assert isinstance(trained.network, Committee)
    assert_same(trained, run_committee())


def test_members_side_by_side_are_those_one_by_one(samples: Split, tmp_path: Path) -> None:
    """With more threads the members train at once, and are the same; the reports of each stay in order."""
    torch.set_num_threads(2)
    reports: list[Progress] = []
    trained = run(samples, tmp_path, recipe=COMMITTEE, on_progress=reports.append)
    assert_same(trained, run_committee())
    ends = training.end_points(reports)
    assert [(end.stage, end.epoch) for end in ends] == [(stage, n) for stage in STAGES for n in (1, 2)]
    assert torch.get_num_threads() == 2


def test_a_committee_side_by_side_is_resumed(samples: Split, tmp_path: Path) -> None:
    """Interrupted while two members train, both go on from their checkpoints, on any number of threads."""
    torch.set_num_threads(2)
    interrupt(samples, tmp_path, step=10, stage="fit 2 of 3", recipe=COMMITTEE)
    torch.set_num_threads(1)
    assert_same(run(samples, tmp_path, recipe=COMMITTEE, resuming=True), run_committee())


def test_a_committees_members_differ() -> None:
    """Of two runs of different seeds, no two of all members have a matrix of weights in common."""
    other = run_committee(seed=1, trial_epochs=0)
    members = [*run_committee().network.members, *other.network.members]
    assert len(members) == 6
    assert all(differ(one, other) for one, other in itertools.combinations(members, 2))


def test_a_further_member_leaves_the_others_as_they_were() -> None:
    """The first two of three are the two of two; the first is the network of a recipe with one."""
    three, two, alone = run_committee(), run_committee(members=2, trial_epochs=0), run_committee(members=1)
    assert_same_weights(Committee(list(three.network.members)[:2]), two.network)
    assert_same_weights(two.network.members[0], alone.network)


def test_each_member_is_the_network_of_a_seed_of_its_own(samples: Split) -> None:
    """Weights, order and drawn images are those of a run with one member from that seed."""
    plain = dataclasses.replace(CALIBRATED, trial_epochs=0)
    for number, member in enumerate(run_committee().network.members):
        assert_same_weights(member, run(samples, recipe=plain, seed=derive_seed(0, number)).network)


def test_one_member_is_no_committee(samples: Split) -> None:
    """A recipe with one member ships the network of the loop itself, from the seed of the run."""
    recipe = make_recipe(members=1)
    alone = fit_network(recipe, samples, seed=5, on_progress=ignore)
    assert_same_weights(run(samples, recipe=recipe, seed=5).network, alone)


def test_a_committee_is_calibrated_as_a_whole(samples: Split) -> None:
    """Temperature and threshold are those of the averaged probabilities of the trial's members."""
    splits = split_training(samples, seed=0)
    recipe = dataclasses.replace(COMMITTEE, epochs=COMMITTEE.trial_epochs, trial_epochs=0)
    trial = run(splits.train, recipe=recipe).network
    held_out = splits.validation.join(splits.calibration)
    calibration, held = (
        np.mean([read_probabilities(member, part) for member in trial.members], axis=0)
        for part in (splits.calibration, held_out)
    )
    temperature = fit_temperature(np.log(calibration), splits.calibration.labels)
    confident = softmax(np.log(held) / temperature, axis=1)
    threshold = choose_threshold(confident.max(axis=1), confident.argmax(axis=1) == held_out.labels)
    trained = run_committee()
    assert trained.temperature == pytest.approx(temperature, rel=1e-3)
    assert trained.thresholds["unsure"] == pytest.approx(threshold, abs=1e-3)


@pytest.mark.parametrize(
    ("stage", "step"),
    [
        ("trial 2 of 3", 4),
        ("fit 3 of 3", 5),
        pytest.param("trial 1 of 3", 8, marks=pytest.mark.slow),
        pytest.param("fit 2 of 3", 10, marks=pytest.mark.slow),
    ],
)
def test_a_committee_is_resumed_in_any_member(stage: str, step: int, samples: Split, tmp_path: Path) -> None:
    """Interrupted in any stage, it goes on after the last epoch saved and ends as it would have."""
    first = interrupt(samples, tmp_path, step=step, stage=stage, recipe=COMMITTEE)
    again: list[Progress] = []
    resumed = run(samples, tmp_path, recipe=COMMITTEE, resuming=True, on_progress=again.append)
    assert_same(resumed, run_committee())
    saved, ends = training.end_points(first)[:-1], training.end_points(again)
    assert ends[: len(saved)] == saved  # to the second: they were not trained again
    assert [(end.stage, end.epoch) for end in ends] == [(name, n) for name in STAGES for n in (1, 2)]


def test_a_new_run_leaves_no_member_of_an_old_one(samples: Split, tmp_path: Path) -> None:
    """Started anew and interrupted, a committee is resumed as if no committee had been there before."""
    interrupt(samples, tmp_path, step=10, stage="fit 2 of 3", recipe=COMMITTEE, seed=1)
    interrupt(samples, tmp_path, step=8, stage="trial 1 of 3", recipe=COMMITTEE)
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.safetensors")]
    assert left == ["trial-1-of-3/epoch-0001.safetensors"]
    assert_same(run(samples, tmp_path, recipe=COMMITTEE, resuming=True), run_committee())


@pytest.mark.parametrize(("trial_epochs", "epochs"), [(1, 2), (3, 1)])
def test_the_trial_has_a_length_of_its_own(
    trial_epochs: int, epochs: int, samples: Split, tmp_path: Path
) -> None:
    """It is as long as `trial_epochs` says, calibrates what is no longer, and ships what `epochs` says."""
    recipe = dataclasses.replace(CALIBRATED, trial_epochs=trial_epochs, epochs=epochs)
    reports: list[Progress] = []
    trained = run(samples, recipe=recipe, on_progress=reports.append)
    ends = {(end.stage, end.max_iter) for end in training.end_points(reports)}
    assert ends == {("trial", 4 * trial_epochs), ("fit", 5 * epochs)}
    plain = run(samples, recipe=dataclasses.replace(recipe, trial_epochs=0))
    assert_same_weights(trained.network, plain.network)
    assert (plain.temperature, plain.thresholds) == (1.0, {})
    same_trial = run(samples, recipe=dataclasses.replace(recipe, epochs=4))
    assert (trained.temperature, trained.thresholds) == (same_trial.temperature, same_trial.thresholds)


def test_another_committees_checkpoint_is_refused(samples: Split, tmp_path: Path) -> None:
    """A committee resumes from its own recipe alone: another rate is named before a step is taken."""
    interrupt(samples, tmp_path, step=8, stage="trial 1 of 3", recipe=COMMITTEE)
    faster = dataclasses.replace(COMMITTEE, learning_rate=0.5)
    with pytest.raises(CheckpointError, match=r"Got one of recipe\.learning_rate 0\.005, not 0\.5\."):
        run(samples, tmp_path, recipe=faster, resuming=True)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"members": 2}, r"recipe\.members 3, not 2"),
        ({"members": 1}, r"recipe\.members 3, not 1"),
        ({"trial_epochs": 0}, r"recipe\.trial_epochs 2, not 0"),
    ],
    ids=["fewer members", "one network", "no trial"],
)
def test_checkpoints_of_other_stages_are_refused(
    changes: dict[str, int], match: str, samples: Split, tmp_path: Path
) -> None:
    """With other members or without a trial, a run that is resumed does not start anew in silence."""
    interrupt(samples, tmp_path, step=8, stage="trial 1 of 3", recipe=COMMITTEE)
    with pytest.raises(CheckpointError, match=rf"must be a checkpoint of this run\. Got one of {match}"):
        run(samples, tmp_path, recipe=dataclasses.replace(COMMITTEE, **changes), resuming=True)


def test_a_committee_is_in_evaluation_mode() -> None:
    """Like a single network, it is returned ready to be evaluated."""
    assert not any(part.training for part in run_committee().network.modules())
