"""What is written is a table to pandas, polars and DuckDB as it is to Arrow: row by row, all the way down."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from tenfold.batch.rows import SCHEMA
from tests.batch.made import do, job_of, png, read_rows, write_files, write_mixed
from tests.picture_files import pdf

Rows = list[dict[str, Any]]


def _in_pandas(folder: Path) -> Rows:
    return pd.read_parquet(folder).to_dict("records")  # type: ignore[return-value]


def _in_polars(folder: Path) -> Rows:
    return pl.read_parquet(folder / "*.parquet").to_dicts()


def _in_polars_lazily(folder: Path) -> Rows:
    return pl.scan_parquet(folder / "*.parquet").collect().to_dicts()


def _in_duckdb(folder: Path) -> Rows:
    found = duckdb.sql(f"select * from '{folder}/*.parquet'")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


READERS: dict[str, Callable[[Path], Rows]] = {
    "pandas": _in_pandas,
    "polars": _in_polars,
    "polars, lazily": _in_polars_lazily,
    "duckdb": _in_duckdb,
}

UNPACKERS: dict[str, Callable[[Path], list[Any]]] = {
    "pandas": lambda folder: pd.read_parquet(folder).explode("numbers")["numbers"].dropna().tolist(),
    "polars": lambda folder: (
        pl.read_parquet(folder / "*.parquet")
        .select(pl.col("numbers").list.drop_nulls().explode(empty_as_null=False, keep_nulls=False))
        .unnest("numbers")
        .to_dicts()
    ),
    "duckdb": lambda folder: [
        number for (number,) in duckdb.sql(f"select unnest(numbers) from '{folder}/*.parquet'").fetchall()
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the rows of pictures of every kind, some shards of which hold errors alone."""
    place = tmp_path_factory.mktemp("tables")
    source = write_mixed(place / "in", 40)
    strokes = np.full((80, 200), 255, np.uint8)
    strokes[::7] = 0
    extra = {"zwölf/数字 7.png": (source / "000003.png").read_bytes(), "no digit.png": png(strokes)}
    write_files(source, extra | {"pages.pdf": pdf(n_pages=2)})
    do(job_of(source, place / "out", shard_size=3))
    return place / "out"


def _plain(value: Any) -> Any:
    """Return a cell as Arrow gives it: pandas has arrays for lists, and NaN for what is missing."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


@pytest.mark.parametrize("name", READERS)
def test_a_folder_is_one_table(name: str, folder: Path) -> None:
    """Every cell is the one that Arrow reads, nested ones and those that are missing too."""
    expected = read_rows(folder)
    rows = sorted(map(_plain, READERS[name](folder)), key=lambda row: row["path"])
    assert rows == expected
    assert list(rows[0]) == SCHEMA.names
    assert {row["reason"] for row in rows} >= {None, "blank", "not a digit"}
    assert sum(row["error"] is not None for row in rows) == 5
    assert any(row["path"].endswith("in/zwölf/数字 7.png") and row["text"] for row in rows)
    assert any(row["path"].endswith("#page=2") for row in rows)


@pytest.mark.parametrize("name", UNPACKERS)
def test_numbers_are_unpacked(name: str, folder: Path) -> None:
    """Each number becomes a row, with its digits; pictures without any become none."""
    expected = [number for row in read_rows(folder) for number in row["numbers"] or []]
    numbers = [_plain(number) for number in UNPACKERS[name](folder)]
    assert len(numbers) > 40
    assert sorted(numbers, key=repr) == sorted(expected, key=repr)


def test_shards_of_errors_alone_have_the_same_columns(folder: Path) -> None:
    """A shard none of whose pictures was read is a table of the same columns and types as any other."""
    shards = sorted(folder.glob("*.parquet"))
    errors = [pl.read_parquet(shard)["error"].null_count() == 0 for shard in shards]
    assert 0 < sum(errors) < len(shards)
    assert len({str(pl.read_parquet_schema(shard)) for shard in shards}) == 1
