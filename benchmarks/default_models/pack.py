"""Packs for measuring: those of the training, and of the collections that are for testing only.

    python -m default_models.pack DATA FOLDER [SET ...]

One `SET.npz` per collection is written to FOLDER, which must lie outside the project: no data set goes into it.
"""

import csv
import sys
from collections.abc import Callable
from pathlib import Path

from thyrosight.default_models.collections import COLLECTIONS, items_of, with_near_duplicates
from thyrosight.default_models.pack import Item, write


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


def main(data: str, folder: str, *names: str) -> None:
    """Pack the named collections, or all of them."""
    for name in names or (*COLLECTIONS, *TESTING_ONLY):
        items = items_of(Path(data), name) if name in COLLECTIONS else TESTING_ONLY[name](Path(data))
        write(items, Path(folder) / f"{name}.npz")
        print(f"{name}: {len(items)} frames in {len({item.group or item.key for item in items})} groups", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
