"""Trials on a Ray cluster: lost workers are replaced, and their trials resume from their folders."""

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from thyrosight.errors import OutputError
from thyrosight.progress import Progress
from thyrosight.sweeps.trial import Engine, Task, Trial, TrialOutcome, run_trial, set_threads
from thyrosight.sweeps.watching import Watch

_LOOK = 0.5
"""Seconds between two looks at the progress of the trials."""


def run_on_ray(
    trials: Sequence[Trial],
    task: Task,
    *,
    folder: Path,
    digests: Mapping[str, str],
    engine: Engine,
    progress: Progress,
) -> dict[str, TrialOutcome]:
    """Distribute trials over a cluster and wait for all of them.

    Raises:
        OutputError: Ray is not installed, or the cluster cannot be reached or is too small for a trial.
    """
    ray = _ray()
    with _connected(ray, engine):
        _require_room(ray, engine)
        gpus = engine.gpus if engine.gpus is not None else min(1.0, ray.cluster_resources().get("GPU", 0.0))
        remote = ray.remote(num_cpus=engine.cpus, num_gpus=gpus, max_retries=engine.retries)(_remote_trial)
        # Only absolute paths mean the same in a worker's own working folder.
        there = Path(folder).absolute()
        queue, waiting = deque(trials), dict[Any, Trial]()
        outcomes: dict[str, TrialOutcome] = {}
        watch = Watch(there, progress, total=len(trials))
        while queue or waiting:
            for trial in _handed_out(queue, len(waiting), room=_room(ray, engine)):
                reference = remote.remote(trial, task, there / trial.name, digests[trial.name], engine.cpus)
                waiting[reference] = trial
            done, _ = ray.wait(list(waiting), timeout=_LOOK)
            for reference in done:
                trial = waiting.pop(reference)
                outcomes[trial.name] = _outcome(ray, reference, trial, engine)
            watch.look(waiting.values(), done=len(outcomes))
    return outcomes


def _room(ray: Any, engine: Engine) -> int:
    """Trials that the cluster can run at a time, which may change while it runs."""
    return max(1, int(ray.cluster_resources().get("CPU", 0.0) / engine.cpus))


def _handed_out(queue: deque[Trial], waiting: int, *, room: int) -> Iterator[Trial]:
    """The next trials for the cluster: twice what it runs at a time, so that none of very many is watched in vain."""
    for _ in range(min(len(queue), 2 * room - waiting)):
        yield queue.popleft()


def _remote_trial(trial: Trial, task: Task, folder: Path, digest: str, threads: int) -> TrialOutcome:
    """Run one trial in a worker of the cluster."""
    # A worker that Ray has started again, or that did other work before, computes with as many threads as any other.
    set_threads(threads)
    return run_trial(trial, task, folder, digest)


def _outcome(ray: Any, reference: Any, trial: Trial, engine: Engine) -> TrialOutcome:
    """The outcome of a trial that has ended; one whose workers were lost too often has failed."""
    try:
        outcome: TrialOutcome = ray.get(reference)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError, ray.exceptions.OutOfMemoryError) as error:
        reason = str(error).strip().splitlines()[0]
        sentence = f"Its worker was lost {engine.retries + 1} times ({reason}); run the same command again to go on."
        return TrialOutcome(trial, "failed", error=sentence)
    except ray.exceptions.RayTaskError as error:
        raise error.as_instanceof_cause() from error
    return outcome


def _ray() -> Any:
    # No usage statistics leave this machine, and no dashboard is opened.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Ray's workers step back behind everything else that a machine does; a trial is no less important than that.
    os.environ.setdefault("RAY_worker_niceness", "0")
    try:
        import ray
    except ImportError as error:
        raise OutputError(
            "The engine ray needs the package ray, which is not installed; pip install 'thyrosight[ray]', or leave "
            "--engine out."
        ) from error
    return ray


@contextmanager
def _connected(ray: Any, engine: Engine) -> Iterator[None]:
    """A connection to the cluster; one that was there before is used and left as it is."""
    if ray.is_initialized():
        yield
        return
    where = {"address": engine.address} if engine.address else {"include_dashboard": False}
    try:
        ray.init(**where, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        at = engine.address or "this machine"
        reason = str(error).strip().splitlines()[0]
        raise OutputError(f"No Ray cluster could be reached at {at} ({reason}); check --address.") from error
    try:
        yield
    finally:
        ray.shutdown()


def _require_room(ray: Any, engine: Engine) -> None:
    """Ray waits for ever for a machine that is large enough; say so instead."""
    most = max((node["Resources"].get("CPU", 0.0) for node in ray.nodes() if node["Alive"]), default=0.0)
    if most < engine.cpus:
        raise OutputError(
            f"A trial asks for {engine.cpus} processor cores, and the cluster's largest machine has {most:g}; ask for "
            "fewer."
        )
