"""Trials of shortcuts: what is painted, cut away, shifted or re-encoded must not change the answer.

    python -m default_models.shortcuts PACKS RUN FINDER WHAT [COUNT]

COUNT frames are drawn; without it all are used. RUN and FINDER are as for `measure_risk`.

Each trial changes every frame in one way. Printed: median and 95th percentile of the absolute change of probability,
and the AUC of both.
"""

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from default_models.measure_risk import Model, boxes_for, tested
from thyrosight.default_models.pack import Pack
from thyrosight.default_models.scanners import PAINTS
from thyrosight.statistics import auc

Grey = NDArray[np.uint8]
Trial = Callable[[Grey, np.random.Generator], Grey]


def painted(paint: Callable[..., None]) -> Trial:
    """The trial that draws one mark into each frame."""

    def trial(picture: Grey, draw: np.random.Generator) -> Grey:
        image = Image.fromarray(picture)
        paint(ImageDraw.Draw(image), image.size, draw)
        return np.asarray(image)

    return trial


def cut_border(picture: Grey, draw: np.random.Generator) -> Grey:
    """Blacks 5 % of the picture at each side."""
    rows, columns = (round(0.05 * side) for side in picture.shape)
    inner = np.zeros_like(picture)
    inner[rows:-rows, columns:-columns] = picture[rows:-rows, columns:-columns]
    return inner


def shifted(picture: Grey, draw: np.random.Generator) -> Grey:
    """Moves the picture by 4 % to the right and down; what leaves it is lost."""
    rows, columns = (round(0.04 * side) for side in picture.shape)
    moved = np.zeros_like(picture)
    moved[rows:, columns:] = picture[:-rows, :-columns]
    return moved


def encoded(picture: Grey, draw: np.random.Generator) -> Grey:
    """JPEG at quality 50."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=50)
    return np.asarray(Image.open(stream))


def gained(picture: Grey, draw: np.random.Generator) -> Grey:
    """Gain up or down by a fifth."""
    return np.asarray(np.clip(picture * draw.choice([0.8, 1.2]), 0, 255), dtype=np.uint8)


TRIALS: dict[str, Trial] = {
    **{paint.__name__.removeprefix("paint_"): painted(paint) for paint in PAINTS},
    "border cut": cut_border,
    "shift": shifted,
    "JPEG 50": encoded,
    "gain": gained,
}


def changed(pack: Pack, trial: Trial, seed: int = 0) -> Pack:
    """The pack after one trial on every scan area."""
    draw, frames = np.random.default_rng(seed), pack.erased.copy()
    for frame, (rows, columns) in zip(frames, pack.extent, strict=True):
        frame[:rows, :columns] = trial(np.ascontiguousarray(frame[:rows, :columns]), draw)
    return replace(pack, erased=frames)


def main(packs: str, run: str, finder: str, what: str, count: str = "") -> None:
    """Print one line per trial."""
    model = Model.read(Path(run))
    pack = tested(Path(packs), what, model.run.fold)
    if count:
        pack = pack.take(np.random.default_rng(0).choice(len(pack), int(count), replace=False))

    boxes = boxes_for(pack, finder)

    def risk(frames: Pack) -> NDArray[np.float64]:
        return np.asarray(1 / (1 + np.exp(-model.scores(frames, boxes).mean(axis=1)[:, 0])))

    before = risk(pack)
    print(f"as it is: AUC {auc(pack.label, before, cluster=pack.group)}")
    for name, trial in {**TRIALS, "callipers not erased": None}.items():
        after = risk(replace(pack, erased=pack.images) if trial is None else changed(pack, trial))
        median, high = np.percentile(np.abs(after - before), (50, 95))
        print(f"{name}: median {median:.3f}, 95th percentile {high:.3f}, AUC {auc(pack.label, after).value:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
