"""Several trainings at a time, each on one thread: on two cores faster than one after the other."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, CancelledError, Future, ThreadPoolExecutor, wait
from typing import TypeVar

import torch

from tenfold.training.progress import OnProgress, Progress

Result = TypeVar("Result")


def train_side_by_side(
    trainings: Sequence[Callable[[OnProgress], Result]], on_progress: OnProgress
) -> list[Result]:
    """Run trainings in threads, as many at a time as torch would use for one.

    Each computes on a single thread, so that what comes of it depends on its seed and not on how many run
    beside it. On a GPU they run one by one.

    Parameters
    ----------
    trainings : sequence of callable
        Each takes a callback for its progress, and draws from generators of its own.
    on_progress : callable
        Takes the reports of all, one at a time. What it raises ends all.

    Returns
    -------
    list
        What each returned, in their order.

    Notes
    -----
    If one fails, or the user presses Ctrl-C, the others end at their next report and the error is raised.
    """
    n_threads = torch.get_num_threads()
    is_over, reporting = threading.Event(), threading.Lock()

    def report(progress: Progress) -> None:
        with reporting:
            if is_over.is_set():
                raise CancelledError
            on_progress(progress)

    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(1 if torch.cuda.is_available() else n_threads)
    try:
        running = [pool.submit(training, report) for training in trainings]
        wait(running, return_when=FIRST_EXCEPTION)
        return _gather(running)
    finally:
        is_over.set()
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(n_threads)


def _gather(done: Sequence[Future[Result]]) -> list[Result]:
    """Return the results, or raise the first error that is no consequence of another."""
    for future in done:
        error = future.exception() if future.done() else None
        if error:
            raise error
    return [future.result() for future in done]
