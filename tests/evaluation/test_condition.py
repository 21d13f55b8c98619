"""What breaks the contract of digit images is found, and named by what it breaks."""

import jaxtyping
import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.errors import InputError
from tenfold.evaluation import check_condition
from tenfold.evaluation.condition import Condition


def found(condition: Condition) -> dict[str, list[int]]:
    """Return the positions as lists, of those kinds that there are."""
    return {kind: positions.tolist() for kind, positions in vars(condition).items() if len(positions)}


def test_planted_faults_are_found(digits: Dataset) -> None:
    """Blank, noisy, inverted, stretched, wide and shifted images stand under what is wrong with them."""
    images = digits.test.images[:30].copy()
    images[3] = 0
    images[5] = np.random.default_rng(0).integers(0, 10, (28, 28))
    images[7] = 255 - images[7]
    images[9, 3:26, 14] = images[9, 2, 14] = 255
    images[11] = np.roll(images[11], 2, axis=0)
    images[13] = np.roll(images[13], -2, axis=1)
    assert found(check_condition(images)) == {
        "blank": [3, 5],
        "inverted": [7],
        "outside_box": [9],
        "off_center": [11, 13],
    }


@pytest.mark.parametrize("axis", [0, 1])
def test_ink_of_twenty_pixels_is_in_the_box(axis: int) -> None:
    """A stroke of 20 pixels across or down is within the contract, one of 21 is not."""
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 4:24, 13:16] = images[1, 4:25, 13:16] = 255
    turned = np.ascontiguousarray(images.swapaxes(1, 1 + axis))
    assert found(check_condition(turned)) == {"outside_box": [1]}


def test_the_embedded_digits_are_digit_images(digits: Dataset) -> None:
    """Nothing is found in images that were made the way MNIST was."""
    assert found(check_condition(digits.train.images)) == {}


def test_mnist_is_of_digit_images(mnist: Dataset) -> None:
    """Nothing is found in MNIST, whose construction is the contract."""
    assert found(check_condition(mnist.train.images)) == {}
    assert found(check_condition(mnist.test.images)) == {}


def test_no_images_are_in_good_condition() -> None:
    """Of no images none is wrong."""
    assert found(check_condition(np.zeros((0, 28, 28), np.uint8))) == {}


def test_other_arrays_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has another type is refused, with what it is."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as it is outside the tests
    with pytest.raises(InputError, match=r"Got float64 of shape \(2, 28, 28\)"):
        check_condition(np.zeros((2, 28, 28)))  # type: ignore[arg-type]
