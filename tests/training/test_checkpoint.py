"""Checkpoints: what was saved comes back bit by bit, and what is damaged or of another run does not."""

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tenfold.errors import CheckpointError
from tenfold.networks import NETWORKS
from tenfold.training import Progress
from tenfold.training.checkpoint import Checkpoints, TrainingState
from tests.full_disk import files_at_most
from tests.training.small import assert_same_weights

ORIGIN = {"recipe": {"name": "small", "epochs": 3}, "data": {"train-images": "ab"}, "seed": 1, "threads": 2}


def make_state(seed: int, *, average: float = 0.9, network: str = "conv4") -> TrainingState:
    """Return a new network with its average and its optimizer."""
    torch.manual_seed(seed)
    made = NETWORKS[network](11).to(memory_format=torch.channels_last)
    averaged = AveragedModel(made, multi_avg_fn=get_ema_multi_avg_fn(average), use_buffers=True)
    optimizer = torch.optim.AdamW(made.parameters(), lr=1e-3, fused=True)
    return TrainingState(made, averaged if average else None, optimizer)


def step(state: TrainingState, seed: int) -> None:
    """Show the network one random batch."""
    ink = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
    state.network.train()
    state.optimizer.zero_grad()
    nn.functional.cross_entropy(state.network(ink)[0], torch.arange(8)).backward()
    state.optimizer.step()
    if state.average is not None:
        state.average.update_parameters(state.network)


def moments(state: TrainingState) -> list[Tensor]:
    """Return what the optimizer remembers of each parameter, by name."""
    memories = [state.optimizer.state[parameter] for parameter in state.network.parameters()]
    return [memory[name] for memory in memories for name in sorted(memory)]


def stepped(seed: int = 0) -> TrainingState:
    """Return a state after two steps."""
    state = make_state(seed)
    for position in range(2):
        step(state, position)
    return state


def ends(n: int) -> list[Progress]:
    """Return the reports that ended so many epochs, no figure of them a round one."""
    figures = torch.rand(n, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(n)).tolist()
    return [
        Progress(3 * epoch, 30, loss, seconds, epoch, 1e4 / 3, accuracy)
        for epoch, (loss, seconds, accuracy) in enumerate(figures, start=1)
    ]


def checkpoints(folder: Path, *, resuming: bool = True, **changes: object) -> Checkpoints:
    """Return the checkpoints of a run."""
    return Checkpoints(folder / "fit", {**ORIGIN, **changes}, resuming)


def names(folder: Path) -> list[str]:
    """Return all that stands in the folder of checkpoints."""
    return sorted(path.name for path in (folder / "fit").iterdir())


@pytest.mark.parametrize("average", [0.9, 0.0])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_saved_state_comes_back_bit_by_bit(network: str, average: float, tmp_path: Path) -> None:
    """Reports, weights, average, moments and their layout in memory come back; further steps are the same."""
    saved, restored = (make_state(seed, average=average, network=network) for seed in (0, 9))
    for seed in range(3):
        step(saved, seed)
    checkpoints(tmp_path).save(saved, ends(7))
    assert checkpoints(tmp_path).resume(restored) == ends(7)
    for seed in (7, 8):
        assert_same_weights(saved.network, restored.network)
        assert_same_weights(saved.average or nn.Module(), restored.average or nn.Module())
        for ours, theirs in zip(moments(saved), moments(restored), strict=True):
            assert torch.equal(ours, theirs)
            assert (ours.stride(), ours.dtype) == (theirs.stride(), theirs.dtype)
        strides = [
            [value.stride() for value in state.shipped.state_dict().values()] for state in (saved, restored)
        ]
        assert strides[0] == strides[1]
        step(saved, seed)
        step(restored, seed)


def test_the_newest_two_are_kept(tmp_path: Path) -> None:
    """Of five checkpoints the last two stand there, and nothing else; the last is resumed."""
    for epoch in range(8, 13):
        checkpoints(tmp_path).save(stepped(), ends(epoch))
    assert names(tmp_path) == ["epoch-0011.safetensors", "epoch-0012.safetensors"]
    assert checkpoints(tmp_path).resume(make_state(1)) == ends(12)


