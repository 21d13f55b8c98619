"""Datasets as people have them on disk."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.arrays import AnyArray, Images
from tenfold.data import Dataset, Split, load_dataset, read_idx, save_idx
from tenfold.data.folders import find_idx_files
from tenfold.errors import DatasetError, IdxError
from tests.data.mirror import FILES, NAMES, damaged

ROLES = ("train-images", "train-labels", "test-images", "test-labels")
NAMINGS = {
    "published": (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ),
    "unzipped with dots": (
        "train-images.idx3-ubyte",
        "train-labels.idx1-ubyte",
        "t10k-images.idx3-ubyte",
        "t10k-labels.idx1-ubyte",
    ),
    "the tutorial's": (
        "train_images_ubyte",
        "train_labels_ubyte",
        "test_images_ubyte",
        "test_labels_ubyte",
    ),
    "short": ("train-images", "train-labels", "test-images", "test-labels"),
    "singular": ("Train_Image.idx", "Train_Label.idx", "Test_Image.idx", "Test_Label.idx"),
    "training": (
        "training_images.bin",
        "training_labels.bin",
        "test_images.bin",
        "test_labels.bin",
    ),
    "downloaded twice": (
        "train-images-idx3-ubyte (1)",
        "train-labels-idx1-ubyte (1)",
        "t10k-images-idx3-ubyte(2)",
        "t10k-labels-idx1-ubyte (1)",
    ),
}


@pytest.fixture
def parts(digits: Dataset) -> tuple[Split, Split]:
    """Return 60 training and 40 test samples, of each class six and four."""
    return first_of_each_class(digits.train, 6), first_of_each_class(digits.test, 4)


def first_of_each_class(split: Split, count: int) -> Split:
    """Return the first samples of each class, in the order of the split."""
    found = [np.flatnonzero(split.labels == label)[:count] for label in range(10)]
    return split.take(np.sort(np.concatenate(found)))


def arrays(parts: tuple[Split, Split]) -> dict[str, AnyArray]:
    """Return what the four files hold, by role, labels as bytes."""
    train, test = parts
    stored = (train.images, train.labels.astype("u1"), test.images, test.labels.astype("u1"))
    return dict(zip(ROLES, stored, strict=True))


def write_idx(folder: Path, **changed: AnyArray) -> Path:
    """Write two samples as train_images and train_labels, or what is given in their place."""
    folder.mkdir(exist_ok=True)
    ink = np.full((2, 28, 28), 9, np.uint8)
    for role, array in {"train_images": ink, "train_labels": np.array([3, 4], np.uint8), **changed}.items():
        save_idx(folder / role, array)
    return folder


def assert_equal(split: Split, expected: Split) -> None:
    """Compare images and labels."""
    np.testing.assert_array_equal(split.images, expected.images)
    np.testing.assert_array_equal(split.labels, expected.labels)
    assert split.labels.dtype == np.int64


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("names", NAMINGS.values(), ids=NAMINGS)
def test_load_dataset_knows_the_names_of_idx_files(
    tmp_path: Path, parts: tuple[Split, Split], names: tuple[str, ...], suffix: str
) -> None:
    """MNIST's four files are found under every name that people have them, packed or not."""
    for name, array in zip(names, arrays(parts).values(), strict=True):
        save_idx(tmp_path / f"{name}{suffix}", array)

    loaded = load_dataset(tmp_path)

    assert_equal(loaded.train, parts[0])
    assert_equal(loaded.test, parts[1])


def test_load_dataset_reads_gzip_under_a_plain_name(tmp_path: Path, parts: tuple[Split, Split]) -> None:
    """A file that a browser saved packed, without .gz in its name, is read."""
    for name, array in arrays(parts).items():
        save_idx(tmp_path / f"{name}.gz", array)
        (tmp_path / f"{name}.gz").rename(tmp_path / name)

    assert_equal(load_dataset(tmp_path).train, parts[0])


def test_find_idx_files_prefers_the_unpacked_copy(tmp_path: Path) -> None:
    """Of a file and its .gz copy the unpacked one is read, and nothing else in the folder."""
    expected = dict(zip(ROLES, NAMINGS["published"], strict=True))
    for name in expected.values():
        for suffix in ("", ".gz", ".gz.sha256", ".md5", ".gz.part"):
            (tmp_path / f"{name}{suffix}").touch()
        (tmp_path / f".{name}.0123abcd.part").touch()

    assert {role: path.name for role, path in find_idx_files(tmp_path).items()} == expected


