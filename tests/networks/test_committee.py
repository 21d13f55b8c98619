"""A committee: its members' probabilities, averaged, whoever sits where."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from tenfold.networks import NETWORKS, Committee
from tenfold.networks.committee import make_stretch

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


def stretched(ink: torch.Tensor, factor: float) -> torch.Tensor:
    """Return ink made wider about column 14, row by row, by NumPy."""
    columns = np.arange(28)
    places = 14 + (columns - 14) / factor
    rows = [np.interp(places, columns, row, left=0, right=0) for row in ink.reshape(-1, 28).numpy()]
    return torch.tensor(np.array(rows), dtype=torch.float32).reshape(ink.shape)


@pytest.mark.parametrize("factor", [0.5, 0.86, 1.0, 1.16, 3.0])
def test_make_stretch_interpolates_between_columns(factor: float) -> None:
    """A row times the matrix is what linear interpolation finds; what lies beyond the image is paper."""
    ink = make_ink(3).float()
    ink[..., 0] = ink[..., -1] = 0  # as in any digit image; NumPy ends sharply where the matrix fades
    torch.testing.assert_close(ink @ make_stretch(factor), stretched(ink, factor))


def test_make_stretch_by_one_changes_nothing() -> None:
    """Ink as wide as it was stays as it is, bit for bit."""
    assert torch.equal(make_stretch(1.0), torch.eye(28))


@pytest.mark.parametrize(("n", "factors"), [(2, [0.8, 1.25]), (3, [0.8, 1.0, 1.25])])
def test_members_see_images_at_several_widths(n: int, factors: list[float]) -> None:
    """The first sees the ink narrower, the last as much wider, and their probabilities are averaged."""
    members = [member.float() for member in make_members(n)]
    ink = make_ink().float() * (torch.arange(28) % 27 > 0)
    ours = Committee(members, widths=float(np.log(1.25)))(ink)[0].exp()
    theirs = [
        torch.softmax(member(stretched(ink, f))[0], 1) for member, f in zip(members, factors, strict=True)
    ]
    torch.testing.assert_close(ours, torch.stack(theirs).mean(dim=0))


def test_widths_are_nothing_to_be_trained() -> None:
    """What a committee adds to its members takes no gradient, and moves with it."""
    members = [member.float() for member in make_members(2)]
    committee = Committee(members, widths=0.2)
    own = {id(parameter) for member in members for parameter in member.parameters()}
    added = [parameter for parameter in committee.parameters() if id(parameter) not in own]
    assert len(added) == 2
    assert not any(parameter.requires_grad for parameter in added)
    assert all(parameter.dtype == torch.float64 for parameter in committee.double().stretches)
