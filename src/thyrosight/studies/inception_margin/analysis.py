"""Everything that follows from the finished trials; what cannot be had is told, and the rest is done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from thyrosight.errors import StatisticsError
from thyrosight.studies.base import FlowStep
from thyrosight.studies.common import Progress
from thyrosight.studies.inception_margin.descriptors import FEATURES, Descriptors, read_descriptors
from thyrosight.studies.inception_margin.evaluate import (
    Candidate,
    choose,
    compare_with_main,
    size_group,
    tried,
)
from thyrosight.studies.inception_margin.external import judge_outside
from thyrosight.studies.inception_margin.feature_errors import FeatureErrors, feature_errors
from thyrosight.studies.inception_margin.pictures import Pictures, crop_examples
from thyrosight.studies.inception_margin.recipe import SIZE_GROUP, InceptionMarginRecipe
from thyrosight.studies.inception_margin.result import (
    Balance,
    CropExample,
    Distribution,
    ExternalResult,
    SizeGroup,
    Tried,
)
from thyrosight.studies.inception_margin.sizes import UNKNOWN_SIZE, balances, distributions, size_problems
from thyrosight.studies.inception_margin.trials import Setup


@dataclass(eq=False)
class Analysis:
    """What was found, in the order of the report; see `InceptionMarginResult`."""

    margins: list[Tried]
    sizes: list[Tried]
    shapes: list[Tried]
    choice: str
    distribution: list[Distribution]
    balance: list[Balance]
    size_groups: list[SizeGroup] = field(default_factory=list)
    features: FeatureErrors | None = None
    features_of: str = ""
    examples: list[CropExample] = field(default_factory=list)
    pictures: Pictures = field(default_factory=dict)
    external: list[ExternalResult] = field(default_factory=list)
    flow: list[FlowStep] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    limitations: list[str] = field(default_factory=list)


def analyse(setup: Setup, found: Sequence[Candidate], main: Candidate, *, folder: Path, progress: Progress) -> Analysis:
    """Analyse finished trials.

    Args:
        setup: of the study.
        found: every configuration with every margin.
        main: the main one.
        folder: of the study.
        progress: a listener.
    """
    recipe, table = setup.recipe, setup.cohort.table
    margins, sizes, shapes = _sweep(found, main, recipe)
    progress("Evaluating", 1, 4)
    analysis = Analysis(
        margins=margins,
        sizes=sizes,
        shapes=shapes,
        choice=_choice(found, main, recipe),
        distribution=distributions(setup.cohort, setup.split, recipe.sizes),
        balance=balances(setup.cohort, setup.split),
    )
    _size_groups(analysis, setup, found, main)
    progress("Evaluating", 2, 4)
    descriptors = read_descriptors(table)
    _features(analysis, main, descriptors, recipe, label_sources=setup.cohort.label_sources)
    progress("Evaluating", 3, 4)
    for external in recipe.external:
        outcome = judge_outside(setup, main, external, folder, progress)
        if isinstance(outcome, str):
            analysis.unfinished.append(outcome)
        else:
            analysis.external.append(outcome)
    analysis.examples, analysis.pictures = crop_examples(setup.cohort, recipe)
    analysis.unfinished += _without_box(table)
    analysis.flow = _flow(setup, main, descriptors)
    progress("Evaluating", 4, 4)
    return analysis


def _sweep(
    found: Sequence[Candidate], main: Candidate, recipe: InceptionMarginRecipe
) -> tuple[list[Tried], list[Tried], list[Tried]]:
    """Rows by margin, by input size and by shape; each holds the main configuration too, and one family of tests."""
    plain = [item for item in found if not item.config.group and not item.config.training]
    own = main.config
    by_margin = [item for item in plain if item.config.size == own.size and item.config.shape == own.shape]
    by_size = [item for item in plain if item.margin == main.margin and item.config.shape == own.shape]
    by_size = [item for item in by_size if item.config.margin in (None, main.margin)]
    by_shape = [item for item in plain if item.margin == main.margin and item.config.size == own.size]
    families = (
        sorted(by_margin, key=lambda item: item.margin),
        sorted(by_size, key=lambda item: item.config.size),
        sorted(by_shape, key=lambda item: item is not main),
    )
    rows = [
        compare_with_main([tried(item, recipe, main=main) for item in family], family, main, recipe)
        for family in families
    ]
    return rows[0], rows[1], rows[2]


def _choice(found: Sequence[Candidate], main: Candidate, recipe: InceptionMarginRecipe) -> str:
    """What the validation part speaks for; the test part has no say."""
    plain = [item for item in found if not item.config.group and not item.config.training]
    best = choose([item for item in plain if item.config.shape == main.config.shape])
    if best is None:
        return "The validation part holds one class only, so that no margin or input size can be chosen on it."
    unit = recipe.preparation.margin.unit
    words = f"a margin of {best.margin:g} {unit} with input size {best.config.size}"
    area = f"uncalibrated AUC {best.validation_auc():.3f}"
    own = main.validation_auc()
    if best is main:
        return f"Of everything tried, the validation part speaks for the main choice, {words} ({area})."
    held = f"; the main choice has {own:.3f}" if own is not None else ""
    return f"Of everything tried, the validation part speaks for {words} ({area}{held}). The test part had no say."


def _size_groups(analysis: Analysis, setup: Setup, found: Sequence[Candidate], main: Candidate) -> None:
    recipe, table = setup.recipe, setup.cohort.table
    analysis.unfinished += size_problems(table, recipe.sizes)
    if (table[SIZE_GROUP] == UNKNOWN_SIZE).all():
        return
    for name in recipe.sizes.names:
        if not (table[SIZE_GROUP] == name).any():
            analysis.unfinished.append(f"Size group {name} was left out: no nodule of the cohort has such a size.")
            continue
        own = [item for item in found if item.config.shape == main.config.shape]
        own = [item for item in own if item.config.group in ("", name)]
        if recipe.sizes.train_on == "group":
            own = [item for item in own if item.config.group == name] or own
        if not recipe.sizes.tune:
            own = [main]
        outcome = size_group(name, table, own, main, recipe)
        if isinstance(outcome, str):
            analysis.unfinished.append(outcome)
        else:
            analysis.size_groups.append(outcome)


def _features(
    analysis: Analysis,
    main: Candidate,
    descriptors: Descriptors,
    recipe: InceptionMarginRecipe,
    *,
    label_sources: Sequence[str],
) -> None:
    analysis.unfinished += descriptors.problems
    if not descriptors.described:
        names = ", ".join(FEATURES)
        analysis.unfinished.append(
            f"Tables 2 and 3 were left out: the cohort describes no sonographic feature (columns {names})."
        )
        return
    if descriptors.absent:
        analysis.unfinished.append(f"Not recorded in the cohort, and so not analysed: {', '.join(descriptors.absent)}.")
    table = main.pooled.merge(descriptors.table, on="key", how="left", validate="many_to_one")
    try:
        analysis.features = feature_errors(
            table,
            contrasts=recipe.features.contrasts,
            enter_at=recipe.features.enter_at,
            confidence=recipe.evaluation.confidence,
        )
    except StatisticsError as error:
        analysis.unfinished.append(f"Tables 2 and 3 were left out: {error}")
        return
    several = f" of {len(main.judged)} divisions" if len(main.judged) > 1 else ""
    if "TI-RADS" in label_sources:
        analysis.limitations.append(
            "Features and labels are not independent: the labels follow TI-RADS, which follows these very features, so "
            "that features may go with errors, or not, by construction."
        )
    analysis.features_of = f"{len(table)} test images{several}, main choice"
    analysis.unfinished += [f"Table 3: {problem}" for problem in analysis.features.problems]


def _without_box(table: pd.DataFrame) -> list[str]:
    """Say how many images have no nodule box; none of the margins changes what is shown of them."""
    marked = pd.Series(data=False, index=table.index)
    for column in ("box", "mask"):
        if column in table:
            marked |= table[column].notna() & (table[column] != "")
    if marked.all():
        return []
    who = f"{int((~marked).sum())} of {len(table)} images have no" if marked.any() else "No image has a"
    return [f"{who} nodule box or outline: the whole scan area was shown, and no margin changes that."]


def _flow(setup: Setup, main: Candidate, descriptors: Descriptors) -> list[FlowStep]:
    """The end of the flow chart: the parts of the first division, and whose size and features are all known."""
    division, table = setup.split.divisions[0], setup.cohort.table
    rows = {part: setup.split.rows(setup.cohort, division, part) for part in ("train", "validation", "test")}
    tested = table[table["key"].isin(main.pooled["key"])]
    several = len(main.judged) > 1
    excluded = _unknown(tested, descriptors)
    steps = [
        FlowStep(
            text=f"Images used: {_classes(table)} (labels: {', '.join(setup.cohort.label_sources)})",
            n=len(table),
            excluded=[(f"{name}: {_classes(rows[part])}", len(rows[part])) for name, part in _TRAINING],
            aside=f"to training ({division.name})" if several else "to training",
        ),
        FlowStep(
            text=f"Images tested: {_classes(tested)}" + " (all divisions)" * several,
            n=len(tested),
            excluded=excluded,
            aside="in some tables only",
        ),
    ]
    if excluded:
        left = len(tested) - sum(count for _, count in excluded)
        steps.append(FlowStep(text="Images whose recorded properties are all known", n=left, excluded=[]))
    return steps


def _unknown(tested: pd.DataFrame, descriptors: Descriptors) -> list[tuple[str, int]]:
    """Tested images by the first property that is not known of them; properties that no image has are passed over."""
    left = tested.merge(descriptors.table, on="key", suffixes=("_as_written", ""))
    missing = {"size not recorded": left[SIZE_GROUP] == UNKNOWN_SIZE}
    if missing["size not recorded"].all():
        missing = {}
    for feature in descriptors.described:
        unread = left["key"].isin(descriptors.unread[feature])
        missing[f"{feature} spelt in an unknown way"] = unread
        missing[f"{feature} not recorded"] = left[feature].isna() & ~unread
    found = []
    open_rows = pd.Series(data=True, index=left.index)
    for reason, rows in missing.items():
        count = int((rows & open_rows).sum())
        if count:
            found.append((reason, count))
        open_rows &= ~rows
    return found


_TRAINING = (("training", "train"), ("validation", "validation"))


def _classes(rows: pd.DataFrame) -> str:
    return f"{int((rows['label'] == 'benign').sum())} benign, {int((rows['label'] == 'malignant').sum())} malignant"
