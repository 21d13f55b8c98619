"""Charts as SVG text: numbers in, elements out. Colors are classes that the page's style names."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from tenfold.evaluation import Curve, Reliability, RiskCoverage, count_accepted, upper_bound, wilson_interval

WIDTH: Final = 360
"""Units of a chart, about the pixels of a phone: text of 11 units stays legible there."""

MOST_POINTS: Final = 150
"""Of a line. More would not be seen."""

MOST_BOUNDS: Final = 30
"""Of the line of bounds, each of which takes some milliseconds."""

STARTS: Final = (0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0.0)
"""Coverages at which an axis may begin."""

Number = int | float
Point = tuple[Number, Number]


@dataclass(frozen=True)
class _Frame:
    """A rectangle of the chart, and the values at its edges."""

    left: Number
    top: Number
    right: Number
    bottom: Number
    x_range: Point = (0.0, 1.0)
    y_range: Point = (0.0, 1.0)

    def x(self, value: Number) -> float:
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def y(self, value: Number) -> float:
        low, high = self.y_range
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)


def draw_reliability(reliability: Reliability) -> str:
    """Draw how often answers are right by their confidence, and below how many there are of each.

    Parameters
    ----------
    reliability : Reliability
        Bins of equal width; those without images are left out.
    """
    frame = _Frame(44, 10, WIDTH - 18, 222)
    ticks = [(share, f"{share:.0%}") for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    parts = [
        *_grid(frame, x_ticks=[(share, "") for share, _ in ticks], y_ticks=ticks),
        _line([(frame.x(0), frame.y(0)), (frame.x(1), frame.y(1))], "guide"),
        *_bin_points(frame, reliability),
        *_bin_bars(_Frame(frame.left, 236, frame.right, 306), reliability),
        *(_text(frame.x(share), 322, label) for share, label in ticks),
        _text((frame.left + frame.right) / 2, 340, "confidence"),
        _text(9, (frame.top + frame.bottom) / 2, "answers that are right", turned=True),
        _text(9, 271, "images", turned=True),
    ]
    n_bins = int((reliability.n_samples > 0).sum())
    title = f"Reliability: the share of right answers in {n_bins} bins of confidence, with 95 % intervals"
    return _svg(348, title, parts)


def draw_risk_coverage(curve: RiskCoverage, *, threshold: float | None = None) -> str:
    """Draw the share of wrong answers, on a logarithmic axis, by the share that is answered.

    The axis of coverage begins where the first answers are wrong. Where none is, only the bound is seen.

    Parameters
    ----------
    curve : RiskCoverage
        Of a model on labelled samples.
    threshold : Number, optional
        The model's own, which gets a mark.
    """
    start = _axis_start(curve)
    positions = np.flatnonzero(curve.coverage >= start).tolist()
    bounds = {
        at: upper_bound(int(curve.n_errors[at]), int(curve.n_accepted[at]))
        for at in _spread(positions, MOST_BOUNDS)
    }
    risks = {at: float(curve.risk[at]) for at in _spread(positions, MOST_POINTS) if curve.n_errors[at]}
    low, high = _decades([*bounds.values(), *risks.values()])
    frame = _Frame(52, 10, WIDTH - 18, 290, (start, 1.0), (low, high))
    xs = [start + (1 - start) * step / 4 for step in range(5)]
    parts = [
        *_grid(
            frame,
            x_ticks=[(x, _percent(x)) for x in xs],
            y_ticks=[(power, _percent(10.0**power)) for power in range(int(low), int(high) + 1)],
        ),
        _line([_log_point(frame, curve, at, bound) for at, bound in bounds.items()], "second dashed"),
        _line([_log_point(frame, curve, at, risk) for at, risk in risks.items()], "first"),
        *_marks(frame, curve, threshold, start),
        _text((frame.left + frame.right) / 2, 326, "answered, the surest first"),
        _text(9, (frame.top + frame.bottom) / 2, "answers that are wrong", turned=True),
    ]
    title = f"Risk and coverage: of all {curve.n_accepted[-1]:,} answers {curve.risk[-1]:.2%} are wrong"
    return _svg(336, title, parts)


def draw_curve(curve: Curve) -> str:
    """Draw what is read right as one change grows: a small chart, to stand beside its like.

    Parameters
    ----------
    curve : Curve
        Of one change. A second line, dashed, shows the share where a digit must be named.
    """
    frame = _Frame(34, 8, 192, 112, (curve.strengths[0], curve.strengths[-1]))
    lines = {
        "second dashed": [outcome.forced_accuracy for outcome in curve.outcomes],
        "first": [outcome.accuracy for outcome in curve.outcomes],
    }
    points = {
        kind: [(frame.x(x), frame.y(y)) for x, y in zip(curve.strengths, shares, strict=True)]
        for kind, shares in lines.items()
    }
    parts = [
        *_grid(
            frame,
            x_ticks=_name_ticks(frame, curve.strengths),
            y_ticks=[(share, f"{share:.0%}") for share in (0.0, 0.5, 1.0)],
        ),
        *(_line(line, kind) for kind, line in points.items()),
        *(_dot(x, y, "first", radius=2.5) for x, y in points["first"]),
        _text((frame.left + frame.right) / 2, 142, curve.unit),
    ]
    ends = ", ".join(
        f"{outcome.accuracy:.1%} at {strength:g}"
        for strength, outcome in zip(curve.strengths, curve.outcomes, strict=True)
    )
    return _svg(148, f"{curve.name} in {curve.unit}: {ends}", parts, width=200)


def _bin_points(frame: _Frame, reliability: Reliability) -> list[str]:
    """Draw a point for each bin, with the interval of its share."""
    parts = []
    bins = zip(reliability.n_samples.tolist(), reliability.confidence, reliability.accuracy, strict=True)
    for n, confidence, accuracy in bins:
        if n:
            x = frame.x(float(confidence))
            ends = wilson_interval(round(float(accuracy) * n), n)
            parts.append(_line([(x, frame.y(end)) for end in ends], "first"))
            parts.append(_dot(x, frame.y(float(accuracy)), "first"))
    return parts


def _bin_bars(frame: _Frame, reliability: Reliability) -> list[str]:
    """Draw how many images each bin has, on a logarithmic scale, with the number above."""
    sizes = reliability.n_samples.tolist()
    width = (frame.right - frame.left) / len(sizes)
    parts = []
    for at, n in enumerate(sizes):
        if n:
            height = 4 + 26 * math.log(n) / math.log(max(*sizes, 2))
            x, top = frame.left + at * width, frame.bottom - height
            parts.append(
                f'<rect class="bar" x="{x + 1.5:.1f}" y="{top:.1f}" width="{width - 3:.1f}" '
                f'height="{height:.1f}"/>'
            )
            parts.append(_text(x + width / 2 + 3, top - 3, f"{n:,}", turned=True, kind="small start"))
    return parts


def _marks(frame: _Frame, curve: RiskCoverage, threshold: float | None, start: Number) -> list[str]:
    """Mark where all is answered, and what the model's own threshold accepts, where that is shown."""
    parts, last = [], len(curve.thresholds) - 1
    if curve.n_errors[last]:
        parts.append(_dot(*_log_point(frame, curve, last, float(curve.risk[last])), "first"))
    share = count_accepted(curve, threshold)[0] / curve.n_accepted[last] if threshold is not None else 0.0
    if share and share >= start:
        x = frame.x(float(share))
        parts.append(_line([(x, frame.top), (x, frame.bottom)], "guide"))
        parts.append(_text(x - 4, frame.top + 12, f"unsure below {threshold:.3f}", kind="end"))
    return parts


