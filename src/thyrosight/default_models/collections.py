"""The public collections that the default models learn from: their frames, labels and groups."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from thyrosight.cohort import find_duplicates, open_cohort
from thyrosight.cohort.linking import linked
from thyrosight.default_models.pack import Item
from thyrosight.errors import CohortError
from thyrosight.progress import Progress, silent

_NEIGHBOURS = 10  # so many images with consecutive numbers are kept together: the next number is often the same patient


def tn5000(data: Path) -> list[Item]:
    """Parts train and valid, labelled by pathology; neighbouring numbers are a group."""
    folder = data / "tn5000"
    return [
        Item(
            Path(row["image"]).stem,
            folder / row["image"],
            label=int(row["label"] == "malignant"),
            group=f"numbers {int(Path(row['image']).stem) // _NEIGHBOURS}",
            callipers=True,
            note={"part": row["part"], "width": row["original_width"]},
        )
        for row in _rows(folder / "cohort.csv")
    ]


def ddti(data: Path) -> list[Item]:
    """Every outlined frame; malignant from TI-RADS 4b, benign up to 4a (a reading, not pathology), else unknown."""
    folder = data / "ddti"
    tirads = {row["image"]: row["tirads"].strip().lower() for row in _rows(folder / "labels.csv")}
    items = []
    for image in sorted(folder.glob("*.a.jpg")):
        key = image.name.removesuffix(".a.jpg")
        level = tirads.get(key, "")
        label = int(level in {"4b", "4c", "5"}) if level else -1
        mask = image.with_name(f"{key}.b.jpg")
        case = f"case {key.partition('_')[0]}"
        items.append(Item(key, image, (mask,), label, case, note={"tirads": level}))
    return items


def busi(data: Path) -> list[Item]:
    """Breast lesions with their masks, and frames without a lesion."""
    folder = data / "busi"
    items = []
    for kind, label in (("benign", 0), ("malignant", 1), ("normal", -1)):
        files = sorted((folder / kind).iterdir())
        for image in (file for file in files if "_mask" not in file.name):
            masks = tuple(file for file in files if file.name.startswith(f"{image.stem}_mask"))
            items.append(Item(f"{kind}/{image.stem}", image, masks, label, note={"class": kind}))
    return items


COLLECTIONS: Final[Mapping[str, Callable[[Path], list[Item]]]] = {"tn5000": tn5000, "ddti": ddti, "busi": busi}
"""The collections that weights are trained on."""

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "tn5000": ("cohort.csv",),
    "ddti": ("labels.csv",),
    "busi": ("benign", "malignant", "normal"),
}


def require_collections(data: Path, names: Sequence[str]) -> None:
    """Refuse a folder that lacks one of the collections.

    Raises:
        CohortError: names the collection, and what of it is missing.
    """
    for name in names:
        for part in _NEEDED[name]:
            if not (data / name / part).exists():
                raise CohortError(
                    f"The collection {name} is missing: {data / name / part} does not exist; name the folder that "
                    f"holds {', '.join(names)} with --data (laid out as docs/explanation/default-models.md says)."
                )


def frames_of(data: Path, name: str) -> list[Item]:
    """The frames of a collection; near-duplicates are not looked for.

    Raises:
        CohortError: the collection is missing, or holds no frame.
    """
    require_collections(data, [name])
    items = COLLECTIONS[name](data)
    if not items:
        raise CohortError(f"The collection {name} in {data / name} holds no frame; unpack it again.")
    return items


def items_of(data: Path, name: str) -> list[Item]:
    """The frames of a collection, near-duplicates in one group.

    Raises:
        CohortError: the collection is missing, or holds no frame.
    """
    return with_near_duplicates(frames_of(data, name), data / name)


def with_near_duplicates(items: Sequence[Item], folder: Path, *, progress: Progress = silent) -> list[Item]:
    """The items with groups that hold near-duplicates, and what shared a group before."""
    cohort = open_cohort(folder)
    found = find_duplicates(cohort, progress=progress)
    images = {**_images(cohort.table), **_images(cohort.left_out)}
    position = {str(item.image.resolve()): number for number, item in enumerate(items)}
    pairs = [(position[images[pair.first]], position[images[pair.second]]) for pair in found.pairs]
    first: dict[str, int] = {}
    pairs += [(first.setdefault(item.group, number), number) for number, item in enumerate(items) if item.group]
    numbers = linked(len(items), pairs)
    return [replace(item, group=str(number)) for item, number in zip(items, numbers, strict=True)]


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _images(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["key"], table["image"], strict=True))
