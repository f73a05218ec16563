"""The report of a study of crop margins: margins, sizes, size groups, features that go with errors, other cohorts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from thyrosight.cohort.records.descriptors import FEATURES, Descriptors, read_descriptors
from thyrosight.cohort.records.sizes import SIZE_GROUP, UNKNOWN_SIZE, size_problems
from thyrosight.documents import Content, Facts, Figures, FlowStep, Heading, Summary, Table, sentence
from thyrosight.errors import StatisticsError
from thyrosight.imaging import Preparation
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.candidates import SHOWN, Candidate, candidates_roc, candidates_table, choose
from thyrosight.studies.analyses.feature_errors import feature_errors
from thyrosight.studies.analyses.network_figures import network_figures
from thyrosight.studies.analyses.part_balance import balance_table, stacked_figure
from thyrosight.studies.analyses.readers_beside import readers_beside, readers_words
from thyrosight.studies.analyses.size_groups import SizeGroup, size_group, size_groups_table
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.kinds.inception_margin.shapes import crops, shape_words
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.measures import pooled_measures
from thyrosight.studies.page import flow_figure, trials_table
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.sentences import chance_words, classes_words, in_words, methods_rows, tile
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import View
from thyrosight.studies.verdicts import counted

_TRAINING: dict[str, Literal["train", "validation"]] = {"training": "train", "validation": "validation"}
_AT_CHANCE = "The network cannot be told from guessing, so that no feature is said to go with its errors."
_TILES = {"auc": "AUC", "accuracy": "Accuracy", "sensitivity": "Sensitivity", "specificity": "Specificity"}


@dataclass(frozen=True, eq=False)
class _Study:
    """A finished study with what was tried; the main choice is among the candidates.

    Attributes:
        every: networks, each with every margin that it was tested with.
    """

    finished: Finished[Recipe]
    every: Sequence[Candidate]
    main: Candidate
    descriptors: Descriptors

    @property
    def recipe(self) -> Recipe:
        return self.finished.recipe

    @property
    def plain(self) -> list[Candidate]:
        """Candidates that see all sizes, with the recipe's own training."""
        return [item for item in self.every if not item.facts["group"] and not item.facts["training"]]

    def like_main(self, *names: str, among: Sequence[Candidate]) -> list[Candidate]:
        """Candidates of these facts of the main choice."""
        return [item for item in among if all(item.facts[name] == self.main.facts[name] for name in names)]

    def trained_alike(self, *names: str) -> list[Candidate]:
        """Such candidates that were trained as the main choice: with drawn margins, or with the margin tested."""
        margins = (None, self.main.facts["margin"])
        return [item for item in self.like_main(*names, among=self.plain) if item.network.axes["margin"] in margins]


def report(finished: Finished[Recipe], *, unmatched: Sequence[str]) -> Report:
    """Everything that is said of margins, sizes, features and external sets.

    Args:
        unmatched: properties on which training and test part could not be matched.

    Raises:
        NetworkError: the main network could not be trained.
    """
    recipe = finished.recipe
    every = [item for network in finished.networks.values() for item in _candidates(network, recipe)]
    main = next((item for item in every if _is_main(item, recipe)), None)
    if main is None:
        raise finished.no_main()
    study = _Study(finished, every, main, read_descriptors(finished.setup.cohort.table))
    flow = (*finished.facts.flow[:-1], *_flow(study))
    finished.progress("Evaluating", 0, 1)
    parts = [_cohort(study, flow, unmatched), crops(finished), _sweep(study), _size_groups(study), _features(study)]
    parts += [_readers(study), *further(finished), _training(study)]
    parts.append(Findings("All trials", [trials_table(finished.every, finished.outcomes)]))
    finished.progress("Evaluating", 1, 1)
    return Report.of(
        parts,
        tiles=[tile(title, main.measures[name]) for name, title in _TILES.items()],
        tiles_note=f"Main choice on the test part: {_main_words(study)}.",
        summary=Summary(
            table="table-1", columns=("title", *SHOWN), figure="roc-margins", note="test part, 95 % intervals"
        ),
        model=main.network,
        metrics=pooled_measures(main.judged[0].part("test"), options=recipe.statistics),
        flow=flow,
    )


