"""The IDX format: round trips, and everything that is not exactly one array."""

import gzip
import io
import itertools
import random
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tenfold.arrays import AnyArray
from tenfold.data import Dataset, load_idx, read_idx, save_idx
from tenfold.data.idx import TYPES, idx_sha256
from tenfold.data.sources import SOURCES
from tenfold.errors import ChecksumError, IdxError, OutputError
from tests.data.mirror import EMBEDDED, FILES, damaged, zeros_gzip

IMAGES = FILES["digits-images-idx3-ubyte"][: 16 + 64 * 100]
IMAGES = IMAGES[:4] + struct.pack(">I", 100) + IMAGES[8:]
"""A real IDX file in small: the first hundred of the embedded digits, 6,416 bytes."""

PACK: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": lambda data: gzip.compress(data, mtime=0),
}
RANDOM_OFFSETS = random.Random(0).sample(range(17, 2500), 200)


def header(*dimensions: int, code: int = 8, rank: int | None = None) -> bytes:
    """Return an IDX header."""
    rank = len(dimensions) if rank is None else rank
    return struct.pack(f">BBBB{len(dimensions)}I", 0, 0, code, rank, *dimensions)


def numbers(dtype: np.dtype[np.generic], shape: tuple[int, ...]) -> AnyArray:
    """Return random elements of any value that the type has, NaN apart."""
    bits = np.random.default_rng(0).bytes(int(np.prod(shape)) * dtype.itemsize)
    return np.nan_to_num(np.frombuffer(bits, dtype).reshape(shape))


@pytest.mark.parametrize("name", ["array.idx", "array.idx.gz"])
@pytest.mark.parametrize("shape", [(7,), (5, 3), (4, 3, 2), (3, 2, 2, 2)])
@pytest.mark.parametrize("dtype", TYPES.values(), ids=str)
def test_save_idx_and_load_idx_round_trip(
    tmp_path: Path, dtype: np.dtype[np.generic], shape: tuple[int, ...], name: str
) -> None:
    """Every element type and rank comes back equal and in native byte order, packed or not."""
    array = numbers(dtype, shape)

    save_idx(tmp_path / name, array)
    loaded = load_idx(tmp_path / name)

    assert loaded.dtype == dtype.newbyteorder("=")
    assert loaded.dtype.isnative
    np.testing.assert_array_equal(loaded, array)


@settings(deadline=None, derandomize=True)
@given(
    st.sampled_from([*TYPES.values()]).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=6, min_side=0, max_side=4))
    )
)
def test_idx_round_trip_is_a_law(array: AnyArray) -> None:
    """Whatever the array, its bytes decode to it, and numpy reads the same elements from them."""
    file = io.BytesIO()
    file.write(header(*array.shape, code=_code(array)))
    file.write(array.astype(array.dtype.newbyteorder(">")).tobytes())

    np.testing.assert_array_equal(read_idx(file.getvalue()), array)
    np.testing.assert_array_equal(read_idx(gzip.compress(file.getvalue(), 1)), array)


def _code(array: AnyArray) -> int:
    return next(code for code, dtype in TYPES.items() if dtype == array.dtype)


@pytest.mark.parametrize("code", TYPES)
def test_read_idx_agrees_with_numpy(code: int) -> None:
    """Elements are big-endian, in C order: as numpy reads them from behind the header."""
    elements = np.random.default_rng(code).bytes(12 * TYPES[code].itemsize)
    reference = np.frombuffer(elements, TYPES[code]).reshape(2, 3, 2)

    np.testing.assert_array_equal(read_idx(header(2, 3, 2, code=code) + elements), reference)


def test_save_idx_writes_the_published_bytes(tmp_path: Path) -> None:
    """A file read and saved again is the same file, byte for byte."""
    save_idx(tmp_path / "copy", read_idx(IMAGES))

    assert (tmp_path / "copy").read_bytes() == IMAGES


