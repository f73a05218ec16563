"""Judging the networks of a study of outlines and classes, and reading the original reports."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from thyrosight.documents import Measure
from thyrosight.studies.analyses.original_reports import OriginalReports, read_original_reports
from thyrosight.studies.analyses.outlines import Outlined, dice_difference, outlined
from thyrosight.studies.kind import Finished
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe, TaskNetwork
from thyrosight.studies.measures import (
    DIAGNOSTIC,
    Compared,
    compare_pairs,
    corrected,
    diagnostic_measures,
    mean_measures,
)
from thyrosight.studies.tested import Network


@dataclass(frozen=True, eq=False)
class Judged:
    """A network of the recipe with its measures.

    Attributes:
        rows: pooled test predictions; None where no classes are learnt.
        pooled, means: AUC and the measures of Table 3, over all predictions and averaged over divisions.
        outlines: None where none are learnt.
    """

    asked: TaskNetwork
    network: Network
    rows: pd.DataFrame | None
    pooled: dict[str, Measure]
    means: dict[str, Measure]
    outlines: Outlined | None

    @property
    def title(self) -> str:
        """The printed name."""
        return self.asked.title

    def predictions(self) -> pd.DataFrame:
        """Risk and Dice of each test image, as far as the network gives them, by division."""
        parts = [] if self.rows is None else [self.rows]
        if self.outlines is not None:
            parts.append(self.outlines.drawn.drop(columns=["part", *(["group", "label"] if parts else [])]))
        return parts[0].merge(parts[1], on=["division", "key"], validate="one_to_one") if parts[1:] else parts[0]


@dataclass(frozen=True, eq=False)
class Measured:
    """The networks of a study, the main one first, and the original reports.

    Attributes:
        once: whether each image was tested by one division at most: then tables show pooled measures, else means.
        reports: the original reports, or why there are none.
    """

    finished: Finished[Recipe]
    networks: Sequence[Judged]
    once: bool
    reports: OriginalReports | str

    @property
    def main(self) -> Judged:
        """The network that the study is about."""
        return self.networks[0]

    @property
    def classes(self) -> list[Judged]:
        """Networks that tell classes."""
        return [item for item in self.networks if item.rows is not None]

    @property
    def outlines(self) -> list[Outlined]:
        """Outlines of the networks that draw them."""
        return [item.outlines for item in self.networks if item.outlines]

    @property
    def rule(self) -> str:
        """In words how divisions are summed up."""
        count = len(self.finished.setup.split.divisions)
        if count == 1:
            return "one division"
        if self.once:
            return f"pooled over {count} divisions, each image tested once"
        return f"mean over {count} divisions that share test images, patients drawn together in all of them"

    def shown(self, item: Judged) -> dict[str, Measure]:
        """AUC and Table 3 as tables show them."""
        return item.pooled if self.once else item.means

    def against_main(self) -> dict[str, dict[str, Compared]]:
        """Differences in AUC and mean Dice to the main network, by measure and network."""
        options, main = self.finished.recipe.statistics, self.main
        classes = [item for item in self.classes if item is not main and main.rows is not None]
        drawn = [item for item in self.outlines if main.outlines and item is not main.outlines]
        pairs = [(item.network.outcomes(), main.network.outcomes()) for item in classes]
        areas = compare_pairs(pairs, measure="auc", over=_over(len(pairs)), options=options)
        dice = [dice_difference(item, main.outlines, options=options) for item in drawn if main.outlines]
        return {
            "auc": {item.network.key: one for item, one in zip(classes, areas, strict=True)},
            "dice": {i.network.key: one for i, one in zip(drawn, corrected(dice, over=_over(len(dice))), strict=True)},
        }


def _over(count: int) -> str:
    return f"{count} network{'' if count == 1 else 's'}"


def judge(finished: Finished[Recipe]) -> Measured:
    """Measure the networks and read the original reports.

    Raises:
        NetworkError: the main network could not be trained.
        RecipeError: the dictionary of keywords cannot be read.
    """
    recipe, split = finished.recipe, finished.setup.split
    finished.main(recipe.main.key)
    asked, own = {network.key: network for network in recipe.networks}, recipe.report
    tested = [group for division in split.divisions for group in division.test]
    return Measured(
        finished=finished,
        networks=[_judge(asked[key], network, recipe) for key, network in finished.networks.items()],
        once=len(set(tested)) == len(tested),
        reports=read_original_reports(
            finished.setup.cohort, split, column=own.column, dictionary=own.dictionary, options=recipe.statistics
        ),
    )


def _judge(asked: TaskNetwork, network: Network, recipe: Recipe) -> Judged:
    options = recipe.statistics
    rows, pooled, means, drawn = None, {}, {}, None
    if asked.task != "segmentation":
        rows = network.pooled()
        pooled = diagnostic_measures(rows, options=options)
        means = mean_measures(network.outcomes(), options=options, names=tuple(DIAGNOSTIC))
    if asked.task != "classification":
        drawn = outlined(network, title=asked.title, failed_below=recipe.outlines.failed_below, options=options)
    return Judged(asked, network, rows, pooled, means, drawn)
