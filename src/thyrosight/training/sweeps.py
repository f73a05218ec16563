"""Sweeps: many independent trials, each in a folder of its own, on this machine or on a Ray cluster.

A trial that is killed goes on where it stopped; a sweep that is started again takes over every trial that is finished.
"""

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.files import make_folder, sha256_of_json, write_json
from thyrosight.progress import Progress, silent

Task = Callable[[Mapping[str, Any], Path, Progress], dict[str, Any]]
"""What a trial does: takes its parameters, its folder and a listener; returns what it found, as JSON. It must resume
from its folder. To run elsewhere it must be importable there: a function of a module, or a `partial` of one."""
_MARK, _RECORD, _STATE = "sweep.json", "trial.json", "state.json"
_PAUSE = 1.0
"""Seconds between two notes of how far a trial is."""


@dataclass(frozen=True)
class Engine:
    """Where trials run.

    Attributes:
        kind: `local` runs one after the other in this process; `processes` shares them out over processes of this
            machine, which also fills a GPU that one trial leaves idle; `ray` over a Ray cluster.
        workers: how many processes.
        address: of a running cluster, for example `auto` or `ray://head:10001`; None starts one on this machine.
        cpus: processor cores per trial on a cluster, and the threads it may use there and in a process.
        gpus: GPUs per trial on a cluster; None means one where the cluster has any.
        retries: how often a trial is started again after the machine or process that ran it was lost.
    """

    kind: Literal["local", "processes", "ray"] = "local"
    workers: int = 2
    address: str | None = None
    cpus: int = 1
    gpus: float | None = None
    retries: int = 3