def test_save_idx_packs_to_the_same_bytes_each_time(tmp_path: Path) -> None:
    """A packed file holds neither its name nor a date."""
    for name in ("a.gz", "b.gz"):
        save_idx(tmp_path / name, read_idx(IMAGES))

    packed = (tmp_path / "a.gz").read_bytes()
    assert packed == (tmp_path / "b.gz").read_bytes()
    assert packed[3:8] == bytes(5)  # flags and time


def test_save_idx_takes_arrays_in_any_order(tmp_path: Path) -> None:
    """Transposed, strided and little-endian arrays are written by value."""
    array = np.arange(24, dtype="<i4").reshape(2, 3, 4).T[::2]

    save_idx(tmp_path / "array", array)

    np.testing.assert_array_equal(load_idx(tmp_path / "array"), array)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(3, np.int64), "must be one of u1, i1, i2, i4, f4, f8. Got int64"),
        (np.zeros(3, bool), "Got bool"),
        (np.zeros(3, np.complex64), "Got complex64"),
        (np.array(["seven"], object), "Got object"),
        (np.zeros((), np.uint8), "rank must be 1 to 64. Got 0"),
        (np.broadcast_to(np.uint8(0), (0, 2**32)), "dimension must be below 2³²"),
    ],
)
def test_save_idx_refuses_what_the_format_lacks(tmp_path: Path, array: AnyArray, message: str) -> None:
    """An array that IDX cannot hold is refused, and no file appears."""
    with pytest.raises(IdxError, match=message):
        save_idx(tmp_path / "array", array)

    assert [*tmp_path.iterdir()] == []


def test_save_idx_reports_a_missing_folder(tmp_path: Path) -> None:
    """A folder that does not exist is a typed error."""
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        save_idx(tmp_path / "nowhere" / "array", np.zeros(3, np.uint8))


@pytest.mark.parametrize(("name", "pack"), [("plain.gz", "plain"), ("packed", "gzip"), ("t.txt", "gzip")])
def test_load_idx_goes_by_content(tmp_path: Path, name: str, pack: str) -> None:
    """Whether a file is packed is seen in its bytes, whatever its name says."""
    (tmp_path / name).write_bytes(PACK[pack](IMAGES))

    assert load_idx(tmp_path / name).shape == (100, 8, 8)


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("offset", range(17))
def test_read_idx_refuses_a_file_cut_in_the_header(offset: int, pack: str) -> None:
    """A file cut after 0 to 16 bytes is refused."""
    with pytest.raises(IdxError, match=r"must start with|must give|declares shape|cut short|gzip stream"):
        read_idx(PACK[pack](IMAGES)[:offset])


@pytest.mark.parametrize("pack", PACK)
def test_read_idx_refuses_a_file_cut_anywhere(pack: str) -> None:
    """A file cut at any of 200 random places is refused."""
    whole = PACK[pack](IMAGES)
    assert len(whole) > max(RANDOM_OFFSETS)

    for offset in RANDOM_OFFSETS:
        with pytest.raises(IdxError, match=r"declares shape|cut short|gzip stream is damaged"):
            read_idx(whole[:offset])


