"""Changes to digit images: what they do, and that they do it again."""

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.evaluation import CORRUPTIONS, CURVES, Change
from tenfold.evaluation.changes import (
    add_noise,
    blur,
    fade,
    invert,
    occlude,
    rotate,
    scale,
    thicken,
    translate,
)
from tenfold.image import CENTER

ALL = [*CURVES, *CORRUPTIONS]
DRAWN = [
    change
    for change in ALL
    if change.name
    not in {"scale", "thickness", "inversion", "contrast", "blur", "brightness", "stripe", "canny edges"}
]
"""Changes that draw at random."""


def name_of(change: Change) -> str:
    """Name a case of a test."""
    return change.name


def rng(seed: int = 0) -> np.random.Generator:
    """Return a generator."""
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def images(digits: Dataset) -> np.ndarray:
    """Return forty real digits."""
    return digits.test.images[:40]


def ink_center(images: np.ndarray) -> np.ndarray:
    """Return the rows and columns of the centers of mass, (2, n)."""
    weights = images.astype(float)
    mass = weights.sum(axis=(1, 2))
    return np.array([weights.sum(axis=2) @ np.arange(28) / mass, weights.sum(axis=1) @ np.arange(28) / mass])


@pytest.mark.parametrize("change", ALL, ids=name_of)
def test_change_returns_as_many_images(change: Change, images: np.ndarray) -> None:
    """Each strength gives new images of the same shape and type, and leaves the old ones alone."""
    before = images.copy()
    for strength in change.strengths:
        changed = change.apply(images, strength, rng())
        assert changed.shape == images.shape
        assert changed.dtype == np.uint8
        assert not np.shares_memory(changed, images)
    np.testing.assert_array_equal(images, before)
    assert len(change.apply(images[:0], change.strengths[-1], rng())) == 0


@pytest.mark.parametrize("change", ALL, ids=name_of)
def test_change_is_the_same_for_the_same_seed(change: Change, images: np.ndarray) -> None:
    """The generator alone decides: the same gives the same bytes, another gives others where any is drawn."""
    strength = change.strengths[-1]
    once, again, other = (change.apply(images, strength, rng(seed)).tobytes() for seed in (0, 0, 1))
    assert once == again
    assert (once != other) == (change in DRAWN)


@pytest.mark.parametrize("change", CURVES, ids=name_of)
def test_strength_zero_leaves_images_as_they_are(change: Change, images: np.ndarray) -> None:
    """Each curve has a neutral strength, 0, at which not a byte differs."""
    assert 0 in change.strengths
    np.testing.assert_array_equal(change.apply(images, 0.0, rng()), images)


@pytest.mark.parametrize("change", CURVES, ids=name_of)
def test_more_strength_changes_more(change: Change, images: np.ndarray) -> None:
    """On either side of 0, images differ the more from what they were, the greater the strength."""
    for sign in (-1, 1):
        strengths = sorted((s for s in change.strengths if s * sign >= 0), key=abs)
        apart = [
            np.abs(change.apply(images, strength, rng()) - images.astype(float)).mean()
            for strength in strengths
        ]
        assert apart == sorted(apart)
        assert len(set(apart)) == len(apart)


@pytest.mark.parametrize("change", CORRUPTIONS, ids=name_of)
def test_corruption_changes_every_image(change: Change, images: np.ndarray) -> None:
    """No digit comes out as it went in, and none is wiped out: its contrast remains."""
    (strength,) = change.strengths
    changed = change.apply(images, strength, rng())
    assert (np.abs(changed - images.astype(float)).mean(axis=(1, 2)) > 2).all()
    assert (np.ptp(changed, axis=(1, 2)) > 60).all()


def test_corruptions_are_the_papers() -> None:
    """All fifteen kinds of MNIST-C are there, each once."""
    assert [change.name for change in CORRUPTIONS] == [
        *(
            "shot noise",
            "impulse noise",
            "glass blur",
            "motion blur",
            "shear",
            "scale",
            "rotate",
            "brightness",
        ),
        *("translate", "stripe", "fog", "spatter", "dotted line", "zigzag", "canny edges"),
    ]