def _candidates(network: Network, recipe: Recipe) -> list[Candidate]:
    """A network with every margin that it was tested with.

    Left out are networks of a size group whose validation part holds one class only, on which no operating point can
    be chosen.
    """
    axes, unit, found = network.axes, recipe.preparation.margin.unit, []
    for view in sorted(network.trial.views, key=_margin_of):
        try:
            judged = tuple(network.judged(view.name))
        except StatisticsError:
            if not axes["group"]:
                raise
            continue
        facts: dict[str, str | float | int] = {"network": network.key, "margin": _margin_of(view)}
        facts |= {"size": int(str(axes["size"])), "shape": str(axes["shape"])}
        facts |= {name: str(axes[name] or "") for name in ("group", "training")}
        facts |= {"trained": _trained_words(network, unit), "words": _words(facts, unit)}
        found.append(Candidate(network, view.name, recipe.statistics, judged, facts))
    return found


def _margin_of(view: View) -> float:
    assert isinstance(view.preparation, Preparation), "each view has a margin of its own"
    return view.preparation.margin.value


def _trained_words(network: Network, unit: str) -> str:
    """With which margins a network was trained."""
    drawn, fixed = network.trial.training.augmentation.margin_range, network.axes["margin"]
    if fixed is not None or drawn is None:
        return f"margin {fixed:g} {unit}"
    return f"margins drawn from {drawn[0]:g} to {drawn[1]:g} {unit}"


def _words(facts: Mapping[str, str | float | int], unit: str) -> str:
    where = "trained on this group alone" if facts["group"] else "trained on all sizes"
    parts = (f"margin {facts['margin']:g} {unit}", f"input {facts['size']}", facts["training"], where)
    return ", ".join(str(part) for part in parts if part)


def _is_main(item: Candidate, recipe: Recipe) -> bool:
    own = recipe.preparation
    wanted = {"size": own.size, "shape": own.shape, "margin": own.margin.value, "group": "", "training": ""}
    return all(item.facts[name] == value for name, value in wanted.items())


def _main_words(study: _Study) -> str:
    own = study.recipe.preparation
    return f"{study.main.network.title}, margin {own.margin.value:g} {own.margin.unit}, input {own.size} x {own.size}"


def _cohort(study: _Study, flow: Sequence[FlowStep], unmatched: Sequence[str]) -> Findings:
    finished, main = study.finished, study.main
    facts, setup = finished.facts, finished.setup
    parameters = main.network.tested[0].record["parameters"]
    methods = methods_rows(
        facts,
        ("Network", f"{main.network.title}, first weights: {main.network.start}; {parameters:,} parameters"),
        ("Crop", shape_words(study.recipe.preparation.shape)),
        ("Margin in training", str(main.facts["trained"])),
        ("Sweep", f"{len(finished.outcomes)} trials, engine {facts.engine}"),
    )
    figure = stacked_figure(
        setup.cohort,
        setup.split,
        groups=SIZE_GROUP,
        order=(*study.recipe.sizes.names, UNKNOWN_SIZE),
        column="tirads",
        legend="TI-RADS",
        caption=(
            "TI-RADS categories by nodule size in the training part (with validation) and the test part (images: "
            "{parts}; the paper's Figure 1)"
        ),
    )
    columns = {"label": "label", SIZE_GROUP: "size group", "tirads": "TI-RADS"}
    problems = [*random_starts({main.network.title: main.network}), *_boxes(setup.cohort.table)]
    if unmatched:
        problems.append(
            f"Training and test part were not matched on {' and '.join(unmatched)}: the cohort does not record that, "
            "or every image is alike."
        )
    area = main.measures["auc"]
    judged = zip(main.network.divisions, main.judged, strict=True)
    return Findings(
        "Cohort and division",
        [Facts(rows=methods), flow_figure(flow), figure, balance_table(setup.cohort, setup.split, columns)],
        said=[f"{_main_words(study)}: AUC {in_words(area)} on {area.n} test images.", chance_words(area)],
        unfinished=problems,
        predictions={division: item.table for division, item in judged},
    )


def _boxes(table: pd.DataFrame) -> list[str]:
    """Say how many images have no nodule box; none of the margins changes what is shown of them."""
    marked: pd.Series[Any] = pd.Series(data=False, index=table.index)
    for column in {"box", "mask"} & set(table.columns):
        marked |= table[column].notna() & (table[column] != "")
    if marked.all():
        return []
    who = f"{int((~marked).sum())} of {len(table)} images have no" if marked.any() else "No image has a"
    return [f"{who} nodule box or outline: the whole scan area was shown, and no margin changes that."]


