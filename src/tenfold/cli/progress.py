"""Progress bars on the error stream, silent where that is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from tenfold.data.fetch import Progress as FetchProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenfold.training import Progress as FitProgress


@contextmanager
def download_bar() -> Iterator[FetchProgress]:
    """Yield a callback that draws one bar for each file as it downloads."""
    with _bar(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as bar:
        tasks = {}

        def report(name: str, received: int, expected: int | None) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name)
            bar.update(tasks[name], completed=received, total=expected)

        yield report


@contextmanager
def fit_bar(description: str) -> "Iterator[Callable[[FitProgress], None]]":
    """Yield a callback that draws elapsed time, iteration and loss of a fit.

    How many iterations there will be is not known before the fit has converged, so the bar only shows that
    work goes on.
    """
    with _bar(TextColumn("{task.fields[state]}"), TimeElapsedColumn()) as bar:
        task = bar.add_task(description, total=None, state="starting")

        def report(progress: "FitProgress") -> None:
            bar.update(task, state=f"iteration {progress.iteration}  loss {progress.loss:.3g}")

        yield report


def _bar(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
