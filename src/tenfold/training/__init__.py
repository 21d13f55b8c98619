"""From a recipe and a dataset to a model file."""

from tenfold.training.progress import Progress
from tenfold.training.record import end_points, save_curve, save_record
from tenfold.training.run import Run, train

__all__ = ["Progress", "Run", "end_points", "save_curve", "save_record", "train"]
