"""Figures by matplotlib, without its global state."""

from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.atomic import write_atomically
from tenfold.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def make_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of that many inches.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "train") from error
    return Figure(figsize=(width, height), layout="constrained")


def save_png(path: Path, figure: "Figure") -> None:
    """Write a figure as a PNG picture of 100 pixels to the inch, in one step.

    Raises
    ------
    OutputError
        The picture cannot be written.
    """
    with write_atomically(path) as file:
        figure.savefig(file, format="png", dpi=100, metadata={"Software": None})
