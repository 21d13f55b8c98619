"""Corrections as a data set: what was kept is what a model is trained and tested on."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.data import load_dataset
from tenfold.errors import DatasetError, OutputError
from tenfold.serve.correction import Correction
from tenfold.serve.export import export_corrections
from tenfold.serve.store import Entry, add_correction, list_corrections, open_store
from tests.serve.killed_writers import make_correction

corrections = st.builds(
    Correction,
    image=st.binary(min_size=1, max_size=728).filter(any).map(lambda ink: bytes(28) + ink.ljust(756, b"\0")),
    label=st.none() | st.integers(0, 9),
    predicted=st.none() | st.integers(0, 9),
    model=st.text("0123456789abcdef", min_size=64, max_size=64),
)


def make_entries(numbers: range) -> list[Entry]:
    """Return corrections whose images differ where their numbers do."""
    return [Entry(number, "2026-01-31T23:59:59Z", make_correction(number)) for number in numbers]


def images_of(folder: Path) -> tuple[set[bytes], set[bytes]]:
    """Return the images of a data set's training split, and those of its test split."""
    loaded = load_dataset(folder)
    train, test = ({image.tobytes() for image in part.images} for part in (loaded.train, loaded.test))
    return train, test


@settings(max_examples=25, deadline=None)
@given(given_corrections=st.lists(corrections, min_size=2, max_size=8, unique_by=lambda kept: kept.image))
def test_what_was_written_is_what_is_exported(given_corrections: list[Correction]) -> None:
    """Every image with its label, and no other, is in the data set, bit for bit, in one split alone."""
    digits = [kept for kept in given_corrections if kept.label is not None]
    with TemporaryDirectory() as folder:
        store = open_store(f"{folder}/corrections.db")
        for correction in given_corrections:
            add_correction(store, correction)
        entries = list_corrections(store)
        assert [entry.correction for entry in entries] == given_corrections
        if len(digits) < 2:
            with pytest.raises(DatasetError, match=f"Got {len(digits)} with a digit"):
                export_corrections(entries, Path(folder, "data"))
            return
        made = export_corrections(entries, Path(folder, "data"))
        whole = load_dataset(f"{folder}/data").whole()
    expected = [(kept.image, kept.label) for kept in digits]
    assert sorted(
        (image.tobytes(), label) for image, label in zip(*vars(whole).values(), strict=True)
    ) == sorted(expected)
    assert made.n_left_out == len(given_corrections) - len(digits)
    assert made.class_counts() == [Counter(kept.label for kept in digits)[label] for label in range(10)]


def test_a_fifth_is_the_test_split_and_stays_so(tmp_path: Path) -> None:
    """What an earlier export tested on is not trained on in a later one."""
    export_corrections(make_entries(range(500)), tmp_path / "first")
    export_corrections(make_entries(range(1000)), tmp_path / "later")
    (train, test), (later_train, later_test) = images_of(tmp_path / "first"), images_of(tmp_path / "later")
    assert 70 <= len(test) <= 130
    assert (len(train) + len(test), len(later_train) + len(later_test)) == (500, 1000)
    assert train < later_train
    assert test < later_test


def test_the_same_image_is_in_one_split_alone(tmp_path: Path) -> None:
    """An image that was corrected often is trained on or tested on, not both."""
    entries = make_entries(range(40)) * 3
    made = export_corrections(entries, tmp_path / "data")
    train, test = images_of(tmp_path / "data")
    assert not train & test
    assert len(made.train) + len(made.test) == 120


@pytest.mark.parametrize("seed", range(20))
def test_two_images_are_enough(tmp_path: Path, seed: int) -> None:
    """Of two images one is for training and one for testing, whatever their hashes."""
    made = export_corrections(make_entries(range(2 * seed, 2 * seed + 2)), tmp_path / "data")
    assert (len(made.train), len(made.test)) == (1, 1)
    assert len(load_dataset(tmp_path / "data").whole()) == 2


@pytest.mark.parametrize("entries", [[], make_entries(range(1)) * 5])
def test_too_few_make_no_data_set(tmp_path: Path, entries: list[Entry]) -> None:
    """None, or one image several times, is an error, and no folder is left."""
    with pytest.raises(DatasetError, match=r"two different images at least.* Got [01] with a digit"):
        export_corrections(entries, tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A file, a folder, even an empty one, and a link that leads nowhere stay what they are."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    for name in ("file", "folder", "link"):
        with pytest.raises(OutputError, match=f"{name} cannot be written: it exists"):
            export_corrections(make_entries(range(9)), tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "mine"


def test_an_edge_of_ink_does_not_change_the_others(tmp_path: Path) -> None:
    """The inkiest image that the store takes does not make the data set pass for dark on light."""
    rows = np.zeros((28, 28), np.uint8)
    rows[[0, -1]] = 63
    rows[5:20] = 255
    entries = [Entry(1, "", Correction(rows.tobytes(), 1, 7, "a" * 64))] * 50 + make_entries(range(2))
    export_corrections(entries, tmp_path / "data")
    train, test = images_of(tmp_path / "data")
    assert train | test == {entry.correction.image for entry in entries}
