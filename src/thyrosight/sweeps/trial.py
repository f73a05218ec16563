"""One trial of a sweep: its parameters, its run in a folder of its own, and the record it leaves there."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.files import json_object, make_folder, write_json
from thyrosight.progress import Progress, silent

Task = Callable[[Mapping[str, Any], Path, Progress], dict[str, Any]]
"""The work of a trial: a function of its parameters, its folder and a progress callback. It returns results as JSON and
must resume from its folder. To run in another process it must be importable there: a function of a module, or a
`partial` of one."""
MARK = "sweep.json"
"""File in a sweep's folder; a worker that does not find it does not see the folder."""
_RECORD, _STATE = "trial.json", "state.json"
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Variables that libraries read when they are loaded."""
_PAUSE = 1.0
"""Seconds between two notes of a trial's progress."""


@dataclass(frozen=True)
class Engine:
    """Where trials run.

    Attributes:
        kind: `local` runs one trial after the other in this process; `processes` distributes them over processes of
            this machine, which also fills a GPU that one trial leaves idle; `ray` over a Ray cluster.
        workers: number of processes.
        address: address of a running cluster, for example `auto` or `ray://head:10001`; None starts one here.
        cpus: processor cores per trial on a cluster, and threads per trial there and in a process.
        gpus: GPUs per trial on a cluster; None means one if the cluster has any.
        retries: how often a trial is started again after its machine or process was lost.
    """

    kind: Literal["local", "processes", "ray"] = "local"
    workers: int = 2
    address: str | None = None
    cpus: int = 1
    gpus: float | None = None
    retries: int = 3


@dataclass(frozen=True)
class Trial:
    """One run of a sweep: its name, which is also the name of its folder, and its parameters as JSON."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class TrialOutcome:
    """The outcome of a trial.

    Attributes:
        trial: its name and parameters.
        status: `failed` trials have an `error` and no `result`; the next run of the sweep tries them again.
        result: the value that its task returned.
        error: one sentence that says why it failed.
        seconds: duration of its last start.
        machine: name of the machine of its last start.
        threads: threads of computation there; the same number on the same machine gives the same bytes.
        starts: how often it was started; more than one means that it was interrupted and resumed.
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
        """The trial as one row of a table: its parameters, its results (single values only), how it ran."""
        found = {name: value for name, value in self.result.items() if not isinstance(value, dict | list)}
        ran = {"seconds": round(self.seconds, 1), "machine": self.machine, "threads": self.threads}
        head = {"trial": self.trial.name, "status": self.status}
        return head | _flat(self.trial.parameters) | found | ran | {"starts": self.starts, "error": self.error}


def run_trial(trial: Trial, task: Task, folder: Path, digest: str, *, progress: Progress | None = None) -> TrialOutcome:
    """Run one trial in this process. Its record is written to its folder last.

    A machine that does not see the sweep's folder, or cannot write there, fails this trial and not the others.
    """
    note: _Notes | None = None
    started = time.monotonic()
    status: Literal["finished", "failed"] = "finished"
    result, error = {}, ""
    try:
        _require_shared(folder.parent)
        note = _Notes(trial, folder, progress or silent)
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
        threads=threads_here(),
        starts=0 if note is None else note.starts,
    )
    if note is None:
        return outcome
    record = {name: getattr(outcome, name) for name in _RECORDED}
    try:
        write_json(folder / _RECORD, {"identity": digest, "parameters": dict(trial.parameters), **record})
    except OutputError as problem:
        return replace(outcome, status="failed", result={}, error=error or str(problem))
    return outcome


def _require_shared(folder: Path) -> None:
    """Refuse a machine that does not see the sweep's folder."""
    if not (folder / MARK).exists():
        raise OutputError(
            f"The machine {platform.node()} does not see {folder}; work over several machines needs an output folder "
            "that all of them share under one path."
        )


_RECORDED = ("status", "result", "error", "seconds", "machine", "threads", "starts")


def finished(trial: Trial, folder: Path, digest: str) -> TrialOutcome | None:
    """The recorded outcome of a finished trial with this identity, or None."""
    record = json_object(folder / _RECORD)
    if record.get("identity") != digest or record.get("status") != "finished":
        return None
    return TrialOutcome(trial, **{name: record[name] for name in _RECORDED})


def how_far(folder: Path) -> tuple[str, int, int] | None:
    """The last progress that a trial noted in its folder: name of the work, steps done, all steps."""
    state = json_object(folder / _STATE)
    return (state["what"], state["done"], state["total"]) if state.get("total") else None


def title(name: str, what: str) -> str:
    """Name of a progress bar: the trial and its present work.

    >>> title("division-01_224px", "Training")
    'division-01_224px, training'
    """
    return f"{name}, {what[:1].lower()}{what[1:]}"


class _Notes:
    """Reports the progress of one trial, and notes it in the trial's folder for other processes."""

    def __init__(self, trial: Trial, folder: Path, progress: Progress) -> None:
        self._path, self._name, self._progress = make_folder(folder) / _STATE, trial.name, progress
        self.starts = int(json_object(self._path).get("starts", 0)) + 1
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


def set_threads(count: int) -> None:
    """Compute with that many threads in this process: in libraries that are loaded from now on, and in torch."""
    for name in _THREADS:
        os.environ[name] = str(count)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)


def threads_here() -> int:
    """Threads of computation of this process."""
    if "torch" in sys.modules:
        return int(sys.modules["torch"].get_num_threads())
    return int(os.environ.get(_THREADS[0], "").split(",")[0] or os.cpu_count() or 1)


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
