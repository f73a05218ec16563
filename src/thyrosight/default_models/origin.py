"""Where a default model came from: collections, stages, seeds, hashes and the command, for its bundle."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from thyrosight import __version__
from thyrosight.default_models.pack import read_index
from thyrosight.default_models.runs import Run
from thyrosight.documents import Measure
from thyrosight.documents.measure import Estimated
from thyrosight.files import sha256_of_json

SPLIT_KIND = "groups of neighbouring numbers and near-duplicates"
_PACKAGES = ("torch", "timm", "onnx", "numpy", "scipy", "pillow")


@dataclass(frozen=True, eq=False)
class Origin:
    """Origin of a bundle: the data, stages, command and recipe of its training.

    Attributes:
        inputs: SHA-256 of each collection by name; see `thyrosight.default_models.pack.digest_of`.
        stages: the run of each stage in order, the last one with the weights of the bundle.
        command: that was given.
        recipe: name of the recipe.
    """

    inputs: Mapping[str, str]
    stages: Sequence[Run]
    command: str
    recipe: str

    @property
    def run(self) -> Run:
        """The stage whose weights the bundle has."""
        return self.stages[-1]

    def cohort(self, name: str, *, label_source: str, label_policy: str, images: Mapping[str, int]) -> dict[str, Any]:
        """The field `cohort` of a bundle."""
        return {
            "name": name,
            "digest": sha256_of_json(dict(self.inputs)),
            "label_source": label_source,
            "label_policy": label_policy,
            "split_kind": SPLIT_KIND,
            "division": f"fold {self.run.fold} of 5 left out",
            "division_rule": "folds of groups, drawn over each whole collection with seed 0",
            "images": dict(images),
            "recipe": self.recipe,
            "command": self.command,
            "inputs": dict(self.inputs),
            "seeds": [run.options.get("seed", 0) for run in self.stages],
            "stages": [{"weights_sha256": run.sha256, **_portable(run.options)} for run in self.stages],
        }


def _portable(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without the folders of this machine."""
    return {
        name: Path(value).name if isinstance(value, str) and "/" in value else value for name, value in options.items()
    }


def frames_trained_on(packs: Path, name: str, fold: int, *, outlined: bool = False) -> int:
    """How many frames of a collection (of TN5000 in part train) lie outside the fold, or only those with outlines."""
    index = read_index(packs / f"{name}.npz")
    train = np.array([not note.startswith("part=valid") for note in index.note], dtype=bool)
    return int((train & (index.fold != fold) & (index.outlined | (not outlined))).sum())


def plain_figure(figure: Estimated) -> dict[str, Any]:
    """An estimate with its interval for `bundle.json`; limits that the data do not define are left out."""
    fields = Measure.of(figure).model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in fields.items() if not (isinstance(value, float) and math.isnan(value))}


def software() -> dict[str, str]:
    """Versions of the packages that a bundle depends on.

    >>> "torch" in software()
    True
    """
    facts = {"thyrosight": __version__}
    for package in _PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "not installed"
    return facts
