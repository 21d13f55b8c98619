"""Draw an explanation."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from tenfold.explain.explain import Explanation, name_answer
from tenfold.plots import make_figure, save_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

FOR: Final = "#d55e00"
AGAINST: Final = "#0072b2"
"""Vermilion and blue, which color-blind people tell apart. Source: M. Okabe, K. Ito, "Color universal
design", 2008."""

FAINTEST: Final = 0.1
"""Fall that is drawn in full color, at least: where nothing matters, nothing should look as if it did."""


class ExplanationDisplay:
    """What the model saw, where it looked, what it is like, and what would change its answer.

    Parameters
    ----------
    explanation : Explanation
        What is drawn.
    title : str
        Stands above it.
    """

    def __init__(self, explanation: Explanation, title: str) -> None:
        self.explanation = explanation
        self.title = title

    def save(self, path: Path) -> None:
        """Write it as a PNG picture.

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        OutputError
            The picture cannot be written.
        """
        figure = make_figure(9.0, 6.3)
        figure.suptitle(self.title, fontsize=12)
        upper, lower = figure.subfigures(2, 1, height_ratios=(3.3, 2.6), squeeze=False).flat
        self._draw_answer(upper)
        self._draw_neighbors(lower)
        save_png(path, figure)

    def _draw_answer(self, figure: "SubFigure") -> None:
        """Draw the image, what it rests on, and its counterfactual, side by side."""
        seen, relevance, changed = figure.subplots(1, 3)
        one = self.explanation
        _draw_ink(seen, one.image)
        _caption(seen, "what the model sees", _percentages(one))
        self._draw_relevance(figure, relevance)
        self._draw_counterfactual(changed)

    def _draw_relevance(self, figure: "SubFigure", axes: "Axes") -> None:
        from matplotlib.colors import LinearSegmentedColormap

        one = self.explanation
        colors = LinearSegmentedColormap.from_list("relevance", [AGAINST, "white", FOR])
        limit = max(float(np.abs(one.relevance).max()), FAINTEST)
        layer = axes.imshow(one.relevance, cmap=colors, vmin=-limit, vmax=limit)
        axes.contour(one.image, levels=[127], colors="black", linewidths=0.8)
        axes.set(xticks=[], yticks=[])
        _caption(
            axes,
            "what the answer rests on",
            f"how far the probability of {name_answer(one.label)} falls without the ink there",
        )
        figure.colorbar(layer, ax=axes, shrink=0.6, format=lambda fall, _: f"{fall:.0%}" if fall else "0")

    def _draw_counterfactual(self, axes: "Axes") -> None:
        one, changed = self.explanation, self.explanation.counterfactual
        if changed is None:
            axes.set_axis_off()
            _caption(axes, f"what would make it {name_answer(one.second)}", "not found")
            return
        _draw_ink(axes, changed.image)
        for image, color in ((changed.image < one.image, FOR), (changed.image > one.image, AGAINST)):
            rows, columns = np.nonzero(image)
            axes.scatter(columns, rows, s=9, marker="s", facecolors="none", edgecolors=color, linewidths=1.1)
        _caption(
            axes,
            f"what would make it {name_answer(one.second)} ({changed.probability:.0%})",
            f"{changed.n_erased} pixels erased (orange), {changed.n_inked} inked (blue)",
        )

    def _draw_neighbors(self, figure: "SubFigure") -> None:
        figure.suptitle("the training digits that look most like it to the model", fontsize=10)
        row = figure.subplots(1, len(self.explanation.neighbors), squeeze=False)[0]
        for axes, neighbor in zip(row, self.explanation.neighbors, strict=True):
            _draw_ink(axes, neighbor.image)
            _caption(
                axes, f"{neighbor.label}", f"index {neighbor.position}, distance {neighbor.distance:.2f}"
            )


def _percentages(one: Explanation) -> str:
    return ",  ".join(
        f"{name_answer(label)}: {one.probabilities[label]:.2%}" for label in one.most_probable()
    )


def _draw_ink(axes: "Axes", image: np.ndarray) -> None:
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    axes.set(xticks=[], yticks=[])


def _caption(axes: "Axes", title: str, words: str) -> None:
    axes.set_title(f"{title}\n", fontsize=10)
    axes.text(0.5, 1.03, words, transform=axes.transAxes, ha="center", fontsize=8, color="#555555")
