"""Scores of a risk model for a collection, and the area under its ROC curve by group.

    python -m default_models.measure_risk PACKS WHAT FINDER RUN [RUN ...]

WHAT is tn5000 (the folds the runs left out), valid (TN5000 part valid), ddti or thyroid_web. FINDER is the folder of a
stage of the finder's training, whose boxes say where windows near the nodule lie, or `none`. Several runs are averaged.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.default_models.finding import Boxes, boxes_of, finder_network
from thyrosight.default_models.fitting import as_input
from thyrosight.default_models.pack import Pack, load, stretch_pack
from thyrosight.default_models.risk import near_view, risk_network
from thyrosight.default_models.runs import Run, read_run
from thyrosight.default_models.views import View, around, whole
from thyrosight.networks import load_weights
from thyrosight.statistics import auc

NEAR = (1.8, 3.0)
"""Windows around a box, in widths of the box, whose answers are averaged with that of the whole scan area."""

_AT_ONCE = 32


def views(extent: NDArray[np.int64], box: NDArray[np.float64] | None, zoom: float) -> list[View]:
    """The windows of one frame that are shown to the network."""
    scene = whole(extent)
    shown = [around((scene.left + scene.right) / 2, (scene.top + scene.bottom) / 2, zoom * scene.width)]
    return shown if box is None else shown + [near_view(extent, box, context) for context in NEAR]


@torch.no_grad()
def scores(network: nn.Module, pack: Pack, size: int, boxes: Boxes, zoom: float = 0.9) -> NDArray[np.float64]:
    """Mean logits `(n, 2, 2)`: of the whole scan area and of the windows near a box; by pathology and by TI-RADS."""
    shown = [views(pack.extent[row], boxes.get(str(pack.key[row])), zoom) for row in range(len(pack))]
    order = [(row, view) for row, each in enumerate(shown) for view in each]
    answers = np.zeros((len(order), 2))
    for start in range(0, len(order), _AT_ONCE):
        part = order[start : start + _AT_ONCE]
        images = as_input([view.of(pack.erased[row], size).astype(np.float32) for row, view in part])
        answers[start : start + len(part)] = ((network(images) + network(images.flip(-1))) / 2).numpy()
    ends = np.cumsum([len(each) for each in shown])
    of_frame = np.split(answers, ends[:-1])
    return np.array([(each[0], each[1:].mean(axis=0) if len(each) > 1 else each[0]) for each in of_frame])


def tested(packs: Path, what: str, fold: int) -> Pack:
    """The frames of a collection that are measured: those with a label, of TN5000 those that the run left out."""
    if what in {"tn5000", "valid"}:
        pack = load(packs / "tn5000.npz")
        train = np.array([note.startswith("part=train") for note in pack.note])
        rows = train & (pack.fold == fold) if what == "tn5000" else ~train
    else:
        pack = load(packs / f"{what}.npz")
        rows = pack.label >= 0
    return stretch_pack(pack.take(rows))


@dataclass(frozen=True, eq=False)
class Model:
    """A risk model as a stage of its training left it."""

    network: nn.Module
    run: Run

    @classmethod
    def read(cls, folder: Path) -> "Model":
        """The model in the folder of a stage."""
        run, network = read_run(folder), risk_network()
        load_weights(network, run.weights)
        return cls(network.eval(), run)

    def scores(self, pack: Pack, boxes: Boxes) -> NDArray[np.float64]:
        """What the model answers for frames of a collection."""
        return scores(self.network, pack, self.run.size, boxes)


def boxes_for(pack: Pack, finder: str) -> Boxes:
    """The boxes of a finder, or none."""
    if finder == "none":
        return {}
    run = read_run(Path(finder))
    return boxes_of(finder_network(run.weights), pack, run.size)


def report(pack: Pack, logits: NDArray[np.float64], title: str, *, heads: int) -> None:
    """Print the area under the curve of each answer that was learnt."""
    ways = {"whole": logits[:, 0], "near": logits[:, 1], "both": logits.mean(axis=1)}
    near = not np.array_equal(logits[:, 0], logits[:, 1])
    for way, values in ways.items() if near else [("whole", logits[:, 0])]:
        for head, name in enumerate(("pathology head", "TI-RADS head")[:heads]):
            print(f"{title} | {way} | {name}: {auc(pack.label, values[:, head], cluster=pack.group)}")


def main(packs: str, what: str, finder: str, *runs: str) -> None:
    """Print the figures and store the answers beside the first run's weights."""
    models = [Model.read(Path(run)) for run in runs]
    pack = tested(Path(packs), what, models[0].run.fold)
    boxes = boxes_for(pack, finder)
    logits = np.mean([model.scores(pack, boxes) for model in models], axis=0)
    report(pack, logits, what, heads=2 if models[0].run.options.get("ddti_per_epoch") else 1)
    with (Path(runs[0]) / f"answers_{what}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("key", "group", "label", "whole", "near"))
        for row in range(len(pack)):
            writer.writerow((pack.key[row], pack.group[row], pack.label[row], *logits[row, :, 0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
