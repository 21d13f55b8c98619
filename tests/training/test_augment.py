"""Random changes to digit images: as strong as asked for, and no stronger."""

import math

import numpy as np
import pytest
import scipy.ndimage
import torch
from torch import Tensor

from tenfold.data import Dataset
from tenfold.training.augment import augment
from tests.training.small import AUGMENTATION, make_recipe

each_strength = pytest.mark.parametrize(
    "strengths", [*({name: value} for name, value in AUGMENTATION.items()), AUGMENTATION], ids=", ".join
)
STRONGEST = {"rotation": 180.0, "scaling": 2.0, "shear": 2.0, "shift": 28.0, "elastic": 10.0} | {
    "thickness": 1.0,
    "contrast": 2.0,
}


def change(ink: Tensor, seed: int = 0, **strengths: float) -> Tensor:
    """Change ink by a generator of its own."""
    return augment(ink, make_recipe(**strengths), torch.Generator().manual_seed(seed))


@pytest.fixture
def ink(digits: Dataset) -> Tensor:
    """Return the ink of 32 digits."""
    return torch.from_numpy(digits.train.images[:32]).unsqueeze(1).float() / 255


@pytest.fixture
def dot() -> Tensor:
    """Return 400 times the same small square in the center."""
    square = torch.zeros(400, 1, 28, 28)
    square[:, :, 13:15, 13:15] = 1
    return square


def test_no_strength_changes_nothing(ink: Tensor) -> None:
    """With all strengths at zero the very same tensor comes back, and nothing is drawn."""
    generator = torch.Generator().manual_seed(0)
    before = generator.get_state()
    assert augment(ink, make_recipe(), generator) is ink
    assert torch.equal(generator.get_state(), before)


@each_strength
def test_the_generator_decides_the_change(ink: Tensor, strengths: dict[str, float]) -> None:
    """The same generator gives the same images, another one others; what was given stays as it was."""
    given = ink.clone()
    first, again, other = (change(ink, seed, **strengths) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first, ink)
    assert torch.equal(ink, given)


@each_strength
def test_each_image_is_changed_by_its_own_draw(ink: Tensor, strengths: dict[str, float]) -> None:
    """Copies of one image come out all different."""
    changed = change(ink[:1].repeat(20, 1, 1, 1), **strengths)
    assert len(torch.unique(changed, dim=0)) == 20


@pytest.mark.parametrize("strengths", [AUGMENTATION, STRONGEST], ids=["usual", "strongest"])
@pytest.mark.parametrize("seed", range(5))
def test_ink_stays_between_paper_and_full(ink: Tensor, strengths: dict[str, float], seed: int) -> None:
    """Whatever the strengths, shape and type stay and no pixel leaves 0 to 1 or becomes NaN."""
    changed = change(ink, seed, **strengths)
    assert (changed.shape, changed.dtype) == (ink.shape, torch.float32)
    assert changed.min() >= 0
    assert changed.max() <= 1 + 1e-6
    assert changed.isfinite().all()


@each_strength
def test_a_blank_stays_blank(strengths: dict[str, float]) -> None:
    """Nothing is drawn onto paper."""
    assert not change(torch.zeros(8, 1, 28, 28), **strengths).any()


def test_affine_changes_are_scipys(ink: Tensor) -> None:
    """Turned, scaled, sheared and shifted images are those that SciPy makes by the same matrices."""
    strengths = {"rotation": 40.0, "scaling": 0.3, "shear": 0.4, "shift": 3.0}
    changed = change(ink, **strengths)
    generator = torch.Generator().manual_seed(0)
    draws = [torch.rand(len(ink), generator=generator).double().numpy() * 2 - 1 for _ in range(6)]
    for position, (turn, wide, high, slant, right, down) in enumerate(zip(*draws, strict=True)):
        angle = math.radians(40) * turn
        rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        matrix = rotation @ [[1, 0.4 * slant], [0, 1]] @ np.diag(np.exp([0.3 * wide, 0.3 * high]))
        matrix, shift = matrix[::-1, ::-1], np.array([3 * down, 3 * right])  # SciPy counts rows first
        center = np.full(2, 13.5)
        expected = scipy.ndimage.affine_transform(
            ink[position, 0].numpy(), matrix, center + shift - matrix @ center, order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(changed[position, 0].numpy(), expected, atol=1e-4)


def centers(ink: Tensor) -> Tensor:
    """Return the center of mass of each image, (n, 2): column and row."""
    places = torch.arange(28.0)
    mass = ink.sum(dim=(1, 2, 3))
    return torch.stack([(ink.sum(dim=axis) * places).sum(dim=(1, 2)) / mass for axis in (2, 3)], dim=1)


def test_shift_moves_the_center_by_at_most_its_bound(dot: Tensor) -> None:
    """Centers move up to `shift` pixels in each direction, evenly, and no further."""
    moved = centers(change(dot, shift=2.5)) - centers(dot)
    assert moved.abs().max() <= 2.5 + 1e-4
    assert moved.abs().amax(dim=0).min() > 2.4
    assert moved.mean(dim=0).abs().max() < 0.25
    assert moved.std(dim=0).tolist() == pytest.approx([5 / math.sqrt(12)] * 2, rel=0.1)


def test_thickness_grows_or_shrinks_the_ink(ink: Tensor) -> None:
    """In each image no pixel loses ink, or none gains any; both happen, the more the stronger."""
    more = change(ink, thickness=0.9) - ink
    grown, shrunk = ((sign * more >= -1e-6).all(dim=(1, 2, 3)) for sign in (1, -1))
    assert (grown | shrunk).all()
    assert grown.any()
    assert shrunk.any()
    assert (change(ink, thickness=0.3) - ink).abs().sum() < more.abs().sum() / 2


def test_thickness_is_a_pixel_at_most(dot: Tensor) -> None:
    """A square of two pixels becomes one of four at most, or vanishes."""
    changed = change(dot, thickness=1.0)
    assert not changed[:, :, :12].any()
    assert changed[:, :, 12:16, 12:16].sum(dim=(1, 2, 3)).max() == pytest.approx(16, rel=0.05)
    assert changed.sum(dim=(1, 2, 3)).min() == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_elastic_displaces_by_its_strength(strength: float) -> None:
    """On a slope, where ink tells the column, displacements have mean 0 and deviate by about `elastic`."""
    slope = (torch.arange(28.0) / 27).expand(400, 1, 28, 28)
    moved = ((change(slope, elastic=strength) - slope) * 27)[:, 0, 6:22, 6:22]
    assert moved.mean().abs() < strength / 10
    assert moved.std() == pytest.approx(strength, rel=0.3)
    step = moved[:, :, 1:] - moved[:, :, :-1]
    assert step.std() < 0.3 * strength, "neighbors move together"


def test_contrast_keeps_paper_and_full_ink(ink: Tensor) -> None:
    """Paper stays paper and full ink full; what is between becomes lighter or darker."""
    ends = ink.round()
    assert torch.equal(change(ends, contrast=0.5), ends)
    more = (change(ink, contrast=0.5) - ink).sum(dim=(1, 2, 3))
    assert more.min() < 0 < more.max()
