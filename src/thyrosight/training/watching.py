"""Looking at how far trials are that run elsewhere: each notes it in its folder."""

from collections.abc import Iterable
from pathlib import Path

from thyrosight.progress import Progress
from thyrosight.training.sweeps import Trial, how_far, title


class Watch:
    """Looks at what running trials note of their progress, and hands on what has changed."""

    def __init__(self, folder: Path, progress: Progress, *, total: int) -> None:
        self._folder, self._progress, self._total = folder, progress, total
        self._seen: dict[str, tuple[str, int, int] | int] = {}

    def look(self, running: Iterable[Trial], *, done: int) -> None:
        """Report the running trials, and how many are done."""
        if self._seen.get("") != done:
            self._seen[""] = done
            self._progress("Trials", done, self._total)
        for trial in running:
            far = how_far(self._folder / trial.name)
            if far is not None and self._seen.get(trial.name) != far:
                self._seen[trial.name] = far
                self._progress(title(trial.name, far[0]), far[1], far[2])
