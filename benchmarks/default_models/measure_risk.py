"""Scores of a risk model for a collection, and the area under its ROC curve by group.

    python -m default_models.measure_risk PACKS WHAT RUN [RUN ...]

WHAT is tn5000 (the folds the runs left out), valid (TN5000 part valid), ddti or thyroid_web. Several runs are averaged.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import nn

from default_models.fitting import around, as_input, fitted_view, folds, stretch_pack
from default_models.pack import Pack, load
from default_models.scanners import View
from default_models.train_risk import RiskOptions, near_view, risk_network
from thyrosight.statistics import auc

NEAR = (1.8, 3.0)
"""Windows around a box, in widths of the box, whose answers are averaged with that of the whole scan area."""

_AT_ONCE = 32


def views(pack: Pack, row: int, box: NDArray[np.float64] | None, size: tuple[int, int], zoom: float) -> list[View]:
    """The windows of one frame that are shown to the network."""
    whole = fitted_view(pack.extent[row], size)
    middle = ((whole.left + whole.right) / 2, (whole.top + whole.bottom) / 2)
    shown = [around(*middle, zoom * (whole.right - whole.left), size)]
    return shown if box is None else shown + [near_view(pack, row, box, context, size) for context in NEAR]


@torch.no_grad()
def scores(
    network: nn.Module, pack: Pack, size: tuple[int, int], boxes: dict[str, NDArray[np.float64]], zoom: float = 0.9
) -> NDArray[np.float64]:
    """Mean logits `(n, 2, 2)`: of the whole scan area and of the windows near a box; by pathology and by TI-RADS."""
    shown = [views(pack, row, boxes.get(str(pack.key[row])), size, zoom) for row in range(len(pack))]
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
        rows = train & (folds(pack.group) == fold) if what == "tn5000" else ~train
    else:
        pack = load(packs / f"{what}.npz")
        rows = pack.label >= 0
    return stretch_pack(pack.take(rows))


@dataclass(frozen=True, eq=False)
class Run:
    """A trained risk model with its options."""

    network: nn.Module
    options: RiskOptions

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """The run that `train_risk` stored in a folder."""
        options = RiskOptions.model_validate_json((folder / "options.json").read_text(encoding="utf-8"))
        network = risk_network()
        network.load_state_dict({k: v.float() for k, v in load_file(folder / "weights.safetensors").items()})
        return cls(network.eval(), options)

    def scores(self, pack: Pack, what: str) -> NDArray[np.float64]:
        """What the run answers for frames of a collection."""
        name = "tn5000" if what == "valid" else what
        boxes = Path(self.options.boxes).with_name(f"{name}.npz") if self.options.boxes else None
        return scores(self.network, pack, self.options.size, {} if boxes is None else dict(np.load(boxes)))


def report(pack: Pack, logits: NDArray[np.float64], title: str, *, heads: int) -> None:
    """Print the area under the curve of each answer that was learnt."""
    ways = {"whole": logits[:, 0], "near": logits[:, 1], "both": logits.mean(axis=1)}
    near = not np.array_equal(logits[:, 0], logits[:, 1])
    for way, values in ways.items() if near else [("whole", logits[:, 0])]:
        for head, name in enumerate(("pathology head", "TI-RADS head")[:heads]):
            print(f"{title} | {way} | {name}: {auc(pack.label, values[:, head], cluster=pack.group)}")


def main(packs: str, what: str, *runs: str) -> None:
    """Print the figures and store the answers beside the first run's weights."""
    read = [Run.read(Path(run)) for run in runs]
    pack = tested(Path(packs), what, read[0].options.fold)
    logits = np.mean([run.scores(pack, what) for run in read], axis=0)
    report(pack, logits, what, heads=2 if read[0].options.ddti_per_epoch else 1)
    with (Path(runs[0]) / f"answers_{what}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("key", "group", "label", "whole", "near"))
        for row in range(len(pack)):
            writer.writerow((pack.key[row], pack.group[row], pack.label[row], *logits[row, :, 0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
