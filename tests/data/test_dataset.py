"""Datasets by name: where they are looked for, in which order, and that they are what was published."""

import gzip
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tenfold.arrays import AnyArray
from tenfold.data import SOURCES, Dataset, load_dataset, read_idx, save_idx
from tenfold.data.dataset import fetch_dataset, find_local
from tenfold.data.fetch import cache_folder
from tenfold.data.sources import Source
from tenfold.errors import (
    ChecksumError,
    DatasetError,
    DatasetNotFoundError,
    FetchError,
    IdxError,
    UnknownDatasetError,
)
from tenfold.image import to_digit_image
from tests.data.mirror import FILES, NAMES, Mirror, damaged, make_source

STORED = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
MENDING = "delete it, then fetch it again"


@pytest.fixture(scope="session")
def files(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the four IDX files of a small dataset, 60 and 40 of the embedded digits."""
    folder = tmp_path_factory.mktemp("files")
    train, test = digits.train.take(np.arange(60)), digits.test.take(np.arange(40))
    stored = (train.images, train.labels.astype("u1"), test.images, test.labels.astype("u1"))
    for name, array in zip(STORED, stored, strict=True):
        save_idx(folder / name, array)
    return {name: (folder / name).read_bytes() for name in STORED}


@pytest.fixture
def source(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Source:
    """Return a named dataset of these files, whose mirror nobody may ask."""
    small = make_source("https://127.0.0.1:1/", name="small", files=files)
    monkeypatch.setitem(SOURCES, "small", small)
    return small


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that TENFOLD_DATA names."""
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def online(
    source: Source, files: dict[str, bytes], mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> Mirror:
    """Return a mirror that holds the small dataset, with downloads switched on."""
    mirror.files = files
    monkeypatch.setitem(SOURCES, "small", make_source(mirror.address("gzip"), name="small", files=files))
    monkeypatch.delenv("TENFOLD_OFFLINE")
    return mirror


def store(folder: Path, files: dict[str, bytes], *, packed: bool = False, **changed: bytes) -> Path:
    """Write the files into a folder, those given by name in another form."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**files, **changed}.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_load_dataset_looks_in_the_data_folder_first(
    data: Path,
    online: Mirror,
    files: dict[str, bytes],
    packed: bool,  # noqa: FBT001
) -> None:
    """What stands below TENFOLD_DATA is taken, packed or not, before the cache and before any mirror."""
    store(data / "small", files, packed=packed)
    store(cache_folder("small"), dict.fromkeys(STORED, b"never read"))

    loaded = load_dataset("small")

    assert loaded.location == str(data / "small")
    assert [len(loaded.train), len(loaded.test)] == [60, 40]
    assert not online.requests


def test_load_dataset_looks_in_the_cache_next(data: Path, online: Mirror, files: dict[str, bytes]) -> None:
    """What the data folder lacks, even in part, is taken from the cache before any mirror."""
    store(data / "small", {name: files[name] for name in STORED[:3]})
    store(cache_folder("small"), files)

    assert load_dataset("small").location == str(cache_folder("small"))
    assert not online.requests


def test_load_dataset_downloads_last(data: Path, online: Mirror, files: dict[str, bytes]) -> None:
    """What is in neither place is downloaded into the cache, once."""
    first, again = load_dataset("small"), load_dataset("small")

    assert first.location == again.location == str(cache_folder("small"))
    assert first.sha256() == again.sha256()
    assert online.requests == {f"/gzip/{name}.gz": 1 for name in STORED}
    assert not data.exists()


def test_load_dataset_reports_its_downloads(online: Mirror) -> None:
    """The callback hears of each file as it comes."""
    heard: set[str] = set()

    load_dataset("small", on_progress=lambda *seen: heard.add(seen[0]))

    assert heard == {*STORED}


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_load_dataset_offline_names_every_place(
    data: Path, online: Mirror, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """With downloads off, the error names each place in order and what it lacks, and nobody is asked."""
    if how == "environment":
        monkeypatch.setenv("TENFOLD_OFFLINE", "1")
    store(data / "small", {name: files[name] for name in STORED[:2]})

    with pytest.raises(
        DatasetNotFoundError, match=r"small was not found. Looked in: .*`tenfold fetch small`"
    ) as caught:
        load_dataset("small", offline=True if how == "argument" else None)

    assert caught.value.places == (
        f"{data / 'small'}: no test-images, test-labels",
        f"the cache ({cache_folder('small')}: no such folder)",
        "downloads (switched off)",
    )
    assert not online.requests


def test_load_dataset_names_the_mirrors_that_failed(
    online: Mirror, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With downloads on, the error names both folders and then each mirror with its reason."""
    mirrors = [online.address("forbidden"), online.address("other")]
    monkeypatch.setitem(SOURCES, "small", make_source(*mirrors, name="small", files=files))

    with pytest.raises(DatasetNotFoundError, match=r"forbidden/.* 403 .*; .*other/.* sha256") as caught:
        load_dataset("small")

    assert caught.value.places[0] == "TENFOLD_DATA (not set)"
    assert len(caught.value.places) == 4
    assert isinstance(caught.value.__cause__, FetchError)


def test_load_dataset_never_falls_back_from_mnist(data: Path) -> None:
    """Without MNIST anywhere, its name is an error and not another dataset."""
    with pytest.raises(DatasetNotFoundError, match=r"mnist was not found. .* set TENFOLD_DATA to a folder"):
        load_dataset("mnist")


@pytest.mark.parametrize("place", ["data", "cache"])
@pytest.mark.parametrize("name", STORED)
def test_load_dataset_verifies_each_file_every_time(
    data: Path, source: Source, files: dict[str, bytes], name: str, place: str
) -> None:
    """A flipped bit anywhere in any file is found, wherever the file stands and however often it was good."""
    folder = store(data / "small" if place == "data" else cache_folder("small"), files)
    load_dataset("small")
    generator = random.Random(name)

    for offset in [0, 2, 3, 7, len(files[name]) - 1, *generator.sample(range(16, len(files[name])), 10)]:
        (folder / name).write_bytes(damaged(files[name], offset))
        with pytest.raises((ChecksumError, IdxError), match=f"{folder / name}(:| must have sha256)"):
            load_dataset("small")


@pytest.mark.parametrize("name", STORED)
def test_load_dataset_verifies_packed_files(
    data: Path, source: Source, files: dict[str, bytes], name: str
) -> None:
    """A flipped bit anywhere behind the header of a packed file is found."""
    folder = store(data / "small", files, packed=True)
    packed = (folder / f"{name}.gz").read_bytes()

    for offset in random.Random(name).sample(range(10, len(packed)), 15):
        (folder / f"{name}.gz").write_bytes(damaged(packed, offset))
        with pytest.raises((ChecksumError, IdxError), match=f"{name}.gz(:| must have sha256)"):
            load_dataset("small")


def test_load_dataset_refuses_other_data_under_its_name(
    data: Path, source: Source, files: dict[str, bytes]
) -> None:
    """A valid file with other content is not the named dataset; a path to it is read all the same."""
    labels = damaged(files[STORED[1]], -1)
    folder = store(data / "small", {**files, STORED[1]: labels})

    with pytest.raises(ChecksumError, match=MENDING):
        load_dataset("small")
    assert load_dataset(folder).train.labels[-1] == labels[-1]


def test_load_dataset_finds_one_wrong_byte_in_mnist(mnist_folder: Path, data: Path, tmp_path: Path) -> None:
    """Of MNIST itself, one changed byte of the packed training images is found."""
    folder = shutil.copytree(mnist_folder, data / "mnist", copy_function=_link)
    [images] = [path for path in folder.iterdir() if path.name.startswith("train-images")]
    content = images.read_bytes()
    images.unlink()
    images.write_bytes(damaged(content, 5_000_000))

    with pytest.raises((ChecksumError, IdxError), match=f"^{images}"):
        load_dataset("mnist")


def _link(path: str, target: str) -> None:
    """Let a copy be a link, which costs nothing."""
    Path(target).symlink_to(path)


def test_load_dataset_loads_mnist(mnist: Dataset, mnist_folder: Path) -> None:
    """MNIST has 60,000 and 10,000 digits, in the published order."""
    assert mnist.location == str(mnist_folder)
    assert [len(mnist.train), len(mnist.test)] == [60_000, 10_000]
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert int(mnist.train.images.sum()) == 1_567_298_545


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mnst", r"Got 'mnst'. Did you mean mnist\?"),
        ("MNIST", r"Got 'MNIST'. `tenfold datasets`"),
        ("digit", r"Got 'digit'. Did you mean digits\?"),
        (
            "nowhere/at/all",
            r"must be one of mnist, digits, or a path that exists. Got 'nowhere/at/all'. `ten",
        ),
        ("x" * 5000, "must be one of mnist, digits"),
        ("~no-such-user-here/data", "must be one of mnist, digits"),
        ("null\0byte", r"Got 'null\\x00byte'"),
    ],
)
def test_load_dataset_suggests_a_name(name: str, message: str) -> None:
    """A name that is neither a dataset nor a path is refused, with the names near to it."""
    with pytest.raises(UnknownDatasetError, match=message):
        load_dataset(name)


