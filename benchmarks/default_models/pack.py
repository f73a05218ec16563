"""The data pack: every frame decoded once, cut to its scan area, reduced, with its groups.

    python -m default_models.pack DATA FOLDER [SET ...]

One `SET.npz` per collection is written to FOLDER, which must lie outside the project: no data set goes into it.
"""

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from default_models.callipers import erase_callipers, find_callipers, nodule_between
from thyrosight.cohort import find_duplicates, open_cohort
from thyrosight.cohort.linking import linked
from thyrosight.imaging import Box, Preparation, read_frame, read_mask

SIDE = 384
"""Longest side of a packed scan area in pixels."""

_NEIGHBOURS = 10  # so many images with consecutive numbers are kept together: the next number is often the same patient
_SCENE = Preparation(crop="scan area")


@dataclass(frozen=True)
class Item:
    """One frame to pack: its file, its masks and what is known of it."""

    key: str
    image: Path
    masks: tuple[Path, ...] = ()
    label: int = -1
    group: str = ""
    callipers: bool = False
    note: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Pack:
    """Frames of one collection.

    Attributes:
        images: uint8 `(n, SIDE, SIDE)`: the scan area in the upper left corner, black elsewhere.
        erased: the same without upright callipers.
        masks: bool of that shape, all False where `outlined` is False.
        extent: `(n, 2)` rows and columns of the scan area in `images`.
        window: `(n, 4)` left, top, right, bottom of the scan area in the frame.
        label: 1 malignant, 0 benign, -1 unknown or normal.
        outlined: whether a mask was drawn, or in TN5000 given by callipers (a frame known to be normal counts too).
        key, group, note: text; images with one `group` stay on one side of any division.
    """

    images: NDArray[np.uint8]
    erased: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    extent: NDArray[np.int64]
    window: NDArray[np.int64]
    label: NDArray[np.int64]
    outlined: NDArray[np.bool_]
    key: NDArray[np.str_]
    group: NDArray[np.str_]
    note: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Pack":
        """The pack of some frames."""
        return Pack(**{name: values[rows] for name, values in vars(self).items()})


def load(path: Path) -> Pack:
    """Read a pack that `write` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        return Pack(**{name: stored[name] for name in stored.files})


@dataclass(frozen=True, eq=False)
class _Packed:
    """What the pack holds of one frame."""

    images: NDArray[np.uint8]
    erased: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    extent: tuple[int, int]
    window: tuple[int, int, int, int]
    outlined: bool


def write(items: list[Item], path: Path) -> None:
    """Decode, cut and reduce every frame, and store the pack."""
    packed = [_packed(item) for item in items]
    columns = {name: np.stack([getattr(one, name) for one in packed]) for name in _Packed.__annotations__}
    columns["label"] = np.array([item.label for item in items])
    columns["key"] = np.array([item.key for item in items])
    columns["group"] = np.array([item.group or item.key for item in items])
    columns["note"] = np.array([";".join(f"{name}={value}" for name, value in item.note.items()) for item in items])
    np.savez_compressed(path, **columns)  # type: ignore[arg-type]


def _packed(item: Item) -> _Packed:
    frame = read_frame(item.image)
    scene = _SCENE.scene(frame)
    box = scene.inside
    scale = SIDE / max(box.width, box.height)
    size = (max(1, round(box.width * scale)), max(1, round(box.height * scale)))
    callipers = find_callipers(scene.pixels)
    erased = erase_callipers(scene.pixels, callipers)
    marked = [read_mask(path, shape=(frame.rows, frame.columns)) for path in item.masks]
    if item.callipers and (nodule := nodule_between(callipers, scene.pixels.shape)) is not None:
        marked += [nodule] if _reasonable(nodule, box) else []
    masks = np.zeros((SIDE, SIDE), dtype=bool)
    for mask in marked:
        masks |= _placed(mask.astype(np.uint8) * 255, box, size) > 127
    return _Packed(
        _placed(scene.pixels, box, size),
        _placed(erased, box, size),
        masks,
        (size[1], size[0]),
        (box.left, box.top, box.right, box.bottom),
        bool(marked) or item.note.get("class") == "normal",
    )


def _reasonable(nodule: NDArray[np.bool_], box: Box) -> bool:
    """Whether an ellipse is a nodule's and not of a ruler or body mark, which stand at the border."""
    rows, columns = np.nonzero(nodule)
    if rows.size == 0:
        return False
    across = (columns.mean() - box.left) / box.width
    down = (rows.mean() - box.top) / box.height
    share = rows.size / box.area
    return 0.07 < across < 0.92 and 0.07 < down < 0.85 and 0.0015 < share < 0.55


