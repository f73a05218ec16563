"""Which networks a study of outlines and classes trains: each task of the recipe on every division."""

from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort, selected
from thyrosight.errors import CohortError
from thyrosight.networks import create_empty
from thyrosight.progress import Progress
from thyrosight.studies.kind import Finished, Report
from thyrosight.studies.kinds.ynet_lymph_node.decoders import PLAIN, RESIDUAL
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe, TaskNetwork
from thyrosight.studies.kinds.ynet_lymph_node.report import report
from thyrosight.studies.planning import NetworksKind
from thyrosight.studies.recipe import NetworkOptions
from thyrosight.studies.trial import Trial, trial_seed


class Study(NetworksKind[Recipe]):
    """Outline, class or both."""

    def check(self, cohort: Cohort) -> None:
        for network in self.recipe.networks:
            size = self.recipe.preparation.size
            create_empty(network.architecture, weights=network.weights, input_size=size, task=network.task)

    def select(self, cohort: Cohort, *, folder: Path, progress: Progress) -> Cohort:
        """The cohort as it is; images without a mask are refused before any training where outlines are learnt."""
        table = cohort.table
        masks = table["mask"] if "mask" in table else pd.Series("", index=table.index)
        without = table.loc[masks.isna() | (masks.astype(str) == ""), "key"].tolist()
        if without and any(network.task != "classification" for network in self.recipe.networks):
            raise CohortError(
                f"{len(without)} of {len(table)} images have no mask, for example {without[0]}; name one (an empty one "
                "where there is no lesion), exclude them, or set every network's task to classification."
            )
        for chosen in self.recipe.within:
            selected(table, chosen, where=cohort.name)  # found out before any training
        return cohort

    def trial(self, network: NetworkOptions, division: str, *, keep_weights: bool) -> Trial:
        assert isinstance(network, TaskNetwork), "the recipe holds no others"
        axes = {"network": network.key, "architecture": network.architecture, "task": network.task}
        trial = super().trial(network, division, keep_weights=keep_weights)
        changes: dict[str, Any] = {
            "axes": axes,
            "task": network.task,
            "without_boxes": network.task == "classification",
        }
        if network.architecture == RESIDUAL:
            # Both decoders start from one encoder and see images in one order, so that they differ in nothing else.
            seed = trial_seed(self.recipe.seed, division, PLAIN)
            changes["training"] = trial.training.model_copy(update={"seed": seed})
        return trial.model_copy(update=changes)

    def report(self, finished: Finished[Recipe]) -> Report:
        return report(finished)
