"""Suspicious labels: the confident joint by hand, and what must hold of any ranking."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tenfold.errors import InputError
from tenfold.evaluation import confident_joint, rank_label_errors

BY_HAND = np.array(
    [
        [0.9, 0.1, 0.0],  # label 0, mean 0.6: of class 0
        [0.7, 0.3, 0.0],  # of class 0
        [0.2, 0.8, 0.0],  # of class 1, whose mean is 0.5: flagged
        [0.5, 0.5, 0.0],  # label 1: of class 1; class 0 is below its 0.6
        [0.1, 0.6, 0.3],  # of class 1; class 2 is above its mean, but less probable
        [0.3, 0.4, 0.3],  # of class 2 alone: flagged
        [0.55, 0.41, 0.04],  # label 2: of no class
        [0.15, 0.3, 0.55],  # of class 2
    ]
)
GIVEN = np.array([0, 0, 0, 1, 1, 1, 2, 2])


def draw(n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return labels and probabilities of 11 classes, no two alike."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.full(11, 0.2), n).astype(np.float32)
    return generator.integers(0, 10, n), probabilities


def test_confident_joint_equals_the_one_by_hand() -> None:
    """Thresholds 0.6, 0.5 and 0.295 give these counts; a sample of which no class is sure is left out."""
    expected = [[2, 1, 0], [0, 2, 1], [0, 0, 1]]
    np.testing.assert_array_equal(confident_joint(GIVEN, BY_HAND), expected)


def test_flags_are_what_the_confident_joint_counts_beside_its_diagonal() -> None:
    """A label is flagged where the joint counts its sample under another class."""
    flagged = rank_label_errors(GIVEN, BY_HAND).is_flagged
    np.testing.assert_array_equal(np.flatnonzero(flagged), [2, 5])
    labels, probabilities = draw(500, seed=0)
    joint = confident_joint(labels, probabilities)
    is_flagged = rank_label_errors(labels, probabilities).is_flagged
    assert is_flagged.sum() == joint.sum() - np.trace(joint) > 0


@pytest.mark.parametrize(
    ("by", "scores", "positions"),
    [
        ("self-confidence", [0.9, 0.7, 0.2, 0.5, 0.6, 0.4, 0.04, 0.55], [6, 2, 5, 3, 7, 4, 1, 0]),
        ("margin", [0.8, 0.4, -0.6, 0, 0.3, 0.1, -0.51, 0.25], [2, 6, 3, 5, 7, 4, 1, 0]),
    ],
)
def test_ranking_equals_the_one_by_hand(
    by: Literal["self-confidence", "margin"], scores: list[float], positions: list[int]
) -> None:
    """The score is the label's probability, or that less the highest other one, whose class is suggested."""
    ranking = rank_label_errors(GIVEN, BY_HAND, by=by)
    np.testing.assert_allclose(ranking.scores, scores, atol=1e-9)
    np.testing.assert_array_equal(ranking.positions, positions)
    np.testing.assert_array_equal(ranking.suggested, [1, 1, 1, 0, 2, 0, 0, 1])


def test_a_perfect_model_flags_nothing() -> None:
    """Where each label has all of the probability, or the same share of it, nothing is flagged."""
    labels = np.arange(40) % 10
    for share in (1.0, 0.91):
        probabilities = np.full((40, 11), (1 - share) / 10)
        probabilities[np.arange(40), labels] = share
        ranking = rank_label_errors(labels, probabilities)
        assert not ranking.is_flagged.any()
        assert (ranking.scores > 0.8).all()


@given(st.integers(0, 1000), st.integers(1, 60))
def test_permuting_samples_permutes_the_ranking(seed: int, n: int) -> None:
    """In another order the same samples have the same scores, flags and ranks."""
    labels, probabilities = draw(n, seed)
    order = np.random.default_rng(seed + 1).permutation(n)
    usual = rank_label_errors(labels, probabilities)
    permuted = rank_label_errors(labels[order], probabilities[order])
    np.testing.assert_array_equal(permuted.scores, usual.scores[order])
    np.testing.assert_array_equal(permuted.suggested, usual.suggested[order])
    np.testing.assert_array_equal(permuted.is_flagged, usual.is_flagged[order])
    np.testing.assert_array_equal(order[permuted.positions], usual.positions)


def test_a_class_without_labels_is_never_confident() -> None:
    """A class that no sample is labelled with has no threshold, so nothing is counted under it."""
    labels, probabilities = draw(200, seed=3)
    joint = confident_joint(np.where(labels == 4, 5, labels), probabilities)
    assert not joint[:, [4, 10]].any()
    assert joint.sum() > 0


@pytest.mark.parametrize(
    ("labels", "probabilities", "match"),
    [
        (np.zeros(0, np.int64), np.zeros((0, 11)), r"at least one label\. Got 0 labels"),
        (np.zeros(3, np.int64), np.zeros((2, 11)), r"Got 3 labels and probabilities of shape \(2, 11\)"),
        (np.zeros(2, np.int64), np.ones((2, 1)), r"of two classes or more.*\(2, 1\)"),
        (np.zeros(2, np.int64), np.ones(2), r"shape \(2,\)"),
        (np.array([0, 2]), np.full((2, 2), 0.5), r"labels must be 0–1\. Got 0 to 2"),
        (np.array([0, -1]), np.full((2, 2), 0.5), r"labels must be 0–1\. Got -1 to 0"),
        (np.array([0, 1]), np.array([[0.5, 0.5], [np.nan, 1]]), r"0 to 1\. Got \[nan, 1\.0\] for sample 1"),
        (np.array([0, 1]), np.array([[-3.0, 4.0], [9, 1]]), r"0 to 1\. Got .*sample 0, 2 such in all"),
    ],
)
def test_what_cannot_be_ranked_is_refused(
    labels: NDArray[np.int64], probabilities: NDArray[np.float64], match: str
) -> None:
    """Nothing, too few rows, one class, labels that are no class, and numbers that are no probabilities."""
    with pytest.raises(InputError, match=match):
        rank_label_errors(labels, probabilities)
    with pytest.raises(InputError, match=match):
        confident_joint(labels, probabilities)
