"""External sets: further cohorts and sites that are tested and never trained on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from thyrosight.cohort import (
    Cohort,
    Exclusion,
)
from thyrosight.errors import CohortError
from thyrosight.studies.base import FlowStep
from thyrosight.studies.micronodule.recipe import MicronoduleRecipe, folder_name
from thyrosight.studies.micronodule.reference import confirmed_only
from thyrosight.studies.micronodule.selection import Flow, one_image_per_nodule, tested_word, with_sizes
from thyrosight.studies.sizes import size_warnings

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class External:
    """An external set after the rules of the study were applied.

    Attributes:
        name: in the report.
        cohort: the nodules to be tested.
        flow: the boxes of its flow chart.
        notes: what must be known of it.
    """

    name: str
    cohort: Cohort
    flow: list[FlowStep]
    notes: list[str]

    @property
    def part(self) -> str:
        """The name of its part among predictions, and of its files."""
        return f"external-{folder_name(self.name)}"


def part_off_sites(cohort: Cohort, recipe: MicronoduleRecipe) -> tuple[Cohort, list[tuple[str, Cohort]]]:
    """Take the external sites out of a cohort; images of patients or groups that also stand in other sites go.

    Raises:
        CohortError: no column site, or a site that the cohort does not have.
    """
    if not recipe.external_sites:
        return cohort, []
    table = cohort.table
    sites = sorted({str(site) for site in table["site"].dropna()}) if "site" in table else []
    for site in recipe.external_sites:
        if site not in sites:
            have = ", ".join(sites) or "no column site"
            raise CohortError(f"external_sites: cohort {cohort.name} has no site {site!r}; it has {have}.")
    outside = table["site"].isin(recipe.external_sites)
    within = cohort
    parts = []
    stays = set(table.loc[~outside, "group"])
    for site in recipe.external_sites:
        rows = table[table["site"] == site]
        within = within.without(Exclusion.of(f"kept as the external set {site}", rows["key"].astype(str).tolist()))
        part = replace(cohort, table=rows.reset_index(drop=True), name=site, exclusions=(), notes=())
        both = rows.loc[rows["group"].isin(stays), "key"].astype(str).tolist()
        if both:
            part = part.without(Exclusion.of("patient or near-duplicate also stands in the training cohort", both))
        parts.append((site, part))
    return within, parts


def external_set(name: str, cohort: Cohort, recipe: MicronoduleRecipe) -> External:
    """Apply the rules for tested nodules to an external cohort.

    Where the study parts nodules by size and the set records no sizes, all its nodules are tested and a note says so.
    """
    flow = Flow(cohort)
    confirmed = confirmed_only(cohort, recipe.reference)
    current = flow.to(confirmed.cohort)
    notes = [f"{name}: {text}" for text in size_warnings(current.table, unit=recipe.sizes.unit)]
    current = with_sizes(current, unit=recipe.sizes.unit)
    if recipe.sizes.rule == "threshold":
        if current.table["nodule_mm"].isna().all():
            notes.append(f"{name}: no sizes are recorded, so nodules of all sizes were tested.")
        else:
            current = flow.to(_small(current, recipe), "Images with a confirmed diagnosis")
    if recipe.images_per_nodule == "one":
        current = flow.to(one_image_per_nodule(current), "Images that follow the rules")
    labels = current.table["label"]
    counts = f"{int((labels == 'benign').sum())} benign, {int((labels == 'malignant').sum())} malignant"
    steps = flow.closed(f"{tested_word(current.table, recipe)} tested: {counts}")
    return External(name, current, steps, [*notes, f"{name}: {confirmed.sentence}."])


def without_box(table: pd.DataFrame) -> int:
    """How many images name neither a box nor a mask of the nodule."""
    named = pd.Series(False, index=table.index)
    for column in ("box", "mask"):
        if column in table:
            named |= table[column].notna() & (table[column].astype(str) != "")
    return int((~named).sum())


def _small(cohort: Cohort, recipe: MicronoduleRecipe) -> Cohort:
    """The nodules below the limit."""
    sizes, limit = cohort.table["nodule_mm"], recipe.sizes.train_from_mm
    keys = cohort.table["key"].astype(str)
    for reason, gone in (
        ("size of the nodule not recorded", sizes.isna()),
        (f"nodules of at least {limit:g} mm", sizes >= limit),
    ):
        if gone.any():
            cohort = cohort.without(Exclusion.of(reason, keys[gone].tolist()))
    return cohort


def tested_rows(cohort: Cohort, keys: "pd.Series[Any] | None" = None) -> pd.DataFrame:
    """The rows that were tested, with their truth as a number."""
    table = cohort.table if keys is None else cohort.table[cohort.table["key"].isin(keys)]
    rows = table.reset_index(drop=True)
    return rows.assign(truth=(rows["label"] == "malignant").astype(int), group=rows["group"].astype(str))