def _sweep(study: _Study) -> Findings:
    main, own = study.main, study.recipe.preparation
    margins, sizes, shapes = _varied(study)
    around = f"{own.margin.value:g} {own.margin.unit}"
    caption = f"Margins, at input size {own.size} (the paper's Table 1)"
    table = candidates_table(margins, main, name="table-1", varied="Crop margin", caption=caption)
    caption = "ROC curves of the margins; the band is that of the main choice (the paper's Figure 5)"
    named = {f"margin {title}": item for title, item in margins.items()}
    figures = [candidates_roc(named, main, name="roc-margins", caption=caption)]
    more: list[Content] = []
    if len(sizes) > 1:
        named = {f"input {item.facts['size']}": item for item in sizes.values()}
        caption = "ROC curves of the input sizes"
        figures.append(candidates_roc(named, main, name="roc-input-sizes", caption=caption))
        caption = f"Input sizes, at a margin of {around}"
        of_sizes = candidates_table(sizes, main, name="input-sizes", varied="Input size", caption=caption)
        more += [Heading(text="Input sizes"), of_sizes]
    if len(shapes) > 1:
        caption = f"Shapes of the crop, at a margin of {around} and input size {own.size}"
        told = tuple(sentence(shape_words(shape)) for shape in study.recipe.shapes if shape in shapes)
        of_shapes = candidates_table(shapes, main, name="shapes", varied="Crop shape", caption=caption, notes=told)
        more += [Heading(text="Shape of the crop"), of_shapes]
    choice = _choice(study)
    contents: list[Content] = [choice, table, Figures(items=tuple(figures)), *more]
    return Findings("Margins and input sizes", contents, said=[_margins_words(table), choice])


def _varied(study: _Study) -> tuple[dict[str, Candidate], dict[str, Candidate], dict[str, Candidate]]:
    """Candidates that differ from the main choice in margin, input size or shape alone, by that in words."""
    unit = study.recipe.preparation.margin.unit
    margins = sorted(study.like_main("size", "shape", among=study.plain), key=lambda item: item.facts["margin"])
    sizes = sorted(study.trained_alike("margin", "shape"), key=lambda item: item.facts["size"])
    shapes = sorted(study.trained_alike("margin", "size"), key=lambda item: item is not study.main)
    return (
        {f"{item.facts['margin']:g} {unit}": item for item in margins},
        {f"{item.facts['size']} x {item.facts['size']}": item for item in sizes},
        {str(item.facts["shape"]): item for item in shapes},
    )


def _margins_words(table: Table) -> str:
    """How the other margins stand to the main one."""
    reached = [str(row["verdict"]) for row in table.rows if "verdict" in row]
    return f"AUC of the {len(reached)} other margins against it: {counted(reached)}." if reached else ""


def _choice(study: _Study) -> str:
    """The margin and input size that the validation part speaks for, if any; the test part has no say."""
    choice = choose(study.like_main("shape", among=study.plain), what="margins and input sizes")
    if choice is None:
        return "The validation part holds one class only, so that no margin or input size can be chosen on it."
    return f"{choice.words} The test part had no say."


def _size_groups(study: _Study) -> Findings:
    """Each size group with the configuration chosen for it, on the images of that group."""
    sizes, table, main = study.recipe.sizes, study.finished.setup.cohort.table, study.main
    part = Findings("Size groups", unfinished=size_problems(table, unit=sizes.unit))
    if (table[SIZE_GROUP] == UNKNOWN_SIZE).all():
        return part
    groups: list[SizeGroup] = []
    for name in sizes.names:
        keys = table.loc[table[SIZE_GROUP] == name, "key"].astype(str).tolist()
        if not keys:
            part.unfinished.append(f"Size group {name} was left out: no nodule of the cohort has such a size.")
            continue
        own = [item for item in study.like_main("shape", among=study.every) if item.facts["group"] in ("", name)]
        if sizes.train_on == "group":
            own = [item for item in own if item.facts["group"] == name] or own
        found = size_group(name, keys, own if sizes.tune else [main], main, least=sizes.least)
        if isinstance(found, str):
            part.unfinished.append(found)
        else:
            groups.append(found)
    if groups:
        roc = candidates_roc(
            {group.name: group.chosen for group in groups},
            name="roc-size-groups",
            caption="ROC curves of the size groups with their chosen configuration; the band is the first one's",
        )
        caption = "Size groups, each with the margin, input size and training chosen for it"
        part.contents = [size_groups_table(groups, caption=caption), Figures(items=(roc,))]
    return part