def test_load_dataset_takes_the_leaf_of_a_path_as_name(
    tmp_path: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dataset from a path is called by the path's last part, however the path is written."""
    store(tmp_path / "letters", files)
    monkeypatch.chdir(tmp_path / "letters")
    monkeypatch.setenv("HOME", str(tmp_path))

    for path in (tmp_path / "letters", f"{tmp_path}/letters/", ".", "../letters", "~/letters"):
        assert load_dataset(path).name == "letters"


def test_digits_are_scikit_learns(digits: Dataset) -> None:
    """The embedded dataset is scikit-learn's `load_digits`, in its order, scaled to digit images."""
    theirs = load_digits()
    expected = np.stack([to_digit_image(_ink(image)) for image in theirs.images])
    position = {image.tobytes(): index for index, image in enumerate(expected)}

    np.testing.assert_array_equal(read_idx(FILES[NAMES[0]]), theirs.images)
    np.testing.assert_array_equal(read_idx(FILES[NAMES[1]]), theirs.target)
    for split in (digits.train, digits.test):
        order = [position[image.tobytes()] for image in split.images]
        assert order == sorted(order)
        np.testing.assert_array_equal(split.labels, theirs.target[order])


def _ink(image: AnyArray) -> AnyArray:
    """Scale 0–16 to 0–255."""
    return np.rint(image * 255 / 16).astype(np.uint8)


def test_digits_are_cut_the_same_way_each_time(
    digits: Dataset, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded dataset is cut into the same two parts, whatever folders of that name lie about."""
    for folder in (data / "digits", tmp_path / "digits"):
        folder.mkdir(parents=True)
        (folder / "train-images").write_bytes(b"never read")
    monkeypatch.chdir(tmp_path)

    again = load_dataset("digits")

    assert digits.sha256() == again.sha256()
    assert [digits.name, digits.location] == ["digits", "the package"] == [again.name, again.location]
    assert [len(digits.train), len(digits.test)] == [SOURCES["digits"].n_train, SOURCES["digits"].n_test]
    np.testing.assert_allclose(np.bincount(digits.test.labels), np.bincount(load_digits().target) / 5, atol=1)
    assert not cache_folder("digits").exists()


def test_fetch_dataset_has_nothing_to_fetch_for_digits() -> None:
    """What comes with the package stands in no folder."""
    assert fetch_dataset("digits") is None


def test_fetch_dataset_refuses_a_path(tmp_path: Path) -> None:
    """Only names can be fetched."""
    with pytest.raises(UnknownDatasetError, match="must be one of mnist, digits"):
        fetch_dataset(str(tmp_path))


def test_fetch_dataset_downloads_and_then_verifies(online: Mirror) -> None:
    """The first call downloads; the next verifies and downloads nothing."""
    assert fetch_dataset("small") == fetch_dataset("small") == cache_folder("small")
    assert online.requests.total() == len(STORED)


def test_fetch_dataset_mends_the_cache(online: Mirror, files: dict[str, bytes]) -> None:
    """A damaged file in the cache is fetched again, as the error about it advises."""
    folder = store(cache_folder("small"), {**files, STORED[0]: damaged(files[STORED[0]], 99)})
    with pytest.raises(ChecksumError, match=MENDING):
        load_dataset("small")

    fetch_dataset("small")

    assert (folder / STORED[0]).read_bytes() == files[STORED[0]]
    assert online.requests == {f"/gzip/{STORED[0]}.gz": 1}


@pytest.mark.parametrize("place", ["data", "cache"])
def test_fetch_dataset_offline_verifies(
    data: Path, source: Source, files: dict[str, bytes], place: str
) -> None:
    """Offline, good files on this machine are enough, and damaged ones are an error."""
    folder = store(data / "small" if place == "data" else cache_folder("small"), files)
    assert fetch_dataset("small") == folder

    (folder / STORED[3]).write_bytes(damaged(files[STORED[3]], -2))
    with pytest.raises(ChecksumError, match=MENDING):
        fetch_dataset("small")


def test_fetch_dataset_offline_says_where_it_looked(source: Source) -> None:
    """Offline, with the files nowhere, the places are named."""
    with pytest.raises(DatasetNotFoundError, match=r"TENFOLD_DATA \(not set\); the cache .*switched off"):
        fetch_dataset("small")


def test_find_local_wants_all_four_files(data: Path, source: Source, files: dict[str, bytes]) -> None:
    """A folder with some of the files is not the dataset."""
    assert find_local(source) is None
    store(data / "small", {name: files[name] for name in STORED[:3]})
    assert find_local(source) is None
    store(data / "small", files)
    assert find_local(source) == data / "small"


def test_load_dataset_refuses_a_file_that_is_no_archive(tmp_path: Path) -> None:
    """A path to a single file must be an .npz archive."""
    (tmp_path / "train-images-idx3-ubyte").write_bytes(FILES[NAMES[0]])
    with pytest.raises(DatasetError, match=r"must be an \.npz archive of plain arrays"):
        load_dataset(tmp_path / "train-images-idx3-ubyte")