@pytest.mark.parametrize("pixels", [1.0, 3.0, 6.0])
def test_shift_is_a_roll_away_from_the_edges(pixels: float) -> None:
    """Ink that stays within the image moves by whole pixels, exactly, to each of the four sides."""
    images = np.zeros((60, 28, 28), np.uint8)
    images[:, 8:20, 8:20] = rng().integers(0, 256, (60, 12, 12))
    rolls = [np.roll(images, step, axis) for axis in (1, 2) for step in (-int(pixels), int(pixels))]
    matches = np.array([(roll == translate(images, pixels, rng())).all(axis=(1, 2)) for roll in rolls])
    assert (matches.sum(axis=0) == 1).all()
    assert matches.any(axis=1).all()


def test_shift_leaves_paper_behind(images: np.ndarray) -> None:
    """Nothing comes in from the other side: moved by its whole width, an image is blank."""
    assert not translate(images, 28.0, rng()).any()


def test_rotation_turns_a_bar() -> None:
    """By 90 degrees an upright bar through the center lies, whichever way it was turned."""
    bar = np.zeros((8, 28, 28), np.uint8)
    bar[:, 4:25, 14] = 255
    np.testing.assert_array_equal(rotate(bar, 90.0, rng()), bar.transpose(0, 2, 1))


def test_scale_keeps_the_center(images: np.ndarray) -> None:
    """The center of mass stays at pixel (14, 14), and the ink grows or shrinks as the area does."""
    for percent in (-30.0, 15.0):
        changed = scale(images, percent, rng())
        assert np.abs(ink_center(changed) - CENTER).max() < 0.8
        assert changed.sum() / images.sum() == pytest.approx((1 + percent / 100) ** 2, rel=0.03)


@pytest.mark.parametrize("strength", [-1.0, 1.0, 2.0, 3.0])
def test_thickness_is_in_pixels(strength: float) -> None:
    """A bar of five pixels becomes as much wider or thinner as is asked for."""
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[:, :, 12:17] = 255
    assert thicken(bar, strength, rng())[0, 14].sum() / 255 == pytest.approx(5 + strength, abs=0.15)


def test_inversion_twice_is_nothing(images: np.ndarray) -> None:
    """A full inversion is 255 minus each pixel; another brings the images back."""
    inverted = invert(images, 1.0, rng())
    np.testing.assert_array_equal(inverted, 255 - images)
    np.testing.assert_array_equal(invert(inverted, 1.0, rng()), images)


def test_contrast_keeps_the_mean(images: np.ndarray) -> None:
    """Half the contrast is half the standard deviation about the same mean."""
    faded = fade(images, 0.5, rng())
    np.testing.assert_allclose(faded.mean(axis=(1, 2)), images.mean(axis=(1, 2)), atol=0.5)
    np.testing.assert_allclose(faded.std(axis=(1, 2)), images.std(axis=(1, 2)) / 2, atol=0.5)


@pytest.mark.parametrize("deviation", [0.75, 2.0])
def test_blur_is_opencvs(images: np.ndarray, deviation: float) -> None:
    """Products with a matrix give what OpenCV's filter gives, to within its rounding."""
    import cv2

    expected = [
        cv2.GaussianBlur(image.astype(np.float32), (27, 27), deviation, borderType=cv2.BORDER_CONSTANT)
        for image in images
    ]
    assert np.abs(blur(images, deviation, rng()) - np.array(expected)).max() < 0.6


def test_noise_has_its_deviation() -> None:
    """On middle grey, where little is cut off, the noise is normal, of the deviation that is asked for."""
    noisy = add_noise(np.full((50, 28, 28), 128, np.uint8), 0.1, rng()).astype(float)
    assert noisy.mean() == pytest.approx(128, abs=0.5)
    assert noisy.std() == pytest.approx(25.5, rel=0.02)


def test_occlusion_is_one_square(images: np.ndarray) -> None:
    """Of blank paper exactly side × side pixels turn grey, in one block."""
    covered = occlude(np.zeros((30, 28, 28), np.uint8), 6.0, rng()) == 128
    assert (covered.sum(axis=(1, 2)) == 36).all()
    assert (covered.any(axis=1).sum(axis=1) == 6).all()


