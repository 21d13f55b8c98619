"""The index of training digits: right, and built once."""

import logging
import zlib
from pathlib import Path

import numpy as np
import pytest

from tenfold import recipes, training
from tenfold.arrays import Embeddings, Images
from tenfold.data import Dataset, Split
from tenfold.errors import InputError
from tenfold.explain import NeighborIndex, build_index, load_index
from tenfold.explain.neighbors import CHECKSUM_BYTES, MOST_KEPT, index_path
from tenfold.model_file import ModelFile
from tenfold.recognizer import Recognizer


class Counting(Recognizer):
    """A recognizer that counts the images it embeds."""

    def __init__(self, model: ModelFile) -> None:
        super().__init__(model)
        self.n_embedded = 0

    def embed(self, images: Images) -> Embeddings:
        """Embed, and count."""
        self.n_embedded += len(images)
        return super().embed(images)


@pytest.fixture
def counting(run: training.Run) -> Counting:
    """Return the recognizer of the shared model, counting."""
    return Counting(run.model)


@pytest.fixture(scope="module")
def samples(digits: Dataset) -> Split:
    """Return more training digits than are embedded at once."""
    return digits.train.take(np.arange(600))


@pytest.fixture(scope="module")
def index(reader: Recognizer, samples: Split) -> NeighborIndex:
    """Return their index."""
    return build_index(reader, samples)


def flip(data: bytes, at: int) -> bytes:
    """Return the bytes with one bit of one of them turned."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def sealed(array: np.ndarray) -> bytes:
    """Return an array as the cache keeps it, with a checksum that is right."""
    return zlib.crc32(array.data).to_bytes(CHECKSUM_BYTES, "little") + array.tobytes()


def test_nearest_of_a_training_digit_is_itself(
    reader: Recognizer, samples: Split, index: NeighborIndex
) -> None:
    """Each training digit is its own nearest, at distance 0, with its label and image."""
    for at in (0, 255, 256, 599):
        first, second, *_ = index.nearest(reader.embed(samples.images[at][None])[0])
        assert (first.position, first.label) == (at, samples.labels[at])
        assert first.distance == pytest.approx(0, abs=2e-4)
        assert second.distance > 0.01
        np.testing.assert_array_equal(first.image, samples.images[at])


def test_neighbors_are_those_of_all_distances(
    reader: Recognizer, digits: Dataset, samples: Split, index: NeighborIndex
) -> None:
    """Against the plain computation with 64 bits: the same digits, and distances to a thousandth."""
    embeddings = reader.embed(samples.images).astype(np.float64)
    units = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    for embedding in reader.embed(digits.test.images[:40]):
        distances = np.linalg.norm(units - embedding / np.linalg.norm(embedding.astype(np.float64)), axis=1)
        found = index.nearest(embedding, k=7)
        np.testing.assert_allclose([one.distance for one in found], np.sort(distances)[:7], atol=1e-3)
        np.testing.assert_allclose(
            [one.distance for one in found], distances[[n.position for n in found]], atol=1e-3
        )


def test_neighbors_do_not_depend_on_the_strength_of_an_embedding(
    reader: Recognizer, samples: Split, index: NeighborIndex
) -> None:
    """Only the direction counts; an embedding of zeros has neighbors too, all as far."""
    embedding = reader.embed(samples.images[5][None])[0]
    weak, strong = (index.nearest(times * embedding) for times in (np.float32(0.1), np.float32(10)))
    assert [one.position for one in weak] == [one.position for one in strong]
    assert [one.distance for one in index.nearest(0 * embedding)] == pytest.approx([1] * 5, abs=1e-3)


def test_fewer_samples_give_fewer_neighbors(reader: Recognizer, samples: Split) -> None:
    """An index of three digits has three neighbors, the nearest first."""
    few = build_index(reader, samples.take(np.arange(3)))
    found = few.nearest(reader.embed(samples.images[9][None])[0], k=5)
    assert len(found) == 3
    assert [one.distance for one in found] == sorted(one.distance for one in found)


@pytest.mark.parametrize(("k", "length"), [(0, 32), (-1, 32), (5, 31)])
def test_nearest_refuses_what_it_cannot_compare(index: NeighborIndex, k: int, length: int) -> None:
    """No neighbors, or an embedding of another model, are an InputError that shows both."""
    with pytest.raises(InputError, match=rf"of length 32\. Got k={k} and length {length}\."):
        index.nearest(np.ones(length, np.float32), k=k)


def test_index_is_built_once(counting: Counting, samples: Split, index: NeighborIndex) -> None:
    """The second call embeds nothing, reports nothing, and gives the same index."""
    steps: list[int] = []
    first = load_index(counting, samples, on_progress=lambda: steps.append(1))
    assert (counting.n_embedded, len(steps)) == (600, 3)
    again = load_index(counting, samples, on_progress=lambda: steps.append(1))
    assert (counting.n_embedded, len(steps)) == (600, 3)
    for one in (first, again):
        np.testing.assert_array_equal(one.embeddings, index.embeddings)


def test_another_model_or_other_data_have_another_index(
    counting: Counting, digits: Dataset, samples: Split
) -> None:
    """A model with other weights, other images, or the same images with another label, are not mixed up."""
    recipe = recipes.with_settings(
        recipes.find_recipe("tutorial-mlp"), {"max_iter": "1", "hidden_units": "8"}
    )
    other = Recognizer(training.train(recipe, digits).model)
    relabelled = Split(samples.images, np.roll(samples.labels, 1))
    paths = {
        index_path(counting, samples),
        index_path(other, samples),
        index_path(counting, samples.take(np.arange(599))),
        index_path(counting, relabelled),
    }
    assert len(paths) == 4
    load_index(counting, samples)
    load_index(counting, relabelled)
    assert counting.n_embedded == 1200


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-2000]),
        lambda path: path.write_bytes(flip(path.read_bytes(), 20_000)),
        lambda path: path.write_bytes(flip(path.read_bytes(), 1)),
        lambda path: path.write_bytes(sealed(np.zeros((599, 32), np.int16))),
        lambda path: path.write_bytes(sealed(np.zeros(600 * 64 - 1, np.uint8))),
    ],
    ids=["empty", "cut short", "other bytes", "other checksum", "fewer samples", "half a number"],
)
def test_damaged_index_is_built_anew(
    counting: Counting, samples: Split, index: NeighborIndex, damage: object
) -> None:
    """Whatever happened to the file, the index is the same, and the file whole again."""
    load_index(counting, samples)
    damage(index_path(counting, samples))  # type: ignore[operator]
    np.testing.assert_array_equal(load_index(counting, samples).embeddings, index.embeddings)
    assert counting.n_embedded == 1200
    load_index(counting, samples)
    assert counting.n_embedded == 1200


def test_cache_keeps_the_last_few(counting: Counting, samples: Split) -> None:
    """The oldest index goes when there are more than a few; no other file stays behind."""
    parts = [samples.take(np.arange(first, first + 20)) for first in range(0, 20 * (MOST_KEPT + 2), 20)]
    for part in parts:
        load_index(counting, part)
    kept = [index_path(counting, part) for part in parts]
    assert sorted(kept[0].parent.iterdir()) == sorted(kept[-MOST_KEPT:])


def test_cache_that_cannot_be_written_costs_a_warning(
    counting: Counting, samples: Split, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file where the cache's folder should be does not keep anybody from an explanation."""
    cache.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        index = load_index(counting, samples)
    assert len(index.embeddings) == 600
    assert "not kept" in caplog.text
