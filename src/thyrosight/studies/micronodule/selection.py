"""Who trains, who is tested and who is left out, by the rules of the study; every number goes into the flow chart."""

from dataclasses import dataclass, replace

import pandas as pd

from thyrosight.cohort import UNKNOWN, Cohort, Division, Exclusion, Split, split_holdout
from thyrosight.errors import CohortError, SplitError
from thyrosight.studies.base import FlowStep
from thyrosight.studies.micronodule.recipe import MicronoduleRecipe
from thyrosight.studies.micronodule.reference import Confirmed, confirmed_only
from thyrosight.studies.micronodule.sizes import nodule_names, nodule_sizes
from thyrosight.studies.sizes import size_warnings

DIVISION = "division-01"


@dataclass(frozen=True, eq=False)
class Selection:
    """The cohort of the study and its division.

    Attributes:
        cohort: what trains, validates or is tested; its column `nodule_mm` is the size of the nodule.
        split: one division; its parts may be empty where nothing is left for them.
        reference: how diagnoses were confirmed.
        warnings: what could not be done, or looks wrong.
        trainable: whether a network can be trained.
        opening: the flow chart up to where training and testing part.
        before: the cohort before all but one image of a tested nodule were left out.
    """

    cohort: Cohort
    split: Split
    reference: str
    warnings: list[str]
    trainable: bool
    opening: "Flow"
    before: Cohort

    def flow(self, recipe: MicronoduleRecipe) -> list[FlowStep]:
        """The boxes of the flow chart."""
        return self.opening.parted(self.before, self.cohort, self.split, recipe)


def select(cohort: Cohort, recipe: MicronoduleRecipe) -> Selection:
    """Apply the rules of the study to a cohort that has groups.

    Raises:
        CohortError: a reference standard that is required and absent or unreadable, or nothing left at all.
    """
    flow = Flow(cohort)
    reference = confirmed_only(cohort, recipe.reference)
    current = flow.to(reference.cohort)
    warnings = size_warnings(current.table, unit=recipe.sizes.unit)
    current = with_sizes(current, unit=recipe.sizes.unit)
    _require_nodules(current, recipe)
    if recipe.sizes.rule == "threshold":
        current = flow.to(_without_unknown(current), _confirmed_text(reference))
        current = flow.to(_without_mixed(current, recipe), "Images of nodules of known size")
    test = _tested(current, recipe)
    train, validation, notes = _training_groups(current, test, recipe)
    if not train:
        unused = current.table.loc[~current.table["key"].isin(test), "key"].astype(str).tolist()
        if unused:
            reason = "not used: no network could be trained"
            current = flow.to(current.without(Exclusion.of(reason, unused)), "Images that follow the rules")
    thinned = one_image_per_nodule(current, among=test) if recipe.images_per_nodule == "one" else current
    split = _split(thinned, train, validation, recipe)
    return Selection(thinned, split, reference.sentence, [*warnings, *notes], bool(train), flow, current)


def _require_nodules(cohort: Cohort, recipe: MicronoduleRecipe) -> None:
    """Refuse what no part of the study could use."""
    if cohort.table.empty:
        reasons = "; ".join(f"{item.count} {item.reason}" for item in cohort.exclusions)
        raise CohortError(f"Cohort {cohort.name}: no image is left ({reasons}); nothing can be studied.")
    require_sizes(cohort, recipe)


def require_sizes(cohort: Cohort, recipe: MicronoduleRecipe) -> None:
    """Refuse a cohort without any size where the study goes by size.

    Raises:
        CohortError: says what to do.
    """
    recorded = "size_mm" in cohort.table and bool(cohort.table["size_mm"].notna().any())
    if recipe.sizes.rule == "threshold" and not recorded:
        raise CohortError(
            f"Cohort {cohort.name} records no size of any nodule (column size_mm), by which this study tells who "
            "trains and who is tested; record sizes, or run it with --set sizes.rule=none, which divides by patient."
        )


def _confirmed_text(reference: Confirmed) -> str:
    return "Images with a confirmed diagnosis" if reference.checked else "Images with a label"


