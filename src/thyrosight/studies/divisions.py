"""Draw the divisions that a recipe asks for."""

from thyrosight.cohort import Cohort, Split, split_by_image, split_folds, split_holdout, split_test_and_folds
from thyrosight.errors import RecipeError
from thyrosight.studies.recipe import SplitOptions


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
    if options.unit == "image":
        if options.method != "hold-out":
            raise RecipeError("split.unit: image works with split.method: hold-out only; change one of them.")
        return split_by_image(
            cohort, test=options.test, validation=options.validation, repeats=options.repeats, seed=seed
        )
    if options.method == "folds":
        return split_folds(
            cohort, folds=options.folds, validation=options.validation, seed=seed, stratify=options.stratify
        )
    if options.method == "test-and-folds":
        return split_test_and_folds(
            cohort, folds=options.folds, test=options.test, seed=seed, stratify=options.stratify
        )
    return split_holdout(
        cohort,
        test=options.test,
        validation=options.validation,
        repeats=options.repeats,
        seed=seed,
        stratify=options.stratify,
    )
