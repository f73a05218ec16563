"""Sweeps: any number of independent trials of any task, in this process, in several, or on a Ray cluster."""

from thyrosight.sweeps.run import run_sweep, run_trials
from thyrosight.sweeps.trial import Engine, Task, Trial, TrialOutcome

__all__ = ["Engine", "Task", "Trial", "TrialOutcome", "run_sweep", "run_trials"]
