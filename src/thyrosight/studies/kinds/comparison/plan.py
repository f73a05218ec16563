"""Which networks a comparison trains: each one of the recipe on every division."""

from collections.abc import Mapping, Sequence

from thyrosight.cohort import Cohort
from thyrosight.studies.kind import Finished, Kind, Report
from thyrosight.studies.kinds.comparison.recipe import Recipe
from thyrosight.studies.kinds.comparison.report import report
from thyrosight.studies.planning import check_networks, trial_of
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import Setup, Trial


class Study(Kind[Recipe]):
    """A comparison. The main network of the first division keeps its weights, for the model and the heat maps."""

    def check(self, cohort: Cohort) -> None:
        check_networks(self.recipe.networks, size=self.recipe.preparation.size)

    def trials(self, setup: Setup[Recipe], networks: Mapping[str, Network]) -> Sequence[Trial]:
        recipe, divisions = self.recipe, setup.split.divisions
        ordered = sorted(recipe.networks, key=lambda network: network.role != "main")
        return [
            trial_of(recipe, network, division.name, keep_weights=network.role == "main" and division == divisions[0])
            for network in ordered
            for division in divisions
        ]

    def report(self, finished: Finished[Recipe]) -> Report:
        return report(finished)
