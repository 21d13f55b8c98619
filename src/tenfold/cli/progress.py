"""Progress bars on the error stream, silent where that is no terminal."""

import functools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
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

    from tenfold.sweep import Result
    from tenfold.training import Progress as FitProgress


@contextmanager
def download_bar() -> Iterator[FetchProgress]:
    """Yield a callback that draws one bar for each file as it downloads."""
    with _named_bars(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as report:
        yield report


@contextmanager
def count_bar(description: str, total: int) -> "Iterator[Callable[[], None]]":
    """Yield a callback that counts one step of many."""
    with _bar(MofNCompleteColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task(description, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def step_bar(description: str) -> "Iterator[Callable[[int, int], None]]":
    """Yield a callback that takes how many steps are done, and how many there are."""
    with parts_bar() as report:
        yield functools.partial(report, description)


@contextmanager
def parts_bar() -> "Iterator[Callable[[str, int, int], None]]":
    """Yield a callback that draws a bar for each part of some work, whose steps it counts."""
    with _named_bars(MofNCompleteColumn(), TimeRemainingColumn()) as report:
        yield report


@contextmanager
def _named_bars(*columns: ProgressColumn) -> Iterator[FetchProgress]:
    """Yield a callback that takes a name, what is done of it, and the whole; each name has a bar."""
    with _bar(*columns) as bar:
        tasks = {}

        def report(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name)
            bar.update(tasks[name], completed=done, total=total)

        yield report


@contextmanager
def fit_bar(description: str) -> "Iterator[Callable[[FitProgress], None]]":
    """Yield a callback that draws a bar for each stage of a training run.

    L-BFGS stops when it has converged, nobody knows when before: there the bar only shows that work goes on.
    The time left is reckoned from a report alone: a run that is resumed repeats old ones all at once, which
    would look like great speed.
    """
    left = TextColumn("{task.fields[left]}", style="progress.remaining")
    with _bar(TextColumn("{task.fields[state]}"), TimeElapsedColumn(), left) as bar:
        tasks = {"fit": bar.add_task(description, total=None, state="starting", left="")}

        def report(progress: "FitProgress") -> None:
            if progress.stage not in tasks:
                bar.update(tasks["fit"], visible=False)
                tasks[progress.stage] = bar.add_task(
                    f"{description} ({progress.stage})", total=None, state="", left=""
                )
            bar.update(
                tasks[progress.stage],
                completed=progress.iteration,
                total=None if progress.epoch is None else progress.max_iter,
                state=_describe(progress),
                left="" if progress.epoch is None else _time_left(progress),
                visible=True,
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


def _time_left(progress: "FitProgress") -> str:
    """Say how long a stage will take at the mean speed of its steps so far."""
    steps = progress.max_iter - progress.iteration
    return str(timedelta(seconds=round(steps * progress.seconds / progress.iteration)))


@contextmanager
def batch_bar(count: "Callable[[], int | None]") -> "Iterator[Callable[[int, int, str], None]]":
    """Yield a callback that takes how many inputs are done, how many of them in this run, and how they went.

    Rate and time left are reckoned from this run alone: what was done before is reported all at once, which
    would look like great speed.

    Parameters
    ----------
    count : callable
        Returns how many inputs there are, if that is known; asked only where the bar is seen.
    """
    rate, left, words = (TextColumn(f"{{task.fields[{name}]}}") for name in ("rate", "left", "words"))
    with _bar(MofNCompleteColumn(), rate, left, words) as bar:
        total = None if bar.disable else count()
        task = bar.add_task("Reading", total=total, rate="", left="", words="")
        started = time.perf_counter()

        def show(n_done: int, n_done_now: int, words: str) -> None:
            rate = n_done_now / (time.perf_counter() - started)
            left = str(timedelta(seconds=round((total - n_done) / rate))) if total and rate else ""
            bar.update(task, completed=n_done, rate=f"{rate:,.0f}/s", left=left, words=words)

        yield show


@contextmanager
def sweep_bar(n_trials: int) -> "Iterator[Callable[[Result], None]]":
    """Yield a callback that takes what a sweep has found so far; what it takes first was found before."""
    with _bar(MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[words]}")) as bar:
        task = bar.add_task("Trials", total=n_trials, start=False, words="")

        def show(result: "Result") -> None:
            bar.update(task, completed=len(result.trials), words=_describe_sweep(result))
            if not bar.tasks[0].started:
                bar.start_task(task)

        yield show


def _describe_sweep(result: "Result") -> str:
    """Say how a sweep stands."""
    words = [f"{len(result.where('pruned', 'diverged'))} pruned"]
    if failed := result.where("failed"):
        words.append(f"{len(failed)} failed")
    if result.best is not None:
        words.append(f"best {result.best.accuracy:.2%}")
    return "  ".join(words)


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
