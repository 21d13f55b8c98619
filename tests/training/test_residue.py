"""What is laid at the edge of digits: how often, how far in, and nothing else."""

import pytest
import torch
from torch import Tensor

from tenfold.data import Dataset
from tenfold.training.residue import DEPTH, add_residue


@pytest.fixture
def ink(digits: Dataset) -> Tensor:
    """Return the ink of 400 digits."""
    return torch.from_numpy(digits.train.images[:400]).unsqueeze(1).float() / 255


def add(ink: Tensor, share: float, seed: int = 0) -> Tensor:
    """Add residue by a generator of its own."""
    return add_residue(ink, share, torch.Generator().manual_seed(seed))


def test_add_residue_changes_its_share_of_the_images(ink: Tensor) -> None:
    """About as many images change as were asked for; none at 0, nearly all at 1."""
    shares = [
        float((add(ink, share) != ink).flatten(1).any(dim=1).float().mean()) for share in (0.0, 0.3, 1.0)
    ]
    assert shares[0] == 0
    assert shares[1] == pytest.approx(0.3, abs=0.06)
    assert shares[2] > 0.97


def test_add_residue_draws_at_one_edge_alone(ink: Tensor) -> None:
    """On paper each line or sliver stays within a few pixels of one edge; all four edges get some."""
    paper = torch.cat([torch.zeros(300, 1, 28, 28), ink[:20]])
    drawn = add(paper, 1.0)[:300, 0] > 0
    reach = DEPTH + 2
    beyond = (drawn[:, reach:], drawn[:, :-reach], drawn[:, :, reach:], drawn[:, :, :-reach])
    depths = torch.stack([part.flatten(1).any(dim=1) for part in beyond])
    has_ink = drawn.flatten(1).any(dim=1)
    assert has_ink.float().mean() > 0.5
    assert (~depths[:, has_ink]).any(dim=0).all()
    assert (~depths[:, has_ink]).float().mean(dim=1).min() > 0.1


def test_add_residue_leaves_digits_whole(ink: Tensor) -> None:
    """A digit in the middle keeps nearly all of its ink, moved by a few pixels at most."""
    changed = add(ink, 1.0)
    assert (changed.sum(dim=(1, 2, 3)) >= 0.9 * ink.sum(dim=(1, 2, 3))).float().mean() > 0.95
    assert changed.max() <= 1
    assert changed.min() >= 0


def test_add_residue_is_decided_by_its_generator(ink: Tensor) -> None:
    """The same generator gives the same images, another one others; what was given stays as it was."""
    given = ink.clone()
    first, again, other = (add(ink, 0.5, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(ink, given)
