"""The findings of a study of crop margins: what was tried, size groups, features that go with errors, external sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from thyrosight.documents import Measure
from thyrosight.errors import StatisticsError, ThyroSightError
from thyrosight.imaging import Preparation
from thyrosight.studies.analyses.candidates import Candidate, choose, measures_of
from thyrosight.studies.analyses.descriptors import FEATURES, Descriptors, read_descriptors
from thyrosight.studies.analyses.external import open_external, predict_external, without_box
from thyrosight.studies.analyses.feature_errors import FeatureErrors, feature_errors
from thyrosight.studies.analyses.size_groups import SIZE_GROUP, UNKNOWN_SIZE, SizeGroup, size_group, size_problems
from thyrosight.studies.kind import Finished
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.recipe import ExternalSet
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import View


@dataclass(frozen=True, eq=False)
class OutsideSet:
    """The main network on an external set, with the operating point chosen within its own cohort.

    Attributes:
        name, labels: of the set, and the sources of its labels.
        rows: calibrated predictions.
        measures: empty where they are not defined.
        without_box: images whose nodule is not marked.
        excluded: reasons and numbers of images left out.
        note: why there are no measures.
    """

    name: str
    labels: Sequence[str]
    rows: pd.DataFrame
    measures: dict[str, Measure]
    without_box: int
    excluded: Sequence[tuple[str, int]]
    note: str


@dataclass(eq=False)
class Findings:
    """Everything that the sections tell.

    Attributes:
        finished: the study.
        main: the main choice.
        margins, sizes, shapes: candidates that differ from the main choice in one property, the main one among them.
        choice: the sentence on what the validation part speaks for.
        descriptors: sonographic features of the cohort.
        size_groups: with their chosen candidates.
        features, features_of: which go with errors, and of how many images.
        external: the main network outside.
        unfinished, limitations: sentences.
    """

    finished: Finished[Recipe]
    main: Candidate
    margins: Sequence[Candidate]
    sizes: Sequence[Candidate]
    shapes: Sequence[Candidate]
    choice: str
    descriptors: Descriptors
    size_groups: list[SizeGroup] = field(default_factory=list)
    features: FeatureErrors | None = None
    features_of: str = ""
    external: list[OutsideSet] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    limitations: list[str] = field(default_factory=list)


def find(finished: Finished[Recipe]) -> Findings:
    """Analyse finished trials; what cannot be had is told, and the rest is done.

    Raises:
        NetworkError: the main network could not be trained.
    """
    recipe, table = finished.recipe, finished.setup.cohort.table
    every = [item for network in finished.networks.values() for item in _candidates(network, recipe)]
    main = next((item for item in every if _is_main(item, recipe)), None)
    if main is None:
        raise finished.no_main()
    plain = [item for item in every if not item.facts["group"] and not item.facts["training"]]
    margins = [item for item in plain if _same(item, main, "size", "shape")]
    sizes = [item for item in plain if _same(item, main, "margin", "shape") and _trained_alike(item, main)]
    shapes = [item for item in plain if _same(item, main, "margin", "size") and _trained_alike(item, main)]
    found = Findings(
        finished=finished,
        main=main,
        margins=sorted(margins, key=lambda item: item.facts["margin"]),
        sizes=sorted(sizes, key=lambda item: item.facts["size"]),
        shapes=sorted(shapes, key=lambda item: item is not main),
        choice=_choice(plain, main, recipe),
        descriptors=read_descriptors(table),
    )
    finished.progress("Evaluating", 1, 4)
    _find_size_groups(found, every)
    finished.progress("Evaluating", 2, 4)
    _find_features(found)
    finished.progress("Evaluating", 3, 4)
    for item in recipe.external:
        outside = _outside(found, item)
        if isinstance(outside, str):
            found.unfinished.append(outside)
        else:
            found.external.append(outside)
    found.unfinished += _boxes(table)
    finished.progress("Evaluating", 4, 4)
    return found


def _candidates(network: Network, recipe: Recipe) -> list[Candidate]:
    """A network with every margin that it was tested with.

    Left out are networks of a size group whose validation part holds one class only, on which no operating point can
    be chosen.
    """
    trial, found = network.trial, []
    for view in sorted(trial.views, key=_margin_of):
        try:
            judged = tuple(network.judged(view.name))
        except StatisticsError:
            if not trial.axes["group"]:
                raise
            continue
        margin, axes = _margin_of(view), trial.axes
        facts: dict[str, str | float | int] = {
            "network": network.key,
            "margin": margin,
            "size": int(str(axes["size"])),
            "shape": str(axes["shape"]),
            "group": str(axes["group"] or ""),
            "training": str(axes["training"] or ""),
            "trained": trained_words(network, recipe.preparation.margin.unit),
        }
        facts["words"] = _words(facts, recipe.preparation.margin.unit)
        found.append(Candidate(network, view.name, recipe.statistics, judged, facts))
    return found


def _margin_of(view: View) -> float:
    assert isinstance(view.preparation, Preparation), "each view has a margin of its own"
    return view.preparation.margin.value


def trained_words(network: Network, unit: str) -> str:
    """With which margins a network was trained."""
    drawn, fixed = network.trial.training.augmentation.margin_range, network.axes["margin"]
    if fixed is not None or drawn is None:
        return f"margin {fixed:g} {unit}"
    return f"margins drawn from {drawn[0]:g} to {drawn[1]:g} {unit}"


def _words(facts: dict[str, str | float | int], unit: str) -> str:
    where = "trained on this group alone" if facts["group"] else "trained on all sizes"
    parts = (f"margin {facts['margin']:g} {unit}", f"input {facts['size']}", facts["training"], where)
    return ", ".join(str(part) for part in parts if part)


def _is_main(item: Candidate, recipe: Recipe) -> bool:
    own = recipe.preparation
    wanted = {"size": own.size, "shape": own.shape, "margin": own.margin.value, "group": "", "training": ""}
    return all(item.facts[name] == value for name, value in wanted.items())


def _same(item: Candidate, main: Candidate, *names: str) -> bool:
    return all(item.facts[name] == main.facts[name] for name in names)


def _trained_alike(item: Candidate, main: Candidate) -> bool:
    """Whether both were trained with drawn margins, or both with the margin they are tested with."""
    return item.network.axes["margin"] in (None, main.facts["margin"])


def _choice(plain: Sequence[Candidate], main: Candidate, recipe: Recipe) -> str:
    """The margin and input size that the validation part speaks for; the test part has no say."""
    best = choose([item for item in plain if _same(item, main, "shape")])
    if best is None:
        return "The validation part holds one class only, so that no margin or input size can be chosen on it."
    words = (
        f"a margin of {best.facts['margin']:g} {recipe.preparation.margin.unit} with input size {best.facts['size']}"
    )
    area = f"uncalibrated AUC {best.validation_auc():.3f}"
    own = main.validation_auc()
    if best is main:
        return f"Of everything tried, the validation part speaks for the main choice, {words} ({area})."
    held = f"; the main choice has {own:.3f}" if own is not None else ""
    return f"Of everything tried, the validation part speaks for {words} ({area}{held}). The test part had no say."


def _find_size_groups(found: Findings, every: Sequence[Candidate]) -> None:
    sizes, table = found.finished.recipe.sizes, found.finished.setup.cohort.table
    found.unfinished += size_problems(table, unit=sizes.unit)
    if (table[SIZE_GROUP] == UNKNOWN_SIZE).all():
        return
    for name in sizes.names:
        keys = table.loc[table[SIZE_GROUP] == name, "key"].astype(str).tolist()
        if not keys:
            found.unfinished.append(f"Size group {name} was left out: no nodule of the cohort has such a size.")
            continue
        own = [item for item in every if _same(item, found.main, "shape") and item.facts["group"] in ("", name)]
        if sizes.train_on == "group":
            own = [item for item in own if item.facts["group"] == name] or own
        if not sizes.tune:
            own = [found.main]
        outcome = size_group(name, keys, own, found.main, least=sizes.least)
        if isinstance(outcome, str):
            found.unfinished.append(outcome)
        else:
            found.size_groups.append(outcome)


def _find_features(found: Findings) -> None:
    recipe, main, descriptors = found.finished.recipe, found.main, found.descriptors
    found.unfinished += descriptors.problems
    if not descriptors.described:
        names = ", ".join(FEATURES)
        found.unfinished.append(
            f"Tables 2 and 3 were left out: the cohort describes no sonographic feature (columns {names})."
        )
        return
    if descriptors.absent:
        found.unfinished.append(f"Not recorded in the cohort, and so not analysed: {', '.join(descriptors.absent)}.")
    table = main.pooled.merge(descriptors.table, on="key", how="left", validate="many_to_one")
    try:
        found.features = feature_errors(
            table,
            contrasts=recipe.features.contrasts,
            enter_at=recipe.features.enter_at,
            confidence=recipe.evaluation.confidence,
        )
    except StatisticsError as error:
        found.unfinished.append(f"Tables 2 and 3 were left out: {error}")
        return
    several = f" of {len(main.judged)} divisions" if len(main.judged) > 1 else ""
    if "TI-RADS" in found.finished.facts.label_sources:
        found.limitations.append(
            "Features and labels are not independent: the labels follow TI-RADS, which follows these very features, so "
            "that features may go with errors, or not, by construction."
        )
    found.features_of = f"{len(table)} test images{several}, main choice"
    found.unfinished += [f"Table 3: {problem}" for problem in found.features.problems]


def _outside(found: Findings, item: ExternalSet) -> OutsideSet | str:
    """Test the main network of the first division on another cohort, or say why that cannot be."""
    finished, main = found.finished, found.main
    setup, folder = finished.setup, finished.workspace.folder
    tested = main.network.tested[0]
    if not tested.keeps_weights:
        return (
            f"External set {item.title} was left out: the trained weights of {tested.trial.name} are not in its folder."
        )
    view = next(view for view in tested.trial.views if view.name == main.view)
    try:
        cohort = open_external(
            item, setup.cohort, options=setup.recipe.cohort, folder=folder, progress=finished.progress
        )
        if cohort.table.empty:
            return f"External set {item.title} was left out: every image of it stands in the study's cohort too."
        judged = predict_external(setup, tested, cohort, folder=folder, progress=finished.progress, view=view)
    except ThyroSightError as error:
        return f"External set {item.title} was left out: {error}"
    rows, measures, note = judged.table, {}, ""
    try:
        measures = measures_of(rows, options=main.options)
    except StatisticsError as error:
        note = str(error)
    excluded = [(exclusion.reason, exclusion.count) for exclusion in cohort.exclusions]
    return OutsideSet(item.title, cohort.label_sources, rows, measures, without_box(cohort.table), excluded, note)


def _boxes(table: pd.DataFrame) -> list[str]:
    """Say how many images have no nodule box; none of the margins changes what is shown of them."""
    marked: pd.Series[Any] = pd.Series(data=False, index=table.index)
    for column in ("box", "mask"):
        if column in table:
            marked |= table[column].notna() & (table[column] != "")
    if marked.all():
        return []
    who = f"{int((~marked).sum())} of {len(table)} images have no" if marked.any() else "No image has a"
    return [f"{who} nodule box or outline: the whole scan area was shown, and no margin changes that."]
