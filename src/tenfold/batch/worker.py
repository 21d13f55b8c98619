"""What runs in the workers of a Dask cluster."""

import signal
import threading

from distributed import Worker, WorkerPlugin, get_worker

import tenfold
from tenfold.batch.addresses import hiding
from tenfold.batch.elsewhere import persist
from tenfold.batch.job import Job
from tenfold.batch.manifest import check_seen
from tenfold.batch.shard import Shard
from tenfold.batch.work import Outcome, work_on
from tenfold.errors import InputError
from tenfold.reading import Reader


def dask_setup(_: Worker) -> None:
    """Leave Ctrl-C, which all processes of a terminal get, to the one that started this worker."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class LoadModel(WorkerPlugin):
    """Loads a job's model once in each worker process, in those that come later too.

    Parameters
    ----------
    job : Job
        What is to be done.
    """

    reader: Reader

    def __init__(self, job: Job) -> None:
        self.job = job
        self.name = f"tenfold-{job.key}"

    def setup(self, worker: Worker) -> None:  # noqa: ARG002
        """Load it.

        Raises
        ------
        InputError
            The worker has another tenfold, or does not see the folder of the job.
        """
        if tenfold.__version__ != self.job.version:
            raise InputError(f"Every worker must have tenfold {self.job.version}. Got {tenfold.__version__}.")
        with hiding():
            persist(check_seen, self.job)
        self.reader = self.job.open_reader()


def work_in_worker(shard: Shard, name: str) -> Outcome:
    """Work on a shard, with the model that the plugin of this name has loaded."""
    loaded = get_worker().plugins[name]
    if not isinstance(loaded, LoadModel):
        raise TypeError(loaded)
    with hiding():  # before the error is logged here
        return work_on(shard, loaded.job, loaded.reader)
