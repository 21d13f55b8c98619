"""What a model gets right and wrong, with how sure that is."""

from tenfold.evaluation.calibration import expected_calibration_error
from tenfold.evaluation.condition import Condition, check_condition
from tenfold.evaluation.duplicates import Duplicates, find_duplicates
from tenfold.evaluation.evaluate import Evaluation, evaluate
from tenfold.evaluation.intervals import wilson_interval
from tenfold.evaluation.labels import LabelRanking, confident_joint, rank_label_errors
from tenfold.evaluation.metrics import ClassScores, class_scores, confusion_counts
from tenfold.evaluation.texts import TextEvaluation, evaluate_texts

__all__ = [
    "ClassScores",
    "Condition",
    "Duplicates",
    "Evaluation",
    "LabelRanking",
    "TextEvaluation",
    "check_condition",
    "class_scores",
    "confident_joint",
    "confusion_counts",
    "evaluate",
    "evaluate_texts",
    "expected_calibration_error",
    "find_duplicates",
    "rank_label_errors",
    "wilson_interval",
]
