"""Images of the eleventh class, "not a digit", made from training digits or drawn by code.

Nothing that a reader may take for a digit belongs here: a doubtful image would teach the network to refuse
digits. `KINDS` says what is drawn and in which shares; what is left out, and why, stands with each kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from tenfold.arrays import AnyArray, DigitImage, Images, Indices, Ink
from tenfold.data.splits import N_CLASSES, Split
from tenfold.errors import InputError
from tenfold.image import BOX, CENTER, SIDE, to_digit_image
from tenfold.training.figures import draw_blobs, draw_doodle, draw_lines
from tenfold.training.glyphs import draw_foreign, draw_letter, draw_sign

TOP, BOTTOM = "top", "bottom"

PIECES: Final = (
    (0, TOP, 0.5),
    (0, BOTTOM, 0.5),
    (5, TOP, 0.35),
    (8, TOP, 0.25),
    (9, TOP, 0.25),
    (3, BOTTOM, 0.3),
    (5, BOTTOM, 0.3),
    (6, BOTTOM, 0.25),
    (8, BOTTOM, 0.25),
)
"""Digit, its end that is kept, and how much of it at most. Left and right halves leave a 1, a 3 or a C; so do
other ends: of 1, 4, 6, 7 and 9 a bar, of 6, 8 and 9 a ring, of 2 and 7 a small 7."""

WIDE, LEAST_WIDTH = 1.8, 9
"""A piece's width, at least, in terms of its height and in pixels: narrow ones are 1s, tiny ones smears."""

FAINTEST: Final = 32
"""Ink, of 255, below which there is none: a fringe of a stroke, or paper's texture."""

PLACES: Final = np.arange(SIDE, dtype=np.float64)

N_TRIES: Final = 20
"""How often an image that turns out badly is drawn again, before it is taken as it is."""

PAIRED: Final = (0, 2, 3, 4, 5, 6, 7, 8, 9)
"""Digits that are set side by side. A 1 may be a line that was left beside a digit, which stays a digit."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Training digits, and for each label the positions of its digits."""

    images: Images
    by_label: tuple[AnyArray, ...]

    def draw(self, label: int, generator: Generator) -> DigitImage:
        """Return any digit of that label."""
        positions = self.by_label[label]
        image: DigitImage = self.images[positions[generator.integers(len(positions))]]
        return image


@dataclass(frozen=True)
class Kind:
    """One kind of image that is no digit.

    Attributes
    ----------
    name : str
        What it shows.
    share : float
        Its part of all images.
    draw : callable
        Takes a generator and the training digits; returns ink of any size.
    has_ink : bool
        Whether the ink is made into a digit image; otherwise it is one, as it is.
    """

    name: str
    share: float
    draw: Callable[[Generator, Pool], Ink]
    has_ink: bool = True


def make_nondigits(n: int, samples: Split, *, seed: int) -> Images:
    """Draw digit-shaped images that are no digits.

    Parameters
    ----------
    n : int
        How many.
    samples : Split
        Training digits, each of 0–9 at least once. Pieces and pairs are made of them.
    seed : int
        The same seed, count and samples give the same bytes.

    Returns
    -------
    ndarray of shape (n, 28, 28), dtype=uint8
        0 paper … 255 ink, the kinds of `KINDS` in random order. All that show ink
        are made as digit images are; blank and faint ones stay below `FAINTEST`.

    Raises
    ------
    InputError
        `n` is negative, or `samples` lack a digit.
    MissingExtraError
        matplotlib, whose fonts are used, is not installed.
    """
    if n < 0:
        raise InputError(f"n must be at least 0. Got {n}.")
    pool = make_pool(samples)
    generator = np.random.default_rng(seed)
    images = np.zeros((n, SIDE, SIDE), np.uint8)
    for image, choice in zip(images, choose_kinds(n, generator), strict=True):
        image[:] = make_image(KINDS[choice], pool, generator)
    return images


def choose_kinds(n: int, generator: Generator) -> Indices:
    """Return `n` positions in `KINDS`, each as often as its share says."""
    shares = np.array([kind.share for kind in KINDS])
    chosen: Indices = generator.choice(len(KINDS), n, p=shares / shares.sum())
    return chosen


def make_image(kind: Kind, pool: Pool, generator: Generator) -> DigitImage:
    """Draw one image of a kind."""
    if not kind.has_ink:
        return kind.draw(generator, pool)
    for _ in range(N_TRIES):
        ink = kind.draw(generator, pool)
        image = to_digit_image(ink * (ink >= FAINTEST))  # fringes would enlarge the box
        if _fits(image):
            break
    return image


def _fits(image: DigitImage) -> bool:
    """Say whether the ink fills 20 pixels, centered: scaling loses some specks, centering pushes some out."""
    profiles = image.sum(axis=1), image.sum(axis=0)
    places = [np.flatnonzero(profile) for profile in profiles]
    centers = [profile @ PLACES / profile.sum() for profile in profiles]
    side = 1 + max(place[-1] - place[0] for place in places)
    return bool(side == BOX and max(abs(center - CENTER) for center in centers) <= 0.5)


