"""Running a sweep: every trial that is not finished, on this machine or on a Ray cluster.

A trial that was killed resumes where it stopped; a sweep that is started again keeps the results of finished trials.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from thyrosight.files import sha256_of_json, write_json
from thyrosight.lock import locked_folder
from thyrosight.progress import Progress, silent
from thyrosight.sweeps.trial import MARK, Engine, Task, Trial, TrialOutcome, finished, run_trial


def run_sweep(
    trials: Sequence[Trial],
    task: Task,
    *,
    folder: Path,
    identity: Any = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> list[TrialOutcome]:
    """Run every trial that is not finished, and return all outcomes in the order of `trials`.

    A trial that ends with a ThyroSightError is reported as failed, and the others continue. No other process can run a
    sweep in the same folder meanwhile.

    Args:
        trials: trials with different names.
        task: the work of every trial.
        folder: folder of the sweep, with one folder per trial. All machines of a cluster must see it under this path.
        identity: JSON of everything beside its parameters that a trial's result depends on. The result of a finished
            trial is kept only if this and its parameters are unchanged.
        engine: where the trials run; None is this process.
        progress: called with the name of a trial and its progress.

    Raises:
        FolderInUseError: another process runs a sweep in the folder.
        OutputError: the folder cannot be written, or Ray was chosen and is not installed or cannot be reached.
        ValueError: two trials have the same name.
    """
    names = [trial.name for trial in trials]
    if len(set(names)) < len(names):
        raise ValueError("trials of one sweep need different names")
    digests = {trial.name: sha256_of_json([identity, dict(trial.parameters)]) for trial in trials}
    report = progress or silent
    with locked_folder(folder, "sweep"):
        found = {trial.name: finished(trial, folder / trial.name, digests[trial.name]) for trial in trials}
        unfinished = [trial for trial in trials if found[trial.name] is None]
        fresh = run_trials(unfinished, task, folder=folder, digests=digests, engine=engine, progress=report)
    outcomes = [found[name] or fresh[name] for name in names]
    report("Trials", len(outcomes), len(outcomes))
    return outcomes


def run_trials(
    trials: Sequence[Trial],
    task: Task,
    *,
    folder: Path,
    digests: Mapping[str, str],
    engine: Engine | None = None,
    progress: Progress = silent,
) -> dict[str, TrialOutcome]:
    """Run trials, whatever was finished before, for work that keeps its own results and holds the folder's lock.

    Args:
        trials, task, folder, engine, progress: as for `run_sweep`.
        digests: of each trial by its name, for its record.

    Raises:
        OutputError: the folder cannot be written, or Ray was chosen and is not installed or cannot be reached.
    """
    engine = engine or Engine()
    write_json(folder / MARK, {"trials": list(digests)})
    if engine.kind == "ray" and trials:
        from thyrosight.sweeps.ray import run_on_ray

        return run_on_ray(trials, task, folder=folder, digests=digests, engine=engine, progress=progress)
    if engine.kind == "processes" and trials:
        from thyrosight.sweeps.processes import run_in_processes

        return run_in_processes(trials, task, folder=folder, digests=digests, engine=engine, progress=progress)
    outcomes = {}
    for done, trial in enumerate(trials):
        progress("Trials", done, len(trials))
        outcomes[trial.name] = run_trial(trial, task, folder / trial.name, digests[trial.name], progress=progress)
    return outcomes
