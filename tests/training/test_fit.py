"""The loop: it learns, it repeats bit by bit, and an interrupted run goes on as if nothing had been."""

import importlib
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from tenfold.data import Dataset, Split
from tenfold.networks import NETWORKS
from tenfold.recipes import TorchRecipe
from tenfold.training import Progress, end_points
from tenfold.training.checkpoint import Checkpoints
from tenfold.training.fit import compute_logits, fit_network, measure_accuracy
from tests.full_disk import files_at_most
from tests.training.small import (
    AUGMENTATION,
    assert_same_weights,
    ignore,
    make_recipe,
    stop_at,
)

meters = importlib.import_module("tenfold.training.progress")

EVERYTHING = make_recipe(
    network="conv4", average=0.9, weight_decay=0.01, label_smoothing=0.1, none_share=0.1, **AUGMENTATION
)
"""The average and every augmentation at once."""

every_network = pytest.mark.parametrize("network", NETWORKS)


@pytest.fixture(scope="module")
def few(digits: Dataset) -> Split:
    """Return 150 digits: two batches of 64 and one of 22."""
    return digits.train.take(np.arange(150))


def fit(recipe: TorchRecipe, samples: Split, seed: int = 0) -> nn.Module:
    """Train without looking on."""
    return fit_network(recipe, samples, seed=seed, on_progress=ignore)


def _both(*callbacks: Callable[[Progress], object]) -> Callable[[Progress], None]:
    """Return a callback that calls others in turn."""

    def report(progress: Progress) -> None:
        for callback in callbacks:
            callback(progress)

    return report


def make_checkpoints(folder: Path, *, resuming: bool) -> Checkpoints:
    """Return checkpoints of a run of any origin."""
    return Checkpoints(folder / "fit", {}, resuming)


@every_network
def test_fit_network_learns_the_embedded_digits(network: str, digits: Dataset) -> None:
    """Within two epochs the loss falls by half and nine of ten test images are read; the report says so."""
    reports: list[Progress] = []
    recipe = make_recipe(network=network, epochs=2)
    fitted = fit_network(recipe, digits.train, seed=0, on_progress=reports.append, validation=digits.test)
    accuracy = measure_accuracy(fitted, digits.test)
    assert accuracy > 0.9
    assert reports[-1].loss < np.log(10) / 2
    assert reports[-1].validation_accuracy == accuracy
    predicted = compute_logits(fitted, digits.test.images).argmax(dim=1).numpy()
    assert accuracy == np.mean(predicted == digits.test.labels)
    assert not fitted.training


@pytest.mark.parametrize("recipe", [make_recipe(), EVERYTHING], ids=["plain", "everything"])
def test_the_seed_decides_every_bit(recipe: TorchRecipe, few: Split) -> None:
    """The same seed gives the same weights, whatever was drawn in between; another seed gives others."""
    first = fit(recipe, few, seed=5)
    torch.rand(7)
    assert_same_weights(first, fit(recipe, few, seed=5))
    other = fit(recipe, few, seed=6)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_looking_on_changes_nothing(few: Split, digits: Dataset, tmp_path: Path) -> None:
    """Validation after each epoch and checkpoints leave every weight as it would have been."""
    watched = fit_network(
        EVERYTHING,
        few,
        seed=0,
        on_progress=ignore,
        validation=digits.test.take(np.arange(50)),
        checkpoints=make_checkpoints(tmp_path, resuming=False),
    )
    assert_same_weights(watched, fit(EVERYTHING, few))


@pytest.mark.parametrize("n_epochs", [0, 1, 2, 3])
def test_a_resumed_run_ends_as_an_uninterrupted_one(n_epochs: int, few: Split, tmp_path: Path) -> None:
    """Stopped after any epoch and resumed, a run ends with the same bits, and has reported every epoch."""
    before: list[Progress] = []
    reports: list[Progress] = []
    stopping = make_checkpoints(tmp_path, resuming=False)
    stop = stop_at(3 * n_epochs + 3)  # before that epoch's checkpoint; after the last epoch it does not stop
    with suppress(KeyboardInterrupt):
        fit_network(EVERYTHING, few, seed=2, on_progress=_both(before.append, stop), checkpoints=stopping)
    newest = sorted(tmp_path.rglob("*.safetensors"))[-1:]
    assert [path.name for path in newest] == [f"epoch-000{n_epochs}.safetensors"] * bool(n_epochs)
    resuming = make_checkpoints(tmp_path, resuming=True)
    resumed = fit_network(EVERYTHING, few, seed=2, on_progress=reports.append, checkpoints=resuming)
    assert_same_weights(resumed, fit(EVERYTHING, few, seed=2))
    ends = end_points(reports)
    assert [(end.epoch, end.iteration) for end in ends] == [(1, 3), (2, 6), (3, 9)]
    assert ends[:n_epochs] == reports[:n_epochs] == end_points(before)[:n_epochs]


