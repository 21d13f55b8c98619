"""What a folder of results is of. Rows of another model or source never come into it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from tenfold.batch.addresses import hide
from tenfold.batch.job import Job
from tenfold.batch.places import (
    exists,
    find_stamp,
    is_folder,
    list_names,
    make_folder,
    open_stream,
    remove,
    write_whole,
)
from tenfold.batch.shard import PREFIX, SUFFIX
from tenfold.errors import InputError

NAME: Final = "_tenfold-batch.json"
"""What begins with an underscore is passed over by those who read a folder of Parquet files."""

FORMAT: Final = 1

WORDS: Final = {
    "format": "format",
    "model": "model",
    "source": "source",
    "stamp": "size or date of the source",
    "expect": "expectation",
    "expectation": "list of what is expected",
    "shard_size": "shard size",
}
"""What must be the same when a job goes on, and how it is called."""


def claim(job: Job) -> dict[int, str]:
    """Make the folder of a job, or find it again.

    Parameters
    ----------
    job : Job
        What is to be done.

    Returns
    -------
    dict of int to str
        Names of the shards that are there, by index.

    Raises
    ------
    InputError
        It holds the results of another job.
    OutputError
        It cannot be made.
    """
    make_folder(job.out)
    names = list_names(job.out)
    shards = {
        int(name.removeprefix(PREFIX).partition("-")[0]): name
        for name in names
        if name.startswith(PREFIX) and name.endswith(SUFFIX)
    }
    wanted = _describe(job)
    if NAME in names:
        _compare(job, wanted, _read(job))
    elif shards:
        raise InputError(f"{job.out} must be a new folder, or that of a batch. Got one without {NAME}.")
    else:
        with write_whole(job.out, NAME) as file:
            file.write(json.dumps({**wanted, "tenfold": job.version}, indent=2).encode())
    sweep(job, names)
    return shards


def sweep(job: Job, names: Iterable[str]) -> None:
    """Remove what killed processes left of the files in a job's folder that have these names."""
    for name in names:
        if name.startswith(f".{PREFIX}") and name.endswith(".part"):
            remove(f"{job.out}/{name}")


def check_seen(job: Job) -> None:
    """Raise an error where a worker does not see the folder of its job.

    Raises
    ------
    InputError
        It is not there, or another.
    """
    if not exists(f"{job.out}/{NAME}") or _read(job).get("model") != job.model_sha256:
        raise InputError(
            f"Every worker must see {job.out}. One does not: use a folder that all machines share, or object "
            "storage, for source and results."
        )


def _describe(job: Job) -> dict[str, Any]:
    is_file = exists(job.source) and not is_folder(job.source)
    return {
        "format": FORMAT,
        "model": job.model_sha256,
        "source": hide(job.source),
        "stamp": find_stamp(job.source) if is_file else None,
        "expect": list(job.expect),
        "expectation": hashlib.sha256(repr(job.expectation).encode()).hexdigest()[:16],
        "shard_size": job.shard_size,
    }


def _read(job: Job) -> dict[str, Any]:
    try:
        with open_stream(f"{job.out}/{NAME}") as stream:
            found = json.loads(stream.read())
    except ValueError as error:
        raise InputError(f"{job.out}/{NAME} is damaged: {error}. Use another folder.") from error
    return found if isinstance(found, dict) else {}


def _compare(job: Job, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    problems = [
        f"{word} {found.get(key)}, not {wanted[key]}"
        for key, word in WORDS.items()
        if found.get(key) != wanted[key]
    ]
    if problems:
        raise InputError(f"{job.out} holds the results of another {'; another '.join(problems)}. Use --out.")
