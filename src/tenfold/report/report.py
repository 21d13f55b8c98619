"""The report: one HTML file, with nothing outside it."""

import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from tenfold.evaluation import RISKS, Evaluation, Robustness, find_answerable
from tenfold.model_file import Card
from tenfold.report.charts import draw_curve, draw_reliability, draw_risk_coverage
from tenfold.report.gallery import Miss, to_data_uri
from tenfold.report.tables import (
    class_rows,
    confusion_rows,
    corruption_rows,
    headline_rows,
    model_rows,
    name_class,
    percent,
    reliability_rows,
)


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """Which model was evaluated.

    Attributes
    ----------
    name : str
        As it was called.
    sha256 : str
        Of the file.
    card : Card
        What it says of itself.
    """

    name: str
    sha256: str
    card: Card


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """Which images it was evaluated on.

    Attributes
    ----------
    name, split : str
        Of the dataset, and which part of it.
    sha256 : dict of str to str
        Of each array, as `Dataset.sha256` returns it.
    title, license, homepage : str
        Of a named dataset; empty where they are not known.
    disputed : tuple of int
        Positions whose labels people dispute.
    """

    name: str
    split: str
    sha256: dict[str, str]
    title: str = ""
    license: str = ""
    homepage: str = ""
    disputed: tuple[int, ...] = ()


def render_report(
    evaluation: Evaluation,
    *,
    model: ModelFacts,
    data: DataFacts,
    misses: Sequence[Miss],
    command: str,
    robustness: Robustness | None = None,
) -> str:
    """Write what an evaluation found as one HTML page: no script, and nothing that is fetched.

    Parameters
    ----------
    evaluation : Evaluation
        The figures.
    model : ModelFacts
        Whose they are.
    data : DataFacts
        Of which images.
    misses : sequence of Miss
        What is shown of them, in order; see `collect_misses`.
    command : str
        What makes the report again.
    robustness : Robustness, optional
        How accuracy falls as images change.

    Returns
    -------
    str
        The same for the same values: no date is inside.
    """
    threshold = model.card.thresholds.get("unsure")
    counts, names = evaluation.shown_confusion()
    curves = robustness.curves if robustness else ()
    return _load_template().render(
        style=Markup(_read("report.css")),  # noqa: S704  # our own file
        evaluation=evaluation,
        headlines=headline_rows(evaluation, disputed=data.disputed, threshold=threshold),
        names=names,
        confusion=confusion_rows(counts, names),
        classes=class_rows(evaluation, names),
        answerable=[find_answerable(evaluation.risk_coverage, risk) for risk in RISKS],
        reliability=reliability_rows(evaluation.reliability),
        reliability_chart=Markup(draw_reliability(evaluation.reliability)),  # noqa: S704  # it escapes
        risk_chart=Markup(draw_risk_coverage(evaluation.risk_coverage, threshold=threshold)),  # noqa: S704
        robustness=robustness,
        corruptions=corruption_rows(robustness) if robustness else [],
        curves=[(curve, Markup(draw_curve(curve))) for curve in curves],  # noqa: S704
        misses=misses,
        model=model,
        model_facts=model_rows(model.card, model.sha256),
        data=data,
        command=command,
    )


def _load_template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(percent=percent, name=name_class, picture=to_data_uri)
    return environment.from_string(_read("report.html"))


def _read(name: str) -> str:
    return (importlib.resources.files("tenfold.report") / name).read_text("utf-8")
