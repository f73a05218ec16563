"""Which networks a study of outlines and classes trains: each task of the recipe on every division."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from thyrosight.cohort import Cohort
from thyrosight.errors import CohortError
from thyrosight.networks import create
from thyrosight.progress import Progress
from thyrosight.studies.kind import Finished, Kind, Report
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe, TaskNetwork
from thyrosight.studies.kinds.ynet_lymph_node.report import report
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import Setup, Trial, trial_seed


class Study(Kind[Recipe]):
    """Outline, class or both. The main network of the first division keeps its weights, for the model."""

    def check(self, cohort: Cohort) -> None:
        for network in self.recipe.networks:
            size = self.recipe.preparation.size
            create(network.architecture, weights=network.weights, input_size=size, task=network.task)

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
        return cohort

    def trials(self, setup: Setup[Recipe], networks: Mapping[str, Network]) -> Sequence[Trial]:
        divisions = setup.split.divisions
        ordered = sorted(self.recipe.networks, key=lambda network: network.role != "main")
        return [
            _trial(self.recipe, network, division.name, keep=network.role == "main" and division == divisions[0])
            for network in ordered
            for division in divisions
        ]

    def report(self, finished: Finished[Recipe]) -> Report:
        return report(finished)


def _trial(recipe: Recipe, network: TaskNetwork, division: str, *, keep: bool) -> Trial:
    # One seed for every task of an architecture: the same first weights of the encoder and the same images in the same
    # order, so that tasks differ in what is learnt and not by chance.
    seed = trial_seed(recipe.seed, division, network.architecture)
    return Trial(
        division=division,
        key=network.key,
        axes={"network": network.key, "architecture": network.architecture, "task": network.task},
        architecture=network.architecture,
        weights=network.weights,
        task=network.task,
        preparation=recipe.preparation,
        training=recipe.training_for(network).model_copy(update={"seed": seed}),
        keep_weights=keep,
        without_boxes=network.task == "classification",
    )
