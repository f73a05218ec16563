"""Who trains, who is tested and who is left out, by the rules of the study; every number goes into the flow chart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from thyrosight.cohort import UNKNOWN, Cohort, Division, Narrowing, Split, split_holdout
from thyrosight.cohort.records.reference_standard import confirmed_only
from thyrosight.cohort.records.sizes import nodule_names, nodule_sizes, size_warnings
from thyrosight.documents import FlowStep
from thyrosight.errors import CohortError, SplitError
from thyrosight.studies.kinds.micronodule.recipe import Recipe
from thyrosight.studies.sentences import classes_words

DIVISION = "division-01"
FURTHER = "further images of the same nodule"
UNKNOWN_SIZE = "size of the nodule not recorded"
FOLLOWING = "Images that follow the rules"


@dataclass(frozen=True, eq=False)
class Selection:
    """The cohort of the study and its division.

    Attributes:
        cohort: what trains, validates or is tested; its column `nodule_mm` is the size of the nodule.
        split: one division; its parts may be empty where nothing is left for them.
        warnings: what could not be done, or looks wrong.
        opening: the boxes of the flow chart up to where training and testing part.
        further: images of tested nodules beyond the first, which were left out last.
    """

    cohort: Cohort
    split: Split
    reference: str
    warnings: list[str]
    trainable: bool
    opening: Sequence[FlowStep]
    further: int

    def flow(self, recipe: Recipe, split: Split) -> list[FlowStep]:
        """The boxes of the flow chart, with where the division parts training and testing, and what is tested."""
        division, table, limit = split.divisions[0], self.cohort.table, recipe.limit

        def counted(groups: Sequence[str]) -> tuple[str, int]:
            rows = table[table["key"].isin([key for group in groups for key in split.groups[group]])]
            return classes_words(rows), len(rows)

        parts = {"training": counted(division.train), "validation": counted(division.validation)}
        text, tested = counted(division.test)
        parting = FlowStep(
            text="Images of nodules whose patients stand on one side" if recipe.by_size else "Images that can be used",
            n=len(table) + self.further,
            excluded=tuple((f"{word}: {classes}", n) for word, (classes, n) in parts.items() if n),
            aside=f"to training (nodules of at least {limit})" if recipe.by_size else "to training",
        )
        small = f"Images of nodules below {limit}" if recipe.by_size else "Images of other patients or groups"
        thinned = FlowStep(text=small, n=tested + self.further, excluded=((FURTHER, self.further),))
        last = FlowStep(text=f"{tested_word(table, recipe)} tested: {text}", n=tested)
        return [*self.opening, parting, *([thinned] if self.further else []), last]


@dataclass(frozen=True, eq=False)
class External:
    """An external set after the rules of the study were applied: nodules to be tested, flow chart, what to know."""

    cohort: Cohort
    flow: list[FlowStep]
    notes: list[str]


def _sized(cohort: Cohort, recipe: Recipe) -> Narrowing:
    """The cohort with the column `nodule_mm`: the size of each image's nodule."""
    sizes = nodule_sizes(cohort.table, unit=recipe.sizes.unit)
    return Narrowing(replace(cohort, table=cohort.table.assign(nodule_mm=sizes)))


def _leave_out_further(kept: Narrowing, *, among: list[str] | None = None, box: str = "") -> None:
    """Keep the first image of each known nodule among the images named (all where None)."""
    table = kept.cohort.table
    chosen = table if among is None else table[table["key"].isin(among)]
    kept.leave_out({FURTHER: table["key"].isin(chosen.loc[nodule_names(chosen).duplicated(), "key"])}, box=box)


def select(cohort: Cohort, recipe: Recipe) -> Selection:
    """Apply the rules of the study to a cohort that has groups.

    Raises:
        CohortError: a reference standard that is required and absent or unreadable, or nothing left at all.
    """
    confirmed = confirmed_only(cohort, recipe.reference)
    if confirmed.cohort.table.empty:
        reasons = "; ".join(f"{item.count} {item.reason}" for item in confirmed.cohort.exclusions)
        raise CohortError(f"Cohort {cohort.name}: no image is left ({reasons}); nothing can be studied.")
    require_sizes(confirmed.cohort, recipe)
    kept = _sized(confirmed.cohort, recipe)
    if recipe.by_size:
        box = "Images with a confirmed diagnosis" if confirmed.checked else "Images with a label"
        kept.leave_out({UNKNOWN_SIZE: kept.cohort.table["nodule_mm"].isna()}, box=box)
        table = kept.cohort.table
        small = table["nodule_mm"] < recipe.sizes.train_from_mm
        # A patient stands on one side only.
        mixed = small.groupby(table["group"]).transform("any") & ~small
        reason = f"nodules of at least {recipe.limit} of patients (or groups) who also have a smaller one, which is"
        kept.leave_out({f"{reason} tested": mixed}, box="Images of nodules of known size")
    test = _tested(kept.cohort, recipe)
    train, validation, notes = _training_groups(kept.cohort, test, recipe)
    if not train:
        rest = ~kept.cohort.table["key"].isin(test)
        kept.leave_out({"not used: no network could be trained": rest}, box=FOLLOWING)
    opening, before = tuple(kept.steps), len(kept.cohort)
    if recipe.images_per_nodule == "one":
        _leave_out_further(kept, among=test)
    return Selection(
        cohort=kept.cohort,
        split=_split(kept.cohort, train, validation, recipe),
        reference=confirmed.sentence,
        warnings=[*size_warnings(confirmed.cohort.table, unit=recipe.sizes.unit), *notes],
        trainable=bool(train),
        opening=opening,
        further=before - len(kept.cohort),
    )


