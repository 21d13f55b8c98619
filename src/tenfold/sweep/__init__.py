"""Search the fields of a recipe, by Optuna, in one process or in many that share a study."""

from tenfold.sweep.plan import Plan, compute_checksums
from tenfold.sweep.plot import save_plot
from tenfold.sweep.result import Result, Tried
from tenfold.sweep.run import sweep
from tenfold.sweep.space import Choices, Range, Space, parse_space
from tenfold.sweep.storage import check_reachable, parse_store

__all__ = [
    "Choices",
    "Plan",
    "Range",
    "Result",
    "Space",
    "Tried",
    "check_reachable",
    "compute_checksums",
    "parse_space",
    "parse_store",
    "save_plot",
    "sweep",
]
