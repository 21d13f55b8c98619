"""Millions of pictures, on this machine's cores or on a cluster: a source -> a folder of Parquet files."""

from tenfold.batch.addresses import hide
from tenfold.batch.job import Job, make_job
from tenfold.batch.run import Engine, carry_out, in_threads, prepare, run
from tenfold.batch.sources import count_inputs
from tenfold.batch.work import Outcome

__all__ = [
    "Engine",
    "Job",
    "Outcome",
    "carry_out",
    "count_inputs",
    "hide",
    "in_threads",
    "make_job",
    "prepare",
    "run",
]
