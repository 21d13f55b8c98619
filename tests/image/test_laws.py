"""What must not change how a digit is read: its color, place and size, the light, the lines around it."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.random import Generator
from PIL import Image

import tenfold
from tenfold.arrays import DigitImage, Images, Ink
from tenfold.data import Dataset, Split
from tenfold.errors import EmptyImageError
from tenfold.image import SIDE, picture_to_digit_image
from tenfold.pictures import load_picture
from tenfold.recognizer import NONE, Recognizer
from tests.image.drawn import blank_papers, enlarged, grainy, lit, on_paper, ruled, scaled

Law = Callable[[DigitImage, Generator], Ink]

LAWS: dict[str, Law] = {
    "inverted": lambda ink, _: 255 - ink,
    "dark on light": lambda ink, _: on_paper(ink),
    "with a wide margin": lambda ink, _: on_paper(ink, padding=60),
    "shifted": lambda ink, generator: np.roll(
        on_paper(ink, padding=30), generator.integers(-25, 26, 2), axis=(0, 1)
    ),
    "three quarters as large": lambda ink, _: scaled(on_paper(ink), 0.75),
    "8 times as large": lambda ink, _: scaled(on_paper(ink), 8),
    "lit from a side": lambda ink, generator: lit(on_paper(ink, padding=14), angle=generator.uniform(0, 7)),
    "with grid lines": lambda ink, _: ruled(on_paper(ink, padding=14)),
}
"""What is done to a digit of MNIST to make it a picture."""

MORE_LAWS: dict[str, Law] = {
    "pale on grey": lambda ink, _: on_paper(ink, black=150, white=200),
    "light on dark": lambda ink, _: 255 - on_paper(ink, black=100, white=200),
    "without a margin": lambda ink, _: on_paper(ink, padding=0),
    "twice as large": lambda ink, _: scaled(on_paper(ink), 2),
    "4 times as large": lambda ink, _: scaled(on_paper(ink), 4),
    "4 times as large, lit": lambda ink, generator: lit(
        scaled(on_paper(ink, padding=14), 4), angle=generator.uniform(0, 7)
    ),
    "light on dark, lit": lambda ink, generator: lit(
        255 - on_paper(ink, padding=14, black=150), angle=generator.uniform(0, 7)
    ),
    "noisy": lambda ink, generator: grainy(on_paper(ink), generator, deviation=10),
    "with light grid lines": lambda ink, _: 255 - ruled(on_paper(ink, padding=14)),
}
"""More of it, in the slow run alone."""


@pytest.fixture(scope="module")
def shipped() -> Recognizer:
    """Return the model that comes with tenfold."""
    return tenfold.load(threads=1)


@pytest.fixture(scope="module", params=[200, pytest.param(1000, marks=pytest.mark.slow)])
def some(mnist: Dataset, request: pytest.FixtureRequest) -> Split:
    """Return test digits, spread over all of them."""
    return mnist.test.take(np.arange(0, len(mnist.test), len(mnist.test) // request.param))


def digit_images(pictures: list[Ink]) -> Images:
    """Make digit images; of blank pictures blank ones."""
    images = np.zeros((len(pictures), SIDE, SIDE), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        try:
            image[:] = picture_to_digit_image(picture)
        except EmptyImageError:
            continue
    return images


@pytest.fixture(scope="module")
def share_alike(some: Split, shipped: Recognizer) -> Callable[[Law], float]:
    """Return what tells how often a picture of a digit is read as the digit is."""
    expected = shipped.predict(some.images)

    def share(law: Law) -> float:
        generator = np.random.default_rng(0)
        made = digit_images([law(image, generator) for image in some.images])
        return float((shipped.predict(made) == expected).mean())

    return share


def is_read(image: DigitImage, reader: Recognizer) -> bool:
    """Tell whether a digit is read, and confidently."""
    probabilities = reader.predict_proba(image[None])[0]
    label, threshold = int(probabilities.argmax()), reader.card.thresholds["unsure"]
    return label != NONE and float(probabilities[label]) >= threshold


def difference(image: DigitImage, other: DigitImage) -> float:
    """Return the mean difference of two digits in grey levels, aligned by up to a pixel."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return min(
        float(np.abs(np.roll(image, shift, axis=(0, 1)).astype(int) - other).mean()) for shift in shifts
    )


@pytest.mark.parametrize(
    "law",
    [
        *(pytest.param(law, id=name) for name, law in LAWS.items()),
        *(pytest.param(law, id=name, marks=pytest.mark.slow) for name, law in MORE_LAWS.items()),
    ],
)
def test_picture_is_read_as_its_digit(law: Law, share_alike: Callable[[Law], float]) -> None:
    """What happens to a digit on its way into a picture changes at most one label in two hundred."""
    assert share_alike(law) >= 0.995


