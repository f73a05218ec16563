"""A pack: every frame of a collection decoded once, cut to its scan area, reduced, with its group and fold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.default_models.callipers import Places, erase_callipers, find_callipers, nodule_between
from thyrosight.files import sha256_of_file, sha256_of_json, write_atomically
from thyrosight.imaging import Box, Frame, Preparation, read_frame, read_mask
from thyrosight.progress import Progress, silent

SIDE = 384
"""Longest side of a packed scan area in pixels."""

FOLDS = 5
"""Folds of groups in each collection."""

_SCENE = Preparation(crop="scan area")


@dataclass(frozen=True)
class Item:
    """One frame to pack: its file, its masks and what is known of it.

    Attributes:
        key: names the frame within its collection.
        image: its file.
        masks: files of its masks; several are joined.
        label: 1 malignant, 0 benign, -1 unknown or normal.
        group: frames of one group stay on one side of any division; the key where empty.
        callipers: whether a reader's callipers may give an outline.
        note: whatever else is known.
    """

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
        fold: of the group, from 0; drawn over the whole collection, so that it is the same whatever part is taken.
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
    fold: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Pack":
        """The pack of some frames; each keeps its fold."""
        return Pack(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True, eq=False)
class _Packed:
    """One frame as the pack holds it."""

    images: NDArray[np.uint8]
    erased: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    extent: tuple[int, int]
    window: tuple[int, int, int, int]
    outlined: bool


def folds(group: NDArray[np.str_], count: int = FOLDS, seed: int = 0) -> NDArray[np.int64]:
    """The fold of each row; rows of one group share it.

    >>> folds(np.array(["a", "b", "a", "c"]), count=2).tolist()
    [0, 0, 0, 1]
    """
    names = np.unique(group)
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {name: int(place) % count for name, place in zip(names, order, strict=True)}
    return np.array([fold_of[name] for name in group])


def load(path: Path) -> Pack:
    """Read a pack that `write` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        columns = {name: stored[name] for name in stored.files}
    return Pack(**columns, fold=folds(columns["group"]))


@dataclass(frozen=True, eq=False)
class Index:
    """Facts of a pack's frames without their pixels; see `Pack`."""

    key: NDArray[np.str_]
    group: NDArray[np.str_]
    note: NDArray[np.str_]
    outlined: NDArray[np.bool_]
    fold: NDArray[np.int64]


def read_index(path: Path) -> Index:
    """Read what a pack says of its frames; it is quick, for pixels stay on the disk."""
    with np.load(path, allow_pickle=False) as stored:
        group = stored["group"]
        return Index(stored["key"], group, stored["note"], stored["outlined"], folds(group))


def write(items: Sequence[Item], path: Path, *, progress: Progress = silent) -> None:
    """Decode, cut and reduce every frame, and store the pack whole or not at all.

    Raises:
        ImageError: a frame or mask cannot be read.
        OutputError: the file cannot be written.
    """
    packed = []
    for number, item in enumerate(items, start=1):
        packed.append(_packed(item))
        progress(f"Packing {path.stem}", number, len(items))
    columns = {name: np.stack([getattr(one, name) for one in packed]) for name in _Packed.__annotations__}
    columns["label"] = np.array([item.label for item in items])
    columns["key"] = np.array([item.key for item in items])
    columns["group"] = np.array([item.group or item.key for item in items])
    columns["note"] = np.array([";".join(f"{name}={value}" for name, value in item.note.items()) for item in items])
    with write_atomically(path) as temporary:
        np.savez_compressed(temporary, **columns)  # type: ignore[arg-type]


def digest_of(items: Sequence[Item]) -> str:
    """SHA-256 over the keys, labels, groups and file contents of frames and masks, in their order."""
    return sha256_of_json(
        [
            [item.key, item.label, item.group, *(sha256_of_file(file) for file in (item.image, *item.masks))]
            for item in items
        ]
    )


def _packed(item: Item) -> _Packed:
    frame = read_frame(item.image)
    scene = _SCENE.scene(frame)
    box = scene.inside
    scale = SIDE / max(box.width, box.height)
    size = (max(1, round(box.width * scale)), max(1, round(box.height * scale)))
    callipers = find_callipers(scene.pixels)
    erased = erase_callipers(scene.pixels, callipers)
    marked = _marks(item, frame, box, callipers)
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


def outline_of(item: Item, frame: Frame) -> NDArray[np.bool_] | None:
    """Mask of all outlines in a frame, bool `(rows, columns)`; empty where the frame is normal, None where unknown."""
    scene = _SCENE.scene(frame)
    marked = _marks(item, frame, scene.inside, find_callipers(scene.pixels) if item.callipers else None)
    if not marked:
        return np.zeros((frame.rows, frame.columns), dtype=bool) if item.note.get("class") == "normal" else None
    return np.asarray(np.any(marked, axis=0))


def _marks(item: Item, frame: Frame, box: Box, callipers: Places | None) -> list[NDArray[np.bool_]]:
    """The masks of a frame: those of its files, and the ellipse between callipers."""
    shape = (frame.rows, frame.columns)
    marked = [read_mask(path, shape=shape) for path in item.masks]
    nodule = nodule_between(callipers, shape) if item.callipers and callipers is not None else None
    return [*marked, nodule] if nodule is not None and _reasonable(nodule, box) else marked


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


def stretched(picture: NDArray[np.uint8], extent: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Grey levels of the scan area from the 1st to the 99th percentile, spread over 0 to 255."""
    inside = picture[: extent[0], : extent[1]]
    seen = inside[inside > 2]
    low, high = np.percentile(seen, (1, 99)) if seen.size else (0, 255)
    return np.clip((picture - low) * (255 / max(high - low, 1.0)), 0, 255).astype(np.uint8)


def stretch_pack(pack: Pack) -> Pack:
    """The pack with every picture's grey levels stretched, in place."""
    for pictures in (pack.images, pack.erased):
        for picture, extent in zip(pictures, pack.extent, strict=True):
            picture[:] = stretched(picture, extent)
    return pack
