"""What a model gets right and wrong, with how sure that is."""

from tenfold.evaluation.calibration import expected_calibration_error
from tenfold.evaluation.card_text import make_card_text
from tenfold.evaluation.compare import (
    Accuracy,
    ClassComparison,
    Comparison,
    compare,
    difference_interval,
    holm,
    mcnemar_exact,
)
from tenfold.evaluation.evaluate import Evaluation, evaluate
from tenfold.evaluation.front_matter import SplitFigures
from tenfold.evaluation.intervals import wilson_interval
from tenfold.evaluation.metrics import ClassScores, class_scores, confusion_counts
from tenfold.evaluation.texts import TextEvaluation, evaluate_texts

__all__ = [
    "Accuracy",
    "ClassComparison",
    "ClassScores",
    "Comparison",
    "Evaluation",
    "SplitFigures",
    "TextEvaluation",
    "class_scores",
    "compare",
    "confusion_counts",
    "difference_interval",
    "evaluate",
    "evaluate_texts",
    "expected_calibration_error",
    "holm",
    "make_card_text",
    "mcnemar_exact",
    "wilson_interval",
]
