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
    """Yield a callback that draws a bar for each stage of a training run.

    L-BFGS stops when it has converged, nobody knows when before: there the bar only shows that work goes on.
    """
    columns = (TextColumn("{task.fields[state]}"), TimeElapsedColumn(), TimeRemainingColumn())
    with _bar(*columns) as bar:
        tasks = {"fit": bar.add_task(description, total=None, state="starting")}

        def report(progress: "FitProgress") -> None:
            if progress.stage not in tasks:
                bar.update(tasks["fit"], visible=False)
                tasks[progress.stage] = bar.add_task(
                    f"{description} ({progress.stage})", total=None, state=""
                )
            total = None if progress.epoch is None else progress.max_iter
            task = tasks[progress.stage]
            bar.update(
                task, completed=progress.iteration, total=total, state=_describe(progress), visible=True
            )

        yield report


def _describe(progress: "FitProgress") -> str:
    """Say how a fit stands."""
    words = [f"loss {progress.loss:.3g}"]
    if progress.validation_accuracy is not None:
        words.append(f"validation {progress.validation_accuracy:.2%}")
    if progress.images_per_second is None:
        return "  ".join([f"iteration {progress.iteration}", *words])
    return "  ".join([f"epoch {progress.epoch}", *words, f"{progress.images_per_second:,.0f} images/s"])


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
