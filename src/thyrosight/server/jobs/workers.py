"""Processes that run the models: warmed at the start, replaced when they die, and never left behind."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from typing import Any, Final

from thyrosight.server.clock import utc_now
from thyrosight.server.database import Database
from thyrosight.server.jobs.apart import end_with_parent
from thyrosight.server.jobs.models import Models
from thyrosight.server.jobs.queue import LEASE, Claimed, extend
from thyrosight.server.settings import ServerSettings
from thyrosight.server.studies import FileStore

LOG = logging.getLogger("thyrosight.server.worker")
_REST: Final = 1.0
"""Seconds after which a process looks for jobs without being woken."""
_GIVES_WAY: Final = 5
"""How much a model gives way to those who read: their requests take milliseconds, an answer of the model a second."""
_PAUSE: Final = 2.0
"""Seconds before a process that died is replaced."""


class Workers:
    """The processes of the models.

    A process of its own and not a thread: on the event loop a light request would wait for the model.

    Args:
        settings: of the workstation; `workers` says how many.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._context = multiprocessing.get_context("spawn")
        self._wake: Any = self._context.Semaphore(0)
        self._ending = threading.Event()
        self._processes: list[Any] = []
        self._keeper = threading.Thread(target=self._keep, name="workers", daemon=True)

    def start(self) -> None:
        """Start the processes and the thread that replaces those that die."""
        if self._settings.workers:
            self._processes = [self._new() for _ in range(self._settings.workers)]
            self._keeper.start()

    def wake(self) -> None:
        """Look for jobs now."""
        self._wake.release()

    def stop(self) -> None:
        """Let each process finish its job for a few seconds, then end it; an unfinished job is done next time."""
        self._ending.set()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(timeout=10)
            if process.is_alive():
                process.kill()
                process.join(timeout=5)

    def alive(self) -> int:
        """How many processes live."""
        return sum(process.is_alive() for process in self._processes)

    def pids(self) -> list[int]:
        """Their numbers."""
        return [process.pid for process in self._processes if process.pid is not None]

    def _new(self) -> Any:
        process = self._context.Process(
            target=run_worker, args=(self._settings, self._wake), name="thyrosight-model", daemon=True
        )
        process.start()
        return process

    def _keep(self) -> None:
        while not self._ending.wait(_PAUSE):
            for place, process in enumerate(self._processes):
                if not process.is_alive() and not self._ending.is_set():
                    LOG.warning("a process of the models ended with %s; a new one is started", process.exitcode)
                    self._processes[place] = self._new()


def run_worker(settings: ServerSettings, wake: Any) -> None:
    """The life of one process."""
    from thyrosight.server.jobs.tasks import ModelTasks  # here alone: the server itself runs no model
    from thyrosight.server.logs import log_to

    log_to(None)
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(_GIVES_WAY)
    ending = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server says when to end
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    database = Database(settings.url)
    tasks = ModelTasks(database, FileStore(settings.data), Models(settings), utc_now)
    tasks.warm()
    beat = _Beat(database)
    while not ending.is_set():
        try:
            busy = tasks.work(begin=beat.follow)
        except Exception as error:  # the database may be away for a while
            LOG.error("the queue cannot be read: %s", type(error).__name__)
            busy = False
            time.sleep(_REST)
        beat.follow(None)
        if not busy:
            wake.acquire(timeout=_REST)
    database.close()


class _Beat:
    """Prolongs the lease of the present job."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._job: Claimed | None = None
        threading.Thread(target=self._run, name="lease", daemon=True).start()

    def follow(self, job: Claimed | None) -> None:
        self._job = job

    def _run(self) -> None:
        while True:
            time.sleep(LEASE.total_seconds() / 3)
            job = self._job
            if job is not None:
                try:
                    extend(self._database, job, now=utc_now())
                except Exception as error:
                    LOG.warning("a lease could not be prolonged: %s", type(error).__name__)
