"""How well a label can be told from properties of the image files alone: shortcuts that a network can learn."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort.columns import LABELS
from thyrosight.cohort.selection import selected
from thyrosight.cohort.table import Cohort
from thyrosight.errors import CohortError, StatisticsError
from thyrosight.imaging import read_frame
from thyrosight.progress import Progress, silent
from thyrosight.statistics import DivisionOutcome, Estimate, auc, exact_measures, groups_of_classes, too_few
from thyrosight.statistics.resampling.divisions import EXACT

GIVEN: Final = {"original_width": "width", "original_height": "height"}
"""Columns that state a size before the files were reduced; they are used instead of the files' own."""

_FOLDS: Final = 10
_LEAST_NEAREST: Final = 10


@dataclass(frozen=True, eq=False)
class PropertyAuc:
    """How well one property of the files tells malignant from benign.

    Attributes:
        name: width, height, shape (width over height), bytes or colour.
        area: AUC of the share of malignant images among those of other groups with the most similar value. Its interval
            is exact with too few groups of a class (`too_few`); its method says so.
        images, malignant: used for it.
    """

    name: str
    area: Estimate
    images: int
    malignant: int


def file_properties(cohort: Cohort, *, progress: Progress = silent) -> pd.DataFrame:
    """Width, height, shape, bytes and colour (0 or 1) of each image, in the order of the cohort's table.

    Raises:
        ImageError: an image cannot be read.
    """
    rows = []
    for number, path in enumerate(cohort.table["image"]):
        rows.append(_of_file(str(path)))
        progress("Reading images", number + 1, len(cohort.table))
    found = pd.DataFrame(rows, dtype=float)
    for column, name in GIVEN.items():
        if column in cohort.table:
            given = pd.to_numeric(cohort.table[column], errors="coerce").reset_index(drop=True)
            found[name] = given.fillna(found[name])
    found["shape"] = found["width"] / found["height"]
    return found


def property_aucs(cohort: Cohort, properties: pd.DataFrame, *, only: str = "", seed: int = 0) -> list[PropertyAuc]:
    """How well each property tells the label, with intervals by group.

    A property need not rise with the risk (one scanner's width may lie between those of two others), so each image gets
    the share of malignant images among the most similar ones of other groups, out of fold, less the share in all of
    those folds; the AUC of that is given. About 0.5 means that the property says nothing.

    Args:
        cohort: with groups (`with_groups`).
        properties: of `file_properties`.
        only: images to use, as for the option `only` of a manifest; the properties can be named in it too.
        seed: of the folds.

    Raises:
        CohortError: `only` cannot be read, or leaves too few groups or one class.
    """
    table = cohort.table.reset_index(drop=True).assign(**{str(name): properties[name] for name in properties})
    kept = selected(table, only, where=cohort.name) if only else pd.Series(True, index=table.index)
    table = table[kept].reset_index(drop=True)
    truth = (table["label"] == LABELS[1]).to_numpy().astype(np.int64)
    group = table["group"].to_numpy(dtype=str)
    if len(set(group)) < _FOLDS or truth.min(initial=1) == truth.max(initial=0):
        raise CohortError(
            f"{cohort.name}: {len(table)} images of {len(set(group))} groups are chosen; both classes and at least "
            f"{_FOLDS} groups are needed."
        )
    fold = _folds(group, seed)
    found = []
    for name in properties:
        score = _share_nearby(table[name].to_numpy(dtype=np.float64), truth, fold)
        try:
            area = _area(truth, score, group)
        except StatisticsError as error:
            raise CohortError(f"{cohort.name}: {error}") from error
        found.append(PropertyAuc(str(name), area, len(truth), int(truth.sum())))
    return found


def _area(truth: NDArray[np.int64], score: NDArray[np.float64], group: "NDArray[np.str_]") -> Estimate:
    """The AUC; of few groups with exact limits that count groups."""
    area = auc(truth, score, cluster=group)
    part = DivisionOutcome(truth=truth.tolist(), score=score.tolist(), predicted=truth.tolist(), cluster=group.tolist())
    few = too_few(*groups_of_classes([part]))
    if not few:
        return area
    low, high = exact_measures([part], ["auc"], confidence=area.confidence)["auc"]
    return replace(area, low=low, high=high, se=float("nan"), method=f"{EXACT}: {few}")


def _of_file(path: str) -> dict[str, float]:
    frame = read_frame(path)
    return {
        "width": frame.columns,
        "height": frame.rows,
        "shape": frame.columns / frame.rows,
        "bytes": Path(path).stat().st_size,
        "colour": float(frame.pixels.ndim == 3),
    }


def _folds(group: "NDArray[np.str_]", seed: int) -> NDArray[np.int64]:
    """The fold of each image; images of one group share it."""
    names, position = np.unique(group, return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(names)) % _FOLDS)[position].astype(np.int64)


def _share_nearby(value: NDArray[np.float64], truth: NDArray[np.int64], fold: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of malignant images among the nearest in value of other folds, less the share in those folds.

    All at the same distance count. Without the second share a property that never varies would get an AUC below 0.5:
    where a fold holds more malignant images, the others hold fewer.
    """
    share = np.zeros(len(value))
    for row in range(len(value)):
        others = fold != fold[row]
        distance = np.abs(value[others] - value[row])
        nearest = min(max(_LEAST_NEAREST, round(len(distance) ** 0.5)), len(distance))
        reach = np.partition(distance, nearest - 1)[nearest - 1]
        share[row] = truth[others][distance <= reach].mean() - truth[others].mean()
    return share