def _features(study: _Study) -> Findings:
    """Sonographic features that go with right and wrong calls of the main choice."""
    recipe, main, descriptors = study.recipe, study.main, study.descriptors
    part = Findings("Features and errors", unfinished=list(descriptors.problems))
    if not descriptors.described:
        names = ", ".join(FEATURES)
        part.unfinished.append(
            f"Tables 2 and 3 were left out: the cohort describes no sonographic feature (columns {names})."
        )
        return part
    if descriptors.absent:
        part.unfinished.append(f"Not recorded in the cohort, and so not analysed: {', '.join(descriptors.absent)}.")
    table = main.pooled.merge(descriptors.table, on="key", how="left", validate="many_to_one")
    options = recipe.features
    try:
        found = feature_errors(
            table, contrasts=options.contrasts, enter_at=options.enter_at, confidence=recipe.evaluation.confidence
        )
    except StatisticsError as error:
        part.unfinished.append(f"Tables 2 and 3 were left out: {error}")
        return part
    if "TI-RADS" in study.finished.facts.label_sources:
        part.limitations.append(
            "Features and labels are not independent: the labels follow TI-RADS, which follows these very features, so "
            "that features may go with errors, or not, by construction."
        )
    several = f" of {len(main.judged)} divisions" if len(main.judged) > 1 else ""
    part.contents = [
        f"Of {len(table)} test images{several}, main choice: {found.wrong} of {len(table)} calls were wrong. A "
        "feature that goes with errors need not be their cause, and features go with one another.",
        Heading(text="Right and wrong calls by feature (the paper's Table 2)"),
        *found.calls.values(),
        Heading(text="Odds of a wrong call (the paper's Table 3)"),
        found.odds,
    ]
    part.said.append(_AT_CHANCE if chance_words(main.measures["auc"]) else found.words)
    part.unfinished += [f"Table 3: {problem}" for problem in found.problems]
    return part


def _readers(study: _Study) -> Findings:
    """The main choice beside the readers whose categories the cohort records."""
    setup = study.finished.setup
    found = readers_beside(study.main, setup.cohort, setup.split, study.recipe.readers, title=study.main.network.title)
    part = Findings("Readers", unfinished=list(found.notes))
    if "simulated" in setup.cohort.label_sources and found.table is not None:
        part.limitations.append("Readers are simulated; they say nothing about radiologists.")
    if found.table is not None:
        part.contents = [found.table]
        part.said = readers_words(found.table)
    return part


def _training(study: _Study) -> Findings:
    main = study.main
    caption = "Training of the main choice, mean over divisions"
    training = curves.training_figure({main.network.title: main.network}, caption=caption)
    calibration = calibration_figure(
        main.pooled,
        title="the main choice",
        calibrated=calibration_clause(main.judged),
        options=main.options,
    )
    tested = main.network.tested[0]
    structure = network_figures(tested.spec, parameters=tested.record["parameters"], paper="the paper's Figure 4")
    return Findings("Network, training and calibration", [*structure, training, Figures(items=(calibration,))])


def _flow(study: _Study) -> list[FlowStep]:
    """The end of the flow chart: the parts of the first division, and whose size and features are all known."""
    setup, main = study.finished.setup, study.main
    division, table = setup.split.divisions[0], setup.cohort.table
    rows = {name: setup.split.rows(setup.cohort, division, part) for name, part in _TRAINING.items()}
    tested = table[table["key"].isin(main.pooled["key"])]
    several = len(main.judged) > 1
    excluded = _unknown(tested, study.descriptors)
    steps = [
        FlowStep(
            text=f"Images used: {classes_words(table)} (labels: {', '.join(setup.cohort.label_sources)})",
            n=len(table),
            excluded=tuple((f"{name}: {classes_words(part)}", len(part)) for name, part in rows.items()),
            aside=f"to training ({division.name})" if several else "to training",
        ),
        FlowStep(
            text=f"Images tested: {classes_words(tested)}" + " (all divisions)" * several,
            n=len(tested),
            excluded=tuple(excluded),
            aside="in some tables only",
        ),
    ]
    if excluded:
        left = len(tested) - sum(count for _, count in excluded)
        steps.append(FlowStep(text="Images whose recorded properties are all known", n=left))
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
    counted = []
    open_rows = pd.Series(data=True, index=left.index)
    for reason, rows in missing.items():
        if count := int((rows & open_rows).sum()):
            counted.append((reason, count))
        open_rows &= ~rows
    return counted
