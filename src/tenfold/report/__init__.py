"""What an evaluation found, as one HTML file to hand over."""

from tenfold.report.charts import draw_curve, draw_reliability, draw_risk_coverage
from tenfold.report.gallery import (
    MOST_SHOWN,
    Miss,
    collect_misses,
    rank_misses,
    to_data_uri,
)
from tenfold.report.report import DataFacts, ModelFacts, render_report

__all__ = [
    "MOST_SHOWN",
    "DataFacts",
    "Miss",
    "ModelFacts",
    "collect_misses",
    "draw_curve",
    "draw_reliability",
    "draw_risk_coverage",
    "rank_misses",
    "render_report",
    "to_data_uri",
]
