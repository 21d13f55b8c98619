"""Makes what the tests of a batch read, and reads what it writes."""

import functools
import io
import os
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset
from PIL import Image

from tenfold import model_file
from tenfold.arrays import Images
from tenfold.batch import Engine, Job, Outcome, in_threads, make_job, run
from tenfold.data import load_dataset
from tenfold.reading import Reading

SUMMED = ("n_rows", "n_abstained", "n_errors")


def png(image: Any) -> bytes:
    """Return a picture of pixels."""
    file = io.BytesIO()
    Image.fromarray(np.asarray(image)).save(file, "PNG")
    return file.getvalue()


@functools.cache
def _all_digits() -> Images:
    return load_dataset("digits").test.images


def digit_images(n: int) -> Images:
    """Return real digits."""
    return np.ascontiguousarray(np.resize(_all_digits(), (n, 28, 28)))


def digit_files(n: int) -> dict[str, bytes]:
    """Return crops of real digits, dark on light, by name; the names sort as the digits come."""
    crops = 255 - np.pad(digit_images(n), ((0, 0), (6, 6), (6, 6)))
    return {f"{index:06}.png": png(crop) for index, crop in enumerate(crops)}


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files, and return their folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def write_mixed(folder: Path, n: int = 30) -> Path:
    """Write pictures of digits among which are files that are none, and return the folder."""
    bad = {
        "below/broken.png": png(digit_images(1)[0])[:40],
        "below/empty.png": b"",
        "below/text.png": b"no picture at all",
        "below/blank.png": png(np.full((40, 60), 220, np.uint8)),
        "notes.txt": b"passed over",
    }
    write_files(folder, digit_files(n) | bad)
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    os.mkfifo(folder / "pipe.png")
    return folder


def find_reason(reading: Reading) -> str | None:
    """Return why a reading is no answer, or none to rely on."""
    return reading.reason or next((number.reason for number in reading.numbers if number.reason), None)


BAD_IN_MIXED = ("broken.png", "empty.png", "text.png", "gone.png", "pipe.png")


def tar_of(files: dict[str, bytes], mode: str = "w") -> bytes:
    """Return a tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def job_of(source: str | Path, out: str | Path, model: str = "tiny-cnn", **options: Any) -> Job:
    """Return a job."""
    return make_job(str(source), str(out), model_file.load(model), **options)


def do(job: Job, engine: Engine | None = None) -> list[Outcome]:
    """Do a job to its end."""
    return list(run(job, engine or in_threads(2)))


def read_rows(out: str | Path, outcomes: Iterable[Outcome] = ()) -> list[dict[str, Any]]:
    """Return the rows in a folder, sorted by path; they must be those that were counted."""
    rows: list[dict[str, Any]] = pyarrow.dataset.dataset(str(out), format="parquet").to_table().to_pylist()
    counted = [sum(getattr(outcome, key) for outcome in outcomes) for key in SUMMED]
    found = [len(rows), *(sum(row[key] is not None for row in rows) for key in ("reason", "error"))]
    assert not outcomes or counted == found
    return sorted(rows, key=lambda row: row["path"])


def read_source(source: str | Path, folder: Path, **options: Any) -> list[dict[str, Any]]:
    """Read a source in this process, and return its rows."""
    out = folder / "read"
    return read_rows(out, do(job_of(source, out, **options)))
