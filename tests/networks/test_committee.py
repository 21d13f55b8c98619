"""A committee: its members' probabilities, averaged, whoever sits where."""

import itertools

import pytest
import torch
from torch import nn

from tenfold.networks import NETWORKS, Committee

N_EMBEDDING = 5

every_spread = pytest.mark.parametrize("spread", [0.1, 1.0, 20.0])


class Voter(nn.Module):
    """A member that gives every image the same logits."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and embeddings."""
        return self.logits.expand(len(ink), -1), ink.new_zeros(len(ink), N_EMBEDDING)


class Viewer(nn.Module):
    """A member that looks at the image."""

    def __init__(self, seed: int, spread: float) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(784, N_EMBEDDING), nn.ReLU())
        self.head = nn.Linear(N_EMBEDDING, 11)
        self.spread = spread

    def forward(self, ink: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and embeddings."""
        embedding = self.features(9 * (ink - 0.5))
        return self.spread * self.head(embedding), embedding


def make_members(n: int, spread: float = 1.0) -> list[nn.Module]:
    """Return members that differ."""
    return [Viewer(seed, spread).double() for seed in range(n)]


def make_ink(n: int = 200) -> torch.Tensor:
    """Return random ink."""
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(0)).double()


def read(network: nn.Module) -> torch.Tensor:
    """Return a network's probabilities (n, 11) of that ink."""
    return torch.softmax(network(make_ink())[0], dim=1)


def make_certain(*labels: int) -> Committee:
    """Return a committee, in float32, whose members are each so sure of one label that all else is zero."""
    one_hot = nn.functional.one_hot(torch.tensor(labels), 10).float()
    return Committee([Voter(1000 * row) for row in one_hot])


@every_spread
def test_a_committees_probabilities_are_the_mean_of_its_members(spread: float) -> None:
    """What it returns are logits whose softmax is that mean: they need no normalizing; so for embeddings."""
    members = make_members(3, spread)
    logits, embedding = Committee(members)(make_ink())
    expected = torch.stack([read(member) for member in members]).mean(dim=0)
    torch.testing.assert_close(torch.softmax(logits, dim=1), expected)
    torch.testing.assert_close(logits.exp(), expected)
    torch.testing.assert_close(embedding, sum(member(make_ink())[1] for member in members) / 3)
    assert not torch.allclose(
        torch.softmax(sum(member(make_ink())[0] for member in members) / 3, 1), expected
    )


def test_the_order_of_members_does_not_matter() -> None:
    """Each has the same weight."""
    members = make_members(3)
    first = Committee(members)(make_ink())
    for order in itertools.permutations(members):
        for ours, theirs in zip(Committee(order)(make_ink()), first, strict=True):
            torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_committee_of_the_same_member_is_that_member(n: int) -> None:
    """Alone or copied, a member's probabilities and embeddings are the committee's."""
    member = make_members(1)[0]
    committee = Committee([member] * n)
    torch.testing.assert_close(read(committee), read(member))
    torch.testing.assert_close(committee(make_ink())[1], member(make_ink())[1])


@every_spread
def test_a_committee_goes_where_its_members_agree(spread: float) -> None:
    """Where all read the same label it reads it too, and is never surer than the surest of them."""
    members = make_members(2, spread)
    each, together = torch.stack([read(member) for member in members]), read(Committee(members))
    votes = each.argmax(dim=2)
    agreed = (votes == votes[0]).all(dim=0)
    assert agreed.any()
    assert not agreed.all()
    assert torch.equal(together.argmax(dim=1)[agreed], votes[0][agreed])
    assert (together <= each.max(dim=0).values + 1e-12).all()
    assert (together >= each.min(dim=0).values - 1e-12).all()


def test_the_majority_of_certain_members_decides() -> None:
    """Of three that are sure, two outvote one by two thirds."""
    probabilities = torch.softmax(make_certain(4, 7, 4)(make_ink(2).float())[0], dim=1)
    assert probabilities[0, [4, 7]].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert probabilities.sum(dim=1).tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize("temperature", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("labels", [(3, 3), (3, 8), (0, 9, 0)], ids=str)
def test_members_that_are_certain_give_no_nan(labels: tuple[int, ...], temperature: float) -> None:
    """A label that float32 rounds to zero for all members is at zero, whatever the temperature."""
    logits, _ = make_certain(*labels)(make_ink(2).float())
    probabilities = torch.softmax(logits / temperature, dim=1)
    assert not probabilities.isnan().any()
    assert set(probabilities[0].nonzero().flatten().tolist()) == set(labels)


def test_a_committee_holds_its_members_weights() -> None:
    """All are found in the state, and modes reach all of them."""
    committee = Committee(NETWORKS["conv3"](10) for _ in range(3))
    n_weights = sum(map(torch.numel, NETWORKS["conv3"](10).parameters()))
    assert sum(map(torch.numel, committee.parameters())) == 3 * n_weights
    assert not any(part.training for part in committee.eval().modules())
    assert all(part.training for part in committee.train().modules())


def test_a_committee_reads_images_one_by_one() -> None:
    """The logits of an image do not depend on its neighbors in the batch."""
    committee, ink = Committee(make_members(2)), make_ink(6)
    torch.testing.assert_close(torch.cat([committee(image[None])[0] for image in ink]), committee(ink)[0])
