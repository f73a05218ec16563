"""Progress in images, from the progress of the parts that are being worked on."""

from collections.abc import Mapping
from pathlib import Path

from thyrosight.progress import Progress


class Images:
    """A progress callback for the engines that reports images done, those of earlier runs included.

    Args:
        progress: called with the images done and all images.
        results: folder of the results; a part is done when its file is there.
        sizes: images of each unfinished part, by its name.
        images: in the whole work list.
    """

    def __init__(self, progress: Progress, results: Path, sizes: Mapping[str, int], images: int) -> None:
        self._progress, self._results, self._sizes, self._all = progress, results, sizes, images
        self._done = images - sum(sizes.values())
        self._under_way: dict[str, int] = {}
        self._report()

    def __call__(self, what: str, done: int, total: int) -> None:
        name = what.partition(",")[0]
        if name in self._sizes and total:
            self._under_way[name] = min(self._sizes[name], self._sizes[name] * done // total)
        for part in list(self._under_way):
            if (self._results / f"{part}.parquet").exists():
                self._done += self._sizes[part]
                del self._under_way[part]
        self._report()

    def _report(self) -> None:
        self._progress("Assessing", min(self._done + sum(self._under_way.values()), self._all), self._all)
