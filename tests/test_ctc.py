"""What columns say: held against the sum over all paths."""

import itertools
from collections import defaultdict

import numpy as np
import pytest

from tenfold.ctc import NONE, Prefix, Text, align, find_texts


def make_columns(n_columns: int, *, seed: int = 0, digits: tuple[int, ...] = (0, 1, 7)) -> np.ndarray:
    """Return random probabilities of a few digits and of none."""
    generator = np.random.default_rng(seed)
    columns = np.zeros((n_columns, NONE + 1), np.float32)
    columns[:, [*digits, NONE]] = generator.dirichlet(np.ones(len(digits) + 1), n_columns)
    return columns


def spell(path: tuple[int, ...]) -> Prefix:
    """Return the text that a path spells."""
    return tuple(label for label, _ in itertools.groupby(path) if label != NONE)


def add_up_paths(columns: np.ndarray) -> dict[Prefix, float]:
    """Return the probability of every text, by going through all paths."""
    texts: dict[Prefix, float] = defaultdict(float)
    for path in itertools.product(*(np.flatnonzero(column).tolist() for column in columns)):
        texts[spell(path)] += float(np.prod(columns[np.arange(len(path)), path], dtype=np.float64))
    return texts


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n_columns", [1, 2, 4, 5])
def test_texts_have_the_probability_of_all_their_paths(n_columns: int, seed: int) -> None:
    """The best texts, their order and their probabilities are those of counting every path."""
    columns = make_columns(n_columns, seed=seed, digits=(1, 7))
    expected = sorted(add_up_paths(columns).items(), key=lambda item: -item[1])[:3]
    found = find_texts(columns, 3)
    assert [text.digits for text in found] == [digits for digits, _ in expected]
    assert [text.probability for text in found] == pytest.approx([share for _, share in expected], rel=1e-4)


def test_probabilities_of_texts_sum_to_one_at_most() -> None:
    """Of many texts of a long line, no probability is counted twice."""
    texts = find_texts(make_columns(40), 1000)
    assert 0 < sum(text.probability for text in texts) <= 1 + 1e-6


def test_a_repeated_digit_needs_something_between() -> None:
    """Equal neighbors are one digit; with none between them they are two."""
    columns = np.full((3, NONE + 1), 1e-6, np.float32)
    columns[[0, 1, 2], [4, 4, 4]] = 1
    assert str(find_texts(columns)[0]) == "4"
    columns[1] = columns[1][::-1].copy()
    columns[1, 4], columns[1, NONE] = 1e-6, 1
    assert str(find_texts(columns)[0]) == "44"


def test_nothing_is_an_empty_text() -> None:
    """Columns without digits spell nothing, surely."""
    columns = np.zeros((5, NONE + 1), np.float32)
    columns[:, NONE] = 1
    assert find_texts(columns) == [Text((), 1.0)]
    assert align(columns, ()).shape == (0, 2)


@pytest.mark.parametrize("seed", range(8))
def test_align_finds_the_most_probable_path(seed: int) -> None:
    """The columns of each digit are those on the best of all paths that spell the text."""
    columns = make_columns(6, seed=seed)
    digits = find_texts(columns)[0].digits
    paths = [
        path for path in itertools.product((0, 1, 7, NONE), repeat=len(columns)) if spell(path) == digits
    ]
    best = max(paths, key=lambda path: float(np.log(columns[np.arange(6), path] + 1e-30).sum()))
    runs = [list(run) for label, run in itertools.groupby(range(6), key=lambda k: best[k]) if label != NONE]
    assert align(columns, digits).tolist() == [[run[0], run[-1] + 1] for run in runs]