def test_find_idx_files_takes_no_other_file(tmp_path: Path) -> None:
    """Checksums beside a .gz file, folders, pictures and other datasets' files are no IDX files."""
    for name in ("train-images-idx3-ubyte.gz.md5", "train_images.png", "my-train-images", "train", "images"):
        (tmp_path / name).touch()
    (tmp_path / "train-labels-idx1-ubyte").mkdir()
    (tmp_path / "train-images-idx3-ubyte.gz").touch()

    found = find_idx_files(tmp_path)
    assert {role: path.name for role, path in found.items()} == {"train-images": "train-images-idx3-ubyte.gz"}


def test_load_dataset_cuts_a_test_split_where_there_is_none(
    tmp_path: Path, parts: tuple[Split, Split]
) -> None:
    """Training files alone are cut in the same two parts each time, a fifth of each class for the test."""
    train, _ = parts
    write_idx(tmp_path, train_images=train.images, train_labels=train.labels.astype("u1"))

    first, again = load_dataset(tmp_path), load_dataset(tmp_path)

    assert len(first.train) + len(first.test) == 60
    assert_equal(first.test, again.test)
    assert (np.bincount(first.test.labels, minlength=10) == 1).all()


@pytest.mark.parametrize("missing", ROLES)
def test_load_dataset_names_the_missing_file(
    tmp_path: Path, parts: tuple[Split, Split], missing: str
) -> None:
    """A folder that lacks one of the four files is refused, and the error says which."""
    for name, array in arrays(parts).items():
        if name != missing:
            save_idx(tmp_path / name, array)

    with pytest.raises(DatasetError, match=f"Missing: {missing}. They are known by names like {missing}-idx"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"train_labels": np.zeros(3, "u1")}, "a label for each image. Got 2 images, 3 labels"),
        ({"train_labels": np.zeros(0, "u1")}, "Got 2 images, 0 labels"),
        ({"train_labels": np.array([3, 10], "u1")}, "must be 0–9. Got 10 at index 1, 1 such in all"),
        ({"train_labels": np.array([255, 254], "u1")}, "must be 0–9. Got 255 at index 0, 2 such in all"),
        ({"train_labels": np.array([3, -1], "i1")}, "must be 0–9. Got -1 at index 1"),
        ({"train_labels": np.array([[3], [4]], "u1")}, r"Got uint8 of shape \(2, 1\). Labels in a column"),
        ({"train_labels": np.array([3, 4], "f4")}, r"must be integers of shape \(n,\). Got float32"),
        ({"train_images": np.zeros((2, 28, 28), "f4")}, "images must be uint8 .* Got float32"),
        ({"train_images": np.zeros((2, 784 // 2), "u1")}, r"Got uint8 of shape \(2, 392\)"),
        ({"train_images": np.zeros((2, 1, 28, 28), "u1")}, r"Got uint8 of shape \(2, 1, 28, 28\)"),
        ({"train_images": np.zeros(2, "u1")}, r"Got uint8 of shape \(2,\)"),
        ({"train_images": np.zeros((2, 8, 8), "u1")}, "must show a digit. Got 8×8 pixels without ink"),
        ({"train_images": np.zeros((2, 0, 8), "u1")}, "must show a digit. Got 8×0 pixels without ink"),
        ({"train_images": np.zeros((2, 8, 0), "u1")}, "must show a digit. Got 0×8 pixels without ink"),
        (
            {"train_images": np.zeros((0, 28, 28), "u1"), "train_labels": np.zeros(0, "u1")},
            "at least one image. Got none",
        ),
    ],
)
def test_load_dataset_refuses_what_does_not_belong_together(
    tmp_path: Path, changed: dict[str, AnyArray], message: str
) -> None:
    """Images and labels that are no dataset are refused with what was found, in training and test alike."""
    with pytest.raises(DatasetError, match=message):
        load_dataset(write_idx(tmp_path / "train", **changed))
    as_test = {name.replace("train", "test"): array for name, array in changed.items()}
    valid = {"test_images": np.full((2, 28, 28), 9, "u1"), "test_labels": np.array([3, 4], "u1")}
    with pytest.raises(DatasetError, match=message):
        load_dataset(write_idx(tmp_path / "test", **{**valid, **as_test}))


def test_load_dataset_names_the_damaged_idx_file(tmp_path: Path) -> None:
    """A damaged file in a folder is an error about that file."""
    (write_idx(tmp_path) / "train_labels").write_bytes(b"\0\0\x08")
    with pytest.raises(IdxError, match=f"^{tmp_path / 'train_labels'}: .* 4 bytes. Got 3"):
        load_dataset(tmp_path)


def test_load_dataset_takes_a_class_with_one_sample_only_with_a_test_split(tmp_path: Path) -> None:
    """One sample of a class cannot be in both parts; with a test split of its own it is enough."""
    with pytest.raises(DatasetError, match=r"at least 2 samples .* Class 3 has 1"):
        load_dataset(write_idx(tmp_path))

    write_idx(tmp_path, test_images=np.full((2, 28, 28), 9, "u1"), test_labels=np.array([3, 4], "u1"))
    assert load_dataset(tmp_path).train.labels.tolist() == [3, 4]


def test_load_dataset_makes_digit_images_of_other_sizes(tmp_path: Path, digits: Dataset) -> None:
    """The embedded 8×8 digits, as files of one's own, resemble those of the embedded dataset."""
    images, labels = (read_idx(FILES[name]) for name in NAMES)
    write_idx(tmp_path, train_images=images * np.uint8(15), train_labels=labels)

    loaded = load_dataset(tmp_path)

    np.testing.assert_array_equal(loaded.train.labels, digits.train.labels)
    ours, theirs = (split.images.reshape(-1, 784).astype(float) for split in (loaded.train, digits.train))
    cosines = (ours * theirs).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    assert np.median(cosines) > 0.95


def draw(folder: Path, split: Split, *, suffix: str = ".png", paper: int = 250, ink: int = 20) -> None:
    """Draw digits as pictures three times as large, with a margin, into a folder for each class."""
    for index, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
        strokes = Image.fromarray(np.pad(image, ((4, 9), (2, 7)))).resize((111, 123))
        shades = paper + (ink - paper) * (np.asarray(strokes) / 255.0)
        path = folder / str(label) / f"{index:03}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(shades.round().astype(np.uint8)).save(path)


def by_class(split: Split) -> Split:
    """Return the samples in the order of their folders."""
    return split.take(np.argsort(split.labels, kind="stable"))


def worst_overlap(images: Images, expected: Images) -> float:
    """Return the least cosine between an image and its original."""
    flat, reference = (array.reshape(len(array), -1).astype(float) for array in (images, expected))
    norms = np.linalg.norm(flat, axis=1) * np.linalg.norm(reference, axis=1)
    return float(((flat * reference).sum(axis=1) / norms).min())


@pytest.mark.parametrize(("paper", "ink"), [(250, 20), (10, 240), (200, 120), (90, 220)])
def test_load_dataset_reads_pictures_in_class_folders(
    tmp_path: Path, parts: tuple[Split, Split], paper: int, ink: int
) -> None:
    """Pictures dark on light or light on dark become the digits they were drawn from, labelled by folder."""
    draw(tmp_path / "train", parts[0], paper=paper, ink=ink)
    draw(tmp_path / "test", parts[1], paper=paper, ink=ink)

    loaded = load_dataset(tmp_path)

    for split, drawn in zip((loaded.train, loaded.test), map(by_class, parts), strict=True):
        np.testing.assert_array_equal(split.labels, drawn.labels)
        assert worst_overlap(split.images, drawn.images) > 0.9


@pytest.mark.parametrize("below", ["", "train"])
def test_load_dataset_cuts_class_folders_without_a_test(
    tmp_path: Path, parts: tuple[Split, Split], below: str
) -> None:
    """Class folders at the top, or in `train` alone, are cut into training and test."""
    draw(tmp_path / below, parts[0])

    loaded = load_dataset(tmp_path)

    assert [len(loaded.train), len(loaded.test)] == [50, 10]


@pytest.mark.parametrize("suffix", [".PNG", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"])
def test_load_dataset_reads_pictures_of_every_format(
    tmp_path: Path, parts: tuple[Split, Split], suffix: str
) -> None:
    """Each picture format gives the same digits."""
    draw(tmp_path, parts[1], suffix=suffix)

    loaded = load_dataset(tmp_path)

    assert sorted([*loaded.train.labels, *loaded.test.labels]) == sorted(parts[1].labels)


def test_load_dataset_ignores_other_files_in_class_folders(
    tmp_path: Path, parts: tuple[Split, Split]
) -> None:
    """Notes, thumbnails' databases and folders of other names are passed over."""
    draw(tmp_path, parts[0])
    for name in ("3/Thumbs.db", "3/.DS_Store", "3/labels.csv", "readme.txt"):
        (tmp_path / name).write_text("no picture")
    (tmp_path / "10").mkdir()
    (tmp_path / "10" / "ten.png").write_bytes(b"")

    loaded = load_dataset(tmp_path)

    assert len(loaded.train) + len(loaded.test) == 60


def test_load_dataset_keeps_mnist_pictures_as_they_are(tmp_path: Path, parts: tuple[Split, Split]) -> None:
    """Pictures of 28×28, light on dark, are digit images already and are not touched."""
    for index, (image, label) in enumerate(zip(parts[0].images, parts[0].labels, strict=True)):
        (tmp_path / "train" / str(label)).mkdir(parents=True, exist_ok=True)
        (tmp_path / "test" / str(label)).mkdir(parents=True, exist_ok=True)
        for split in ("train", "test"):
            Image.fromarray(image).save(tmp_path / split / str(label) / f"{index:03}.png")

    assert_equal(load_dataset(tmp_path).train, by_class(parts[0]))


def test_load_dataset_collects_broken_pictures(tmp_path: Path, parts: tuple[Split, Split]) -> None:
    """All pictures that cannot be read stand in one error, the first five by name and reason."""
    draw(tmp_path, parts[0])
    (tmp_path / "0" / "cut.png").write_bytes(next((tmp_path / "0").glob("*.png")).read_bytes()[:90])
    (tmp_path / "1" / "page.jpg").write_text("<html>")
    Image.new("L", (40, 40), 255).save(tmp_path / "2" / "blank.png")
    for index in range(4):
        (tmp_path / "3" / f"empty{index}.png").touch()

    with pytest.raises(DatasetError, match=rf"^7 pictures in {tmp_path} cannot be read") as caught:
        load_dataset(tmp_path)

    for problem in (
        "cut.png: The picture is damaged",
        "page.jpg: The file must be one of PNG",
        "blank.png: The picture must show a digit. Got 40×40 pixels without ink",
        "empty1.png: The file must be one of PNG",
        "And 2 more. Remove or mend them.",
    ):
        assert problem in str(caught.value)


def test_load_dataset_refuses_class_folders_without_pictures(tmp_path: Path) -> None:
    """Class folders that hold no picture are refused with the endings that would be read."""
    for label in range(10):
        (tmp_path / str(label)).mkdir()
    with pytest.raises(DatasetError, match=r"must hold pictures in folders 0 … 9. Got none ending in \.png"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("n_entries", [0, 3])
def test_load_dataset_refuses_a_folder_of_something_else(tmp_path: Path, n_entries: int) -> None:
    """A folder with neither IDX files nor class folders is refused, with what it should hold."""
    for index in range(n_entries):
        (tmp_path / f"notes{index}.txt").touch()
    with pytest.raises(DatasetError, match=f"must hold IDX files .* Got {n_entries} other entries"):
        load_dataset(tmp_path)


KEYS = {
    "keras": ("x_train", "y_train", "x_test", "y_test"),
    "long": ("train_images", "train_labels", "test_images", "test_labels"),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_load_dataset_reads_npz_with_a_test_split(
    tmp_path: Path, parts: tuple[Split, Split], keys: tuple[str, ...], save: Callable[..., None]
) -> None:
    """Both sets of names for four arrays are read, packed or not; further arrays are ignored."""
    content = dict(zip(keys, arrays(parts).values(), strict=True))
    save(tmp_path / "set.npz", notes=np.arange(3), **content)

    loaded = load_dataset(tmp_path / "set.npz")

    assert loaded.name == "set.npz"
    assert_equal(loaded.train, parts[0])
    assert_equal(loaded.test, parts[1])


@pytest.mark.parametrize("shape", [(28, 28), (784,)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, np.uint64])
def test_load_dataset_reads_npz_with_images_and_labels(
    tmp_path: Path, parts: tuple[Split, Split], shape: tuple[int, ...], dtype: type[np.integer]
) -> None:
    """Images, also flat, and labels of any integer type are read, and cut into training and test."""
    train, _ = parts
    np.savez(tmp_path / "set.npz", images=train.images.reshape(60, *shape), labels=train.labels.astype(dtype))

    loaded = load_dataset(tmp_path / "set.npz")

    assert [len(loaded.train), len(loaded.test)] == [50, 10]
    assert loaded.train.labels.dtype == np.int64


def npz(**members: AnyArray) -> bytes:
    """Return the bytes of an archive."""
    file = io.BytesIO()
    np.savez_compressed(file, **members)
    return file.getvalue()


def raw_zip(**members: bytes) -> bytes:
    """Return the bytes of a zip archive of raw members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def npy_header(*shape: int) -> bytes:
    """Return the start of an .npy file that declares a shape."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return file.getvalue()


def declared_huge() -> bytes:
    """Return an archive whose directory declares four gigabytes, less one, for each of two members."""
    data = bytearray(npz(images=np.zeros((1, 28, 28), "u1"), labels=np.zeros(1, "u1")))
    for name in (b"images.npy", b"labels.npy"):
        entry = data.rindex(name) - 46  # in the central directory, whose fixed part has 46 bytes
        data[entry + 24 : entry + 28] = (2**32 - 2).to_bytes(4, "little")
    return bytes(data)


GOOD_NPZ = npz(images=np.full((2, 28, 28), 9, "u1"), labels=np.array([3, 4], "u1"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (npz(images=np.array([{}], object), labels=np.zeros(1, "u1")), "Object arrays cannot be loaded"),
        (b"no archive", "must be an .npz archive of plain arrays. File is not a zip file"),
        (b"", "must be an .npz archive of plain arrays"),
        (GOOD_NPZ[:-30], "must be an .npz archive of plain arrays"),
        (damaged(GOOD_NPZ, 90), "must be an .npz archive of plain arrays"),
        (npz(), "must hold the arrays images and labels, .* Got none"),
        (npz(data=np.zeros(3), target=np.zeros(3)), "must hold the arrays .* Got data, target"),
        (npz(images=np.zeros((2, 28, 28), "u1")), "must hold the arrays .* Got images"),
        (npz(images=np.zeros((2, 28, 28)), labels=np.zeros(2, "u1")), "must be uint8 .* Got float64"),
        (npz(images=np.zeros((2, 28, 28), "u1"), labels=np.zeros((2, 1), "u1")), "Labels in a column"),
        (npz(images=np.zeros((2, 28, 28), "u1"), labels=np.array([1, 12])), "Got 12 at index 1"),
        (npz(images=np.zeros((2, 28, 28), "u1"), labels=np.array([1, -12])), "Got -12 at index 1"),
        (raw_zip(images=b"\0" * 784, labels=b"\1"), "must hold the arrays .* Got none"),
        (raw_zip(images__npy=b"\0" * 784, labels__npy=b"\1"), "must hold the arrays .* Got none"),
        (raw_zip(images__npy=npy_header(2**50, 28, 28), labels__npy=b""), "archive of plain arrays"),
        (raw_zip(images__npy=npy_header(2, 28, 28), labels__npy=b""), "archive of plain arrays"),
        (declared_huge(), r"may unpack to 2147483648 bytes. Got 8589934588"),
        (gzip.compress(GOOD_NPZ), "File is not a zip file"),
    ],
)
def test_load_dataset_refuses_bad_npz(tmp_path: Path, data: bytes, message: str) -> None:
    """What is no archive of the right plain arrays is refused; nothing in it is ever unpickled."""
    (tmp_path / "set.npz").write_bytes(data)
    with pytest.raises(DatasetError, match=message):
        load_dataset(tmp_path / "set.npz")


def test_load_dataset_survives_any_damaged_npz(tmp_path: Path, parts: tuple[Split, Split]) -> None:
    """Whatever bytes of an archive change, the answer is a dataset or a typed error."""
    generator = random.Random(0)
    train = parts[0].take(np.arange(30))
    plain = io.BytesIO()
    np.savez(plain, images=train.images, labels=train.labels)
    whole = [plain.getvalue(), npz(images=train.images, labels=train.labels)]
    outcomes = set()
    for attempt in range(800):
        data = bytearray(whole[attempt % 2])
        edge = generator.choice([300, -400, len(data)])
        for _ in range(2):
            data[generator.randrange(*sorted((edge, 0)))] = generator.randrange(256)
        (tmp_path / "set.npz").write_bytes(data)
        try:
            outcomes.add(len(load_dataset(tmp_path / "set.npz").train))
        except DatasetError:
            outcomes.add(0)

    assert 0 in outcomes
