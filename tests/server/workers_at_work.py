"""A server's processes of the models, with a job that never ends, to be killed: `python -m ... FOLDER`.

Each process prints "working" once it has begun a job.
"""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from thyrosight.server.jobs import workers
from thyrosight.server.jobs.tasks import ModelTasks
from thyrosight.server.settings import ServerSettings

_run_worker = workers.run_worker


def _never_ends(*_: object) -> None:
    print("working", flush=True)
    time.sleep(600)


def run_without_models(settings: ServerSettings, wake: Any) -> None:
    """The life of one process as it is, but for what the models do."""
    ModelTasks.warm = lambda _: None  # type: ignore[method-assign]
    ModelTasks._find = _never_ends  # type: ignore[method-assign,assignment]
    _run_worker(settings, wake)


if __name__ == "__main__":
    workers.run_worker = run_without_models
    started = workers.Workers(ServerSettings(Path(sys.argv[1]), workers=1))
    started.start()
    threading.Event().wait()