def _placed(pixels: NDArray[np.uint8], box: Box, size: tuple[int, int]) -> NDArray[np.uint8]:
    part = Image.fromarray(pixels[box.top : box.bottom, box.left : box.right])
    whole = np.zeros((SIDE, SIDE), dtype=np.uint8)
    whole[: size[1], : size[0]] = np.asarray(part.resize(size, Image.Resampling.BILINEAR))
    return whole


def tn5000(data: Path) -> list[Item]:
    """Parts train and valid; groups are near-duplicates and neighbouring numbers."""
    folder = data / "tn5000"
    items = [
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
    return _with_near_duplicates(items, folder)


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
    return _with_near_duplicates(items, folder)


def busi(data: Path) -> list[Item]:
    """Breast lesions with their masks, and frames without a lesion."""
    folder = data / "busi"
    items = []
    for kind, label in (("benign", 0), ("malignant", 1), ("normal", -1)):
        files = sorted((folder / kind).iterdir())
        for image in (file for file in files if "_mask" not in file.name):
            masks = tuple(file for file in files if file.name.startswith(f"{image.stem}_mask"))
            items.append(Item(f"{kind}/{image.stem}", image, masks, label, note={"class": kind}))
    return _with_near_duplicates(items, folder)


def thyroid_web(data: Path) -> list[Item]:
    """Teaching files: for testing only."""
    folder = data / "thyroid_web"
    items = [
        Item(f"{kind}/{image.stem}", image, label=label)
        for kind, label in (("benign", 0), ("malignant", 1))
        for image in sorted((folder / kind).iterdir())
    ]
    return _with_near_duplicates(items, folder)


def thyroid_cine(data: Path) -> list[Item]:
    """Sweeps: for testing only; a mask holds one nodule even where the frame shows several."""
    folder = data / "thyroid_cine"
    return [
        Item(
            Path(row["image"]).stem,
            folder / row["image"],
            (folder / row["mask"],) if row["mask"] else (),
            group=row["group"],
            note={"clip": row["clip"], "frame": row["frame"]},
        )
        for row in _rows(folder / "frames.csv")
    ]


SETS: dict[str, Callable[[Path], list[Item]]] = {
    "tn5000": tn5000,
    "ddti": ddti,
    "busi": busi,
    "thyroid_web": thyroid_web,
    "thyroid_cine": thyroid_cine,
}
"""The collections that can be packed; the last two are for testing only."""


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _with_near_duplicates(items: Sequence[Item], folder: Path) -> list[Item]:
    """The items with groups that hold near-duplicates, and what shared a group before."""
    cohort = open_cohort(folder)
    found = find_duplicates(cohort)
    images = {**_images(cohort.table), **_images(cohort.left_out)}
    position = {str(item.image.resolve()): number for number, item in enumerate(items)}
    pairs = [(position[images[pair.first]], position[images[pair.second]]) for pair in found.pairs]
    first: dict[str, int] = {}
    pairs += [(first.setdefault(item.group, number), number) for number, item in enumerate(items) if item.group]
    numbers = linked(len(items), pairs)
    return [replace(item, group=str(number)) for item, number in zip(items, numbers, strict=True)]


def _images(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["key"], table["image"], strict=True))


def main(data: str, folder: str, *names: str) -> None:
    """Pack the named collections, or all of them."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in names or tuple(SETS):
        items = SETS[name](Path(data))
        write(items, Path(folder) / f"{name}.npz")
        print(f"{name}: {len(items)} frames in {len({item.group or item.key for item in items})} groups", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
