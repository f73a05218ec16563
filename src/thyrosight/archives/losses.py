"""Images on which a process is lost: one that crashes a decoder, or asks for all memory, must not stop its part."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from thyrosight.archives.items import Models, assess_items
from thyrosight.archives.rows import Cells, refusal_row
from thyrosight.archives.worklist import Item
from thyrosight.files import json_object, write_json
from thyrosight.progress import Progress

_MOST = 2
"""Losses after which an image is refused: a single one may be a process that somebody killed."""


class Losses:
    """Assesses the items of a part; after a loss one by one, so that the next loss tells which of them it was.

    Args:
        folder: of the part's work, which outlives the process.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "losses.json"
        self._lost: dict[str, int] = {}
        self.before = self._path.exists()

    def __enter__(self) -> Self:
        if self.before:
            noted = json_object(self._path)
            self._lost = dict(noted.get("lost", {}))
            at = noted.get("at")
            if at is not None:
                self._lost[str(at)] = self._lost.get(str(at), 0) + 1
        self._note(None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._path.unlink(missing_ok=True)  # whatever ended the work, the process was there to tell

    def assess(
        self, items: Sequence[Item], paths: Mapping[int, Path], models: Models, progress: Progress
    ) -> list[Cells]:
        """The rows of some items; see `assess_items`."""
        if not self.before:
            return assess_items(items, paths, models, progress)
        rows: list[Cells] = []
        for done, item in enumerate(items, start=1):
            if self._lost.get(str(item.number), 0) >= _MOST:
                image = item.cells["image"]
                rows.append(refusal_row(item, f"{image}: the process was lost {_MOST} times while it was assessed."))
                continue
            self._note(item.number)
            rows += assess_items([item], paths, models)
            progress("Assessing", done, len(items))
        self._note(None)
        return rows

    def _note(self, at: int | None) -> None:
        write_json(self._path, {"lost": self._lost, "at": at})
