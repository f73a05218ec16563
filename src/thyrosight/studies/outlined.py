"""The outlines that a network drew: measures of each image in its frame, and the masks themselves in few bytes."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.imaging import Box, Frame, Preparation, read_frame, read_mask
from thyrosight.inference.outlines import clean_mask
from thyrosight.progress import Progress
from thyrosight.statistics import overlap
from thyrosight.studies.stored import write_arrays

OUTLINES, FOUND = "outlines.csv", "found.npz"
MARKED_FROM = 0.5
"""A pixel of the frame with this probability or more belongs to a lesion."""
OUTLINE_COLUMNS = (
    "part", "key", "group", "label", "dice", "iou", "hd95_pixels", "hd95_mm", "true_pixels", "found_pixels", "frame",
)  # fmt: skip
_THREADS = 4


def measure_outlines(
    part: str, rows: pd.DataFrame, masks: NDArray[np.float32], preparation: Preparation, *, progress: Progress
) -> pd.DataFrame:
    """Compare what a network marked with the masks of a cohort, image by image, in the frame.

    The network's probabilities are put back into the frame, cut at one half there, and freed from specks and holes as
    `thyrosight segment` does: it is what a user gets. Lesion outside the scan area counts as missed.

    Args:
        rows: of the cohort, with masks.
        masks: probabilities `(n, size, size)`, in the order of `rows`.
        preparation: that the network saw the images with.

    Returns:
        A row per image with `OUTLINE_COLUMNS`. The 95 % Hausdorff distance is empty where one of both masks is empty,
        and that in mm also where the pixel spacing is unknown; `frame` is columns x rows.
    """

    def one(pair: tuple[Any, NDArray[np.float32]]) -> dict[str, object]:
        row, probability = pair
        return {"part": part, "key": row["key"], "group": str(row["group"]), "label": row["label"]} | _measured(
            row, probability, preparation
        )

    found = []
    with ThreadPoolExecutor(max_workers=_THREADS) as threads:
        for done, item in enumerate(threads.map(one, zip((row for _, row in rows.iterrows()), masks, strict=True)), 1):
            found.append(item)
            progress("Measuring outlines", done, len(rows))
    return pd.DataFrame(found, columns=list(OUTLINE_COLUMNS))


def _measured(row: Any, probability: NDArray[np.float32], preparation: Preparation) -> dict[str, object]:
    frame = read_frame(row["image"])
    shape = (frame.rows, frame.columns)
    truth = true_mask(row, shape)
    found = clean_mask(preparation.prepare(frame).to_frame(probability, shape) >= MARKED_FROM)
    agreed = overlap(truth, found)
    in_mm = _distance_in_mm(frame, truth, found)
    return {
        "dice": agreed.dice,
        "iou": agreed.iou,
        "hd95_pixels": agreed.hausdorff_95,
        "hd95_mm": in_mm,
        "true_pixels": int(truth.sum()),
        "found_pixels": int(found.sum()),
        "frame": f"{frame.columns} x {frame.rows}",
    }


def _distance_in_mm(frame: Frame, truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    if not truth.any() or not found.any():
        return float("nan")
    spacing, _ = frame.spacing_at(Box.from_mask(truth))
    return float("nan") if spacing is None else overlap(truth, found, spacing_mm=spacing).hausdorff_95


def true_mask(row: Any, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The masks of one image, joined."""
    return np.asarray(
        np.logical_or.reduce([read_mask(name, shape=shape) for name in str(row["mask"]).split("|") if name])
    )


def write_found(keys: Iterable[str], masks: NDArray[np.float32], path: Path) -> None:
    """Keep the marked pixels at the network's size, one bit per pixel."""
    bits = np.packbits((masks >= MARKED_FROM).reshape(len(masks), -1), axis=1)
    named = np.array([str(key) for key in keys])
    write_arrays({"keys": named, "bits": bits, "shape": np.array(masks.shape[1:])}, path)


def load_found(path: Path) -> dict[str, NDArray[np.bool_]]:
    """The masks that `write_found` kept, by key."""
    with np.load(path, allow_pickle=False) as stored:
        rows, columns = (int(side) for side in stored["shape"])
        marked = np.unpackbits(stored["bits"], axis=1, count=rows * columns).astype(bool)
        return {str(key): mask.reshape(rows, columns) for key, mask in zip(stored["keys"], marked, strict=True)}
