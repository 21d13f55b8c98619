"""Charts: numbers in, SVG out."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from tenfold.evaluation import Curve, Evaluation, Outcome, measure_reliability, measure_risk_coverage
from tenfold.report import draw_curve, draw_reliability, draw_risk_coverage


def attributes(svg: str, tag: str, name: str, *, kind: str) -> list[str]:
    """Return an attribute of each element of a class."""
    found = ElementTree.fromstring(svg).iter(tag)
    return [element.attrib[name] for element in found if kind in element.attrib["class"].split()]


def texts(svg: str) -> list[str | None]:
    """Return what is written in a chart."""
    return [element.text for element in ElementTree.fromstring(svg).iter("text")]


def test_reliability_has_a_point_and_a_count_for_each_bin() -> None:
    """Two bins that have images give two points, two intervals, two bars and their counts."""
    confidences = np.repeat([0.5, 0.99], [2000, 3])
    svg = draw_reliability(measure_reliability(confidences, np.arange(2003) % 2 == 0))
    assert len(attributes(svg, "circle", "cx", kind="first")) == 2
    assert len(attributes(svg, "polyline", "points", kind="first")) == 2
    assert len(attributes(svg, "rect", "height", kind="bar")) == 2
    assert {"2,000", "3"} <= set(texts(svg))


def test_reliability_puts_points_where_they_belong() -> None:
    """Of confidence 1 and accuracy 0 a point lies right and at the bottom, of accuracy 1 at the top."""
    points = []
    for is_right in (False, True):
        svg = draw_reliability(measure_reliability(np.ones(5), np.full(5, is_right)))
        points += attributes(svg, "circle", "cx", kind="first") + attributes(
            svg, "circle", "cy", kind="first"
        )
    assert points == ["342.0", "222.0", "342.0", "10.0"]


def test_risk_coverage_falls_to_the_left() -> None:
    """Where the unsure are the wrong ones, risk grows with coverage; the line ends at the share of errors."""
    confidences = np.linspace(1, 0.5, 1000)
    svg = draw_risk_coverage(measure_risk_coverage(confidences, confidences > 0.6), threshold=0.75)
    (line,) = attributes(svg, "polyline", "points", kind="first")
    points = [tuple(map(float, point.split(","))) for point in line.split()]
    assert points == sorted(points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert "20.00%" in svg
    assert "unsure below 0.750" not in svg  # it lies left of the axis, which begins at the first error


def test_risk_coverage_marks_a_threshold_that_is_in_sight() -> None:
    """The model's own threshold stands where it lies on the axis."""
    confidences = np.linspace(1, 0, 1000)
    svg = draw_risk_coverage(measure_risk_coverage(confidences, np.arange(1000) % 9 > 0), threshold=0.4)
    assert "unsure below 0.400" in texts(svg)


@pytest.mark.parametrize("is_right", [True, False])
def test_risk_coverage_takes_models_that_are_never_or_always_wrong(*, is_right: bool) -> None:
    """Without an error there is the bound alone; with one confidence for all there is a single point."""
    svg = draw_risk_coverage(measure_risk_coverage(np.ones(50), np.full(50, is_right)), threshold=0.9)
    assert len(attributes(svg, "circle", "cx", kind="first")) == int(not is_right)
    assert len(attributes(svg, "polyline", "points", kind="second")) == 1
    assert not re.search(r"nan|inf", svg)


def test_curve_escapes_and_tells_its_shares() -> None:
    """A small chart names the change, and is right for readers of screens and for any name."""
    outcomes = (Outcome(10, 9, 1, 10), Outcome(10, 5, 0, 6))
    root = ElementTree.fromstring(draw_curve(Curve("blur <b>", "px & more", (0.0, 2.0), outcomes)))
    title = root.find("title")
    assert title is not None
    assert title.text == "blur <b> in px & more: 90.0% at 0, 50.0% at 2"


def test_charts_of_a_real_model_are_xml(evaluation: Evaluation) -> None:
    """A browser and an XML parser read the same."""
    for svg in (draw_reliability(evaluation.reliability), draw_risk_coverage(evaluation.risk_coverage)):
        assert ElementTree.fromstring(svg).tag == "svg"
