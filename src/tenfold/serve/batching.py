"""Digit images of several requests, read together."""

import asyncio
import functools
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from tenfold.arrays import Images, Probabilities
from tenfold.recognizer import Recognizer
from tenfold.serve.failures import busy

MOST: Final = 256
"""Images of one batch: as many as a recognizer runs at a time."""


@dataclass(frozen=True, eq=False)
class Job:
    """Digit images that wait to be read, at most `MOST`."""

    recognizer: Recognizer
    images: Images
    done: "asyncio.Future[Probabilities]"


class Batcher:
    """Gather digit images into batches, and read these in threads.

    A batch starts as soon as a thread is free and its window is over. While all threads are busy, images
    gather on their own. What belongs to one large request is cut into pieces, two for each thread on their
    way at a time, so that single images pass between them.

    Parameters
    ----------
    threads : int
        Batches that are read at a time.
    window : float
        Seconds that the first image of a batch waits for others.
    max_waiting : int
        Images that may wait; more are refused.
    observe : callable
        Told of each batch: images in it.
    """

    def __init__(
        self, *, threads: int, window: float, max_waiting: int, observe: Callable[[int], None]
    ) -> None:
        self.threads = threads
        self.window = window
        self.max_waiting = max_waiting
        self.n_waiting = 0
        self._observe = observe
        self._jobs: deque[Job] = deque()
        self._n_running = 0
        self._is_gathering = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tenfold-predict")

    async def predict_proba(self, recognizer: Recognizer, images: Images) -> Probabilities:
        """Return the probability of each class, as `Recognizer.predict_proba` does.

        Raises
        ------
        Failure
            Too many images wait already.
        """
        if self.n_waiting >= self.max_waiting:
            raise busy("Too many images wait to be read.")
        if len(images) <= MOST:
            return await self._submit(recognizer, images)
        gate = asyncio.Semaphore(2 * self.threads)

        async def read_piece(start: int) -> Probabilities:
            async with gate:
                return await self._submit(recognizer, images[start : start + MOST])

        pieces = await asyncio.gather(*(read_piece(start) for start in range(0, len(images), MOST)))
        return np.concatenate(pieces)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, recognizer: Recognizer, images: Images) -> "asyncio.Future[Probabilities]":
        loop = asyncio.get_running_loop()
        job = Job(recognizer, images, loop.create_future())
        self._jobs.append(job)
        self.n_waiting += len(images)
        if not self._is_gathering and self._n_running < self.threads:
            self._is_gathering = True
            loop.call_later(self.window, self._start) if self.window else loop.call_soon(self._start)
        return job.done

    def _start(self) -> None:
        """Give each free thread a batch."""
        self._is_gathering = False
        while self._n_running < self.threads and (batch := self._take()):
            self._n_running += 1
            self._observe(sum(len(job.images) for job in batch))
            running = asyncio.get_running_loop().run_in_executor(self._pool, _read, batch)
            running.add_done_callback(functools.partial(self._finish, batch))

    def _take(self) -> list[Job]:
        """Return the next jobs of one model whose askers still wait, up to `MOST` images."""
        batch: list[Job] = []
        room = MOST
        while self._jobs and len(self._jobs[0].images) <= room:
            if batch and self._jobs[0].recognizer is not batch[0].recognizer:
                break
            job = self._jobs.popleft()
            self.n_waiting -= len(job.images)
            if not job.done.done():  # else the client is gone, or its time is over
                batch.append(job)
                room -= len(job.images)
        return batch

    def _finish(self, batch: list[Job], ended: "asyncio.Future[Probabilities]") -> None:
        """Hand out what was read, and start the next batch."""
        self._n_running -= 1
        start = 0
        for job in batch:
            end = start + len(job.images)
            if job.done.done():
                pass
            elif error := ended.exception():
                job.done.set_exception(error)
            else:
                job.done.set_result(ended.result()[start:end])
            start = end
        self._start()


def _read(batch: list[Job]) -> Probabilities:
    if len(batch) == 1:
        return batch[0].recognizer.predict_proba(batch[0].images)
    return batch[0].recognizer.predict_proba(np.concatenate([job.images for job in batch]))
