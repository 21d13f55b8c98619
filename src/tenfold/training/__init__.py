"""From a recipe and a dataset to a model file."""

from tenfold.training.lbfgs import Progress
from tenfold.training.run import Run, train

__all__ = ["Progress", "Run", "train"]
