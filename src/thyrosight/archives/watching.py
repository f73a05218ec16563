"""Progress in images, from the progress of the parts that are being worked on."""

from collections.abc import Mapping
from pathlib import Path

from thyrosight.progress import Progress


class Images:
    """A progress callback for the engines that reports images done, those of earlier runs included.

    Args:
        progress: called with the images done and all images, whenever there are more.
        results: folder of the results; a part is done when its file is there.
        sizes: images of each unfinished part, by its name.
        images: in the whole work list.
    """

    def __init__(self, progress: Progress, results: Path, sizes: Mapping[str, int], images: int) -> None:
        self._progress, self._results, self._all = progress, results, images
        self._open = dict(sizes)
        self._under_way: dict[str, int] = {}
        self._told = -1
        self._report()

    def __call__(self, what: str, done: int, total: int) -> None:
        name = what.partition(",")[0]
        if name in self._open and total:
            # Only a part that is written is done: it may still be left.
            self._under_way[name] = min(self._open[name] - 1, self._open[name] * done // total)
            self._report()
        elif what == "Trials":
            self.look()

    def look(self) -> None:
        """Count the parts that were written since."""
        for path in self._results.glob("part-*.parquet"):
            if self._open.pop(path.stem, None) is not None:
                self._under_way.pop(path.stem, None)
        self._report()

    def _report(self) -> None:
        done = self._all - sum(self._open.values()) + sum(self._under_way.values())
        if done > self._told:
            self._told = done
            self._progress("Assessing", done, self._all)