def test_half_size_picture_is_read_as_its_digit(share_alike: Callable[[Law], float]) -> None:
    """A digit ten pixels high has lost some of what tells it from others: one in fifty may change."""
    assert share_alike(lambda ink, _: scaled(on_paper(ink), 0.5)) >= 0.98


def test_digit_of_mnist_stays_as_it_is(some: Split) -> None:
    """MNIST's own images come back within a grey level, but for those with specks or in pieces."""
    differences = [difference(picture_to_digit_image(image), image) for image in some.images]
    assert np.mean(np.array(differences) <= 1) >= 0.95
    assert np.median(differences) <= 0.3


@pytest.mark.slow
def test_digits_of_mnist_are_read_as_well(mnist: Dataset, shipped: Recognizer) -> None:
    """On all 10,000 test images the accuracy stays within 0.05 percentage points."""
    made = digit_images(list(mnist.test.images))
    assert shipped.score(made, mnist.test.labels) == pytest.approx(
        shipped.score(mnist.test.images, mnist.test.labels), abs=0.0005
    )


@pytest.mark.parametrize("n_sides", [2, 4])
def test_digit_in_a_box_is_read(n_sides: int, share_alike: Callable[[Law], float]) -> None:
    """A frame around the digit, a little aslant and not quite at the edge, is not read."""

    def boxed(ink: DigitImage, generator: Generator) -> Ink:
        picture = scaled(on_paper(ink, padding=6), 3)
        for side in (picture, picture[::-1], picture.T, picture.T[::-1])[:n_sides]:
            start, middle = int(generator.integers(0, 4)), side.shape[1] // 2
            side[start : start + 4, :middle] = 70
            side[start + 1 : start + 5, middle:] = 70
        return picture

    assert share_alike(boxed) >= 0.99


ORIENTATION = 0x0112

AS_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that writes an orientation has stored an upright picture."""


def test_picture_is_read_however_the_camera_was_held(samples: Images, tmp_path: Path) -> None:
    """All eight orientations give the same digit image, to the last bit."""
    upright = Image.fromarray(on_paper(enlarged(samples[2])))
    images = []
    for orientation, turn in AS_STORED.items():
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        stored = upright if turn is None else upright.transpose(turn)
        stored.save(tmp_path / f"{orientation}.png", exif=exif)
        images.append(picture_to_digit_image(load_picture(tmp_path / f"{orientation}.png")))

    assert len(np.unique(images, axis=0)) == 1
    np.testing.assert_array_equal(images[0], picture_to_digit_image(np.asarray(upright)))


def test_picture_is_read_from_a_jpeg(share_alike: Callable[[Law], float]) -> None:
    """What JPEG adds around strokes is not ink."""

    def packed(ink: DigitImage, _: Generator) -> Ink:
        file = io.BytesIO()
        Image.fromarray(scaled(on_paper(ink), 2)).save(file, "JPEG", quality=30)
        return np.asarray(Image.open(file))

    assert share_alike(packed) >= 0.99


@settings(deadline=None, derandomize=True)
@given(paper=blank_papers(deviations=st.just(0.0) | st.floats(2, 10)))
def test_blank_paper_is_no_digit(paper: Ink, shipped: Recognizer) -> None:
    """Paper with noise, under a slope of light, or both, is blank, no digit, or doubtful; never a digit."""
    assert not is_read(digit_images([paper])[0], shipped)


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=3000)
@given(paper=blank_papers(deviations=st.just(0.0) | st.floats(2, 10)))
def test_much_blank_paper_is_no_digit(paper: Ink, shipped: Recognizer) -> None:
    """Nor is any of thousands."""
    assert not is_read(digit_images([paper])[0], shipped)


@settings(deadline=None, derandomize=True)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=40)))
@example(np.eye(1, 10_000, 70, dtype=np.uint8) * 255)
@example(np.eye(10_000, 1, dtype=np.uint8))
@example(np.eye(2, 3, dtype=np.uint8) * 200)
@example(np.zeros((0, 0), np.uint8))
@example(np.zeros((1, 1), np.uint8))
def test_any_pixels_are_a_digit_image_or_blank(grey: Ink) -> None:
    """Of any pixels in any shape there comes a digit image with ink, or the error that says there is none."""
    try:
        image = picture_to_digit_image(grey)
    except EmptyImageError as error:
        assert f"Got {grey.shape[1]}×{grey.shape[0]} pixels without ink" in str(error)  # noqa: PT017
    else:
        assert image.shape == (SIDE, SIDE)
        assert image.any()
