"""Several trainings at a time."""

import threading
from collections.abc import Callable, Iterator

import pytest
import torch

from tenfold.training import Progress
from tenfold.training.progress import OnProgress
from tenfold.training.side_by_side import train_side_by_side
from tests.training.small import ignore


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    """Let torch have two threads, whatever the machine has."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(n_threads)


def make_report(iteration: int) -> Progress:
    """Return a report of that iteration."""
    return Progress(iteration, 10, 0.5, 1.0)


def test_results_come_in_the_order_of_the_trainings() -> None:
    """The second may end first: here the first waits for it."""
    is_second_done = threading.Event()

    def first(_: OnProgress) -> str:
        assert is_second_done.wait(10)
        return "first"

    def second(_: OnProgress) -> str:
        is_second_done.set()
        return "second"

    assert train_side_by_side([first, second], ignore) == ["first", "second"]


def test_each_training_computes_on_one_thread() -> None:
    """What it returns does not depend on how many run beside it; afterwards torch has its threads again."""
    assert train_side_by_side([lambda _: torch.get_num_threads()] * 3, ignore) == [1, 1, 1]
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_one_training_raises_ends_all(error: type[BaseException]) -> None:
    """The others stop at their next report, those that have not begun never do, and threads are as before."""
    n_begun = 0

    def fail(_: OnProgress) -> None:
        nonlocal n_begun
        n_begun += 1
        raise error("at once")

    def go_on(on_progress: OnProgress) -> None:
        nonlocal n_begun
        n_begun += 1
        while True:
            on_progress(make_report(1))

    with pytest.raises(error, match="at once"):
        train_side_by_side([go_on, fail, *[go_on] * 20], ignore)
    assert n_begun <= 4
    assert torch.get_num_threads() == 2


def test_what_the_callback_raises_ends_all() -> None:
    """A callback may stop a run."""

    def stop(progress: Progress) -> None:
        if progress.iteration == 3:
            raise KeyboardInterrupt("at three")

    def count(on_progress: OnProgress) -> None:
        for iteration in range(1, 11):
            on_progress(make_report(iteration))

    with pytest.raises(KeyboardInterrupt, match="at three"):
        train_side_by_side([count, count], stop)


def test_reports_come_one_at_a_time() -> None:
    """A callback needs no lock of its own."""
    inside: list[int] = []
    most = 0

    def watch(progress: Progress) -> None:
        nonlocal most
        inside.append(progress.iteration)
        most = max(most, len(inside))
        inside.pop()

    def count(on_progress: OnProgress) -> int:
        for iteration in range(2000):
            on_progress(make_report(iteration))
        return 2000

    trainings: list[Callable[[OnProgress], int]] = [count, count]
    assert train_side_by_side(trainings, watch) == [2000, 2000]
    assert most == 1
