"""Who trains and who is tested in a study of micronodules; every network trains once, on one division."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import SplitError
from thyrosight.progress import Progress
from thyrosight.studies.analyses.external import part_off_sites
from thyrosight.studies.divisions import keep_split, split_source
from thyrosight.studies.kind import Finished, Report
from thyrosight.studies.kinds.micronodule.recipe import Recipe
from thyrosight.studies.kinds.micronodule.report import report
from thyrosight.studies.kinds.micronodule.selection import Selection, require_sizes, select
from thyrosight.studies.planning import NetworksKind
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import Setup, Trial
from thyrosight.studies.workspace import Workspace


class Study(NetworksKind[Recipe]):
    """A study of micronodules. Networks keep their weights, with which they judge the external sets."""

    _selection: Selection
    _sites: Sequence[Cohort] = ()

    def check(self, cohort: Cohort) -> None:
        super().check(cohort)
        require_sizes(cohort, self.recipe)

    def select(self, cohort: Cohort, *, folder: Path, progress: Progress) -> Cohort:
        within, self._sites = part_off_sites(cohort, self.recipe.external_sites)
        self._selection = select(within, self.recipe)
        return self._selection.cohort

    def split(self, cohort: Cohort, workspace: Workspace, *, given: Path | None) -> Split:
        """The division by size, or in its place the user's or that of an earlier run."""
        source, split = split_source(workspace, given), self._selection.split
        stored = split if source is None else Split.load(source)
        if stored != split:
            stored.check(cohort)
            if len(stored.divisions) != 1:
                raise SplitError(f"{source} holds {len(stored.divisions)} divisions; this kind of study takes one.")
        keep_split(stored, cohort, workspace, source=source)
        return stored

    def trials(self, setup: Setup[Recipe], networks: Mapping[str, Network]) -> Sequence[Trial]:
        planned = super().trials(setup, networks) if self._selection.trainable else []
        return [trial.model_copy(update={"keep_weights": True}) for trial in planned]

    def studied(self, networks: Mapping[str, Network]) -> str:
        return super().studied(networks) if self._selection.trainable else ""

    def report(self, finished: Finished[Recipe]) -> Report:
        return report(finished, self._selection, self._sites)
