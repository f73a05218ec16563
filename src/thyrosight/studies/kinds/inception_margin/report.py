"""The report of a study of crop margins: margins, sizes, size groups, features that go with errors, other cohorts."""

from collections.abc import Sequence

from thyrosight.cohort.records.descriptors import FEATURES
from thyrosight.cohort.records.sizes import SIZE_GROUP, UNKNOWN_SIZE, size_problems
from thyrosight.documents import Content, Figures, Heading, Summary, Table, sentence
from thyrosight.errors import StatisticsError
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.candidates import SHOWN, Candidate, candidates_roc, candidates_table, choose
from thyrosight.studies.analyses.feature_errors import feature_errors
from thyrosight.studies.analyses.network_figures import figures_of
from thyrosight.studies.analyses.readers_beside import readers_beside, readers_words
from thyrosight.studies.analyses.size_groups import SizeGroup, size_group, size_groups_table
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.inception_margin.cohort import cohort_part, flow_steps
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.kinds.inception_margin.shapes import crops, shape_words
from thyrosight.studies.kinds.inception_margin.study import Study, main_words, study_of
from thyrosight.studies.measures import pooled_measures
from thyrosight.studies.page import trials_table
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.sentences import chance_words, tile
from thyrosight.studies.verdicts import counted

_AT_CHANCE = "The network cannot be told from guessing, so that no feature is said to go with its errors."
_TILES = {"auc": "AUC", "accuracy": "Accuracy", "sensitivity": "Sensitivity", "specificity": "Specificity"}


def report(finished: Finished[Recipe], *, unmatched: Sequence[str]) -> Report:
    """Report on margins, sizes, features and external sets.

    Args:
        unmatched: properties on which training and test part could not be matched.

    Raises:
        NetworkError: the main network could not be trained.
    """
    study = study_of(finished)
    main = study.main
    flow = (*finished.facts.flow[:-1], *flow_steps(study))
    finished.progress("Evaluating", 0, 1)
    parts = [cohort_part(study, flow, unmatched), crops(finished), _sweep(study), _size_groups(study), _features(study)]
    parts += [_readers(study), *further(finished), _training(study)]
    parts.append(Findings("All trials", [trials_table(finished.every, finished.outcomes)]))
    finished.progress("Evaluating", 1, 1)
    return Report.of(
        parts,
        tiles=[tile(title, main.measures[name]) for name, title in _TILES.items()],
        tiles_note=f"Main choice on the test part: {main_words(study)}.",
        summary=Summary(
            table="table-1", columns=("title", *SHOWN), figure="roc-margins", note="test part, 95 % intervals"
        ),
        model=main.network,
        metrics=pooled_measures(main.judged[0].part("test"), options=study.recipe.statistics),
        flow=flow,
    )


def _sweep(study: Study) -> Findings:
    main, own = study.main, study.recipe.preparation
    margins, sizes, shapes = _varied(study)
    around = f"{own.margin.value:g} {own.margin.unit}"
    caption = f"Margins, at input size {own.size} (the paper's Table 1)"
    table = candidates_table(margins, main, name="table-1", varied="Crop margin", caption=caption)
    band = curves.band_words(main.pooled, "the main choice")
    caption = f"ROC curves of the margins (the paper's Figure 5).{band}"
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


def _varied(study: Study) -> tuple[dict[str, Candidate], dict[str, Candidate], dict[str, Candidate]]:
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
    return f"AUC of the other margins against it: {counted(reached)}." if reached else ""


def _choice(study: Study) -> str:
    """The margin and input size that the validation part speaks for, if any; the test part has no say."""
    choice = choose(study.like_main("shape", among=study.plain), what="margins and input sizes")
    if choice is None:
        return "The validation part holds one class only, so that no margin or input size can be chosen on it."
    return f"{choice.words} The test part had no say."


def _size_groups(study: Study) -> Findings:
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
            caption="ROC curves of the size groups with their chosen configuration."
            + curves.band_words(groups[0].chosen.pooled, groups[0].name),
        )
        caption = "Size groups, each with the margin, input size and training chosen for it"
        part.contents = [size_groups_table(groups, caption=caption), Figures(items=(roc,))]
    return part


def _features(study: Study) -> Findings:
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
    at_chance = bool(chance_words(main.measures["auc"]))
    try:
        found = feature_errors(
            table,
            contrasts=options.contrasts,
            enter_at=options.enter_at,
            confidence=recipe.evaluation.confidence,
            at_chance=at_chance,
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
    part.said.append(_AT_CHANCE if at_chance else found.words)
    part.unfinished += [f"Table 3: {problem}" for problem in found.problems]
    return part


def _readers(study: Study) -> Findings:
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


def _training(study: Study) -> Findings:
    main = study.main
    several = ", mean over divisions" if len(main.judged) > 1 else ""
    caption = f"Training of the main choice{several}"
    training = curves.training_figure({main.network.title: main.network}, caption=caption)
    calibration = calibration_figure(
        main.pooled, title="the main choice", calibrated=calibration_clause(main.judged), options=main.options
    )
    structure = figures_of(main.network, paper="the paper's Figure 4")
    return Findings("Network, training and calibration", [*structure, training, Figures(items=(calibration,))])
