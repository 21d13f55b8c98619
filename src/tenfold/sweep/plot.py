"""A sweep drawn: accuracy by trial, and against each field that was searched."""

import math
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenfold.plots import make_figure, save_png
from tenfold.sweep.result import Result
from tenfold.sweep.space import Choices, Searched

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_COLUMNS: Final = 3
WIDTH, HEIGHT = 4.0, 3.2
"""Inches of each drawing."""

KINDS: Final = {"complete": ("o", "C0"), "pruned": ("x", "C7"), "diverged": ("v", "C3")}


def save_plot(path: Path, result: Result) -> None:
    """Draw a sweep as a PNG picture.

    Accuracies far below most lie on the lower edge, so that the best can be told apart.

    Parameters
    ----------
    path : Path
        The picture to write.
    result : Result
        What was found.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    OutputError
        The picture cannot be written.
    """
    searched = result.plan.space.searched
    n_columns = min(N_COLUMNS, 1 + len(searched))
    n_rows = math.ceil((1 + len(searched)) / n_columns)
    figure = make_figure(WIDTH * n_columns, HEIGHT * n_rows)
    first, *others = figure.subplots(n_rows, n_columns, squeeze=False).flat
    floor = find_floor([trial.accuracy for trial in result.where("complete") if trial.accuracy is not None])
    _draw_progress(first, result, floor)
    for axes, part in zip(others, searched, strict=False):
        _draw_field(axes, result, part, floor)
    for axes in others[len(searched) :]:
        axes.set_axis_off()
    plan = result.plan
    figure.suptitle(f"{plan.space.recipe.name} on {plan.dataset}, seed {plan.seed}: validation accuracy, %")
    save_png(path, figure)


def find_floor(accuracies: Sequence[float]) -> float:
    """Return the accuracy below which trials are drawn on the edge.

    That is as far below the median as the best is above it, three times over.
    """
    if not accuracies:
        return 0.0
    median = sorted(accuracies)[len(accuracies) // 2]
    return max(0.0, min(accuracies), median - 3 * max(max(accuracies) - median, 0.001))


def _draw_progress(axes: "Axes", result: Result, floor: float) -> None:
    """Draw each trial in the order in which they began, and the best so far."""
    _draw_trials(axes, result, [trial.number for trial in result.trials], floor)
    complete = result.where("complete")
    best = list(accumulate((trial.accuracy or 0.0 for trial in complete), max))
    axes.step([trial.number for trial in complete], [100 * accuracy for accuracy in best], where="post")
    axes.set_xlabel("trial")
    if axes.get_legend_handles_labels()[0]:  # there is something to tell apart
        axes.legend(loc="best", fontsize="small")


def _draw_field(axes: "Axes", result: Result, part: Searched, floor: float) -> None:
    """Draw each trial by its value of a field."""
    values: list[Any] = [trial.values[part.field] for trial in result.trials]
    if isinstance(part, Choices):
        axes.set_xticks(range(len(part.values)), [str(value) for value in part.values])
        values = [part.values.index(value) for value in values]
    elif part.is_log:
        axes.set_xscale("log")
    _draw_trials(axes, result, values, floor)
    axes.set_xlabel(part.field)


def _draw_trials(axes: "Axes", result: Result, positions: Sequence[int | float], floor: float) -> None:
    for state, (marker, color) in KINDS.items():
        drawn = [
            (position, 100 * max(floor, trial.accuracy or 0.0))
            for position, trial in zip(positions, result.trials, strict=True)
            if trial.state == state
        ]
        if drawn:
            across, up = zip(*drawn, strict=True)
            axes.scatter(across, up, s=20, marker=marker, color=color, label=state)
    best = result.best
    if best is not None:
        position = positions[result.trials.index(best)]
        axes.scatter(
            [position], [100 * (best.accuracy or 0.0)], marker="*", color="C1", s=90, label="best", zorder=3
        )
