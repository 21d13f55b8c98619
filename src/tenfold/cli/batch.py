"""`tenfold batch`."""

import json
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tenfold.cli.cluster import SchedulerOption, TlsCaOption, TlsCertOption, TlsKeyOption, check_cluster
from tenfold.cli.options import JsonOption, check_extra
from tenfold.cli.progress import batch_bar
from tenfold.model_file import SHIPPED
from tenfold.model_file import load as load_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tenfold.batch import Engine, Job, Outcome
    from tenfold.batch.shard import Shard

MODULES: Final = ("pyarrow", "fsspec")
CLUSTER_MODULES: Final = ("dask", "distributed")


@dataclass
class Summary:
    """What became of all inputs so far. The keys of --json."""

    out: str
    model: str
    inputs: int = 0
    rows: int = 0
    abstained: int = 0
    errors: int = 0
    shards: int = 0
    shards_done_before: int = 0
    seconds: float = 0.0
    inputs_per_second: float = 0.0

    def add(self, outcome: "Outcome") -> None:
        """Count a shard."""
        self.inputs += outcome.n_inputs
        self.rows += outcome.n_rows
        self.abstained += outcome.n_abstained
        self.errors += outcome.n_errors
        self.shards += 1
        self.shards_done_before += outcome.was_there


def batch(
    source: Annotated[
        str,
        typer.Argument(
            help="A folder or glob of pictures, a .tar, .tar.gz or .zip of them, a CSV or Parquet file with "
            "a column path, a Parquet file with a column image or bytes, or an IDX file of digit images; "
            "here or at any address that fsspec knows, such as s3://….",
            show_default=False,
        ),
    ],
    out: Annotated[
        str,
        typer.Option(help="The folder that takes the Parquet files, here or elsewhere.", show_default=False),
    ],
    model: Annotated[
        Path, typer.Option(help="A model file that tenfold wrote, or one that comes with it.")
    ] = Path(SHIPPED[0]),
    expect: Annotated[
        list[str] | None,
        typer.Option(help="What the numbers may be, as for tenfold read.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Processes on this machine; 0: none, but threads of this one. By default one per core.",
            show_default=False,
        ),
    ] = None,
    scheduler: SchedulerOption = None,
    tls_ca: TlsCaOption = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    shard_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Inputs that are read, and written, together. By default 5,000 pictures, or 50,000 digit "
            "images.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read millions of pictures into Parquet files, on all cores or on a Dask cluster.

    Writes a row for each picture: path, text, confidence, reason, diagnosis, numbers, error, model. A picture
    that cannot be read costs its own row and the exit status 1, nothing else. A run that was ended goes on
    where it was when the same command is given again.

    Examples:

    - `tenfold batch scans/ --out results/`
    - `tenfold batch 's3://bucket/scans/*.tar' --out s3://bucket/results --expect length=8`
    - `tenfold batch images-idx3-ubyte.gz --out results/ --workers 0`
    - `tenfold batch scans/ --out results/ --scheduler tcp://10.0.0.1:8786`
    """
    check_extra("scale", MODULES if workers == 0 else MODULES + CLUSTER_MODULES)
    certificates = check_cluster(workers, scheduler, (tls_ca, tls_cert, tls_key))
    from tenfold.batch import make_job, prepare
    from tenfold.reading import parse_expectation

    texts = tuple(expect or ())
    job = make_job(
        source,
        out,
        load_model(model),
        expect=texts,
        expectation=parse_expectation(texts),
        shard_size=shard_size,
    )
    shards = prepare(job)
    with _choose_engine(workers, scheduler, certificates) as (engine, dashboard):
        if dashboard:
            print(f"Dask's dashboard: {dashboard}", file=sys.stderr)
        summary = _run(job, shards, engine)
    print(json.dumps(asdict(summary)) if as_json else _describe(summary))
    if summary.errors:
        raise typer.Exit(1)


@contextmanager
def _choose_engine(
    workers: int | None, scheduler: str | None, certificates: tuple[str, str, str] | None
) -> "Iterator[tuple[Engine, str | None]]":
    """Yield what does the work, and where its dashboard is."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if workers == 0:
        from tenfold.batch import in_threads

        yield in_threads(cores), None
        return
    from tenfold.batch.cluster import Certificates, reach, start_here

    if scheduler:
        started = reach(scheduler, Certificates(*certificates) if certificates else None)
    else:
        started = start_here(workers or cores)
    with started as cluster:
        yield cluster.engine, cluster.dashboard


def _run(job: "Job", shards: "Iterator[Shard]", engine: "Engine") -> Summary:
    """Do the job, with a bar."""
    from tenfold.batch import carry_out, count_inputs, hide

    summary = Summary(hide(job.out), job.model_sha256)
    started = time.perf_counter()
    n_done_now = 0
    with batch_bar(lambda: count_inputs(job.source)) as show:
        for outcome in carry_out(job, shards, engine):
            summary.add(outcome)
            n_done_now += 0 if outcome.was_there else outcome.n_inputs
            show(summary.inputs, n_done_now, f"{summary.abstained:,} abstained  {summary.errors:,} errors")
    summary.seconds = round(time.perf_counter() - started, 3)
    summary.inputs_per_second = round(n_done_now / summary.seconds, 1) if summary.seconds else 0.0
    return summary


def _describe(summary: Summary) -> str:
    before = f", {summary.shards_done_before} of them done before" if summary.shards_done_before else ""
    return (
        f"{summary.inputs:,} inputs, {summary.rows:,} rows: {summary.abstained:,} abstained, "
        f"{summary.errors:,} errors. {summary.shards} shards{before}. {summary.seconds:.1f} s, "
        f"{summary.inputs_per_second:,.0f} a second. Wrote {summary.out}."
    )
