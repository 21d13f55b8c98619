"""Folding: a network without its batch norms computes what it did with them."""

import contextlib
from collections.abc import Callable
from typing import Final

import pytest
import torch
from torch import nn

from tenfold.networks import NETWORKS, Committee
from tenfold.training.fold import fold_batch_norm
from tests.training.small import assert_same_weights

NORMS: Final = (nn.BatchNorm1d, nn.BatchNorm2d)

STACKS: Final[dict[str, Callable[[], list[nn.Module]]]] = {
    "convolution": lambda: [nn.Conv2d(1, 4, 5, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True)],
    "convolution with a bias": lambda: [nn.Conv2d(1, 4, 5, stride=3), nn.BatchNorm2d(4)],
    "padded convolution": lambda: [nn.Conv2d(1, 4, 5, padding=3), nn.BatchNorm2d(4), nn.ReLU()],
    "pooling between": lambda: [nn.Conv2d(1, 4, 5), nn.MaxPool2d(2), nn.BatchNorm2d(4), nn.ReLU()],
    "overlapping pools": lambda: [nn.Conv2d(1, 4, 5), nn.MaxPool2d(3, 2, 1), nn.BatchNorm2d(4), nn.ReLU()],
    "linear": lambda: [nn.Flatten(), nn.Linear(784, 6, bias=False), nn.BatchNorm1d(6), nn.ReLU()],
    "linear with a bias": lambda: [nn.Flatten(), nn.Linear(784, 6), nn.BatchNorm1d(6)],
    "two norms in a row": lambda: [nn.Conv2d(1, 4, 5), nn.BatchNorm2d(4), nn.BatchNorm2d(4)],
    "grouped convolution": lambda: [
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.Conv2d(4, 6, 3, groups=2),
        nn.BatchNorm2d(6),
    ],
    "nested": lambda: [
        nn.Sequential(nn.Conv2d(1, 4, 5), nn.BatchNorm2d(4), nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))),
        nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(576, 6), nn.BatchNorm1d(6))),
    ],
}

every_stack = pytest.mark.parametrize("stack", STACKS)
every_network = pytest.mark.parametrize("name", NETWORKS)


def settle(network: nn.Module) -> nn.Module:
    """Give every batch norm statistics, a positive scale and a shift, as after a training."""
    torch.manual_seed(1)
    for norm in [part for part in network.modules() if isinstance(part, NORMS)]:
        nn.init.normal_(norm.running_mean)
        nn.init.uniform_(norm.running_var, 0.05, 4)
        nn.init.uniform_(norm.weight, 0.1, 3)
        nn.init.normal_(norm.bias)
    return network.eval()


def make_stack(name: str) -> nn.Sequential:
    """Return a sequence of layers with norms that change something."""
    torch.manual_seed(0)
    return settle(nn.Sequential(*STACKS[name]()))


def make_network(name: str) -> nn.Module:
    """Return one of tenfold's networks with norms that change something."""
    torch.manual_seed(0)
    return settle(NETWORKS[name](11))


def make_ink(n: int = 6) -> torch.Tensor:
    """Return random ink."""
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def has_norm(network: nn.Module) -> bool:
    """Tell whether there is a batch norm anywhere."""
    return any(isinstance(part, NORMS) for part in network.modules())


@torch.inference_mode()
def assert_computes_the_same(folded: nn.Module, network: nn.Module) -> None:
    """Check every output in float64, within 1e-10 of the largest."""
    ink = make_ink().double()
    outputs = (model.double()(ink) for model in (folded, network))
    for ours, theirs in zip(*(out if isinstance(out, tuple) else (out,) for out in outputs), strict=True):
        assert (ours - theirs).abs().max() <= 1e-10 * theirs.abs().max()


@every_stack
def test_folding_changes_no_output(stack: str) -> None:
    """Whatever stands around a norm, in float64 the outputs are the same, and there is no norm left."""
    network = make_stack(stack).double()
    folded = fold_batch_norm(network)
    assert has_norm(network)
    assert not has_norm(folded)
    assert_computes_the_same(folded, network)


@every_network
def test_folding_changes_no_output_of_our_networks(name: str) -> None:
    """Logits and embeddings of every network are the same without norms."""
    network = make_network(name).double()
    folded = fold_batch_norm(network)
    assert not has_norm(folded)
    assert_computes_the_same(folded, network)