def select_external(cohort: Cohort, recipe: Recipe) -> External:
    """Apply the rules for tested nodules to an external cohort.

    Where the study parts nodules by size and the set records no sizes, all its nodules are tested and a note says so.

    Raises:
        CohortError: a reference standard that is required and absent or unreadable.
    """
    confirmed = confirmed_only(cohort, recipe.reference)
    notes = size_warnings(confirmed.cohort.table, unit=recipe.sizes.unit)
    kept = _sized(confirmed.cohort, recipe)
    sizes = kept.cohort.table["nodule_mm"]
    if recipe.by_size and sizes.isna().all():
        notes.append("no sizes are recorded, so nodules of all sizes were tested.")
    elif recipe.by_size:
        large = {f"nodules of at least {recipe.limit}": sizes >= recipe.sizes.train_from_mm}
        kept.leave_out({UNKNOWN_SIZE: sizes.isna()} | large, box="Images with a confirmed diagnosis")
    if recipe.images_per_nodule == "one":
        _leave_out_further(kept, box=FOLLOWING)
    table = kept.cohort.table
    last = FlowStep(text=f"{tested_word(table, recipe)} tested: {classes_words(table)}", n=len(table))
    return External(
        kept.cohort, [*kept.steps, last], [f"{cohort.name}: {text}" for text in (*notes, f"{confirmed.sentence}.")]
    )


def require_sizes(cohort: Cohort, recipe: Recipe) -> None:
    """Refuse a cohort without any size where the study goes by size.

    Raises:
        CohortError: says what to do.
    """
    recorded = "size_mm" in cohort.table and bool(cohort.table["size_mm"].notna().any())
    if recipe.by_size and not recorded:
        raise CohortError(
            f"Cohort {cohort.name} records no size of any nodule (column size_mm), by which this study tells who "
            "trains and who is tested; record sizes, or run it with --set sizes.rule=none, which divides by patient."
        )


def tested_word(table: pd.DataFrame, recipe: Recipe) -> str:
    """Unit that is tested: images stand for nodules where it is not known which nodule they show."""
    known = bool((table["nodule_id"] != UNKNOWN).any())
    return "Nodules" if known and recipe.images_per_nodule == "one" else "Images"


def _tested(cohort: Cohort, recipe: Recipe) -> list[str]:
    """Keys of the images to be tested, before one image per nodule is taken."""
    if recipe.by_size:
        small = cohort.table["nodule_mm"] < recipe.sizes.train_from_mm
        return cohort.table.loc[small, "key"].astype(str).tolist()
    try:
        drawn = split_holdout(cohort, test=recipe.division.test, validation=0, seed=recipe.seed)
    except SplitError:
        return []
    return drawn.rows(cohort, drawn.divisions[0], "test")["key"].astype(str).tolist()


def _training_groups(
    cohort: Cohort, test: list[str], recipe: Recipe
) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Groups for training and validation, and sentences about what could not be had."""
    rule, limit = recipe.by_size, recipe.limit
    notes = []
    if not test:
        what = f"no nodule is smaller than {limit}" if rule else "the cohort has too few groups for a test part"
        notes.append(f"Nothing was tested within the cohort: {what}. External sets, if any, follow.")
    rest = replace(cohort, table=cohort.table[~cohort.table["key"].isin(test)].reset_index(drop=True))
    if rest.table.empty:
        what = f"no nodule is of at least {limit}" if rule else "no image is left for training"
        return (), (), [*notes, f"No network was trained: {what}. What follows is about readers only."]
    try:
        drawn = split_holdout(rest, test=recipe.division.validation, validation=0, seed=recipe.seed)
    except SplitError as error:
        among = f"Among the nodules of at least {limit}: " if rule else ""
        return (), (), [*notes, f"No network was trained. {among}{error} What follows is about readers only."]
    return drawn.divisions[0].train, drawn.divisions[0].test, notes


def _split(cohort: Cohort, train: tuple[str, ...], validation: tuple[str, ...], recipe: Recipe) -> Split:
    """One division: training, validation, and all other groups tested."""
    groups: dict[str, tuple[str, ...]] = {}
    for group, key in zip(cohort.table["group"].astype(str), cohort.table["key"].astype(str), strict=True):
        groups[group] = (*groups.get(group, ()), key)
    tested = tuple(group for group in groups if group not in {*train, *validation})
    share = recipe.division.validation
    method = (
        f"by size: nodules of at least {recipe.limit} train, smaller ones are tested; validation {share:g} of the "
        "training images"
        if recipe.by_size
        else f"hold-out once: test {recipe.division.test:g} of all images, validation {share:g} of the rest"
    )
    return Split(
        cohort=cohort.digest(),
        kind=cohort.split_kind,
        seed=recipe.seed,
        method=method,
        stratified_by=("label",),
        groups=groups,
        divisions=(Division(name=DIVISION, train=train, validation=validation, test=tested),),
    )
