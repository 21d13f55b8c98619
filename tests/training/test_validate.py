"""How a recipe is scored to be compared: on a part of the training images that it was not trained on."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenfold.data import Dataset, Split, split_training
from tenfold.errors import DatasetError, InputError
from tenfold.recipes import LbfgsRecipe, Recipe
from tenfold.training.fit import fit_network, measure_accuracy
from tenfold.training.validate import validate
from tests.training.small import cut, ignore, make_recipe

if TYPE_CHECKING:
    from tenfold.training import Progress

TUTORIAL = LbfgsRecipe(
    name="small", summary="for tests", hidden_units=16, alpha=1e-5, max_iter=20, tol=1e-4, must_reach=0.5
)


@pytest.fixture(scope="module")
def samples(digits: Dataset) -> Split:
    """Return a few images."""
    return cut(digits, 300).train


def test_validate_trains_on_one_part_and_scores_on_another(samples: Split) -> None:
    """The score is that of the one loop, on the validation split, after training on the train split."""
    recipe, splits = make_recipe(), split_training(samples, seed=3)
    network = fit_network(recipe, splits.train, seed=3, on_progress=ignore)
    assert validate(recipe, samples, seed=3) == measure_accuracy(network, splits.validation)


@pytest.mark.parametrize(
    "recipe", [TUTORIAL, make_recipe(), make_recipe(members=2)], ids=["lbfgs", "one", "two"]
)
def test_validate_does_not_look_at_the_calibration_images(recipe: Recipe, samples: Split) -> None:
    """Without any ink in that part the score is the same; in the validation part it is not."""
    honest = validate(recipe, samples)
    assert validate(recipe, without_ink(samples, "calibration")) == honest
    assert honest > 0.5 > validate(recipe, without_ink(samples, "validation"))


def without_ink(samples: Split, part: str) -> Split:
    """Return the samples with blank images in one of the parts they are cut into."""
    numbers = np.zeros_like(samples.images)
    numbers[:, 0, 0], numbers[:, 0, 1] = np.divmod(np.arange(len(samples)), 256)
    held_out = getattr(split_training(Split(numbers, samples.labels), seed=0), part).images[:, 0]
    images = samples.images.copy()
    images[held_out[:, 0].astype(np.int64) * 256 + held_out[:, 1]] = 0
    return Split(images, samples.labels)


def test_validate_reports_each_epoch_once(samples: Split) -> None:
    """Each epoch's end has its number, and the accuracy so far; the last is the score."""
    reports: list[Progress] = []
    score = validate(make_recipe(epochs=3), samples, on_progress=reports.append)
    assert [report.epochs_done for report in reports if report.epochs_done][-3:] == [1, 2, 3]
    assert reports[-1].validation_accuracy == score


def test_validate_refuses_what_cannot_be_cut(samples: Split) -> None:
    """A seed out of range and a class of two images are errors."""
    with pytest.raises(InputError, match="seed must be 0 to 4294967295"):
        validate(make_recipe(), samples, seed=-1)
    with pytest.raises(DatasetError, match="Each class must have at least 3 samples"):
        validate(make_recipe(), samples.take(np.arange(20)))