def corrupt(name: str, images: np.ndarray) -> np.ndarray:
    """Corrupt images in the way of that name."""
    (kind,) = (kind for kind in CORRUPTIONS if kind.name == name)
    return kind.apply(images, kind.strengths[0], rng())


def test_shot_noise_keeps_paper_and_the_mean() -> None:
    """Where no light comes from there is no noise; elsewhere the mean stays, where little is cut off."""
    assert not corrupt("shot noise", np.zeros((2, 28, 28), np.uint8)).any()
    assert corrupt("shot noise", np.full((50, 28, 28), 51, np.uint8)).mean() == pytest.approx(51, rel=0.05)


def test_impulse_noise_is_paper_and_ink() -> None:
    """A fifth of all pixels change, half of them to paper and half to full ink."""
    noisy = corrupt("impulse noise", np.full((50, 28, 28), 100, np.uint8))
    values, counts = np.unique(noisy, return_counts=True)
    assert values.tolist() == [0, 100, 255]
    np.testing.assert_allclose(counts / noisy.size, [0.1, 0.8, 0.1], atol=0.01)


def test_motion_blur_smears_a_dot() -> None:
    """A dot becomes a line as long as is asked for, with the dot's ink."""
    dots = np.zeros((20, 28, 28), np.uint8)
    dots[:, 14, 14] = 255
    smeared = corrupt("motion blur", dots).astype(float)
    assert smeared.sum(axis=(1, 2)) == pytest.approx(np.full(20, 255), rel=0.05)
    rows, columns = (np.array(smeared.sum(axis=axis)) for axis in (2, 1))
    spread = [(profile * (np.arange(28) - 14) ** 2).sum(axis=1) / 255 for profile in (rows, columns)]
    assert np.sqrt(12 * sum(spread)) == pytest.approx(np.full(20, 6), abs=1.2)


def test_stripe_inverts_the_middle(images: np.ndarray) -> None:
    """The middle half is inverted, the sides stay."""
    striped = corrupt("stripe", images)
    np.testing.assert_array_equal(striped[:, :, 7:21], 255 - images[:, :, 7:21])
    np.testing.assert_array_equal(np.delete(striped, np.s_[7:21], 2), np.delete(images, np.s_[7:21], 2))


def test_fog_is_smooth_and_differs(images: np.ndarray) -> None:
    """On blank paper there are clouds: neighbors are alike, images are not."""
    fog = corrupt("fog", np.zeros_like(images)).astype(float)
    assert np.abs(np.diff(fog, axis=2)).mean() < 0.5 * fog.std(axis=(1, 2)).mean()
    assert np.abs(np.diff(fog, axis=1)).mean() < 0.5 * fog.std(axis=(1, 2)).mean()
    assert (np.abs(np.diff(fog, axis=0)).mean(axis=(1, 2)) > 10).all()


def test_spatter_covers_its_share() -> None:
    """About 15 % of blank paper is covered, by grey."""
    spattered = corrupt("spatter", np.zeros((50, 28, 28), np.uint8))
    assert (spattered > 80).mean() == pytest.approx(0.15, abs=0.02)
    assert spattered.max() == 160


@pytest.mark.parametrize("name", ["dotted line", "zigzag"])
def test_line_crosses_the_image(name: str, images: np.ndarray) -> None:
    """Ink is only added, and it reaches from one edge to another, past the center."""
    assert (corrupt(name, images) >= images).all()
    lines = corrupt(name, np.zeros_like(images)) > 100
    extent = np.maximum(lines.any(axis=1).sum(axis=1), lines.any(axis=2).sum(axis=1))
    assert (extent >= (8 if name == "dotted line" else 18)).all()
    assert lines[:, 7:21, 7:21].any(axis=(1, 2)).all()
    assert 0.02 < lines.mean() < 0.12


def test_canny_edges_are_outlines() -> None:
    """Of a solid square only the outline stays, in full ink."""
    square = np.zeros((1, 28, 28), np.uint8)
    square[:, 8:20, 8:20] = 255
    edges = corrupt("canny edges", square)
    assert set(np.unique(edges)) == {0, 255}
    assert not edges[:, 10:18, 10:18].any()
    assert 36 <= (edges > 0).sum() <= 60
