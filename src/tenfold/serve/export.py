"""Corrections as a data set that `tenfold train` and `tenfold evaluate` take."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tenfold.atomic import make_folder_atomically
from tenfold.data import save_idx
from tenfold.data.splits import TEST_SHARE
