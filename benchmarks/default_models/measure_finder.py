"""Measure the finder: Dice on the folds left out, and finds on the sweeps of thyroid_cine, which no training sees.

python -m default_models.measure_finder PACKS WEIGHTS ddti|tn5000|empty FOLD
python -m default_models.measure_finder PACKS WEIGHTS thyroid_cine
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from default_models.finding import dice, finder, finds, maps, overlap
from default_models.fitting import folds, stretch_pack
from default_models.pack import Pack, load
from thyrosight.statistics import gee_proportion, mean_interval

FOUND_FROM = 0.3
"""A nodule counts as found from this intersection over union with a find."""


def measure_fold(packs: Path, weights: Path, name: str, fold: int) -> None:
    """Dice of everything outlined against everything found, frame by frame, in a collection's fold.

    In TN5000 the outline is the ellipse between a reader's callipers, and one nodule of perhaps several.
    """
    pack = load(packs / f"{name}.npz")
    unseen = np.array([not note.startswith("part=valid") for note in pack.note]) & (folds(pack.group) == fold)
    pack = stretch_pack(pack.take(unseen & pack.outlined))
    values, hits = [], []
    for row, probability in enumerate(maps(finder(weights), pack)):
        masks = [find.mask for find in finds(probability, pack.extent[row])]
        joined = np.any(masks, axis=0) if masks else np.zeros_like(pack.masks[row])
        values.append(dice(joined, pack.masks[row]))
        hits.append(int(any(overlap(mask, pack.masks[row]) >= FOUND_FROM for mask in masks)))
    print(f"{name}, Dice per frame:", mean_interval(values, cluster=pack.group, method="mean Dice"))
    print(f"{name}, median {np.median(values):.3f}")
    print(f"{name}, an outline found at IoU {FOUND_FROM}:", gee_proportion(hits, pack.group))


def measure_empty(packs: Path, weights: Path, fold: int) -> None:
    """Share of frames without a lesion in which something is found: normal ones of BUSI, and tissue beside a nodule.

    The tissue is the wider of the two strips to the left and the right of everything outlined in a frame of DDTI, cut
    out and looked at as a frame of its own.
    """
    busi = load(packs / "busi.npz")
    normal = (busi.note == "class=normal") & (folds(busi.group) == fold)
    ddti = load(packs / "ddti.npz")
    strips = _strips(ddti.take(folds(ddti.group) == fold))
    network = finder(weights)
    for name, frames in (("BUSI, normal", busi.take(normal)), ("DDTI, beside the nodule", strips)):
        pack = stretch_pack(frames)
        found = [int(bool(finds(one, pack.extent[row]))) for row, one in enumerate(maps(network, pack))]
        print(f"{name}, something found:", gee_proportion(found, pack.group))


def _strips(pack: Pack) -> Pack:
    """The wider strip beside everything outlined, moved to the corner, where it has a quarter of the width at least."""
    kept = []
    for row in range(len(pack)):
        rows, columns = pack.extent[row]
        used = np.flatnonzero(pack.masks[row].any(axis=0))
        left, right = max(((0, used[0]), (used[-1] + 1, columns)), key=lambda strip: strip[1] - strip[0])
        if right - left < columns / 4:
            continue
        for pictures in (pack.images, pack.erased):
            strip = pictures[row, :rows, left:right].copy()
            pictures[row] = 0
            pictures[row, :rows, : right - left] = strip
        pack.extent[row] = rows, right - left
        pack.masks[row] = False
        kept.append(row)
    return pack.take(np.array(kept))


def measure_sweeps(packs: Path, weights: Path) -> None:
    """Dice of the outlined nodule, share found, and finds that overlap no outline of the frame."""
    pack = stretch_pack(load(packs / "thyroid_cine.npz"))
    pack = pack.take(pack.outlined & pack.masks.any(axis=(1, 2)))
    everything = merged_masks(pack)
    scores, hits, extra = [], [], []
    for row, probability in enumerate(maps(finder(weights), pack)):
        masks = [find.mask for find in finds(probability, pack.extent[row])]
        scores.append(max((dice(mask, pack.masks[row]) for mask in masks), default=0.0))
        hits.append(int(any(overlap(mask, pack.masks[row]) >= FOUND_FROM for mask in masks)))
        extra.append(sum(not (mask & everything[row]).any() for mask in masks))
    print("Dice of the outlined nodule:", mean_interval(scores, cluster=pack.group, method="mean Dice"))
    print(f"median Dice {np.median(scores):.3f}")
    print(f"found at IoU {FOUND_FROM}:", gee_proportion(hits, pack.group))
    print("false finds per frame:", mean_interval(extra, cluster=pack.group))


def merged_masks(pack: Pack) -> NDArray[np.bool_]:
    """The masks of one frame that several clips hold, each with another nodule outlined, joined."""
    names = [hashlib.sha256(image.tobytes()).hexdigest() for image in pack.images]
    merged = pack.masks.copy()
    for name in set(names):
        rows = [row for row, other in enumerate(names) if other == name]
        merged[rows] = pack.masks[rows].any(axis=0)
    return merged


def main(packs: str, weights: str, what: str, fold: str = "0") -> None:
    """Print the figures."""
    if what == "thyroid_cine":
        measure_sweeps(Path(packs), Path(weights))
    elif what == "empty":
        measure_empty(Path(packs), Path(weights), int(fold))
    else:
        measure_fold(Path(packs), Path(weights), what, int(fold))


if __name__ == "__main__":
    main(*sys.argv[1:])
