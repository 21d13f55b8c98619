"""Ctrl-C while a store is used: it waits, and it is not lost."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tenfold.data import Dataset
from tenfold.sweep import Result, sweep
from tenfold.sweep import study as study_module
from tenfold.sweep.interrupts import interrupts_held
from tenfold.sweep.storage import open_storage
from tests.sweep.small import plan_of, some


@pytest.fixture(autouse=True)
def _usual_handler() -> Iterator[None]:
    """Have Python's own handler, whoever started these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press(*_: Any) -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_waits_for_the_end_of_the_block() -> None:
    """All of the block is done, then Ctrl-C does what it always does, once for however many."""
    done = []

    def work() -> None:
        with interrupts_held():
            press()
            press()
            done.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_is_let_through_where_it_is_asked_for() -> None:
    """What the block is given raises where Ctrl-C was pressed, and nowhere else."""
    with interrupts_held() as release:
        release()
        press()
        with pytest.raises(KeyboardInterrupt):
            release()
        release()


def test_an_error_in_the_block_is_the_one_raised() -> None:
    """What went wrong is said, whatever was pressed."""

    def fail() -> None:
        with interrupts_held():
            press()
            raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        fail()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_others_is_called_later() -> None:
    """A program with a handler of its own keeps it, and gets its signal."""
    got: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: got.append(number))
    with interrupts_held():
        press()
        assert got == []
    assert got == [signal.SIGINT]


def test_ctrl_c_that_is_ignored_stays_so() -> None:
    """As a shell starts what is in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts_held() as release:
        press()
        release()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_other_threads_hold_nothing() -> None:
    """Signals are the main thread's affair."""
    found: list[Any] = []

    def work() -> None:
        with interrupts_held() as release:
            found.append(signal.getsignal(signal.SIGINT))
            release()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("begin", 1),
        ("commit", 11),
        ("begin", 26),
        ("commit", 26),
        *(pytest.param("begin", number, marks=pytest.mark.slow) for number in (6, 11, 16, 21)),
        *(pytest.param("commit", number, marks=pytest.mark.slow) for number in (1, 6, 16, 21)),
    ],
)
def test_ctrl_c_in_a_transaction_leaves_the_store_whole(
    moment: str, number: int, digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever it was: nothing is left locked, what had ended is kept, no value is tried twice or lost."""
    samples = some(digits)
    plan = plan_of(samples, tmp_path)
    count = 0

    def press_once(_: object) -> None:
        nonlocal count
        count += 1
        if count == number:
            press()

    def watched(*arguments: Any) -> Any:
        storage = open_storage(*arguments)
        event.listen(storage.engine, moment, press_once)
        return storage

    seen: list[Result] = []
    with monkeypatch.context() as patch:
        patch.setattr(study_module, "open_storage", watched)
        with pytest.raises(KeyboardInterrupt):
            sweep(plan, samples, seen.append)
    assert count >= number
    result = sweep(plan, samples)
    assert all(trial in result.trials for trial in (seen[-1].trials if seen else ()))
    assert result.usual
    assert len({trial.values["learning_rate"] for trial in result.trials}) == plan.n_trials
