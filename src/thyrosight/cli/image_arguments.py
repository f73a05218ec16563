"""Arguments that commands on images share: boxes, frames of loops, and names for the files that are written."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from thyrosight.imaging import Box
    from thyrosight.inference import Assessment, Segmentation


def box_argument(text: str | None) -> "Box | None":
    """The nodule that `--box` names."""
    from thyrosight.imaging import Box

    return None if text is None else Box.from_text(text, where="--box")


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


def stem(result: "Assessment | Segmentation", *, of_loop: bool) -> str:
    """Name of the files about a result: that of its image, with the number of a loop's frame."""
    frame = f"-frame{result.frame_number}" if of_loop else ""
    return Path(result.image).stem + frame


def free_name(folder: Path, stem: str, taken: set[str]) -> Path:
    """A file name that this run has not used: several nodules may share an image, and folders may share names."""
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.lower())
    return folder / f"{name}.png"
