"""Images with their masks, prepared together by one preparation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from thyrosight.errors import CohortError, ImageError
from thyrosight.imaging import Box, Frame, Preparation, mask_in_window, read_mask
from thyrosight.progress import Progress, silent
from thyrosight.training.filling import Make, MemoryStore, Pixels, fill
from thyrosight.training.prepared import PreparedSet, numbers_of
from thyrosight.training.stopwatch import Stopwatch
from thyrosight.training.store import Record, open_store


@dataclass(frozen=True, eq=False)
class MaskedSet(PreparedSet):
    """A `PreparedSet` whose last channel is the mask: `store` is uint8 `(m, size, size, 2)` or `(m, size, size, 4)`.

    The mask is 255 on a lesion and 0 elsewhere. As a channel it is selected, mirrored and hashed with its image.
    """

    @classmethod
    def with_masks(
        cls, pixels: NDArray[np.uint8], masks: NDArray[np.bool_], labels: ArrayLike, keys: Sequence[str] = ()
    ) -> "MaskedSet":
        """A set of images and masks `(n, size, size)` in memory."""
        return cls.of(_together(pixels, masks), labels, keys)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """All images, `(n, size, size)` or `(n, size, size, 3)`."""
        return np.asarray(split_masks(super().pixels)[0])

    @property
    def masks(self) -> NDArray[np.bool_]:
        """All masks, `(n, size, size)`."""
        return np.asarray(split_masks(super().pixels)[1] >= 128)


def split_masks(stored: Any) -> tuple[Any, Any]:
    """Images, grey ones without a channel axis, and masks of an array or tensor `(n, size, size, 2 or 4)`."""
    images = stored[..., 0] if stored.shape[-1] == 2 else stored[..., :-1]
    return images, stored[..., -1]


def prepare_masked_set(
    rows: pd.DataFrame,
    preparation: Preparation,
    *,
    classes: Sequence[str] = ("benign", "malignant"),
    labelled: bool = True,
    cache: Path | None = None,
    progress: Progress | None = None,
    stopwatch: Stopwatch | None = None,
) -> MaskedSet:
    """Read and prepare every image of a cohort table with its masks once, in parallel.

    Each mask is cropped and resized like its image. Several masks of one image (`a.png|b.png`) are joined; an empty
    mask means that there is no lesion. With `crop="nodule"` the crop is the box of the mask. Otherwise no box is used,
    as none is known when the network is applied, and parts of a lesion outside the scan area stay marked.

    Args:
        rows: a cohort's table or some of its rows (columns key, image, mask, and label if `labelled`).
        preparation: preparation of each image and mask.
        classes: names of the labels in the order of their numbers.
        labelled: False if only outlines are learnt and images have no label.
        cache, progress, stopwatch: as for `prepare_set`.

    Raises:
        ImageError: some images or masks cannot be used; the error names all of them. Examples are a mask of another
            size than its image, a picture in place of a mask, a missing mask, a lesion that vanishes at this size.
        CohortError: there is no image, or a label is not one of `classes`.
        OutputError: the cache cannot be written.
    """
    labels = numbers_of(rows, tuple(classes)) if labelled else np.zeros(len(rows), dtype=np.int64)
    if len(rows) == 0:
        raise CohortError("There is no image to prepare; the table is empty.")
    if preparation.shape == "own":
        raise ImageError("Outlines are learnt from images of one size; choose the shape square or rectangle, not own.")
    report, watch, make = progress or silent, stopwatch or Stopwatch(), _with_mask(preparation)
    if cache is None:
        memory = MemoryStore()
        found = fill(memory, rows, make, report=report, watch=watch, marked=_marked)
        array = memory.array()
    else:
        with open_store(cache, preparation, masks=True) as store:
            found = fill(store, rows, make, report=report, watch=watch, marked=_marked)
            array = store.array()
    return MaskedSet(
        store=array,
        rows=np.array([record["row"] for record in found], dtype=np.int64),
        labels=labels,
        keys=tuple(str(key) for key in rows["key"]),
        classes=tuple(classes),
        nodules=tuple(None if record["nodule"] is None else tuple(record["nodule"]) for record in found),
        notes=tuple(tuple(record["notes"]) for record in found),
    )


@dataclass(frozen=True)
class _Marked:
    """Mask files of an image, and its box if the table gives one."""

    masks: tuple[str, ...]
    box: Box | None


def _marked(row: Any) -> _Marked:
    masks, box = row.get("mask"), row.get("box")
    names = tuple(name for name in masks.split("|") if name) if isinstance(masks, str) else ()
    if not names:
        raise ImageError(
            f"{row['image']}: there is no mask to learn from; name one (an empty one where there is no lesion), or "
            "leave the image out."
        )
    return _Marked(names, Box.from_text(box) if isinstance(box, str) and box else None)


def _with_mask(preparation: Preparation) -> Make:
    def make(frame: Frame, marked: _Marked) -> tuple[Pixels, Record]:
        shape = (frame.rows, frame.columns)
        mask = np.logical_or.reduce([read_mask(name, shape=shape) for name in marked.masks])
        box = None
        if preparation.crop == "nodule":
            box = marked.box if marked.box is not None or not mask.any() else Box.from_mask(mask)
        prepared = preparation.prepare(frame, box=box)
        shown = mask_in_window(mask, prepared)
        if mask.any() and not shown.any():
            raise ImageError(
                f"{frame.source}: nothing is left of the lesion at {preparation.size} x {preparation.size} pixels "
                f"(crop: {preparation.crop}); prepare larger images or leave it out."
            )
        notes = (*prepared.notes, *_cut_off(mask, prepared.window))
        return _together(prepared.pixels, shown), {"nodule": prepared.nodule, "notes": notes}

    return make


def _cut_off(mask: NDArray[np.bool_], window: Box) -> tuple[str, ...]:
    inside = window.intersect(Box(0, 0, mask.shape[1], mask.shape[0]))
    seen = 0 if inside is None else int(mask[inside.top : inside.bottom, inside.left : inside.right].sum())
    missing = int(mask.sum()) - seen
    return (f"{missing / mask.sum():.0%} of the lesion lies outside what is shown",) if missing else ()


def _together(pixels: NDArray[np.uint8], masks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """One array with the mask as the last channel, for one image or many."""
    images = pixels[..., None] if pixels.ndim == masks.ndim else pixels
    return np.concatenate([images, np.where(masks, np.uint8(255), np.uint8(0))[..., None]], axis=-1)
