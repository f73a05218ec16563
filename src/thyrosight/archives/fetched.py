"""Objects of a DICOMweb archive, on this machine only while they are assessed."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from thyrosight.archives.rows import Cells, refusal_row
from thyrosight.archives.worklist import Item
from thyrosight.errors import OutputError, ThyroSightError

if TYPE_CHECKING:
    from thyrosight.pacs import DicomWeb


def needs_fetching(item: Item) -> bool:
    """Whether an item is an object of an archive and no file."""
    return bool(item.cells["instance"])


@contextmanager
def fetched(items: Sequence[Item], folder: Path) -> Iterator[tuple[dict[int, Path], list[Cells]]]:
    """Give the file of each item by its number, and the rows of those that an archive refuses.

    Fetched files hold identifiers of patients; they are deleted at the end, and those that a killed worker left here at
    the beginning.

    Raises:
        UnreachableError: the archive is not there, or refuses everything.
        OutputError: the folder cannot be written.
    """
    paths = {item.number: Path(item.cells["image"]) for item in items if not needs_fetching(item)}
    refused: list[Cells] = []
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for item in items:
            if needs_fetching(item):
                path = folder / f"{item.cells['instance']}.dcm"
                reason = "" if path.exists() else _fetch(item, path)
                if reason:
                    refused.append(refusal_row(item, reason))
                else:
                    paths[item.number] = path
        yield paths, refused
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(item: Item, path: Path) -> str:
    """Fetch one object; the reason where the archive refuses it."""
    from thyrosight.pacs import UnreachableError

    cells = item.cells
    url = cells["image"].partition("/studies/")[0]
    try:
        _archive(url).fetch_object(path, study=cells["study"], series=cells["series"], instance=cells["instance"])
    except (UnreachableError, OutputError):
        raise
    except ThyroSightError as error:
        return str(error)
    return ""


@lru_cache(maxsize=4)
def _archive(url: str) -> "DicomWeb":
    """The client of an archive, one in each process, so that connections are kept."""
    from thyrosight.pacs import DicomWeb
    from thyrosight.pacs.dicomweb import login_from_environment

    return DicomWeb(url, login=login_from_environment())
