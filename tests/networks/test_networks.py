"""The contract that every network keeps."""

import pytest
import torch
from torch import nn

from tenfold.networks import NETWORKS

N_WEIGHTS = {"perceptron": 315_625, "conv3": 43_002, "conv4-small": 42_602, "conv4": 214_634}
"""With ten outputs."""

every_network = pytest.mark.parametrize("name", NETWORKS)
every_number_of_outputs = pytest.mark.parametrize("n_outputs", [10, 11])


def make_network(name: str, n_outputs: int = 10) -> nn.Module:
    """Return a network with weights of its own."""
    torch.manual_seed(0)
    return NETWORKS[name](n_outputs)


def make_ink(n: int) -> torch.Tensor:
    """Return random ink."""
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@every_network
@every_number_of_outputs
@pytest.mark.parametrize("n", [1, 5])
def test_every_network_returns_logits_and_embeddings(name: str, n_outputs: int, n: int) -> None:
    """For each image there is a finite row of logits, and one of the embedding that the last layer reads."""
    network = make_network(name, n_outputs).eval()
    logits, embedding = network(make_ink(n))
    assert logits.shape == (n, n_outputs)
    assert (embedding.ndim, len(embedding)) == (2, n)
    assert logits.isfinite().all()
    torch.testing.assert_close(network.head(embedding), logits)


@every_network
@every_number_of_outputs
def test_every_parameter_has_a_gradient(name: str, n_outputs: int) -> None:
    """No parameter that is trained is left out of the loss."""
    network = make_network(name, n_outputs).train()
    logits, _ = network(make_ink(16))
    nn.functional.cross_entropy(logits, torch.arange(16) % n_outputs).backward()
    for parameter_name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.any(), parameter_name


@every_network
def test_every_network_has_its_number_of_weights(name: str) -> None:
    """Nobody changes a network's size unawares; an eleventh output costs one row of the last layer."""
    sizes = [sum(map(torch.numel, make_network(name, n).parameters())) for n in (10, 11)]
    assert sizes[0] == N_WEIGHTS[name]
    assert sizes[1] - sizes[0] == make_network(name).head.in_features + 1


@every_network
def test_every_network_treats_images_one_by_one(name: str) -> None:
    """In evaluation an image's logits do not depend on its neighbors in the batch."""
    network, ink = make_network(name).eval(), make_ink(8)
    one_by_one = torch.cat([network(image[None])[0] for image in ink])
    torch.testing.assert_close(network(ink)[0], one_by_one, atol=1e-5, rtol=1e-5)
