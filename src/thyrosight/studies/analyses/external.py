"""External sets: cohorts, and sites of a cohort, that a study tests and never trains on."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort import Cohort, Exclusion, find_duplicates_between, nodule_box, open_cohort, with_groups
from thyrosight.errors import CohortError, ImageError
from thyrosight.files import sha256_of_file, sha256_of_json, write_json
from thyrosight.imaging import Preparation
from thyrosight.progress import Progress
from thyrosight.studies.base import CohortOptions
from thyrosight.studies.execution import predict_rows
from thyrosight.studies.outlined import OUTLINE_COLUMNS, measure_outlines
from thyrosight.studies.predictions import DivisionPredictions, load_raw, raw_table
from thyrosight.studies.recipe import ExternalSet, folder_name
from thyrosight.studies.stored import read_table, write_table
from thyrosight.studies.tested import Tested
from thyrosight.studies.trial import PLAIN, WEIGHTS, Setup, View, marks_digest


def check_external(items: Iterable[ExternalSet]) -> None:
    """Find now, not after hours of training, what is wrong with the table of an external set.

    Raises:
        CohortError: as `open_cohort`.
    """
    for item in items:
        open_cohort(item.cohort, **dict[str, Any](item.options))


def open_external(
    item: ExternalSet, training: Cohort, *, options: CohortOptions, folder: Path, progress: Progress
) -> Cohort:
    """Open an external cohort, find its groups, and leave out frames that the training cohort holds too.

    Args:
        training: the cohort of the study, whose frames must not be tested again.
        options: of the study's cohort; contradicting labels are treated alike.
        folder: of the study; which frames both hold is kept there, because finding them takes long.

    Raises:
        CohortError, ImageError: as `open_cohort`.
    """
    opened = open_cohort(item.cohort, **dict[str, Any](item.options))
    cohort = with_groups(opened, contradictions=options.contradictions, progress=progress)
    cohort = replace(cohort, name=item.title)
    shared = _shared_frames(training, cohort, cache=_home(folder, item.title) / "shared.json", progress=progress)
    if not shared:
        return cohort
    groups = set(cohort.table.loc[cohort.table["key"].isin(shared), "group"])
    keys = cohort.table.loc[cohort.table["group"].isin(groups), "key"].astype(str).tolist()
    return cohort.without(Exclusion.of("the same frame, or one of the same group, stands in the study's cohort", keys))


def _home(folder: Path, name: str) -> Path:
    return folder / "external" / folder_name(name)


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


def part_off_sites(cohort: Cohort, sites: Sequence[str]) -> tuple[Cohort, list[Cohort]]:
    """Take sites out of a cohort, each as an external set of its own name.

    Images of patients (or groups) that also stand at one of the other sites are left out of the external set.

    Raises:
        CohortError: no column site, or a site that the cohort does not have.
    """
    table = cohort.table
    there = sorted({str(site) for site in table["site"].dropna()}) if "site" in table else []
    for site in sites:
        if site not in there:
            have = ", ".join(there) or "no column site"
            raise CohortError(f"external_sites: cohort {cohort.name} has no site {site!r}; it has {have}.")
    if not sites:
        return cohort, []
    stays = set(table.loc[~table["site"].isin(sites), "group"])
    within, parts = cohort, []
    for site in sites:
        rows = table[table["site"] == site]
        within = within.without(Exclusion.of(f"kept as the external set {site}", rows["key"].astype(str).tolist()))
        part = replace(cohort, table=rows.reset_index(drop=True), name=site, exclusions=(), notes=())
        both = rows.loc[rows["group"].isin(stays), "key"].astype(str).tolist()
        if both:
            part = part.without(Exclusion.of("patient or near-duplicate also stands in the training cohort", both))
        parts.append(part)
    return within, parts


@dataclass(frozen=True, eq=False)
class Answered:
    """Answers of a trained network on an external set.

    Attributes:
        judged: with the calibration and the threshold of the network's own validation part; None without classes.
        drawn: measures of the outlines of images with a mask, as in `outlines.csv`; None without outlines.
    """

    judged: DivisionPredictions | None
    drawn: pd.DataFrame | None

    @property
    def rows(self) -> pd.DataFrame:
        """The calibrated predictions of the set."""
        assert self.judged is not None, "the network tells classes"
        return self.judged.table


def predict_external(
    setup: Setup[Any], tested: Tested, cohort: Cohort, *, folder: Path, progress: Progress, view: View = PLAIN
) -> Answered:
    """A trained network on an external set.

    What it said is kept in the study's folder, and taken over where these very weights saw this very set before.

    Args:
        tested: the network on one division; its weights were kept.
        cohort: the set, not empty.

    Raises:
        ImageError, NetworkError, CohortError: with one sentence each.
    """
    home, trial = _home(folder, cohort.name), tested.trial
    raw, outlines, mark = (home / f"{trial.name}_{view.name}{end}" for end in (".csv", "_outlines.csv", ".json"))
    images = [cohort.digest(), marks_digest(cohort.table)]
    shown = [trial.parameters(), view.model_dump(mode="json")]
    identity = sha256_of_json([sha256_of_file(tested.folder / WEIGHTS), *images, *shown])
    known = mark.exists() and json.loads(mark.read_text(encoding="utf-8")).get("identity") == identity
    if not (known and (raw.exists() or outlines.exists())):
        progress(f"Predicting {cohort.name}", 0, len(cohort.table))
        risk, masks = predict_rows(setup, trial, tested.network(), tested.spec, cohort.table, view=view)
        raw.unlink(missing_ok=True)
        outlines.unlink(missing_ok=True)
        if risk is not None:
            write_table(raw_table("external", cohort.table, risk, view=view.name), raw)
        if masks is not None:
            assert isinstance(trial.preparation, Preparation), "outlines are learnt from single images"
            marked = _marked(cohort.table)
            if marked.any() or risk is None:
                found = measure_outlines(
                    "external", cohort.table[marked], masks[marked], trial.preparation, progress=progress
                )
                write_table(found, outlines)
        write_json(mark, {"identity": identity})
        progress(f"Predicting {cohort.name}", len(cohort.table), len(cohort.table))
    return Answered(
        judged=tested.judged(view.name).apply(load_raw(raw)) if raw.exists() else None,
        drawn=read_table(outlines, OUTLINE_COLUMNS) if outlines.exists() else None,
    )


def _marked(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Which images have a mask, be it an empty one."""
    masks = table["mask"] if "mask" in table else pd.Series("", index=table.index)
    return (masks.notna() & (masks.astype(str) != "")).to_numpy(dtype=bool)


def without_box(table: pd.DataFrame) -> int:
    """Images whose nodule is not marked, so that a network for nodules is shown their whole scan area."""
    count = 0
    for _, row in table.iterrows():
        try:
            count += nodule_box(row) is None
        except ImageError:
            count += 1
    return count
