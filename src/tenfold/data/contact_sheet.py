"""Digit images side by side in one picture."""

from collections.abc import Sequence
from pathlib import Path

from tenfold.arrays import Images
from tenfold.plots import make_figure, save_png


def save_contact_sheet(
    path: Path, images: Images, titles: Sequence[str], *, n_columns: int, side: float | None = None
) -> None:
    """Write digit images as one PNG picture, ink dark on white, each under its title.

    Parameters
    ----------
    path : Path
        The picture to write.
    images : ndarray of shape (n_samples, 28, 28), dtype=uint8
        Digit images.
    titles : sequence of str
        One for each image.
    n_columns : int
        Images in a row.
    side : float, optional
        Inches that each has across. By default 0.7, or 3 for one alone.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    OutputError
        The picture cannot be written.
    """
    n_rows = -(-len(images) // n_columns)
    side = side or (3.0 if len(images) == 1 else 0.7)
    figure = make_figure(side * n_columns, side * 1.2 * n_rows)
    grid = figure.subplots(n_rows, n_columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, image, title in zip(grid.flat, images, titles, strict=False):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=255)
        axes.set_title(title, fontsize=9, pad=2)
    save_png(path, figure)
