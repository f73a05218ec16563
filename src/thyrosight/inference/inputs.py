"""From what a user names (files, folders, patterns, a table of boxes) to the images to assess."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from thyrosight.errors import ImageError
from thyrosight.imaging import IMAGE_SUFFIXES, Box, is_dicom
from thyrosight.inference.assessment import Refusal
from thyrosight.inference.ready import Request


def find_images(names: Iterable[str]) -> tuple[list[Path], list[Refusal]]:
    """Images named by files, folders (with all folders in them) and patterns such as `scans/*.png`.

    Patterns are expanded here because Windows shells do not. In a folder or behind a pattern, files are taken by their
    suffix, or as DICOM files by their content (scanners write them without a suffix), and sorted; a file named outright
    is taken whatever its name. An image named twice is taken once.

    Returns:
        The images, and a refusal for each name that stands for none.
    """
    images: dict[Path, None] = {}
    refusals = []
    for name in names:
        found, problem = _images_of(name)
        images.update(dict.fromkeys(found))
        if problem:
            refusals.append(Refusal(image=name, reason=problem))
    return list(images), refusals


def _images_of(name: str) -> tuple[list[Path], str]:
    path = Path(name).expanduser()
    if path.is_dir():
        found = _pictures(path.rglob("*"))
        known = ", ".join(sorted(IMAGE_SUFFIXES))
        return found, "" if found else f"{name}: the folder holds no image ({known}, or DICOM without a suffix)."
    if path.exists() or not any(sign in name for sign in "*?["):
        return [path], ""
    found = _pictures(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return found, "" if found else f"{name}: no image matches this pattern; check the folder and the suffix."


def _pictures(paths: Iterable[Path]) -> list[Path]:
    # Files that begin with a dot are what macOS leaves beside images on foreign disks.
    return sorted(path for path in paths if not path.name.startswith(".") and path.is_file() and _is_image(path))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES or (path.name != "DICOMDIR" and is_dicom(path))


def read_boxes(table: Path | str) -> list[Request]:
    """Read nodule boxes from a CSV file with the columns `image` and `box`, as a cohort's manifest has them.

    Paths are relative to the table; a box is `left,top,right,bottom` in pixels, and may be empty. An image may stand in
    several rows, one for each nodule. A column `frame` may name one frame of a loop, from 0; a column `elastogram` the
    elastogram of an image, for models of pairs.

    Raises:
        ImageError: the table cannot be read, lacks a column, or holds something that is not a box; names the row.
    """
    table = Path(table)
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImageError(f"{table}: cannot be read as a CSV table in UTF-8 ({error}); check the path.") from error
    if not rows:
        raise ImageError(f"{table}: holds no rows; it needs the columns image and box.")
    for column in ("image", "box"):
        if column not in rows[0]:
            raise ImageError(f"{table}: the column {column!r} is missing; it has {', '.join(map(str, rows[0]))}.")
    requests = []
    for number, row in enumerate(rows, start=2):
        if not row["image"]:
            raise ImageError(f"{table}, row {number}: the column image is empty.")
        box = Box.from_text(row["box"], where=f"{table}, row {number}") if row["box"] else None
        second = (row.get("elastogram") or "").strip()
        requests.append(
            Request(
                table.parent / row["image"],
                box,
                _frame(row, f"{table}, row {number}"),
                elastogram=table.parent / second if second else None,
            )
        )
    return requests


def _frame(row: dict[str, str], where: str) -> int | None:
    text = (row.get("frame") or "").strip()
    if text and not text.isdecimal():
        raise ImageError(
            f"{where}: the frame {text!r} is not a whole number from 0; leave it empty for the whole loop."
        )
    return int(text) if text else None


def with_boxes(images: Sequence[Path], boxes: Sequence[Request]) -> list[Request]:
    """One request for each box that a table gives for one of the images; images without a box stay as they are.

    Without images, everything in the table is taken.
    """
    if not images:
        return list(boxes)
    known: dict[Path, list[Request]] = {}
    for request in boxes:
        known.setdefault(Path(request.name).resolve(), []).append(request)
    return [request for path in images for request in known.get(path.resolve(), [Request(path)])]
