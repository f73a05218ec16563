"""Which networks a comparison trains: each one of the recipe on every division."""

from thyrosight.studies.kind import Finished, Report
from thyrosight.studies.kinds.comparison.recipe import Recipe
from thyrosight.studies.kinds.comparison.report import report
from thyrosight.studies.planning import NetworksKind


class Study(NetworksKind[Recipe]):
    """A comparison."""

    def report(self, finished: Finished[Recipe]) -> Report:
        return report(finished)
