"""The pairs of a cohort: which images have a second one, and whether it belongs to them."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort, Exclusion, Split
from thyrosight.cohort.problems import Problem, require_no_errors
from thyrosight.cohort.threads import in_threads
from thyrosight.errors import CohortError, ImageError, SplitError
from thyrosight.files import sha256_of_json, write_json
from thyrosight.imaging import read_frame
from thyrosight.imaging.elastography import check_registration
from thyrosight.progress import Progress, silent
from thyrosight.studies.analyses.options import SecondImage

COLUMN = "elastogram"


def has_second(rows: pd.DataFrame, second: SecondImage) -> "pd.Series[bool]":
    """Which rows have a second image."""
    if second.source == "image":
        return pd.Series(data=True, index=rows.index)
    if COLUMN not in rows:
        return pd.Series(data=False, index=rows.index)
    return rows[COLUMN].notna() & (rows[COLUMN] != "")


def with_second(rows: pd.DataFrame, second: SecondImage) -> pd.DataFrame:
    """The rows that have a second image."""
    return rows[has_second(rows, second)].reset_index(drop=True)


def pairs_alone(cohort: Cohort, second: SecondImage) -> Cohort:
    """A cohort without the images that have no second one, whose pairs belong together.

    Raises:
        CohortError: as `check_pairs`.
    """
    check_pairs(cohort, second, progress=silent)
    alone = cohort.table.loc[~has_second(cohort.table, second), "key"].astype(str).tolist()
    return cohort.without(Exclusion.of("without an elastogram", alone)) if alone else cohort


def check_pairs(cohort: Cohort, second: SecondImage, *, progress: Progress, checked: Path | None = None) -> None:
    """Find out before training which elastograms cannot belong to their image; all of them are named at once.

    Args:
        checked: a file that an earlier run may have left (`note_checked`): the same files are not compared again.

    Raises:
        CohortError: no elastogram at all, one that several images name, or one that cannot be read, has another size
            than its image or shows another place.
    """
    if second.source == "image":
        return
    table = cohort.table
    pairs = with_second(table, second)
    if pairs.empty:
        there = "no elastogram is named in its column" if COLUMN in table else "it has no column"
        raise CohortError(
            f"{cohort.name}: {there} {COLUMN}, which names the elastogram of each image; add the files' names, or cut "
            "screens that show both side by side with thyrosight cohort split-panels."
        )
    if checked is not None and _note(checked) == files_digest(cohort, second):
        return
    shared = _shared(pairs)
    looked_at = in_threads(
        lambda row: _problem(row, registration=second.registration),
        pairs.to_dict("records"),
        "Checking elastograms",
        progress,
    )
    require_no_errors([*shared, *(problem for problem in looked_at if problem)], cohort.name)


def files_digest(cohort: Cohort, second: SecondImage) -> str:
    """SHA-256 over the names, sizes and dates of all pairs' files: a check of these very files need not be repeated."""
    facts = []
    for name in (name for row in with_second(cohort.table, second)[["image", COLUMN]].to_numpy() for name in row):
        state = Path(name).stat()
        facts.append([str(name), state.st_size, state.st_mtime_ns])
    return sha256_of_json([second.registration, facts])


def check_folds(cohort: Cohort, split: Split, second: SecondImage) -> None:
    """Refuse a division whose validation or test part holds too few pairs: only pairs are tested.

    Raises:
        SplitError: a part without a pair of one of the classes.
    """
    for division in split.divisions:
        for part in ("train", "validation", "test"):
            rows = with_second(split.rows(cohort, division, part), second)
            if rows["label"].nunique() < 2:
                held = " and ".join(sorted(rows["label"].unique())) or "none"
                raise SplitError(
                    f"{division.name}, {part} part: pairs of an image and an elastogram are needed of both classes "
                    f"(there are: {held}); use fewer folds, or name more elastograms."
                )


def note_checked(cohort: Cohort, second: SecondImage, checked: Path) -> None:
    """Note for the next run that these files passed."""
    if second.source == "elastogram":
        write_json(checked, {"files": files_digest(cohort, second)})


def _note(checked: Path) -> str | None:
    try:
        found = json.loads(checked.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(found["files"]) if isinstance(found, dict) and "files" in found else None


def _shared(pairs: pd.DataFrame) -> list[Problem]:
    """One elastogram beside images of two patients or two nodules cannot belong to both."""
    found = []
    for name, rows in pairs.groupby(COLUMN, sort=False):
        whose = rows[["group", "nodule_id"]].drop_duplicates()
        if len(whose) > 1:
            keys = ", ".join(rows["key"].astype(str))
            text = f"{name} belongs to images of several nodules ({keys}); an elastogram belongs to one"
            found.append(Problem(where=str(rows["key"].iloc[0]), column=COLUMN, text=text))
    return found


def _problem(row: dict[Any, Any], *, registration: str) -> Problem | None:
    where = str(row["key"])
    try:
        image, elastogram = read_frame(row["image"]), read_frame(row[COLUMN])
    except ImageError as error:
        return Problem(where=where, column=COLUMN, text=str(error))
    if (image.rows, image.columns) != (elastogram.rows, elastogram.columns):
        text = (
            f"the elastogram has {elastogram.columns} x {elastogram.rows} pixels, its image {image.columns} x "
            f"{image.rows}; both must show the same place at one size"
        )
        return Problem(where=where, column=COLUMN, text=text)
    if registration == "ignore":
        return None
    try:
        check_registration(image, elastogram)
    except ImageError as error:
        return Problem(where=where, column=COLUMN, text=str(error))
    return None