def _axis_start(curve: RiskCoverage) -> float:
    """Choose where the axis of coverage begins: before the first wrong answer, or at 0 if there is none."""
    wrong = np.flatnonzero(curve.n_errors)
    if not len(wrong):
        return 0.0
    first = min(float(curve.coverage[wrong[0]]), 1 - 1e-9)
    return next(start for start in STARTS if start <= first)


def _spread(positions: Sequence[int], most: int) -> list[int]:
    """Take some of many positions, evenly, the first and the last among them."""
    steps = np.linspace(0, len(positions) - 1, min(len(positions), most)).round().astype(int)
    return [positions[step] for step in steps]


def _decades(values: Iterable[float]) -> Point:
    """Return the powers of ten around shares, at least one apart."""
    logs = [math.log10(value) for value in values]
    low = min(math.floor(min(logs)), -1)
    return low, max(math.ceil(max(logs)), low + 1)


def _log_point(frame: _Frame, curve: RiskCoverage, at: int, risk: Number) -> Point:
    return frame.x(float(curve.coverage[at])), frame.y(math.log10(risk))


def _name_ticks(frame: _Frame, values: Iterable[Number]) -> Iterable[tuple[Number, str]]:
    """Give values their labels, but none where it would touch the one before."""
    free = -math.inf
    for value in values:
        label, x = f"{value:g}".replace("-", "−"), frame.x(value)
        width = 6.5 * len(label)
        is_free = x - width / 2 > free
        yield value, label if is_free else ""
        free = x + width / 2 + 2 if is_free else free


def _percent(share: Number) -> str:
    return f"{100 * share:.4g}%"


def _grid(
    frame: _Frame, *, x_ticks: Iterable[tuple[Number, str]], y_ticks: Iterable[tuple[Number, str]]
) -> Iterable[str]:
    """Draw lines across the frame, each with its label."""
    for value, label in x_ticks:
        x = frame.x(value)
        yield _line([(x, frame.top), (x, frame.bottom)], "grid")
        yield _text(x, frame.bottom + 16, label)
    for value, label in y_ticks:
        y = frame.y(value)
        yield _line([(frame.left, y), (frame.right, y)], "grid")
        yield _text(frame.left - 4, y + 3.5, label, kind="end")


def _line(points: Sequence[Point], kind: str) -> str:
    if not points:
        return ""
    listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="line {kind}" points="{listed}"/>'


def _dot(x: Number, y: Number, kind: str, *, radius: Number = 3.5) -> str:
    return f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'


def _text(x: Number, y: Number, text: str, *, kind: str = "", turned: bool = False) -> str:
    if not text:
        return ""
    place = f'transform="translate({x:.1f} {y:.1f}) rotate(-90)"' if turned else f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'


def _svg(height: int, title: str, parts: Iterable[str], *, width: int = WIDTH) -> str:
    """Put elements under a title, which readers of screens speak."""
    inner = "\n".join(part for part in parts if part)
    return f'<svg viewBox="0 0 {width} {height}" role="img"><title>{escape(title)}</title>\n{inner}\n</svg>'
