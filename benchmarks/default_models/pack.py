"""Collections that are for testing only, with their groups."""

import csv
from collections.abc import Callable
from pathlib import Path

from thyrosight.default_models.collections import with_near_duplicates
from thyrosight.default_models.pack import Item


def thyroid_web(data: Path) -> list[Item]:
    """Teaching files: for testing only."""
    folder = data / "thyroid_web"
    items = [
        Item(f"{kind}/{image.stem}", image, label=label)
        for kind, label in (("benign", 0), ("malignant", 1))
        for image in sorted((folder / kind).iterdir())
    ]
    return with_near_duplicates(items, folder)


def thyroid_cine(data: Path) -> list[Item]:
    """Sweeps: for testing only; a mask holds one nodule even where the frame shows several."""
    folder = data / "thyroid_cine"
    with (folder / "frames.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Item(
            Path(row["image"]).stem,
            folder / row["image"],
            (folder / row["mask"],) if row["mask"] else (),
            group=row["group"],
            note={"clip": row["clip"], "frame": row["frame"]},
        )
        for row in rows
    ]


TESTING_ONLY: dict[str, Callable[[Path], list[Item]]] = {"thyroid_web": thyroid_web, "thyroid_cine": thyroid_cine}
"""Collections that no weights are trained on."""
