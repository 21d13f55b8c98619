"""What a model gets right and wrong, with how sure that is."""

from tenfold.evaluation.calibration import (
    Reliability,
    expected_calibration_error,
    measure_reliability,
)
from tenfold.evaluation.card_text import (
    make_card_text,
)
from tenfold.evaluation.changes import (
    CURVES,
    Change,
)
from tenfold.evaluation.compare import (
    Accuracy,
    ClassComparison,
    Comparison,
    compare,
)
from tenfold.evaluation.condition import (
    Condition,
    check_condition,
)
from tenfold.evaluation.corruptions import (
    CORRUPTIONS,
)
from tenfold.evaluation.duplicates import (
    Duplicates,
    find_duplicates,
)
from tenfold.evaluation.evaluate import (
    CLASS_NAMES,
    Evaluation,
    evaluate,
    evaluate_probabilities,
)
from tenfold.evaluation.front_matter import (
    SplitFigures,
)
from tenfold.evaluation.intervals import (
    upper_bound,
    wilson_interval,
)
from tenfold.evaluation.labels import (
    LabelRanking,
    confident_joint,
    rank_label_errors,
)
from tenfold.evaluation.metrics import (
    ClassScores,
    brier_score,
    class_scores,
    confusion_counts,
    log_loss,
    top_k_accuracy,
)
from tenfold.evaluation.paired import (
    difference_interval,
    holm,
    mcnemar_exact,
)
from tenfold.evaluation.robustness import (
    Curve,
    Outcome,
    Robustness,
    measure_robustness,
)
from tenfold.evaluation.selective import (
    RISKS,
    Answerable,
    RiskCoverage,
    count_accepted,
    find_answerable,
    measure_risk_coverage,
)
from tenfold.evaluation.texts import (
    TextEvaluation,
    evaluate_texts,
)

__all__ = [
    "CLASS_NAMES",
    "CORRUPTIONS",
    "CURVES",
    "RISKS",
    "Accuracy",
    "Answerable",
    "Change",
    "ClassComparison",
    "ClassScores",
    "Comparison",
    "Condition",
    "Curve",
    "Duplicates",
    "Evaluation",
    "LabelRanking",
    "Outcome",
    "Reliability",
    "RiskCoverage",
    "Robustness",
    "SplitFigures",
    "TextEvaluation",
    "brier_score",
    "check_condition",
    "class_scores",
    "compare",
    "confident_joint",
    "confusion_counts",
    "count_accepted",
    "difference_interval",
    "evaluate",
    "evaluate_probabilities",
    "evaluate_texts",
    "expected_calibration_error",
    "find_answerable",
    "find_duplicates",
    "holm",
    "log_loss",
    "make_card_text",
    "mcnemar_exact",
    "measure_reliability",
    "measure_risk_coverage",
    "measure_robustness",
    "rank_label_errors",
    "top_k_accuracy",
    "upper_bound",
    "wilson_interval",
]
