"""The frames to split: those of a folder, or those of a table with its other cells."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from thyrosight.cohort.sources.user_tables import read_warned
from thyrosight.errors import CohortError
from thyrosight.imaging import IMAGE_SUFFIXES

MANIFEST = "cohort.csv"


@dataclass(frozen=True)
class ListedFrame:
    """One frame to split.

    Attributes:
        key: its name, unique in the source; output files are named after it.
        path: the file.
        cells: further cells of its row, by column, with full paths of masks; empty for a folder.
    """

    key: str
    path: Path
    cells: dict[str, str] = field(default_factory=dict)


def list_frames(source: Path) -> list[ListedFrame]:
    """The frames of a folder (all folders in it too), a single image, or a CSV table with a column `image`.

    A folder with a `cohort.csv` is read by that table. Labels may be missing; those that exist are kept.

    Raises:
        CohortError: the source does not exist, holds no image, or is a table without a column image.
    """
    if not source.exists():
        raise CohortError(f"{source}: no such file or folder; check the path.")
    if source.is_dir() and (source / MANIFEST).is_file():
        return _of_table(source / MANIFEST)
    if source.is_dir():
        found = sorted(path for path in source.rglob("*") if path.is_file() and _is_image(path))
        if not found:
            raise CohortError(f"{source} holds no image; name the folder that holds the frames.")
        names = (path.relative_to(source).with_suffix("").as_posix() for path in found)
        return [ListedFrame(key, path) for key, path in zip(_keys(names), found, strict=True)]
    if _is_image(source):
        return [ListedFrame(_keys([source.stem])[0], source)]
    return _of_table(source)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def _of_table(path: Path) -> list[ListedFrame]:
    table = read_warned(path)
    if "image" not in table:
        raise CohortError(f"{path}: there is no column image; the table needs one row per frame with its file.")
    rows = [{str(name): str(cell) for name, cell in row.items()} for row in table.to_dict("records")]
    named = [row for row in rows if row["image"]]
    if not named:
        raise CohortError(f"{path}: the column image is empty; name the frames in it.")
    keys = _keys(row.get("key") or Path(row["image"]).with_suffix("").as_posix() for row in named)
    return [_of_row(key, row, path.parent) for key, row in zip(keys, named, strict=True)]


def _of_row(key: str, row: dict[str, str], folder: Path) -> ListedFrame:
    cells = {name: cell for name, cell in row.items() if name not in ("key", "image", "elastogram")}
    if cells.get("mask"):
        cells["mask"] = "|".join(str(folder / part.strip()) for part in cells["mask"].split("|") if part.strip())
    return ListedFrame(key, folder / row["image"], cells)


def _keys(names: Iterable[str]) -> list[str]:
    """Unique names that can be file names: folders joined by "-", repeated ones numbered.

    >>> _keys(["a/1", "b/1", "a-1"])
    ['a-1', 'b-1', 'a-1-2']
    """
    keys: list[str] = []
    taken: set[str] = set()
    for name in names:
        plain = "-".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))
        key, number = plain, 1
        while key.casefold() in taken:
            number += 1
            key = f"{plain}-{number}"
        taken.add(key.casefold())
        keys.append(key)
    return keys
