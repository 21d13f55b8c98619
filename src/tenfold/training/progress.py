"""How far a training run is."""

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

REPORT_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Progress:
    """How far a training run is.

    Attributes
    ----------
    iteration, max_iter : int
        Steps of the optimizer done, and how many there will be at most.
    loss : float
        Of all training images, penalty included, for L-BFGS; otherwise of the last batch, or after an epoch
        the mean over its batches.
    seconds : float
        Since the run began. One that is resumed goes on from those of its last checkpoint.
    epoch : int or None
        The one it is in, from 1; None where the optimizer knows none.
    images_per_second : float or None
        Since the run began, or was resumed.
    validation_accuracy : float or None
        After the last completed epoch, where there are images to validate on.
    stage : str
        `trial`, the run that calibrates; or `fit`, the one whose weights are shipped. With several members
        each has its own: `fit 1 of 3`.
    epochs_done : int or None
        Those that are completed, None where the optimizer knows none; each has a report of its end.
    """

    iteration: int
    max_iter: int
    loss: float
    seconds: float
    epoch: int | None = None
    images_per_second: float | None = None
    validation_accuracy: float | None = None
    stage: str = "fit"
    epochs_done: int | None = None


OnProgress = Callable[[Progress], None]


def name_stage(on_progress: OnProgress, name: str) -> OnProgress:
    """Let the reports of a run name the stage that it is of a larger one."""

    def report(progress: Progress) -> None:
        stage = name if progress.stage == "fit" else f"{name}, {progress.stage}"
        on_progress(dataclasses.replace(progress, stage=stage))

    return report


class Meter:
    """Counts batches and reports a few times a second.

    Parameters
    ----------
    n_epochs, n_batches : int
        Of the whole run, and of each epoch.
    on_progress : callable
        Takes each report.
    done : sequence of Progress
        The ends of the epochs before it was resumed.

    Attributes
    ----------
    ends : list of Progress
        The ends of all epochs so far.
    """

    def __init__(
        self,
        n_epochs: int,
        n_batches: int,
        on_progress: OnProgress,
        *,
        done: Sequence[Progress],
    ) -> None:
        self.ends = list(done)
        self._n_epochs, self._n_batches = n_epochs, n_batches
        self._step = len(done) * n_batches
        self._on_progress = on_progress
        self._n_images = 0
        self._accuracy = done[-1].validation_accuracy if done else None
        self._seconds_before = done[-1].seconds if done else 0.0
        self._started = self._reported = time.perf_counter()

    def count(self, n_images: int, loss: Callable[[], float]) -> None:
        """Count a batch; ask for its loss only where it is reported."""
        self._step += 1
        self._n_images += n_images
        if time.perf_counter() - self._reported >= REPORT_SECONDS:
            self._report(loss(), epochs_done=len(self.ends))

    def end_epoch(self, loss: float, accuracy: float | None) -> None:
        """Report the end of an epoch."""
        self._accuracy = accuracy
        self.ends.append(self._report(loss, epochs_done=len(self.ends) + 1))

    def _report(self, loss: float, *, epochs_done: int) -> Progress:
        self._reported = time.perf_counter()
        seconds = self._reported - self._started
        progress = Progress(
            iteration=self._step,
            max_iter=self._n_epochs * self._n_batches,
            loss=loss,
            seconds=self._seconds_before + seconds,
            epoch=math.ceil(self._step / self._n_batches),
            images_per_second=self._n_images / max(seconds, 1e-9),
            validation_accuracy=self._accuracy,
            epochs_done=epochs_done,
        )
        self._on_progress(progress)
        return progress
