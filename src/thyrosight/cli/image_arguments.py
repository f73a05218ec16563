"""What commands on images share: which images were named, which frames of loops, and names for what is written."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection

    from thyrosight.inference import Assessment, Refusal, Request, Segmentation


def requested_images(
    images: list[str], *, box: str | None, boxes: Path | None, elastogram: Path | None = None
) -> "tuple[list[Request], list[Refusal]]":
    """What to assess, and what was named but is not there."""
    from thyrosight.errors import ImageError
    from thyrosight.imaging import Box
    from thyrosight.inference import Request, find_images, read_boxes, with_boxes

    if box is not None and boxes is not None:
        raise ImageError("Give --box for a single image or --boxes for a table, not both.")
    found, refusals = find_images(images)
    if elastogram is not None:
        return [_pair(found, elastogram, box=box, boxes=boxes)], refusals
    if box is not None:
        if len(found) != 1:
            raise ImageError(
                f"--box is the nodule of one image, but {len(found)} images were named; give a table with --boxes."
            )
        return [Request(found[0], Box.from_text(box, where="--box"))], refusals
    requests = with_boxes(found, read_boxes(boxes)) if boxes is not None else [Request(path) for path in found]
    if not requests and not refusals:
        raise ImageError("No image was named; give images, folders or patterns, or a table with --boxes.")
    return requests, refusals


def _pair(found: list[Path], elastogram: Path, *, box: str | None, boxes: Path | None) -> "Request":
    from thyrosight.errors import ImageError
    from thyrosight.imaging import Box
    from thyrosight.inference import Request

    if boxes is not None:
        raise ImageError("With --boxes, name elastograms in the table's column elastogram instead of --elastogram.")
    if len(found) != 1:
        raise ImageError(
            f"--elastogram belongs to one image, but {len(found)} images were named; give a table with --boxes and a "
            "column elastogram."
        )
    return Request(found[0], Box.from_text(box, where="--box") if box else None, elastogram=elastogram)


def frame_numbers(text: str) -> "int | list[int] | Literal['all']":
    """How many frames of a loop to choose, or which: a list has a comma or a range in it."""
    from thyrosight.errors import ImageError

    if text.strip().lower() == "all":
        return "all"
    parts = [part.strip().split("-") for part in text.split(",") if part.strip()]
    if not parts or not all(len(part) <= 2 and all(end.strip().isdecimal() for end in part) for part in parts):
        raise ImageError(f"--frames {text!r}: give how many (8), a list of frames (0,7,20-25), or all.")
    if len(parts) == 1 and len(parts[0]) == 1 and "," not in text:
        return int(parts[0][0])
    return [number for part in parts for number in range(int(part[0]), int(part[-1]) + 1)]


def stem(result: "Assessment | Segmentation", loops: "Collection[str]") -> str:
    """What to call files about a result: after its image, and its frame in a loop."""
    frame = f"-frame{result.frame_number}" if result.image in loops else ""
    return Path(result.image).stem + frame


def free_name(folder: Path, stem: str, taken: set[str]) -> Path:
    """A file name that this run has not used: several nodules may share an image, and folders may share names."""
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.lower())
    return folder / f"{name}.png"