def _halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "damage",
    [
        _halve,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff" * 1000),
        lambda path: save_file({"network.head.bias": torch.zeros(11)}, path),
        lambda path: save_file({}, path, {"origin": "{", "ends": "[]"}),
    ],
    ids=["half", "empty", "garbage", "no metadata", "no JSON"],
)
def test_a_damaged_checkpoint_is_passed_over(
    damage: Callable[[Path], object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The one before is taken, and a warning names the damaged one."""
    first, restored = stepped(1), make_state(3)
    checkpoints(tmp_path).save(first, ends(1))
    checkpoints(tmp_path).save(stepped(2), ends(2))
    damage(tmp_path / "fit" / "epoch-0002.safetensors")
    assert checkpoints(tmp_path).resume(restored) == ends(1)
    assert_same_weights(restored.network, first.network)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert re.search(r"epoch-0002\.safetensors is damaged \(.+\): trying the one before\.", caplog.text)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"recipe": {"name": "small", "epochs": 4}}, r"recipe \{'epochs': 4.*\}, not \{.*'epochs': 3\}"),
        ({"data": {"train-images": "cd"}}, r"data .*'cd'.*, not .*'ab'"),
        ({"seed": 2}, r"Got one of seed 2, not 1\. Repeat the options"),
        ({"threads": 1}, r"Got one of threads 1, not 2\."),
        ({"seed": 3, "threads": 4}, r"seed 3, not 1; threads 4, not 2\."),
    ],
    ids=str,
)
def test_a_checkpoint_of_another_run_is_refused(
    change: dict[str, object], match: str, tmp_path: Path
) -> None:
    """Whatever differs is named, and the state stays as it was."""
    checkpoints(tmp_path, **change).save(stepped(1), ends(2))
    state = stepped(2)
    with pytest.raises(CheckpointError, match=rf"epoch-0002\.safetensors must be .* of this run\..*{match}"):
        checkpoints(tmp_path).resume(state)
    assert_same_weights(state.network, stepped(2).network)


def _add_layer(state: TrainingState) -> None:
    state.network.extra = nn.Linear(2, 3)


def _widen_head(state: TrainingState) -> None:
    state.network.head = nn.Linear(state.network.head.in_features + 1, 11)


def _replace_all(state: TrainingState) -> None:
    state.network._modules = {"other": nn.Linear(2, 3)}


@pytest.mark.parametrize(
    ("redefine", "match"),
    [
        (
            _add_layer,
            r"Got network\.extra\.bias \(3,\), not None; network\.extra\.weight \(3, 2\), not None\. ",
        ),
        (_widen_head, r"Got network\.head\.weight \(11, (\d+)\), not \(11, \d+\)\. "),
        (_replace_all, r"Got network\.\S+ None, not \(.*\); \d+ more\. "),
    ],
)
def test_a_network_redefined_since_is_refused(
    redefine: Callable[[TrainingState], None], match: str, tmp_path: Path
) -> None:
    """What differs is named, with what to do; nothing is put into the network, nor into its optimizer."""
    saved, state = (make_state(seed, average=0.0) for seed in (0, 1))
    step(saved, 0)
    redefine(saved)
    checkpoints(tmp_path).save(saved, ends(2))
    with pytest.raises(
        CheckpointError, match=rf"must hold the weights of .* now\. {match}Go on with the tenfold"
    ):
        checkpoints(tmp_path).resume(state)
    assert_same_weights(state.network, make_state(1).network)
    assert not state.optimizer.state


@pytest.mark.parametrize(
    "metadata",
    [{"epoch": "2"}, {"ends": "7"}, {"ends": '[{"iteration": 1, "pace": 2.0}]'}],
    ids=["before there were reports", "no list", "other fields"],
)
def test_a_checkpoint_of_another_version_is_refused(metadata: dict[str, str], tmp_path: Path) -> None:
    """Without reports that this version reads a run cannot be resumed whole: what to do is said."""
    checkpoints(tmp_path).save(stepped(), ends(2))
    path = tmp_path / "fit" / "epoch-0002.safetensors"
    save_file(load_file(path), path, {"origin": json.dumps(ORIGIN), **metadata})
    with pytest.raises(
        CheckpointError, match=r"must hold the reports of its epochs .* or start anew without"
    ):
        checkpoints(tmp_path).resume(make_state(1))


def test_without_resuming_old_checkpoints_are_deleted(tmp_path: Path) -> None:
    """A run that starts anew does not leave another run's state to be resumed."""
    checkpoints(tmp_path, seed=5).save(stepped(), ends(2))
    state = make_state(1)
    assert checkpoints(tmp_path, resuming=False).resume(state) == []
    assert_same_weights(state.network, make_state(1).network)
    assert not (tmp_path / "fit").exists()


def test_a_full_disk_costs_one_checkpoint_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be written is a warning; the last good checkpoint stays, and nothing beside it."""
    first, restored = stepped(1), make_state(3)
    checkpoints(tmp_path).save(first, ends(1))
    with files_at_most(100_000):
        checkpoints(tmp_path).save(stepped(2), ends(2))
    assert re.search(r"WARNING .*The state after epoch 2 was not saved\. .*File too large", caplog.text)
    assert names(tmp_path) == ["epoch-0001.safetensors"]
    assert checkpoints(tmp_path).resume(restored) == ends(1)
    assert_same_weights(restored.network, first.network)


def test_what_killed_writers_left_is_deleted(tmp_path: Path) -> None:
    """Resuming removes the halves of files that a killed run left."""
    checkpoints(tmp_path).save(stepped(), ends(1))
    for epoch in (1, 2):
        (tmp_path / "fit" / f".epoch-000{epoch}.safetensors.0a1b2c3d.part").write_bytes(b"half")
    assert checkpoints(tmp_path).resume(make_state(1)) == ends(1)
    assert names(tmp_path) == ["epoch-0001.safetensors"]
