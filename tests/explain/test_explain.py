"""All that explains one answer, and its drawing."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import Dataset
from tenfold.errors import EmptyImageError, InputError, OutputError
from tenfold.explain import (
    Explanation,
    ExplanationDisplay,
    NeighborIndex,
    build_index,
    explain,
    name_answer,
    occlusion_map,
)
from tenfold.recognizer import Recognizer


@pytest.fixture(scope="module")
def index(reader: Recognizer, digits: Dataset) -> NeighborIndex:
    """Return the index of the training digits."""
    return build_index(reader, digits.train)


@pytest.fixture(scope="module")
def explanation(reader: Recognizer, digits: Dataset, index: NeighborIndex) -> Explanation:
    """Explain a test digit."""
    return explain(reader, digits.test.images[4], index)


def test_explanation_is_that_of_the_models_answer(
    reader: Recognizer, digits: Dataset, explanation: Explanation
) -> None:
    """Label, second answer and map are of the model's own probabilities."""
    image = digits.test.images[4]
    probabilities = reader.predict_proba(image[None])[0]
    np.testing.assert_array_equal(explanation.image, image)
    np.testing.assert_array_equal(explanation.probabilities, probabilities)
    assert explanation.label == probabilities.argmax()
    assert explanation.most_probable(2) == [explanation.label, explanation.second]
    assert probabilities[explanation.second] == np.sort(probabilities)[-2]
    expected = occlusion_map(reader.predict_proba, image, explanation.label)
    np.testing.assert_array_equal(explanation.relevance, expected)
    assert len(explanation.neighbors) == 5
    assert explanation.counterfactual is not None
    assert explanation.counterfactual.label == explanation.second


def test_explanation_as_a_dictionary_is_json(explanation: Explanation) -> None:
    """Every number is plain, and the images are whole."""
    values = json.loads(json.dumps(explanation.to_dict()))
    keys = ["label", "probabilities", "second", "image", "occlusion", "neighbors", "counterfactual"]
    assert list(values) == keys
    assert np.shape(values["image"]) == np.shape(values["occlusion"]) == (28, 28)
    assert [list(one) for one in values["neighbors"]] == [["index", "label", "distance"]] * 5
    changed = ["label", "probability", "n_erased", "n_inked", "image"]
    assert list(values["counterfactual"]) == changed


def test_explain_refuses_what_is_no_digit_image(reader: Recognizer, index: NeighborIndex) -> None:
    """An image without ink has nothing to explain."""
    with pytest.raises(EmptyImageError, match=r"must show a digit\. Got one without ink"):
        explain(reader, np.zeros((28, 28), np.uint8), index)


def test_explain_refuses_the_index_of_another_model(
    reader: Recognizer, digits: Dataset, index: NeighborIndex
) -> None:
    """Embeddings of another length are not compared."""
    other = NeighborIndex(index.embeddings[:, :7].copy(), index.samples)
    with pytest.raises(InputError, match=r"of length 7\. Got k=5 and length 32"):
        explain(reader, digits.test.images[0], other)


@pytest.mark.parametrize("found", [True, False])
def test_display_draws_a_picture(explanation: Explanation, tmp_path: Path, *, found: bool) -> None:
    """The PNG has color, whether a counterfactual was found or not."""
    from dataclasses import replace

    one = explanation if found else replace(explanation, counterfactual=None)
    ExplanationDisplay(one, "a digit").save(tmp_path / "why.png")
    with Image.open(tmp_path / "why.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (900, 630))
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert (pixels[..., 0] - pixels[..., 2]).max() > 100  # orange
    assert (pixels[..., 2] - pixels[..., 0]).max() > 100  # blue


def test_display_says_where_it_cannot_write(explanation: Explanation, tmp_path: Path) -> None:
    """A folder that is missing is an OutputError that names the path."""
    with pytest.raises(OutputError, match=r"why\.png cannot be written"):
        ExplanationDisplay(explanation, "a digit").save(tmp_path / "nowhere" / "why.png")


def test_answers_have_names() -> None:
    """A digit is called by itself, the eleventh class in words."""
    assert [name_answer(label) for label in (0, 9, 10)] == ["0", "9", "no digit"]