@every_network
def test_folding_leaves_the_network_as_it_was(name: str) -> None:
    """No bit of it changes, not even when the folded one's weights are written to afterwards."""
    network, untouched = make_network(name), make_network(name)
    folded = fold_batch_norm(network)
    with torch.no_grad():
        for parameter in folded.parameters():
            parameter.zero_()
    assert [type(part) for part in network.modules()] == [type(part) for part in untouched.modules()]
    assert_same_weights(network, untouched)
    for ours, theirs in zip(network(make_ink()), untouched(make_ink()), strict=True):
        assert torch.equal(ours, theirs)


@every_network
def test_folding_again_changes_nothing(name: str) -> None:
    """What is folded has nothing left to fold."""
    folded = fold_batch_norm(make_network(name))
    again = fold_batch_norm(folded)
    assert_same_weights(again, folded)
    assert [type(part) for part in again.modules()] == [type(part) for part in folded.modules()]


def test_folding_keeps_what_has_no_norm() -> None:
    """Layers without a norm, nested or not, come back in their order with the same weights."""
    inner = nn.Sequential(nn.Conv2d(1, 3, 5), nn.Sequential(nn.Tanh(), nn.AvgPool2d(4)), nn.Sequential())
    network = nn.Sequential(inner, nn.Flatten(), nn.Linear(108, 5), nn.ReLU()).eval()
    folded = fold_batch_norm(network)
    assert [type(part) for part in folded.modules()] == [type(part) for part in network.modules()]
    assert_same_weights(folded, network)
    assert torch.equal(folded(make_ink()), network(make_ink()))
    assert_same_weights(fold_batch_norm(make_network("perceptron")), make_network("perceptron"))


def test_folding_keeps_dtype_and_evaluation_mode() -> None:
    """A float32 network in evaluation mode stays one."""
    folded = fold_batch_norm(make_network("conv3"))
    assert {tensor.dtype for tensor in folded.state_dict().values()} == {torch.float32}
    assert not any(part.training for part in folded.modules())


def test_folding_puts_relu_before_the_pooling() -> None:
    """The order that runtimes fuse: convolution, ReLU, pooling."""
    folded = fold_batch_norm(make_stack("pooling between"))
    assert [type(layer) for layer in folded] == [nn.Conv2d, nn.ReLU, nn.MaxPool2d]


def test_folding_folds_a_network_that_occurs_twice_once() -> None:
    """A committee that has the same member twice computes as before: no norm is counted double."""
    member = make_network("conv3").double()
    committee = Committee([member, member])
    folded = fold_batch_norm(committee)
    assert not has_norm(folded)
    assert_computes_the_same(folded, committee)


@pytest.mark.parametrize("stack", ["convolution", "pooling between", "linear"])
@pytest.mark.parametrize("scale", [0.0, -0.5, float("nan")])
def test_folding_refuses_a_scale_that_is_not_positive(stack: str, scale: float) -> None:
    """A single channel that a norm scales by zero, less, or no number is refused; the network stays."""
    network = make_stack(stack)
    norm = next(part for part in network if isinstance(part, NORMS))
    nn.init.constant_(norm.weight[1:2], scale)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(ValueError, match="must scale by positive numbers to be folded"):
        fold_batch_norm(network)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv2d(1, 4, 5), nn.ReLU(), nn.BatchNorm2d(4)],
        [nn.Conv2d(1, 4, 5), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(4)],
        [nn.Sequential(nn.Conv2d(1, 4, 5)), nn.BatchNorm2d(4)],
        [nn.BatchNorm2d(1), nn.Conv2d(1, 4, 5)],
    ],
    ids=["ReLU between", "ReLU and pooling between", "convolution in another sequence", "norm first"],
)
def test_folding_never_changes_an_output_in_silence(layers: list[nn.Module]) -> None:
    """A norm that does not follow a convolution is left where it is, or refused."""
    network = settle(nn.Sequential(*layers)).double()
    with contextlib.suppress(ValueError):
        assert_computes_the_same(fold_batch_norm(network), network)


@pytest.mark.parametrize("tracks", [True, False], ids=["without scale", "without statistics"])
def test_other_norms_are_folded_or_refused(tracks: bool) -> None:  # noqa: FBT001
    """A norm without a scale of its own is folded; one without statistics is refused."""
    norm = nn.BatchNorm2d(4, affine=False, track_running_stats=tracks)
    if tracks:
        nn.init.uniform_(norm.running_var, 0.05, 4)
    network = nn.Sequential(nn.Conv2d(1, 4, 5), norm).eval().double()
    if tracks:
        assert_computes_the_same(fold_batch_norm(network), network)
        return
    with pytest.raises(ValueError, match=r"must keep statistics"):
        fold_batch_norm(network)
