"""Trials in several processes of this machine: a lost process is replaced, and its trial resumes from its folder."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from thyrosight.progress import Progress
from thyrosight.sweeps.trial import Engine, Task, Trial, TrialOutcome, run_trial, set_threads
from thyrosight.sweeps.watching import Watch

_LOOK = 0.5
"""Seconds between two looks at the progress of the trials."""
_GRAPHICS = "CUDA_VISIBLE_DEVICES"
_DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "C:/Windows/System32/nvcuda.dll")
"""Files of the drivers of graphics cards: NVIDIA, AMD, and both from Linux under Windows."""


@dataclass(frozen=True)
class _Work:
    """Options of a worker process."""

    task: Task
    folder: Path
    digests: Mapping[str, str]
    threads: int


@dataclass(eq=False)
class _Worker:
    """One process, the pipe to it, and its present trial."""

    number: int
    process: Any
    pipe: Connection
    trial: Trial | None = None


def run_in_processes(
    trials: Sequence[Trial],
    task: Task,
    *,
    folder: Path,
    digests: Mapping[str, str],
    engine: Engine,
    progress: Progress,
) -> dict[str, TrialOutcome]:
    """Distribute trials over `engine.workers` processes and wait for all of them.

    With several GPUs each process sees one of them, in turn; processes that share a GPU keep it busy.

    Raises:
        Exception: the error of a trial that is not a ThyroSightError; the other processes are ended.
    """
    work = _Work(task, Path(folder).absolute(), digests, engine.cpus)
    queue, outcomes, lost = deque(trials), dict[str, TrialOutcome](), dict[str, int]()
    watch = Watch(work.folder, progress, total=len(trials))
    with _workers(work, min(engine.workers, len(trials))) as workers:
        for worker in workers:
            _next(worker, queue)
        while len(outcomes) < len(trials):
            busy = {worker.pipe: worker for worker in workers if worker.trial is not None}
            for pipe in wait(list(busy), timeout=_LOOK):
                worker = busy[pipe]  # type: ignore[index]
                trial = worker.trial
                assert trial is not None, "only workers with a trial are waited for"
                found = _answer(worker)
                if found is None:
                    _replace(worker, work)
                    lost[trial.name] = lost.get(trial.name, 0) + 1
                    if lost[trial.name] <= engine.retries:
                        queue.appendleft(trial)
                    else:
                        found = _given_up(trial, engine)
                if found is not None:
                    outcomes[trial.name] = found
                _next(worker, queue)
            watch.look([worker.trial for worker in workers if worker.trial is not None], done=len(outcomes))
    return outcomes


@contextmanager
def _workers(work: _Work, count: int) -> Iterator[list[_Worker]]:
    """Processes that wait for trials. They are ended at the end of the block, even in the middle of a trial."""
    workers = [_started(number, work) for number in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()


def _started(number: int, work: _Work) -> _Worker:
    # A fresh interpreter: a fork of a process that has used a GPU or threads cannot go on using them.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, number, work), daemon=False)
    process.start()
    there.close()  # so that the end of the process is the end of the pipe
    return _Worker(number, process, here)


def _replace(worker: _Worker, work: _Work) -> None:
    worker.process.join()
    fresh = _started(worker.number, work)
    worker.process, worker.pipe, worker.trial = fresh.process, fresh.pipe, None


def _next(worker: _Worker, queue: deque[Trial]) -> None:
    """Hand the worker its next trial, if there is one."""
    worker.trial = queue.popleft() if queue else None
    if worker.trial is not None:
        worker.pipe.send(worker.trial)


def _answer(worker: _Worker) -> TrialOutcome | None:
    """The outcome that a worker sent, or None if its process was lost.

    Raises:
        Exception: the error that the trial raised.
    """
    try:
        found = worker.pipe.recv()
    except (EOFError, ConnectionError):
        return None
    if isinstance(found, BaseException):
        raise found
    outcome: TrialOutcome = found
    return outcome


def _given_up(trial: Trial, engine: Engine) -> TrialOutcome:
    sentence = (
        f"Its process was lost {engine.retries + 1} times, perhaps because memory ran out; choose fewer --workers and "
        "run the same command again to go on."
    )
    return TrialOutcome(trial, "failed", error=sentence)


def _serve(pipe: Connection, number: int, work: _Work) -> None:
    """Run one trial after the other, in a worker process, until it is ended."""
    threading.Thread(target=_end_with_main_process, daemon=True).start()
    _take_one_gpu(number)
    set_threads(work.threads)
    try:
        while True:
            trial = pipe.recv()
            try:
                pipe.send(run_trial(trial, work.task, work.folder / trial.name, work.digests[trial.name]))
            except Exception as error:  # sent to the main process, which raises it
                pipe.send(error)
    except (EOFError, KeyboardInterrupt):
        return  # the main process has ended


def _end_with_main_process() -> None:
    """End this worker when the main process is gone: another run may go on with the sweep at once."""
    main = multiprocessing.parent_process()
    assert main is not None, "a worker is started by a main process"
    main.join()
    os._exit(1)


def _take_one_gpu(number: int) -> None:
    """Let this process see one of the GPUs only. It must run before CUDA is initialised."""
    seen = os.environ.get(_GRAPHICS)
    if seen is None and not any(Path(driver).exists() for driver in _DRIVERS):
        return  # nothing to count, and torch takes seconds and memory that not every task needs
    if seen is None:
        import torch

        # Counted by the driver's library; no device is opened, so that the variable set below still counts.
        seen = ",".join(map(str, range(torch.cuda.device_count())))
    several = [name for name in seen.split(",") if name]
    if len(several) > 1:
        os.environ[_GRAPHICS] = several[number % len(several)]
