"""Pictures to measure with: simulated ones, or the user's own."""

import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from thyrosight.imaging import IMAGE_SUFFIXES
from thyrosight.phantoms import make_phantom_cohort


def own_pictures() -> list[Path]:
    """The pictures that DATA names: a folder, or a pattern such as 'frames/*.jpg'."""
    source = os.environ.get("DATA", "")
    if not source:
        return []
    path = Path(source)
    matching = path.rglob("*") if path.is_dir() else Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    found = sorted(file for file in matching if file.suffix.lower() in IMAGE_SUFFIXES)
    if not found:
        raise SystemExit(f"DATA={source} names no picture; give a folder of pictures or a pattern in quotes.")
    return found


@cache
def pictures(count: int) -> tuple[list[Path], str]:
    """So many pictures, evenly from all that DATA names or else simulated nodules as PNG files; and what they are."""
    own = own_pictures()
    if own:
        files = own[:: max(1, len(own) // count)][:count]
        with Image.open(files[len(files) // 2]) as one:
            return files, f"{len(files)} pictures of the user's (one of them {one.width} x {one.height} pixels)"
    folder = Path(_kept.name) / str(count)
    make_phantom_cohort(folder, n=count, seed=1)
    return sorted((folder / "images").iterdir())[:count], f"{count} phantoms"


_kept = TemporaryDirectory(prefix="thyrosight-bench-")
"""Lives as long as the process."""
