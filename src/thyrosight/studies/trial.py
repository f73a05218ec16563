"""A trial: one network on one division, as data. Every kind of study describes its trainings in this one way."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from thyrosight.cohort import Cohort, Split
from thyrosight.documents import Frozen
from thyrosight.files import sha256_of_file, sha256_of_json
from thyrosight.imaging import PairPreparation, Preparation
from thyrosight.networks import Fusion, Head, Task
from thyrosight.studies.base import RecipeBase
from thyrosight.training import FitOptions

PartName = Literal["train", "validation", "test"]
PARTS: tuple[PartName, ...] = ("train", "validation", "test")
TESTED = PARTS[1:]
WEIGHTS = "weights.safetensors"
ACTIVATIONS = "activations"
Shown = Literal["image", "b-mode", "elastogram", "mixed", "pair"]
"""The images that a network takes: single ones; of pairs the B-mode image, the elastogram, both as single images that
train one network (`mixed`), or both together (`pair`)."""
R = TypeVar("R", bound=RecipeBase)
Wanted = dict[str, str | bool]
"""Columns of the cohort, and the value that rows must have there."""


class View(Frozen):
    """One way in which a trained network is shown the images that it is tested on.

    Attributes:
        preparation: of the images, where it is not that of training (for example another margin).
        hidden: the image of each pair that is hidden.
        parts: which parts of the division are predicted.
    """

    name: str = "plain"
    preparation: Preparation | PairPreparation | None = None
    hidden: Literal["", "b-mode", "elastogram"] = ""
    parts: tuple[Literal["validation", "test"], ...] = ("validation", "test")


PLAIN = View()


class Trial(Frozen):
    """One network on one division: everything that its training and its predictions depend on.

    Attributes:
        key: names the network and its configuration; the same in every division.
        axes: what tables group by, for example architecture, margin or frozen layers.
        architecture, weights, task, fusion, head: of the network; see `thyrosight.networks.create`.
        shown: the images that it takes.
        train_where, test_where: rows of the training part, and of the other two, that it sees; all where empty.
        views: how it is shown the images that it is tested on.
        keep_training: whether the whole training stays in its folder, so that further views need no new one.
        activations: keep the output of frozen layers, shared by the divisions of one key.
        train_share: share of the training groups of each class that it learns from (`nested_share`).
        without_boxes: prepare images as if no nodule were marked, as it is when the network is put to use.
    """

    division: str
    key: str
    axes: dict[str, str | int | float | None]
    architecture: str
    weights: str = "imagenet-if-present"
    task: Task = "classification"
    fusion: Fusion = "none"
    head: Head = "own"
    shown: Shown = "image"
    preparation: Preparation | PairPreparation
    training: FitOptions
    train_where: Wanted = Field(default_factory=dict)
    test_where: Wanted = Field(default_factory=dict)
    views: tuple[View, ...] = (PLAIN,)
    keep_weights: bool = False
    keep_training: bool = False
    activations: bool = False
    train_share: float = 1.0
    without_boxes: bool = False

    @field_validator("training")
    @classmethod
    def _settle(cls, value: FitOptions) -> FitOptions:
        """Decide `precision: auto` where trials are planned: it is part of their identity."""
        return value.settled()

    @property
    def name(self) -> str:
        """The name of the trial, which is also its folder's."""
        return f"{self.division}_{self.key}".replace(":", "-")  # `timm:NAME` is no name of a folder on Windows

    @property
    def size(self) -> int:
        """The side of its input in pixels."""
        own = self.preparation
        return own.first.size if isinstance(own, PairPreparation) else own.size

    def parameters(self) -> dict[str, Any]:
        """The trial as JSON, without fields at their default: fields that come later do not disturb older folders."""
        return self.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True, eq=False)
class Setup(Generic[R]):
    """The things that all trials of a study share; it can be sent to other machines.

    Attributes:
        cache: folder of prepared images and of the output of frozen layers.
        extra: further JSON that trials depend on.
        files: paths of files of weights by their content.
    """

    recipe: R
    cohort: Cohort
    split: Split
    cache: Path
    extra: Mapping[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def rows(self, trial: Trial, part: PartName) -> pd.DataFrame:
        """The rows of a part that the network sees."""
        rows = self.split.rows(self.cohort, trial.division, part)
        for column, value in (trial.train_where if part == "train" else trial.test_where).items():
            rows = rows[rows[column] == value]
        if part == "train" and trial.train_share < 1:
            rows = nested_share(rows, trial.train_share, seed=trial_seed(self.recipe.seed, trial.division, "share"))
        return rows.reset_index(drop=True)

    def identity(self) -> dict[str, Any]:
        """Cohort, split and marks: what trials depend on beside their parameters; nothing of where files lie."""
        return {
            "cohort": self.cohort.digest(),
            "split": self.split.model_dump(mode="json"),
            "marked": marks_digest(self.cohort.table),
            **self.extra,
        }

    def by_content(self, trial: Trial) -> Trial:
        """The trial with a file of weights named by its content: it may lie elsewhere on another machine."""
        path = Path(trial.weights)
        if not path.is_file():
            return trial
        name = f"sha256:{sha256_of_file(path)}"
        self.files[name] = str(path)
        return trial.model_copy(update={"weights": name})


def nested_share(rows: pd.DataFrame, share: float, *, seed: int) -> pd.DataFrame:
    """The rows of a share of the groups with a malignant image, and of the others; at least one of each.

    With one seed a smaller share is part of a larger one.

    >>> rows = pd.DataFrame({"group": list("abcd"), "label": ["benign", "benign", "malignant", "malignant"]})
    >>> small, large = (nested_share(rows, share, seed=1) for share in (0.5, 0.9))
    >>> len(small), set(small["group"]) <= set(large["group"])
    (2, True)
    """
    malignant = (rows["label"] == "malignant").groupby(rows["group"].astype(str)).any()
    kept: list[str] = []
    for side in (True, False):
        names = sorted(malignant.index[malignant == side])
        order = np.random.default_rng([seed, side]).permutation(len(names))
        kept += [names[place] for place in order[: max(1, round(share * len(names)))]]
    return rows[rows["group"].astype(str).isin(kept)]


def marks_digest(table: pd.DataFrame) -> str:
    """A hash over which images of a cohort have a box, a mask and a second image, and where the box is."""
    boxes = table["box"].astype(str) if "box" in table else pd.Series("", index=table.index)
    none = pd.Series(False, index=table.index)
    files = [table[name].notna() if name in table else none for name in ("mask", "elastogram")]
    rows = zip(table["key"].astype(str), boxes, *(there.tolist() for there in files), strict=True)
    return sha256_of_json(sorted([list(row) for row in rows]))


def trial_seed(seed: int, division: str, architecture: str) -> int:
    """A seed of its own for each architecture on each division.

    The order of trials, or leaving one out, then changes nothing; and networks of one architecture start from the same
    draws and see images in the same order, so that they differ in what is studied and not by chance.

    >>> trial_seed(0, "division-01", "resnet18") == trial_seed(0, "division-01", "resnet18")
    True
    """
    digest = hashlib.sha256(f"{seed}/{division}/{architecture}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