@pytest.mark.parametrize("offset", range(17))
def test_read_idx_refuses_a_cut_file_inside_whole_gzip(offset: int) -> None:
    """A file cut before it was packed is refused as well."""
    with pytest.raises(IdxError, match=r"must start with|must give|declares shape|cut short"):
        read_idx(gzip.compress(IMAGES[:offset]))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "must start with a magic number of 4 bytes. Got 0"),
        (b"\x01\x00\x08\x01" + bytes(4), "starts with two zero bytes. Got 01 00"),
        (b"\x00\x01\x08\x01" + bytes(4), "starts with two zero bytes. Got 00 01"),
        (b"<!DOCTYPE html>", "starts with two zero bytes. Got 3c 21"),
        (b"\x89PNG\r\n\x1a\n", "starts with two zero bytes"),
        (header(1, code=0x00), "element type must be one of 0x08, 0x09, 0x0b, .* Got 0x00"),
        (header(1, code=0x0A), "element type .* Got 0x0a"),
        (header(1, code=0xFF), "element type .* Got 0xff"),
        (header(1, rank=0), "rank must be 1 to 64. Got 0"),
        (header(*[1] * 65) + b"7", "rank must be 1 to 64. Got 65"),
        (header(*[1] * 255) + b"7", "rank must be 1 to 64. Got 255"),
        (header(2, 2, rank=3), "must give 3 dimensions in 12 bytes. Got 8 bytes"),
        (header(2, rank=64), "must give 64 dimensions in 256 bytes. Got 4 bytes"),
        (header(3) + b"1234", "must end after the 3 bytes of its array. Got more"),
        (header(0) + b"1", "must end after the 0 bytes"),
        (IMAGES + IMAGES, "must end after the 6400 bytes"),
    ],
)
def test_read_idx_says_what_is_wrong(data: bytes, message: str) -> None:
    """What is not one array is refused with what must hold and what was found, packed or not."""
    for packed in (data, gzip.compress(data)):
        with pytest.raises(IdxError, match=message):
            read_idx(packed)


