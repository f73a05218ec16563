"""Measure the finder: Dice on the folds left out, and finds on the sweeps of thyroid_cine, which no training sees.

python -m default_models.measure_finder PACKS RUN ddti|tn5000|empty FOLD
python -m default_models.measure_finder PACKS RUN thyroid_cine

RUN is the folder of a stage of the finder's training.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thyrosight.default_models.finding import Find, dice, finder_network, finds, maps, overlap
from thyrosight.default_models.pack import Pack, load, stretch_pack
from thyrosight.default_models.runs import Run, read_run
from thyrosight.statistics import gee_proportion, mean_interval

FOUND_FROM = 0.3
"""A nodule counts as found from this intersection over union with a find."""


def found_in(run: Run, pack: Pack) -> Iterator[list[Find]]:
    """What the finder of a run finds in each frame."""
    for row, probability in enumerate(maps(finder_network(run.weights), pack, run.size)):
        yield finds(probability, pack.extent[row])


def measure_fold(packs: Path, run: Run, name: str, fold: int) -> None:
    """Dice of everything outlined against everything found, frame by frame, in a collection's fold.

    In TN5000 the outline is the ellipse between a reader's callipers, and one nodule of perhaps several.
    """
    pack = load(packs / f"{name}.npz")
    unseen = np.array([not note.startswith("part=valid") for note in pack.note]) & (pack.fold == fold)
    pack = stretch_pack(pack.take(unseen & pack.outlined))
    values, hits = [], []
    for row, found in enumerate(found_in(run, pack)):
        masks = [find.mask for find in found]
        joined = np.any(masks, axis=0) if masks else np.zeros_like(pack.masks[row])
        values.append(dice(joined, pack.masks[row]))
        hits.append(int(any(overlap(mask, pack.masks[row]) >= FOUND_FROM for mask in masks)))
    print(f"{name}, Dice per frame:", mean_interval(values, cluster=pack.group, method="mean Dice"))
    print(f"{name}, median {np.median(values):.3f}")
    print(f"{name}, an outline found at IoU {FOUND_FROM}:", gee_proportion(hits, pack.group))


def measure_empty(packs: Path, run: Run, fold: int) -> None:
    """Share of frames without a lesion in which something is found: normal ones of BUSI, and tissue beside a nodule.

    The tissue is the wider of the two strips to the left and the right of everything outlined in a frame of DDTI, cut
    out and looked at as a frame of its own.
    """
    busi = load(packs / "busi.npz")
    normal = (busi.note == "class=normal") & (busi.fold == fold)
    ddti = load(packs / "ddti.npz")
    strips = _strips(ddti.take(ddti.fold == fold))
    for name, frames in (("BUSI, normal", busi.take(normal)), ("DDTI, beside the nodule", strips)):
        pack = stretch_pack(frames)
        found = [int(bool(each)) for each in found_in(run, pack)]
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


def measure_sweeps(packs: Path, run: Run) -> None:
    """Dice of the outlined nodule, share found, and finds that overlap no outline of the frame."""
    pack = stretch_pack(load(packs / "thyroid_cine.npz"))
    pack = pack.take(pack.outlined & pack.masks.any(axis=(1, 2)))
    everything = merged_masks(pack)
    scores, hits, extra = [], [], []
    for row, found in enumerate(found_in(run, pack)):
        masks = [find.mask for find in found]
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


def main(packs: str, folder: str, what: str, fold: str = "0") -> None:
    """Print the figures."""
    run = read_run(Path(folder))
    if what == "thyroid_cine":
        measure_sweeps(Path(packs), run)
    elif what == "empty":
        measure_empty(Path(packs), run, int(fold))
    else:
        measure_fold(Path(packs), run, what, int(fold))


if __name__ == "__main__":
    main(*sys.argv[1:])