def test_a_resumed_run_counts_on_from_its_last_checkpoint(
    few: Split, digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seconds and accuracy go on from those of the last epoch; the speed is that of this process alone."""
    monkeypatch.setattr(meters, "REPORT_SECONDS", 0.0)
    reports: list[Progress] = []
    for resuming, stop in ((False, stop_at(6)), (True, reports.append)):
        checkpoints = make_checkpoints(tmp_path, resuming=resuming)
        options = {"validation": digits.test, "checkpoints": checkpoints}
        with suppress(KeyboardInterrupt):
            fit_network(make_recipe(), few, seed=0, on_progress=stop, **options)
    assert [report.iteration for report in reports] == [3, 4, 5, 6, 6, 7, 8, 9, 9]
    assert [report.seconds for report in reports] == sorted({report.seconds for report in reports})
    assert [report.validation_accuracy for report in reports[:4]] == [reports[0].validation_accuracy] * 4
    seconds = reports[-1].seconds - reports[0].seconds
    assert seconds * reports[-1].images_per_second == pytest.approx(2 * len(few))


@every_network
@pytest.mark.parametrize("n", [1, 65, 129])
def test_a_batch_of_one_image_does_no_harm(network: str, n: int, digits: Dataset) -> None:
    """Where one image is left for the last batch, training ends with finite weights."""
    fitted = fit(make_recipe(network=network, average=0.5), digits.train.take(np.arange(n)))
    assert all(tensor.isfinite().all() for tensor in fitted.state_dict().values())
    assert compute_logits(fitted, digits.test.images[:9]).isfinite().all()


def test_progress_only_goes_forward(few: Split, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is reported once, in order, with its epoch from 1; the last of each epoch is its end."""
    monkeypatch.setattr(meters, "REPORT_SECONDS", 0.0)
    seen: list[Progress] = []
    fit_network(make_recipe(), few, seed=0, on_progress=seen.append, validation=digits.test)
    assert [report.iteration for report in seen] == [1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9]
    assert [report.epoch for report in seen] == [1] * 4 + [2] * 4 + [3] * 4
    assert {report.max_iter for report in seen} == {9}
    assert [report.seconds for report in seen] == sorted(report.seconds for report in seen)
    assert all(report.images_per_second > 0 for report in seen)
    known = [report.validation_accuracy for report in seen]
    assert known[:3] == [None] * 3
    assert known[3:7] == [known[3]] * 4
    assert [(report.epoch, report.iteration) for report in end_points(seen)] == [(1, 3), (2, 6), (3, 9)]


@pytest.mark.parametrize(("average", "share"), [(0.1, 0.1), (0.9, 2 / 11)])
def test_the_moving_average_is_shipped(average: float, share: float, few: Split, tmp_path: Path) -> None:
    """After two steps the shipped weights are those of both, the first by the decay, or 2/11."""
    recipe = make_recipe(epochs=2, batch_size=150, average=average)
    checkpoints = make_checkpoints(tmp_path, resuming=False)
    shipped = fit_network(recipe, few, seed=0, on_progress=ignore, checkpoints=checkpoints)
    first, second = (load_file(path) for path in sorted((tmp_path / "fit").glob("*.safetensors")))
    for name, tensor in shipped.state_dict().items():
        expected = share * first[f"network.{name}"] + (1 - share) * second[f"network.{name}"]
        torch.testing.assert_close(tensor, expected)
        assert not torch.equal(tensor, second[f"network.{name}"])


def test_the_average_does_not_steer_the_training(few: Split, tmp_path: Path) -> None:
    """With and without an average the network that is trained takes the same steps."""
    for name, average in (("with", 0.9), ("without", 0.0)):
        checkpoints = make_checkpoints(tmp_path / name, resuming=False)
        fit_network(make_recipe(average=average), few, seed=0, on_progress=ignore, checkpoints=checkpoints)
    with_average, without = (load_file(path) for path in sorted(tmp_path.rglob("epoch-0003.safetensors")))
    assert all(torch.equal(tensor, with_average[name]) for name, tensor in without.items())


def test_training_goes_on_when_the_disk_is_full(
    few: Split, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """From the second epoch on nothing can be saved: the run ends as ever, the first one stays whole."""
    checkpoints = make_checkpoints(tmp_path, resuming=False)
    with ExitStack() as stack:

        def fill_the_disk(progress: Progress) -> None:
            if progress.iteration >= 6:
                stack.enter_context(files_at_most(100_000))

        fitted = fit_network(EVERYTHING, few, seed=0, on_progress=fill_the_disk, checkpoints=checkpoints)
    assert caplog.text.count("was not saved") == 2
    uninterrupted = fit(EVERYTHING, few)
    assert_same_weights(fitted, uninterrupted)
    resuming = make_checkpoints(tmp_path, resuming=True)
    resumed = fit_network(EVERYTHING, few, seed=0, on_progress=ignore, checkpoints=resuming)
    assert_same_weights(resumed, uninterrupted)


def test_weights_decay_but_biases_do_not(few: Split) -> None:
    """A strong decay shrinks the weights of layers, and no bias to nothing."""
    plain, decayed = (fit(make_recipe(weight_decay=decay), few) for decay in (0.0, 100.0))
    assert decayed.head.weight.norm() < plain.head.weight.norm() / 2
    assert decayed.head.bias.norm() > plain.head.bias.norm() / 2
