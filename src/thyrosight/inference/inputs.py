"""From the files, folders, patterns and tables of boxes that a user names to requests."""

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from thyrosight.errors import ImageError, ThyroSightWarning
from thyrosight.imaging import IMAGE_SUFFIXES, Box, Frame, is_dicom
from thyrosight.inference.assessment import Refusal
from thyrosight.inference.ready import Request
from thyrosight.tables import is_missing, read_table

Source = str | Path | Frame | Request
"""An image to assess: a file, a folder, a pattern, a frame in memory, or a request."""


def find_requests(
    images: Source | Iterable[Source] = (),
    *,
    box: Box | None = None,
    boxes: Path | str | None = None,
    elastogram: Path | str | Frame | None = None,
) -> tuple[list[Request], list[Refusal]]:
    """Requests for everything that a user names.

    Args:
        images: files, folders and patterns as for `find_images`, frames, or requests.
        box: the nodule, where a single image is named.
        boxes: a table as for `read_boxes`. Without `images`, everything in it is taken.
        elastogram: of a single image, for models of pairs.

    Returns:
        The requests in order, and a refusal for each name that stands for no image.

    Raises:
        ImageError: nothing is named; a box or an elastogram for several images; or a box beside a table of boxes.
    """
    if box is not None and boxes is not None:
        raise ImageError("Give a box for a single image or a table of boxes, not both.")
    if elastogram is not None and boxes is not None:
        raise ImageError("Beside a table of boxes, name elastograms in its column elastogram.")
    found, refusals = _named(images)
    for what, given in (("A box", box), ("An elastogram", elastogram)):
        if given is not None and len(found) != 1:
            raise ImageError(
                f"{what} belongs to one image, but {len(found)} images were named; give a table of boxes, with a "
                "column elastogram for pairs."
            )
    if boxes is not None:
        found = with_boxes(found, read_boxes(boxes))
    if not found and not refusals:
        raise ImageError("No image was named; give images, folders or patterns, or a table of boxes.")
    if box is not None or elastogram is not None:
        found = [replace(found[0], box=box or found[0].box, elastogram=elastogram or found[0].elastogram)]
    return found, refusals


def _named(images: Source | Iterable[Source]) -> tuple[list[Request], list[Refusal]]:
    """A request for each image; a file that is named twice is taken once."""
    found: list[Request] = []
    refusals: list[Refusal] = []
    for item in [images] if isinstance(images, str | Path | Frame | Request) else images:
        if isinstance(item, Request):
            found.append(item)
        elif isinstance(item, Frame):
            found.append(Request(item))
        else:
            paths, problems = find_images([str(item)])
            refusals += problems
            known = {one.image for one in found if isinstance(one.image, Path)}
            found += [Request(path) for path in paths if path not in known]
    return found, refusals


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
        found = list(pictures_below(path))
        known = ", ".join(sorted(IMAGE_SUFFIXES))
        return found, "" if found else f"{name}: the folder holds no image ({known}, or DICOM without a suffix)."
    if path.exists() or not any(sign in name for sign in "*?["):
        return [path], ""
    found = _pictures(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return found, "" if found else f"{name}: no image matches this pattern; check the folder and the suffix."


def _pictures(paths: Iterable[Path]) -> list[Path]:
    # Files that begin with a dot are what macOS leaves beside images on foreign disks.
    return sorted(path for path in paths if not path.name.startswith(".") and path.is_file() and _is_image(path))


def pictures_below(folder: Path) -> Iterator[Path]:
    """The images in a folder and in all folders in it, sorted, one folder after the other as they are read.

    A folder that may not be read is given in place of its images, so that it is refused like an image.

    Raises:
        ImageError: a folder is gone.
    """
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except PermissionError:
        yield folder
        return
    except OSError as error:
        raise ImageError(f"{folder}: the folder cannot be read ({error.strerror or error}); check the path.") from None
    for entry in found:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from pictures_below(path)
        elif not entry.name.startswith(".") and entry.is_file() and _is_image(path):
            yield path


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES or (path.name != "DICOMDIR" and is_dicom(path))


def read_boxes(table: Path | str) -> list[Request]:
    """Read nodule boxes from a table with the columns `image` and `box`, as a cohort's manifest has them.

    Paths are relative to the table; a box is `left,top,right,bottom` in pixels, and may be empty. An image may stand in
    several rows, one for each nodule. A column `frame` may name one frame of a loop, from 0; a column `elastogram` the
    elastogram of an image, for models of pairs.

    Raises:
        ImageError: the table cannot be read, lacks a column, or holds something that is not a box; names the row.
    """
    table = Path(table)
    read = read_table(table, error=ImageError, short_rows=True)
    for note in read.notes:
        warnings.warn(ThyroSightWarning(note), stacklevel=2)
    if not read.rows:
        raise ImageError(f"{table}: holds no rows; it needs the columns image and box.")
    for column in ("image", "box"):
        if column not in read.header:
            raise ImageError(f"{table}: the column {column!r} is missing; it has {', '.join(read.header)}.")
    rows = [
        (number, {name: "" if is_missing(cell) else cell for name, cell in zip(read.header, cells, strict=True)})
        for number, cells in read.rows
    ]
    return [request_of_row(row, table.parent, where=f"{table}, row {number}") for number, row in rows]


def request_of_row(row: Mapping[str, str | None], folder: Path, *, where: str) -> Request:
    """The request of one row of a table as for `read_boxes`.

    Args:
        row: its cells by column; only `image` must be there.
        folder: the folder that its paths are relative to.
        where: names the row in errors.

    Raises:
        ImageError: it names no image, or holds something that is not a box or the number of a frame.
    """
    if not row["image"]:
        raise ImageError(f"{where}: the column image is empty.")
    text, second = row.get("box"), (row.get("elastogram") or "").strip()
    box = Box.from_text(text, where=where) if text else None
    return Request(folder / row["image"], box, _frame(row, where), elastogram=folder / second if second else None)


def _frame(row: Mapping[str, str | None], where: str) -> int | None:
    text = (row.get("frame") or "").strip()
    if text and not text.isdecimal():
        raise ImageError(
            f"{where}: the frame {text!r} is not a whole number from 0; leave it empty for the whole loop."
        )
    return int(text) if text else None


def with_boxes(requests: Sequence[Request], boxes: Sequence[Request]) -> list[Request]:
    """One request for each box that a table gives for one of the images; images without a box stay as they are.

    Without requests, everything in the table is taken.
    """
    if not requests:
        return list(boxes)
    known: dict[Path, list[Request]] = {}
    for one in boxes:
        known.setdefault(Path(one.name).resolve(), []).append(one)
    return [one for request in requests for one in known.get(Path(request.name).resolve(), [request])]
