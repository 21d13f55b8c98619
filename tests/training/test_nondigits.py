"""The eleventh class: images that are no digits, in the form of digit images."""

import sys

import numpy as np
import pytest

from tenfold.arrays import DigitImage, Images
from tenfold.data import Dataset, Split
from tenfold.errors import InputError, MissingExtraError
from tenfold.image import BOX, CENTER, SIDE
from tenfold.training import glyphs
from tenfold.training.figures import DOODLES, LINES, draw_lines
from tenfold.training.nondigits import (
    FAINTEST,
    KINDS,
    Kind,
    choose_kinds,
    make_image,
    make_nondigits,
    make_pool,
)
from tenfold.training.strokes import draw_figure, make_arc, make_path

INKED = [kind for kind in KINDS if kind.has_ink]
PALE = [kind for kind in KINDS if not kind.has_ink]
GLYPHS = [
    (glyphs.LETTERS, glyphs.LETTER_FONTS),
    (glyphs.ITALICS, glyphs.ITALIC_FONTS),
    (glyphs.SIGNS, glyphs.SIGN_FONTS),
    *((alphabet, glyphs.ALPHABET_FONTS) for alphabet in glyphs.ALPHABETS),
]


@pytest.fixture(scope="module")
def samples(digits: Dataset) -> Split:
    """Return the training digits of the embedded dataset."""
    return digits.train


@pytest.fixture(scope="module")
def images(samples: Split) -> Images:
    """Return a few hundred images of all kinds."""
    return make_nondigits(400, samples, seed=0)


def draw_some(kind: Kind, samples: Split, *, n: int = 40) -> list[DigitImage]:
    """Return images of one kind."""
    pool, generator = make_pool(samples), np.random.default_rng(5)
    return [make_image(kind, pool, generator) for _ in range(n)]


def box_of(image: DigitImage) -> tuple[int, int]:
    """Return height and width of the smallest box that holds the ink."""
    return tuple(int(np.ptp(np.flatnonzero(image.any(axis=axis)))) + 1 for axis in (1, 0))


def test_make_nondigits_returns_digit_images(images: Images) -> None:
    """As many images as were asked for, uint8 and 28×28."""
    assert images.shape == (400, SIDE, SIDE)
    assert images.dtype == np.uint8


