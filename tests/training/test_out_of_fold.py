"""Predictions out of folds: by networks that never saw what they predict; and labels ranked by them."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tenfold.data import Dataset, Split
from tenfold.errors import InputError
from tenfold.evaluation import rank_label_errors
from tenfold.recipes import TorchRecipe
from tenfold.training import Progress, out_of_fold
from tenfold.training.check_data import check_data
from tenfold.training.fit import fit_network
from tenfold.training.network import Calibrated
from tenfold.training.out_of_fold import count_folds, gather_samples, predict_out_of_fold, rank_split
from tests.training.small import ignore, make_recipe

RECIPE = make_recipe(epochs=8)


def flip(samples: Split, positions: NDArray[np.int64]) -> Split:
    """Return the samples with other labels at some positions."""
    labels = samples.labels.copy()
    labels[positions] = (labels[positions] + 1 + positions % 8) % 10
    return Split(samples.images, labels)


def record_training(monkeypatch: pytest.MonkeyPatch) -> list[Split]:
    """Note what each network is trained on."""
    seen: list[Split] = []

    def train(recipe: TorchRecipe, samples: Split, *, seed: int, **_: object) -> Calibrated:
        seen.append(samples)
        return Calibrated(fit_network(recipe, samples, seed=seed, on_progress=ignore))

    monkeypatch.setattr(out_of_fold, "train_network", train)
    return seen


def test_each_sample_is_left_out_once_in_each_repeat(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every repeat's networks all but one are trained on a sample, in other folds each time."""
    seen = record_training(monkeypatch)
    samples = digits.test.take(np.arange(200))
    predict_out_of_fold(make_recipe(epochs=1), samples, n_folds=3, n_repeats=2)
    trained_on = [{image.tobytes() for image in part.images} for part in seen]
    n_seen = [sum(image.tobytes() in part for part in trained_on) for image in samples.images]
    assert n_seen == [4] * 200
    assert trained_on[0] != trained_on[3]


def test_flipped_labels_are_ranked_first(digits: Dataset) -> None:
    """Of ten labels that were flipped, nine at least are among the first fourteen, with the right digit."""
    positions = np.random.default_rng(0).choice(len(digits.train), 10, replace=False)
    flipped = flip(digits.train, positions)
    ranking = rank_label_errors(flipped.labels, predict_out_of_fold(RECIPE, flipped))
    found = np.intersect1d(ranking.positions[:14], positions)
    assert len(found) >= 9
    assert (ranking.suggested[found] == digits.train.labels[found]).mean() >= 0.9


def test_probabilities_are_of_eleven_classes_and_better_than_chance(digits: Dataset) -> None:
    """Rows sum to 1, nothing is "not a digit" where the recipe has no such class, and most are right."""
    probabilities = predict_out_of_fold(RECIPE, digits.test, n_folds=2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert probabilities[:, 10].max() < 1e-6
    assert (probabilities.argmax(axis=1) == digits.test.labels).mean() > 0.8


def test_the_seed_decides(digits: Dataset) -> None:
    """The same seed gives the same probabilities, another seed others."""
    samples = digits.test.take(np.arange(100))
    first, again, other = (
        predict_out_of_fold(make_recipe(epochs=1), samples, n_folds=2, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_progress_names_the_networks(digits: Dataset) -> None:
    """Reports say which of all networks is trained; two of them may begin in either order."""
    reports: list[Progress] = []
    samples = digits.test.take(np.arange(100))
    predict_out_of_fold(make_recipe(epochs=1), samples, n_folds=2, n_repeats=2, on_progress=reports.append)
    assert sorted({report.stage for report in reports}) == [
        f"network {number} of 4" for number in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("labels", "options", "match"),
    [
        ([1, 1, 1, 1], {}, r"at least two classes.*Got 4 of class 1"),
        ([], {}, r"at least two classes.*Got none"),
        ([1, 1, 2, 2, 2], {"n_folds": 3}, r"of 3 samples for 3 folds\. Got 2 of class 1, 3 of class 2"),
        ([1, 1, 2, 2], {"n_folds": 1}, r"n_folds must be 2 or more.* Got 1 and 1"),
        ([1, 1, 2, 2], {"n_repeats": 0}, r"n_repeats 1 or more.* Got 4 and 0"),
        ([1, 1, 2, 2], {"seed": -1}, r"seed must be 0 to 4294967295\. Got -1"),
    ],
)
def test_what_no_folds_can_be_made_of_is_refused(
    labels: list[int], options: dict[str, Any], match: str
) -> None:
    """One class, nothing, too many folds or too few, no repeat, a seed out of range."""
    samples = Split(np.zeros((len(labels), 28, 28), np.uint8), np.array(labels, np.int64))
    with pytest.raises(InputError, match=match):
        predict_out_of_fold(RECIPE, samples, **options)


@pytest.mark.parametrize(("counts", "expected"), [((2, 9), 2), ((3, 3), 3), ((4, 60, 5), 4), ((60, 70), 4)])
def test_folds_are_as_many_as_the_smallest_class_allows(counts: tuple[int, ...], expected: int) -> None:
    """Four, or fewer where a class has fewer samples."""
    assert count_folds(np.repeat(np.arange(len(counts)), counts)) == expected


@pytest.mark.parametrize(("counts", "match"), [((5,), "Got 5 of class 0"), ((5, 1), "5 of class 0, 1 of")])
def test_folds_need_two_classes_of_two(counts: tuple[int, ...], match: str) -> None:
    """One class, or one sample of a class, is refused, with what there is."""
    with pytest.raises(InputError, match=match):
        count_folds(np.repeat(np.arange(len(counts)), counts))


def test_the_test_split_is_predicted_out_of_folds_of_both(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its networks see training and other test samples; those of the training split see no test sample."""
    monkeypatch.setattr(out_of_fold, "MOST_EPOCHS", 1)
    small = Dataset("small", digits.train.take(np.arange(200)), digits.test.take(np.arange(80)), "")
    assert len(gather_samples(small, "test")) == 280
    seen = record_training(monkeypatch)
    for name, n_trained in (("train", 200), ("test", 280)):
        seen.clear()
        ranking = rank_split(make_recipe(epochs=1), small, name)
        assert len(ranking.positions) == len(getattr(small, name))
        assert {len(part) for part in seen} <= set(range(n_trained * 3 // 4 - 12, n_trained * 3 // 4 + 12))


def test_few_images_are_shown_more_often(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe of one epoch is trained longer where images are few, and as it is where they are many."""
    assert out_of_fold._lengthen(make_recipe(epochs=1), 1078).epochs == out_of_fold.MOST_EPOCHS
    assert out_of_fold._lengthen(make_recipe(epochs=1), 15_000).epochs == 3
    assert out_of_fold._lengthen(make_recipe(epochs=1), 52_500).epochs == 1
    assert out_of_fold._lengthen(make_recipe(epochs=60), 100).epochs == 60


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_mnist_errors_are_found(mnist: Dataset) -> None:
    """Of ten test labels that a majority of raters rejects, eight at least are among the first forty.

    Source of the positions: C. Northcutt, A. Athalye, J. Mueller, "Pervasive label errors in test sets
    destabilize machine learning benchmarks", NeurIPS Datasets and Benchmarks 2021.
    """
    rejected = {947, 1621, 1901, 2462, 2597, 3558, 5937, 6651, 6783, 9729}
    first = [suspect.place.index for suspect in check_data(mnist, ["test"]).suspects[:40]]
    assert len(rejected & set(first)) >= 8
