"""The draft of a study: its images, divisions and trials, as a run would have them, and nothing trained."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort
from thyrosight.errors import SplitError
from thyrosight.progress import Progress
from thyrosight.studies.base import RecipeBase
from thyrosight.studies.further.trials import further_trials
from thyrosight.studies.kind import Kind
from thyrosight.studies.run import checked, divided, grouped_and_selected
from thyrosight.studies.trial import Setup, Trial


@dataclass(frozen=True, eq=False)
class Draft:
    """A study that was not run.

    Attributes:
        cohort: the images that the study takes, in groups.
        setup: what all trials share; None where the cohort cannot be divided as the recipe asks for.
        trials: every trial. Those of later stages depend on results, and stand as they are before these are known.
        folder: an empty folder that ends with the draft.
        stages: in how many rounds trials are planned: later ones depend on results.
        obstacle: why the cohort cannot be divided; empty where it can.
    """

    kind: Kind[Any]
    cohort: Cohort
    setup: Setup[Any] | None
    trials: tuple[Trial, ...]
    folder: Path
    stages: int = 1
    obstacle: str = ""

    @property
    def recipe(self) -> RecipeBase:
        """The recipe of the study."""
        recipe: RecipeBase = self.kind.recipe
        return recipe

    def require_divided(self) -> None:
        """Refuse a cohort that cannot be divided.

        Raises:
            SplitError: says why.
        """
        if self.setup is None:
            raise SplitError(self.obstacle)

    def parts(self, name: str) -> list[pd.DataFrame]:
        """The rows of a part that the main network sees, for each division; nothing where there is none."""
        if self.setup is None:
            return []
        first = {trial.division: trial for trial in reversed(self.trials)}
        found = [
            self.setup.rows(first[division.name], name)  # type: ignore[arg-type]
            if division.name in first
            else self.setup.split.rows(self.cohort, division, name)  # type: ignore[arg-type]
            for division in self.setup.split.divisions
        ]
        return [rows for rows in found if len(rows)]


@contextmanager
def drafted(
    recipe: RecipeBase | Path | str,
    source: Cohort | Path | str,
    *,
    split_file: Path | None = None,
    progress: Progress,
) -> Iterator[Draft]:
    """Draft the study that a recipe describes on a cohort.

    Raises:
        CohortError, RecipeError, NetworkError, ImageError, SplitError: as a run would; that the cohort is too small to
            be divided is told in the draft.
    """
    with tempfile.TemporaryDirectory(prefix="thyrosight-plan-") as name:
        folder = Path(name) / "study"
        kind, opened = checked(recipe, source, folder)
        cohort = grouped_and_selected(kind, opened, folder, progress=progress)
        try:
            setup, _ = divided(kind, cohort, folder, split_file=split_file)
        except SplitError as error:
            if split_file is not None:
                raise
            yield Draft(kind, cohort, None, (), folder, obstacle=str(error))
            return
        trials, stages = _every_trial(kind, setup)
        yield Draft(kind, cohort, setup, trials, folder, stages)


def _every_trial(kind: Kind[Any], setup: Setup[Any]) -> tuple[tuple[Trial, ...], int]:
    """The trials of all stages, each asked for as if those before had found nothing, and how many stages there are."""
    known: dict[str, Trial] = {}
    stages = 0
    while fresh := [trial for trial in kind.trials(setup, {}) if trial.name not in known]:
        known |= {trial.name: trial for trial in fresh}
        stages += 1
    planned = list(known.values())
    return (*planned, *further_trials(kind.recipe, planned, kind.studied({}))), stages