def make_pool(samples: Split) -> Pool:
    """Sort training digits by label, or say which are missing."""
    has_ink = samples.images.max(axis=(1, 2), initial=0) >= FAINTEST
    by_label = tuple(np.flatnonzero(has_ink & (samples.labels == label)) for label in range(N_CLASSES))
    missing = [label for label, positions in enumerate(by_label) if not len(positions)]
    if missing:
        raise InputError(
            f"samples must hold each digit 0–9 in ink. Got none of {missing}. Pass a whole training split."
        )
    return Pool(samples.images, by_label)


def _draw_blank(_generator: Generator, _pool: Pool) -> Ink:
    """Return paper alone."""
    return np.zeros((SIDE, SIDE), np.uint8)


def _draw_faint(generator: Generator, _pool: Pool) -> Ink:
    """Return paper with a texture: even or grainy darkness, too pale for ink."""
    level = generator.uniform(1, FAINTEST)
    grain = generator.uniform(0, level, (SIDE, SIDE)) if generator.random() < 0.7 else level
    return np.full((SIDE, SIDE), grain).astype(np.uint8)


def _draw_specks(generator: Generator, _pool: Pool) -> Ink:
    """Draw salt: from three single dots to a third of all pixels."""
    n_specks = round(np.exp(generator.uniform(np.log(3), np.log(BOX * BOX / 3))))
    ink = np.zeros((BOX, BOX), np.uint8)
    ink.flat[generator.choice(ink.size, n_specks, replace=False)] = generator.integers(80, 256, n_specks)
    return ink


def _draw_noise(generator: Generator, _pool: Pool) -> Ink:
    """Draw a sensor's noise, sharp or blurred into clouds, as it is or cut by a threshold."""
    noise = Image.fromarray(generator.integers(0, 256, (2 * BOX, 2 * BOX), np.uint8))
    clouds = np.asarray(noise.filter(ImageFilter.GaussianBlur(generator.uniform(0, 3)))).astype(np.float32)
    floor, ceiling = clouds.mean() + clouds.std() * generator.uniform(-1.2, 1), clouds.max()
    ink = np.clip((clouds - floor) / (ceiling - floor), 0, 1)
    if generator.random() < 0.4:
        ink = (ink > 0).astype(np.float32)
    noisy: Ink = (ink * generator.uniform(2 * FAINTEST, 255)).round().astype(np.uint8)
    return noisy


def _draw_piece(generator: Generator, pool: Pool) -> Ink:
    """Draw the top or bottom of a digit, as a crop that ends too early shows it; of `PIECES` only."""
    for _ in range(N_TRIES):
        label, end, most = PIECES[generator.integers(len(PIECES))]
        digit = _cropped(pool.draw(label, generator))
        n_rows = max(1, round(generator.uniform(0.7, 1) * most * len(digit)))
        piece = _cropped(digit[:n_rows] if end == TOP else digit[-n_rows:])
        if piece.shape[1] >= max(LEAST_WIDTH, WIDE * len(piece)):
            break
    return piece


def _draw_pair(generator: Generator, pool: Pool) -> Ink:
    """Draw two digits that touch or nearly do, as a cut that was missed leaves them."""
    labels = generator.choice(PAIRED, 2).tolist()
    left, right = (_cropped(pool.draw(label, generator)) for label in labels)
    overlap = generator.integers(-1, 4)
    ink = np.zeros((2 * SIDE, left.shape[1] + right.shape[1] - overlap), np.uint8)
    for digit, column in ((left, 0), (right, left.shape[1] - overlap)):
        row = SIDE - len(digit) // 2 + generator.integers(-2, 3)
        place = ink[row : row + len(digit), column : column + digit.shape[1]]
        np.maximum(place, digit, out=place)
    return ink


def _cropped(picture: AnyArray) -> Ink:
    """Return the part of a picture that holds its ink."""
    ink = picture >= FAINTEST
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _by_code(draw: Callable[[Generator], Ink]) -> Callable[[Generator, Pool], Ink]:
    """Let a drawing that needs no training digits be called with them."""
    return lambda generator, _pool: draw(generator)


KINDS: Final = (
    Kind("blank", 0.02, _draw_blank, has_ink=False),
    Kind("faint", 0.03, _draw_faint, has_ink=False),
    Kind("specks", 0.05, _draw_specks),
    Kind("noise", 0.05, _draw_noise),
    Kind("blobs", 0.05, _by_code(draw_blobs)),
    Kind("lines", 0.12, _by_code(draw_lines)),
    Kind("piece", 0.06, _draw_piece),
    Kind("pair", 0.10, _draw_pair),
    Kind("letter", 0.20, _by_code(draw_letter)),
    Kind("sign", 0.08, _by_code(draw_sign)),
    Kind("foreign", 0.06, _by_code(draw_foreign)),
    Kind("doodle", 0.18, _by_code(draw_doodle)),
)
"""What is drawn, in which shares. Letters lead: they are what stands beside digits on real paper."""