@dataclass(frozen=True)
class Trial:
    """One run of a sweep: a name that is also its folder's, and its parameters as JSON."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class TrialOutcome:
    """What became of a trial.

    Attributes:
        trial: which.
        status: `failed` trials have an `error` and no `result`; the next run of the sweep tries them again.
        result: what its task returned.
        error: the sentence that says why it failed.
        seconds: of its last start.
        machine: where that was.
        threads: that it could use there; results are the same to the byte for the same number on the same machine.
        starts: how often it was begun; more than one means that it was interrupted and went on.
    """

    trial: Trial
    status: Literal["finished", "failed"]
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0
    machine: str = ""
    threads: int = 0
    starts: int = 0

    def row(self) -> dict[str, Any]:
        """The trial as one row of a table: its parameters, what it found (single values only), how it ran."""
        found = {name: value for name, value in self.result.items() if not isinstance(value, dict | list)}
        ran = {"seconds": round(self.seconds, 1), "machine": self.machine, "threads": self.threads}
        head = {"trial": self.trial.name, "status": self.status}
        return head | _flat(self.trial.parameters) | found | ran | {"starts": self.starts, "error": self.error}


def run_sweep(
    trials: Sequence[Trial],
    task: Task,
    *,
    folder: Path,
    identity: Any = None,
    engine: Engine = Engine(),
    progress: Progress | None = None,
) -> list[TrialOutcome]:
    """Run every trial that is not finished yet; the outcomes in the order of `trials`.

    A trial that ends with a ThyroSightError is reported as failed, and the others go on.

    Args:
        trials: with different names.
        task: what each does.
        folder: of the sweep; one folder per trial below it. A cluster's machines must all see it under this path.
        identity: JSON of everything beside its parameters that a trial's result depends on. A finished trial is taken
            over only if this and its parameters are what they were.
        engine: where to run.
        progress: called with the name of a trial and how far it is.

    Raises:
        OutputError: the folder cannot be written, or Ray is asked for and not installed or not to be reached.
        ValueError: two trials of one name.
    """
    names = [trial.name for trial in trials]
    if len(set(names)) < len(names):
        raise ValueError("trials of one sweep need different names")
    report = progress or silent
    make_folder(folder)
    write_json(folder / _MARK, {"trials": names})
    digests = {trial.name: sha256_of_json([identity, dict(trial.parameters)]) for trial in trials}
    found = {trial.name: finished(trial, folder / trial.name, digests[trial.name]) for trial in trials}
    open_trials = [trial for trial in trials if found[trial.name] is None]
    if engine.kind == "ray" and open_trials:
        from thyrosight.training.ray_engine import run_on_ray

        fresh = run_on_ray(open_trials, task, folder=folder, digests=digests, engine=engine, progress=report)
    elif engine.kind == "processes" and open_trials:
        from thyrosight.training.process_engine import run_in_processes

        fresh = run_in_processes(open_trials, task, folder=folder, digests=digests, engine=engine, progress=report)
    else:
        fresh = {}
        for done, trial in enumerate(open_trials, start=len(trials) - len(open_trials)):
            report("Trials", done, len(trials))
            fresh[trial.name] = run_trial(trial, task, folder / trial.name, digests[trial.name], progress=report)
    outcomes = [found[name] or fresh[name] for name in names]
    report("Trials", len(outcomes), len(outcomes))
    return outcomes


def run_trial(trial: Trial, task: Task, folder: Path, digest: str, *, progress: Progress | None = None) -> TrialOutcome:
    """Run one trial here and leave its record, written last, in its folder.

    Raises:
        OutputError: the sweep's folder is not to be seen from this machine.
    """
    if not (folder.parent / _MARK).exists():
        raise OutputError(
            f"{folder.parent} is not to be seen from {platform.node()}; a sweep over several machines needs an output "
            "folder that all of them share under one path."
        )
    note = _Notes(trial, folder, progress or silent)
    started = time.monotonic()
    status: Literal["finished", "failed"] = "finished"
    result, error = {}, ""
    try:
        result = task(trial.parameters, folder, note)
    except ThyroSightError as problem:
        status, error = "failed", str(problem)
    outcome = TrialOutcome(
        trial,
        status,
        result=result,
        error=error,
        seconds=time.monotonic() - started,
        machine=platform.node(),
        threads=_threads(),
        starts=note.starts,
    )
    record = {name: getattr(outcome, name) for name in _RECORDED}
    write_json(folder / _RECORD, {"identity": digest, "parameters": dict(trial.parameters), **record})
    return outcome


_RECORDED = ("status", "result", "error", "seconds", "machine", "threads", "starts")


def finished(trial: Trial, folder: Path, digest: str) -> TrialOutcome | None:
    """What an earlier run recorded of a finished trial of exactly this identity, or None."""
    record = _read(folder / _RECORD)
    if record.get("identity") != digest or record.get("status") != "finished":
        return None
    return TrialOutcome(trial, **{name: record[name] for name in _RECORDED})


def how_far(folder: Path) -> tuple[str, int, int] | None:
    """What a trial last noted of its progress: what it is doing, how much is done, how much there is."""
    state = _read(folder / _STATE)
    return (state["what"], state["done"], state["total"]) if state.get("total") else None


def title(name: str, what: str) -> str:
    """What a bar of progress is called: a trial and what it is doing.

    >>> title("division-01_224px", "Training")
    'division-01_224px, training'
    """
    return f"{name}, {what[:1].lower()}{what[1:]}"


class _Notes:
    """Progress of one trial: handed on, and noted in its folder, where other processes see it."""

    def __init__(self, trial: Trial, folder: Path, progress: Progress) -> None:
        self._path, self._name, self._progress = make_folder(folder) / _STATE, trial.name, progress
        self.starts = int(_read(self._path).get("starts", 0)) + 1
        self._last = 0.0
        self._write("Starting", 0, 0)

    def __call__(self, what: str, done: int, total: int) -> None:
        self._progress(title(self._name, what), done, total)
        if time.monotonic() - self._last >= _PAUSE:
            self._write(what, done, total)

    def _write(self, what: str, done: int, total: int) -> None:
        self._last = time.monotonic()
        where = {"process": os.getpid(), "machine": platform.node(), "starts": self.starts}
        write_json(self._path, {"what": what, "done": done, "total": total, **where})


def _read(path: Path) -> dict[str, Any]:
    """A JSON file, or nothing where there is none that is whole."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _threads() -> int:
    import torch

    return int(torch.get_num_threads())


def _flat(parameters: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested parameters under dotted names; lists as JSON.

    >>> _flat({"a": {"b": 1}, "c": [1, 2]})
    {'a.b': 1, 'c': '[1, 2]'}
    """
    rows: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            rows |= _flat(value, f"{above}{name}.")
        else:
            rows[above + name] = json.dumps(value) if isinstance(value, list | tuple) else value
    return rows