class Flow:
    """The flow chart as it grows: each step is what there was, and what was left out on the way to the next."""

    def __init__(self, cohort: Cohort) -> None:
        self.steps: list[FlowStep] = []
        self._before = cohort
        total = len(cohort) + sum(item.count for item in cohort.exclusions)
        excluded = [(item.reason, item.count) for item in cohort.exclusions]
        self._pending = FlowStep(text=f"Images in {cohort.name}", n=total, excluded=excluded)

    def to(self, after: Cohort, text: str = "") -> Cohort:
        """Record what was left out on the way to `after`; `text` names what there was before, as a box of its own.

        Where nothing was left out there is nothing to draw.
        """
        new = [(item.reason, item.count) for item in after.exclusions[len(self._before.exclusions) :]]
        if text and new:
            self.steps.append(self._pending)
            self._pending = FlowStep(text=text, n=len(self._before), excluded=[])
        self._pending = self._pending.model_copy(update={"excluded": [*self._pending.excluded, *new]})
        self._before = after
        return after

    def closed(self, text: str) -> list[FlowStep]:
        """All boxes, ending with what is left."""
        return [*self.steps, self._pending, FlowStep(text=text, n=len(self._before), excluded=[])]

    def parted(self, before: Cohort, after: Cohort, split: Split, recipe: MicronoduleRecipe) -> list[FlowStep]:
        """All boxes, with where training and testing part, and what is tested in the end."""
        division, table = split.divisions[0], after.table
        counts = {name: _images(split, division.part(name)) for name in ("train", "validation", "test")}
        rule = recipe.sizes.rule == "threshold"
        limit = f"{recipe.sizes.train_from_mm:g} mm"
        steps = [*self.steps, self._pending]
        parts = (("training", "train", division.train), ("validation", "validation", division.validation))
        aside = [(f"{word}: {_classes(table, split, groups)}", counts[name]) for word, name, groups in parts if groups]
        steps.append(
            FlowStep(
                text="Images of nodules whose patients stand on one side" if rule else "Images that can be used",
                n=len(before),
                excluded=aside,
                aside=f"to training (nodules of at least {limit})" if rule else "to training",
            )
        )
        thinned = [(item.reason, item.count) for item in after.exclusions[len(before.exclusions) :]]
        small = f"Images of nodules below {limit}" if rule else "Images of other patients or groups"
        if thinned:
            steps.append(FlowStep(text=small, n=counts["test"] + thinned[0][1], excluded=thinned))
        text = f"{tested_word(table, recipe)} tested: {_classes(table, split, division.test)}"
        steps.append(FlowStep(text=text, n=counts["test"], excluded=[]))
        return steps


def tested_word(table: pd.DataFrame, recipe: MicronoduleRecipe) -> str:
    """What is counted among those tested: images stand for nodules where it is not known which nodule they show."""
    known = bool((table["nodule_id"] != UNKNOWN).any())
    return "Nodules" if known and recipe.images_per_nodule == "one" else "Images"


def _images(split: Split, groups: tuple[str, ...]) -> int:
    return sum(len(split.groups[group]) for group in groups)


def _classes(table: pd.DataFrame, split: Split, groups: tuple[str, ...]) -> str:
    keys = {key for group in groups for key in split.groups[group]}
    labels = table.loc[table["key"].isin(keys), "label"]
    return f"{int((labels == 'benign').sum())} benign, {int((labels == 'malignant').sum())} malignant"


def with_sizes(cohort: Cohort, *, unit: str) -> Cohort:
    """The cohort with the column `nodule_mm`: the size of each image's nodule."""
    return _replaced(cohort, cohort.table.assign(nodule_mm=nodule_sizes(cohort.table, unit=unit)))


def _replaced(cohort: Cohort, table: pd.DataFrame) -> Cohort:
    return replace(cohort, table=table)


def _without_unknown(cohort: Cohort) -> Cohort:
    missing = cohort.table.loc[cohort.table["nodule_mm"].isna(), "key"].astype(str).tolist()
    return cohort.without(Exclusion.of("size of the nodule not recorded", missing)) if missing else cohort


