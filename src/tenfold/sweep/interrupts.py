"""Ctrl-C, held back while a store is used."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interrupts_held() -> Iterator[Callable[[], None]]:
    """Hold Ctrl-C back until the block ends, or until what it yields is called.

    In the midst of a transaction it would leave the store locked, for this process too. Elsewhere than in the
    main thread, which alone is interrupted, and where Ctrl-C is ignored, nothing is held.

    Yields
    ------
    callable
        Raises KeyboardInterrupt, or does what else Ctrl-C did before the block, if it was pressed since.
    """
    before = signal.getsignal(signal.SIGINT)
    pressed: list[tuple[Any, Any]] = []

    def release() -> None:
        if pressed and callable(before):
            before(*pressed.pop())

    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield release
        return
    signal.signal(signal.SIGINT, lambda *args: pressed.append(args))
    try:
        yield release
    finally:
        signal.signal(signal.SIGINT, before)
    release()