def test_read_idx_takes_the_highest_rank() -> None:
    """Sixty-four dimensions, all that numpy has, are read."""
    assert read_idx(header(*[1] * 64) + b"\x07").shape == (1,) * 64


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("code", [0x08, 0x0E])
@pytest.mark.parametrize(
    "dimensions",
    [
        (2**32 - 1,),
        (2**32 - 1, 28, 28),
        (1, 2**32 - 1),
        (2**32 - 1, 2**32 - 1, 2**32 - 1),
        (2**32 - 1,) * 64,
        (2**16, 2**16),
        (2**31 - 1,),
    ],
)
def test_read_idx_refuses_huge_dimensions_before_allocating(
    dimensions: tuple[int, ...], code: int, pack: str
) -> None:
    """Dimensions that the file cannot hold are refused without taking memory for them."""
    data = PACK[pack](header(*dimensions, code=code) + bytes(1000))

    tracemalloc.start()
    try:
        with pytest.raises(IdxError, match=r"declares shape \(\d+,.* bytes. Got a file that can hold \d+"):
            read_idx(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("dimensions", "shape"),
    [((0,), (0,)), ((0, 28, 28), (0, 28, 28)), ((3, 0), (3, 0)), ((0, 2**32 - 1), (0, 2**32 - 1))],
)
def test_read_idx_takes_an_array_without_elements(
    dimensions: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    """No elements are still an array, of the declared shape."""
    assert read_idx(header(*dimensions)).shape == shape


@pytest.mark.parametrize("dimensions", [(0, 2**32 - 1, 2**32 - 1), (2**32 - 1, 2**32 - 1, 0)])
def test_read_idx_refuses_a_shape_beyond_numpy(dimensions: tuple[int, ...]) -> None:
    """A shape without elements whose other dimensions no array can have is a typed error."""
    with pytest.raises(IdxError, match="which no array can have"):
        read_idx(header(*dimensions))


def test_read_idx_refuses_a_wrong_crc() -> None:
    """A gzip stream with a wrong sum or length at its end is damaged."""
    packed = gzip.compress(IMAGES)
    for position in range(-8, 0):
        with pytest.raises(IdxError, match=r"gzip stream is damaged: (CRC|Incorrect length)"):
            read_idx(damaged(packed, position))


def test_read_idx_refuses_bytes_after_the_gzip_stream() -> None:
    """What follows the stream and is no further member is damage."""
    with pytest.raises(IdxError, match="gzip stream is damaged: Not a gzipped file"):
        read_idx(gzip.compress(IMAGES) + b"more")


def test_read_idx_reads_one_file_in_two_members() -> None:
    """Files packed by gzip may be joined: one array split over two members, anywhere, is one array."""
    for cut in (1, 4, 16, 3000):
        joined = gzip.compress(IMAGES[:cut]) + gzip.compress(IMAGES[cut:])

        np.testing.assert_array_equal(read_idx(joined), read_idx(IMAGES))


def test_read_idx_refuses_two_joined_files() -> None:
    """Two whole files joined, as `cat a.gz b.gz` makes them, are not one array."""
    with pytest.raises(IdxError, match=r"must end after the 6400 bytes of its array. Got more"):
        read_idx(gzip.compress(IMAGES) * 2)


def test_read_idx_stops_a_gzip_bomb() -> None:
    """Of a gigabyte behind a small header no more than the next buffer is unpacked: not even to damage."""
    stream = zeros_gzip()
    start, block = next(stream), next(stream)
    small = struct.pack(">BBBBI", 0, 0, 8, 1, 1000)
    bomb = start + _stored(small) + block * 1000 + b"damage that only the whole stream shows"

    started = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(IdxError, match=r"must end after the 1000 bytes of its array. Got more"):
            read_idx(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000
    assert time.process_time() - started < 0.5


def _stored(data: bytes) -> bytes:
    """Return bytes as a deflate block that is not compressed."""
    return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data


def test_read_idx_survives_any_flipped_byte() -> None:
    """Whatever byte of a packed or plain file changes, the answer is an array or a typed error."""
    generator = random.Random(1)
    for pack, _ in itertools.product(PACK.values(), range(300)):
        data = bytearray(pack(IMAGES))
        data[generator.randrange(min(len(data), 200))] = generator.randrange(256)
        try:
            assert read_idx(bytes(data)).size <= 6400
        except IdxError:
            continue


@pytest.mark.parametrize("pack", PACK)
def test_load_idx_refuses_a_wrong_checksum(tmp_path: Path, pack: str) -> None:
    """With a checksum given, other bytes are refused; the error holds both checksums and the path."""
    path = tmp_path / "images"
    path.write_bytes(PACK[pack](damaged(IMAGES, 4000)))
    expected = idx_sha256(read_idx(IMAGES))

    with pytest.raises(ChecksumError, match=f"{path} must have sha256 {expected}. Got ") as caught:
        load_idx(path, sha256=expected)

    assert caught.value.path == path
    assert caught.value.expected == expected
    assert caught.value.actual == idx_sha256(load_idx(path))


@pytest.mark.parametrize("pack", PACK)
def test_load_idx_takes_the_checksum_of_the_unpacked_bytes(tmp_path: Path, pack: str) -> None:
    """The checksum is of the uncompressed file, header and all."""
    path = tmp_path / "images"
    path.write_bytes(PACK[pack](IMAGES))

    assert load_idx(path, sha256=idx_sha256(read_idx(IMAGES))).shape == (100, 8, 8)


def test_load_idx_names_the_file(tmp_path: Path) -> None:
    """What is wrong comes with the path, once."""
    (tmp_path / "bad").write_bytes(IMAGES[:9])
    with pytest.raises(IdxError, match=f"^{tmp_path / 'bad'}: The header must give 3 dimensions"):
        load_idx(tmp_path / "bad")


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), ("", "Is a directory")])
def test_load_idx_reports_what_cannot_be_opened(tmp_path: Path, name: str, reason: str) -> None:
    """A missing file or a folder is a typed error."""
    with pytest.raises(IdxError, match=f"cannot be read: {reason}"):
        load_idx(tmp_path / name)


def test_idx_sha256_of_the_embedded_digits_is_published() -> None:
    """The embedded files are those whose checksums the source gives."""
    for file in SOURCES["digits"].files:
        array = read_idx((EMBEDDED / f"{file.name}.gz").read_bytes())
        assert idx_sha256(array) == file.sha256


def test_idx_sha256_of_mnist_is_published(mnist: Dataset) -> None:
    """The checksums of MNIST's arrays are those published for its files."""
    assert [*mnist.sha256().values()] == [file.sha256 for file in SOURCES["mnist"].files]
