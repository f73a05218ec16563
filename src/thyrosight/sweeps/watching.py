"""Progress of trials that run in other processes: each notes it in its folder."""

from collections.abc import Iterable
from pathlib import Path

from thyrosight.progress import Progress
from thyrosight.sweeps.trial import Trial, how_far, title


class Watch:
    """Reads the progress that running trials note in their folders, and reports changes."""

    def __init__(self, folder: Path, progress: Progress, *, total: int) -> None:
        self._folder, self._progress, self._total = folder, progress, total
        self._seen: dict[str, tuple[str, int, int] | int] = {}

    def look(self, running: Iterable[Trial], *, done: int) -> None:
        """Report the progress of the running trials and the number of trials done."""
        if self._seen.get("") != done:
            self._seen[""] = done
            self._progress("Trials", done, self._total)
        for trial in running:
            far = how_far(self._folder / trial.name)
            if far is not None and self._seen.get(trial.name) != far:
                self._seen[trial.name] = far
                self._progress(title(trial.name, far[0]), far[1], far[2])
