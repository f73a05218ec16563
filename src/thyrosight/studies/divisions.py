"""The divisions of a study: the user's, those of an earlier run, or drawn as a recipe asks for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from thyrosight.cohort import (
    Cohort,
    Split,
    split_by_date,
    split_by_image,
    split_folds,
    split_holdout,
    split_test_and_folds,
)
from thyrosight.errors import RecipeError
from thyrosight.studies.recipe import SplitOptions
from thyrosight.studies.stored import write_table
from thyrosight.studies.workspace import Workspace


def study_split(
    options: SplitOptions,
    cohort: Cohort,
    workspace: Workspace,
    *,
    given: Path | None,
    seed: int,
    check: Callable[[Split], None] | None = None,
) -> Split:
    """Take the user's divisions, those of an earlier run, or new ones; check them, and keep them with the study.

    Args:
        options: how new ones are drawn. Only where they say so may an image stand apart from others of its patient.
        check: for what a kind of study asks of them besides; called before anything is kept.

    Raises:
        SplitError, RecipeError: divisions that do not fit the cohort, or that cannot be drawn.
    """
    source = split_source(workspace, given)
    split = Split.load(source) if source else draw_split(options, cohort, seed=seed)
    split.check(cohort, allow_leak=options.unit == "image")
    if check is not None:
        check(split)
    keep_split(split, cohort, workspace, source=source)
    return split


def split_source(workspace: Workspace, given: Path | None) -> Path | None:
    """File of the divisions: the user's, else that of an earlier run; None where neither is there."""
    return given or (workspace.splits if workspace.splits.exists() else None)


def keep_split(split: Split, cohort: Cohort, workspace: Workspace, *, source: Path | None) -> None:
    """Keep the divisions, unless they were read from the study's folder, and the cohort they divide."""
    if source != workspace.splits:
        split.save(workspace.splits)
    write_table(cohort.table, workspace.folder / "cohort.csv", digits=None)


def draw_split(options: SplitOptions, cohort: Cohort, *, seed: int) -> Split:
    """Divide `cohort` by patient (or, for demonstration only, by image).

    Raises:
        SplitError: fewer groups than parts, or a part without one of the classes.
        RecipeError: a column to stratify by that the cohort does not have, or folds by image.
    """
    missing = [column for column in options.stratify if column not in cohort.table.columns]
    if missing:
        known = ", ".join(cohort.table.columns)
        raise RecipeError(f"split.stratify: {cohort.name} has no column {missing[0]}; it has {known}.")
    common: dict[str, Any] = {"seed": seed, "stratify": options.stratify}
    if options.unit == "image":
        if options.method != "hold-out":
            raise RecipeError("split.unit: image works with split.method: hold-out only; change one of them.")
        return split_by_image(
            cohort, test=options.test, validation=options.validation, repeats=options.repeats, seed=seed
        )
    if options.method == "by-date":
        return split_by_date(
            cohort,
            column=options.date,
            since=options.since,
            both_sides=options.both_sides,
            undated=options.undated,
            test=options.test,
            validation=options.validation,
            repeats=options.repeats,
            **common,
        )
    if options.method == "folds":
        return split_folds(cohort, folds=options.folds, validation=options.validation, **common)
    if options.method == "test-and-folds":
        return split_test_and_folds(cohort, folds=options.folds, test=options.test, **common)
    return split_holdout(cohort, test=options.test, validation=options.validation, repeats=options.repeats, **common)
