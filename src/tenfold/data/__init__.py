"""Datasets: where they come from, how they are fetched, verified, read and cut."""

from tenfold.data.dataset import Dataset, load_dataset
from tenfold.data.fetch import fetch
from tenfold.data.idx import load_idx, read_idx, save_idx
from tenfold.data.sources import SOURCES
from tenfold.data.splits import Split, split_training

__all__ = [
    "SOURCES",
    "Dataset",
    "Split",
    "fetch",
    "load_dataset",
    "load_idx",
    "read_idx",
    "save_idx",
    "split_training",
]
