"""What a model gets right and wrong, with how sure that is."""

from tenfold.evaluation.calibration import expected_calibration_error
from tenfold.evaluation.changes import CURVES, Change
from tenfold.evaluation.corruptions import CORRUPTIONS
from tenfold.evaluation.evaluate import Evaluation, evaluate
from tenfold.evaluation.intervals import wilson_interval
from tenfold.evaluation.metrics import ClassScores, class_scores, confusion_counts
from tenfold.evaluation.robustness import Curve, Outcome, Robustness, measure_robustness
from tenfold.evaluation.texts import TextEvaluation, evaluate_texts

__all__ = [
    "CORRUPTIONS",
    "CURVES",
    "Change",
    "ClassScores",
    "Curve",
    "Evaluation",
    "Outcome",
    "Robustness",
    "TextEvaluation",
    "class_scores",
    "confusion_counts",
    "evaluate",
    "evaluate_texts",
    "expected_calibration_error",
    "measure_robustness",
    "wilson_interval",
]
