"""What would have to change for another answer."""

import numpy as np

from tenfold.data import Dataset
from tenfold.explain import find_counterfactual
from tenfold.recognizer import Recognizer
from tests.explain.rules import ROOF, always_zero, draw, nine_if_closed

NONE_YET = np.zeros((0, 28, 28), np.uint8)


def test_only_the_stroke_that_counts_is_drawn() -> None:
    """To close a 4, the roof is inked, no more of it than is needed, and nothing else."""
    found = find_counterfactual(nine_if_closed, draw(closed=False), 9, draw(closed=True)[None])
    assert found is not None
    changed = found.image != draw(closed=False)
    assert not changed[~ROOF].any()
    assert (found.n_inked, found.n_erased, found.n_changed) == (changed.sum(), 0, changed.sum())
    assert nine_if_closed(found.image[None])[0].argmax() == 9
    for row, column in np.argwhere(changed):  # what is left is needed, pixel by pixel
        less = found.image.copy()
        less[row, column] = 0
        assert nine_if_closed(less[None])[0, 9] < 0.51


def test_a_real_model_answers_otherwise(reader: Recognizer, digits: Dataset) -> None:
    """Fed to the model, the changed image gets the second answer, with the probability that is stated."""
    train = digits.train
    n_found = 0
    for image in digits.test.images[:20]:
        probabilities = reader.predict_proba(image[None])[0]
        label, second = (int(one) for one in np.argsort(-probabilities)[:2])
        found = find_counterfactual(reader.predict_proba, image, second, train.images[train.labels == second])
        if found is None:
            continue
        n_found += 1
        after = reader.predict_proba(found.image[None])[0]
        assert (found.label, int(after.argmax())) == (second, second) != (label, label)
        assert abs(float(after[second]) - found.probability) < 1e-5
        assert found.n_erased == (found.image < image).sum()
        assert found.n_inked == (found.image > image).sum()
        assert 0 < found.n_changed < 200
    assert n_found >= 15


def test_image_is_left_as_it_is(reader: Recognizer, digits: Dataset) -> None:
    """What is given is not written to."""
    image, before = digits.test.images[0].copy(), digits.test.images[0].copy()
    find_counterfactual(reader.predict_proba, image, 8, digits.train.images[digits.train.labels == 8])
    np.testing.assert_array_equal(image, before)


def test_ink_is_only_erased_where_there_are_no_examples() -> None:
    """What would make it a 4, of which there is no example, is found by erasing."""
    found = find_counterfactual(nine_if_closed, draw(closed=True), 4, NONE_YET)
    assert found is not None
    assert found.n_inked == 0
    assert found.n_erased > 0
    assert nine_if_closed(found.image[None])[0].argmax() == 4


def test_nothing_is_found_where_the_model_never_answers_so() -> None:
    """A model that knows one answer alone has no counterfactual, and none is made up."""
    assert find_counterfactual(always_zero, draw(closed=True), 4, draw(closed=False)[None]) is None
    assert find_counterfactual(always_zero, draw(closed=True), 4, NONE_YET) is None


def test_search_is_given_up_after_so_many_squares() -> None:
    """Where every pixel of an example is needed and it differs everywhere, squares run out."""
    everywhere = np.full((28, 28), 255, np.uint8)

    def full_is_nine(images: np.ndarray) -> np.ndarray:
        is_full = (images == 255).all(axis=(1, 2))
        return np.eye(11, dtype=np.float32)[np.where(is_full, 9, 4)]

    assert find_counterfactual(full_is_nine, np.zeros((28, 28), np.uint8), 9, everywhere[None]) is None