def test_make_nondigits_repeats_for_a_seed(images: Images, samples: Split) -> None:
    """The same seed gives the same bytes, another seed others."""
    again, other = (make_nondigits(400, samples, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(again, images)
    assert (other != images).any(axis=(1, 2)).mean() > 0.9


def test_make_nondigits_makes_none(samples: Split) -> None:
    """No images is an empty batch."""
    assert make_nondigits(0, samples, seed=0).shape == (0, SIDE, SIDE)


def test_make_nondigits_leaves_the_samples_alone(samples: Split) -> None:
    """The training digits stay as they were."""
    before = samples.images.copy()
    make_nondigits(50, samples, seed=2)
    np.testing.assert_array_equal(samples.images, before)


def test_choose_kinds_keeps_the_shares() -> None:
    """Every kind occurs, about as often as its share says, and the shares sum to 1."""
    shares = np.array([kind.share for kind in KINDS])
    chosen = np.bincount(choose_kinds(20_000, np.random.default_rng(0)), minlength=len(KINDS)) / 20_000
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(chosen, shares, atol=0.01)


def test_every_kind_occurs_in_a_few_hundred(images: Images) -> None:
    """Choosing comes first, so a batch holds just the kinds that the same generator chooses."""
    chosen = choose_kinds(len(images), np.random.default_rng(0))
    assert set(chosen.tolist()) == set(range(len(KINDS)))
    pale = np.isin(chosen, [KINDS.index(kind) for kind in PALE])
    np.testing.assert_array_equal(images.max(axis=(1, 2)) < FAINTEST, pale)


@pytest.mark.parametrize("kind", INKED, ids=lambda kind: kind.name)
def test_inked_kinds_obey_the_form_of_digit_images(kind: Kind, samples: Split) -> None:
    """The larger side is 20 and the center of mass lies within a pixel of 14, as of real digits."""
    for image in draw_some(kind, samples):
        center = np.average(np.indices(image.shape).reshape(2, -1), axis=1, weights=image.ravel())
        assert max(box_of(image)) == BOX
        assert np.abs(center - CENTER).max() <= 1


@pytest.mark.parametrize("kind", INKED, ids=lambda kind: kind.name)
def test_inked_kinds_vary(kind: Kind, samples: Split) -> None:
    """No two images of a kind are the same."""
    assert len({image.tobytes() for image in draw_some(kind, samples)}) == 40


def test_blank_is_blank_and_faint_below_noise(samples: Split) -> None:
    """Blanks are all zero; faint ones show something, but nothing that counts as ink."""
    blank, faint = (np.array(draw_some(kind, samples)) for kind in PALE)
    assert not blank.any()
    assert 0 < faint.max() < FAINTEST


def test_no_image_is_a_training_digit(images: Images, samples: Split) -> None:
    """Nothing made of digits is one of them still."""
    known = {image.tobytes() for image in samples.images}
    assert not any(image.tobytes() in known for image in images)


def test_pieces_are_wider_than_tall(samples: Split) -> None:
    """A piece of a digit is never upright, for an upright one would be a 1."""
    (piece,) = (kind for kind in KINDS if kind.name == "piece")
    heights, widths = np.transpose([box_of(image) for image in draw_some(piece, samples)])
    assert (widths > heights).all()


def test_lines_are_never_a_lone_upright() -> None:
    """No drawing of lines is as narrow as a 1."""
    generator = np.random.default_rng(0)
    widths = [box_of(draw_lines(generator))[1] for _ in range(300)]
    assert min(widths) > 60 // 3


@pytest.mark.parametrize("draw", [*LINES, *DOODLES], ids=lambda draw: draw.__name__.strip("_"))
def test_every_figure_has_lines_without_gaps(draw: object) -> None:
    """Each figure is a list of lines of at least two finite points."""
    for seed in range(5):
        figure = draw(np.random.default_rng(seed))  # type: ignore[operator]
        assert figure
        assert all(line.ndim == 2 and line.shape[1] == 2 and len(line) > 1 for line in figure)
        assert np.isfinite(np.concatenate(figure)).all()


@pytest.mark.parametrize("thickness", [1.5, 2.5, 4.0])
def test_draw_figure_draws_with_the_thickness_asked_for(thickness: float) -> None:
    """A line across the canvas is as long as the canvas and as thick as asked, three times enlarged."""
    ink = draw_figure(make_path((-1, 0), (1, 0)), thickness=thickness)
    assert box_of(ink)[0] == pytest.approx(3 * thickness, abs=1)
    assert box_of(ink)[1] == pytest.approx(60, abs=1)


def test_make_arc_lies_on_the_unit_circle() -> None:
    """An arc begins and ends where it should, at distance 1."""
    arc = make_arc(0.0, 0.25)
    np.testing.assert_allclose(np.hypot(*arc.T), 1)
    np.testing.assert_allclose(arc[[0, -1]], [(1, 0), (0, 1)], atol=1e-12)


@pytest.mark.parametrize(("characters", "fonts"), GLYPHS, ids=lambda value: str(value)[:4])
def test_every_font_has_its_characters(characters: str, fonts: glyphs.Fonts) -> None:
    """No character is drawn as the box that stands for a missing one, nor as nothing."""
    for font, weights in fonts.items():
        missing = glyphs.render_glyph("\N{CJK UNIFIED IDEOGRAPH-4E00}", font, weights[0]).tobytes()
        drawn = {glyphs.render_glyph(character, font, weights[0]).tobytes() for character in characters}
        assert len(drawn) == len(characters)
        assert missing not in drawn


@pytest.mark.parametrize("character", "ODQIlijJrZzYySsGbBgq0123456789|/\\()")
def test_no_character_looks_like_a_digit(character: str) -> None:
    """Letters that a reader may take for digits are left out."""
    assert all(character not in characters for characters, _ in GLYPHS)


def test_draw_letter_says_how_to_get_the_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, whose fonts are used, the error names the extra."""
    glyphs._font.cache_clear()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"needs matplotlib.*tenfold\[train\]"):
        glyphs._font("DejaVuSans")


def test_make_nondigits_refuses_a_negative_count(samples: Split) -> None:
    """A number of images below zero is refused, with what it was."""
    with pytest.raises(InputError, match=r"n must be at least 0. Got -1"):
        make_nondigits(-1, samples, seed=0)


def test_make_nondigits_passes_over_digits_without_ink(samples: Split) -> None:
    """Blank samples are never cut up, and do not count as digits."""
    blank = Split(np.where(samples.labels == 5, 0, samples.images.T).T.astype(np.uint8), samples.labels)
    both = Split(np.concatenate([samples.images, blank.images]), np.tile(samples.labels, 2))
    assert make_pool(both).by_label[5].max() < len(samples)
    with pytest.raises(InputError, match=r"Got none of \[5\]"):
        make_nondigits(3, blank, seed=0)


def test_make_nondigits_refuses_samples_that_lack_a_digit(samples: Split) -> None:
    """Pieces and pairs need every digit; the error names those that are missing."""
    some = samples.take(np.flatnonzero(~np.isin(samples.labels, (0, 7))))
    with pytest.raises(InputError, match=r"each digit 0–9 in ink. Got none of \[0, 7\]"):
        make_nondigits(3, some, seed=0)
