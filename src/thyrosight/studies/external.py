"""External sets: cohorts that a study tests and never trains on."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from thyrosight.cohort import Cohort, Exclusion, find_duplicates_between, open_cohort, with_groups
from thyrosight.files import sha256_of_json, write_json
from thyrosight.parts import Part
from thyrosight.studies.base import RecipeBase
from thyrosight.studies.common import Progress


class ExternalSet(Part):
    """A further cohort that is tested and never trained on."""

    cohort: str
    name: str = Field("", pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$|^$")
    """Name in the report; the name of the folder or file where empty."""
    options: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name, or that of the folder or file."""
        return self.name or Path(self.cohort).resolve().stem


def open_external(
    item: ExternalSet, recipe: RecipeBase, training: Cohort, *, cache: Path, progress: Progress
) -> Cohort:
    """Open an external cohort, find its groups, and leave out frames that the training cohort holds too.

    Args:
        item: as the recipe has it.
        recipe: of the study.
        training: the cohort of the study, whose frames must not be tested again.
        cache: file that keeps which frames both hold, because finding them takes long.
        progress: see `run_study`.

    Raises:
        CohortError, ImageError: as `open_cohort`.
    """
    chosen: dict[str, Any] = dict(item.options)
    cohort = with_groups(
        open_cohort(item.cohort, **chosen), contradictions=recipe.cohort.contradictions, progress=progress
    )
    cohort = replace(cohort, name=item.title)
    shared = _shared_frames(training, cohort, cache=cache, progress=progress)
    if not shared:
        return cohort
    groups = set(cohort.table.loc[cohort.table["key"].isin(shared), "group"])
    keys = cohort.table.loc[cohort.table["group"].isin(groups), "key"].astype(str).tolist()
    return cohort.without(Exclusion.of("the same frame, or one of the same group, stands in the study's cohort", keys))


def _shared_frames(training: Cohort, cohort: Cohort, *, cache: Path, progress: Progress) -> list[str]:
    """Keys of the external images that the training cohort holds too."""
    identity = sha256_of_json([training.digest(), cohort.digest()])
    if cache.exists():
        stored = json.loads(cache.read_text(encoding="utf-8"))
        if stored.get("identity") == identity:
            return list(stored["shared"])
    pairs = find_duplicates_between(training, cohort, progress=progress)
    shared = sorted({pair.second for pair in pairs})
    write_json(cache, {"identity": identity, "shared": shared})
    return shared
