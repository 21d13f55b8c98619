"""Draw a confusion matrix."""

from pathlib import Path

import numpy as np

from tenfold.arrays import Counts
from tenfold.plots import make_figure, save_png


class ConfusionDisplay:
    """A confusion matrix, with the counts in its cells.

    Parameters
    ----------
    confusion : ndarray of shape (n_classes, n_classes), dtype=int64
        Rows are true classes, columns predicted ones.
    names : sequence of str
        Of the classes, in order.
    title : str
        Stands above it.
    """

    def __init__(self, confusion: Counts, names: list[str], title: str) -> None:
        self.confusion = confusion
        self.names = names
        self.title = title

    def save(self, path: Path) -> None:
        """Write it as a PNG picture.

        Cells are shaded by the share of their row, on a scale that keeps single errors visible.

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        OutputError
            The picture cannot be written.
        """
        figure = make_figure(7.0, 7.0)
        axes = figure.subplots()
        shares = self.confusion / np.maximum(self.confusion.sum(axis=1, keepdims=True), 1)
        axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(self.confusion):
            if count:
                color = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize=9)
        axes.set_xticks(range(len(self.names)), self.names)
        axes.set_yticks(range(len(self.names)), self.names)
        axes.set(xlabel="predicted", ylabel="true", title=self.title)
        save_png(path, figure)