def _without_mixed(cohort: Cohort, recipe: MicronoduleRecipe) -> Cohort:
    """Leave out large nodules of patients who also have a small one: a patient stands on one side only."""
    small = cohort.table["nodule_mm"] < recipe.sizes.train_from_mm
    has_small = small.groupby(cohort.table["group"]).transform("any")
    mixed = cohort.table.loc[has_small & ~small, "key"].astype(str).tolist()
    limit = f"{recipe.sizes.train_from_mm:g} mm"
    reason = f"nodules of at least {limit} of patients (or groups) who also have a smaller one, which is tested"
    return cohort.without(Exclusion.of(reason, mixed)) if mixed else cohort


def one_image_per_nodule(cohort: Cohort, *, among: list[str] | None = None) -> Cohort:
    """Keep the first image of each known nodule among the images named (all where None); the others are left out."""
    table = cohort.table
    chosen = table if among is None else table[table["key"].isin(among)]
    further = chosen.loc[nodule_names(chosen).duplicated(), "key"].astype(str).tolist()
    return cohort.without(Exclusion.of("further images of the same nodule", further)) if further else cohort


def _tested(cohort: Cohort, recipe: MicronoduleRecipe) -> list[str]:
    """Keys of the images to be tested, before one image per nodule is taken."""
    if recipe.sizes.rule == "threshold":
        small = cohort.table["nodule_mm"] < recipe.sizes.train_from_mm
        return cohort.table.loc[small, "key"].astype(str).tolist()
    try:
        drawn = split_holdout(cohort, test=recipe.division.test, validation=0, seed=recipe.seed)
    except SplitError:
        return []
    return drawn.rows(cohort, drawn.divisions[0], "test")["key"].astype(str).tolist()


def _training_groups(
    cohort: Cohort, test: list[str], recipe: MicronoduleRecipe
) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Groups for training and validation, and sentences about what could not be had."""
    rule, limit = recipe.sizes.rule == "threshold", f"{recipe.sizes.train_from_mm:g} mm"
    notes = []
    if not test:
        what = f"no nodule is smaller than {limit}" if rule else "the cohort has too few groups for a test part"
        notes.append(f"Nothing was tested within the cohort: {what}. External sets, if any, follow.")
    rest = _replaced(cohort, cohort.table[~cohort.table["key"].isin(test)].reset_index(drop=True))
    if rest.table.empty:
        what = f"no nodule is of at least {limit}" if rule else "no image is left for training"
        return (), (), [*notes, f"No network was trained: {what}. What follows is about readers only."]
    try:
        drawn = split_holdout(rest, test=recipe.division.validation, validation=0, seed=recipe.seed)
    except SplitError as error:
        among = f"Among the nodules of at least {limit}: " if rule else ""
        return (), (), [*notes, f"No network was trained. {among}{error} What follows is about readers only."]
    return drawn.divisions[0].train, drawn.divisions[0].test, notes


def _split(cohort: Cohort, train: tuple[str, ...], validation: tuple[str, ...], recipe: MicronoduleRecipe) -> Split:
    """One division: training, validation, and all other groups tested."""
    groups: dict[str, tuple[str, ...]] = {}
    for group, key in zip(cohort.table["group"].astype(str), cohort.table["key"].astype(str), strict=True):
        groups[group] = (*groups.get(group, ()), key)
    tested = tuple(group for group in groups if group not in {*train, *validation})
    return Split(
        cohort=cohort.digest(),
        kind=cohort.split_kind,
        seed=recipe.seed,
        method=_method(recipe),
        stratified_by=("label",),
        groups=groups,
        divisions=(Division(name=DIVISION, train=train, validation=validation, test=tested),),
    )


def _method(recipe: MicronoduleRecipe) -> str:
    """How the division was made, in words."""
    share = recipe.division.validation
    if recipe.sizes.rule == "threshold":
        limit = f"{recipe.sizes.train_from_mm:g} mm"
        return (
            f"by size: nodules of at least {limit} train, smaller ones are tested; validation {share:g} of the "
            "training images"
        )
    return f"hold-out once: test {recipe.division.test:g} of all images, validation {share:g} of the rest"
