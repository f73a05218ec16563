"""The report of a study of crop margins: the paper's figures and tables, for any cohort with the columns."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from thyrosight.documents import (
    Content,
    Facts,
    Figure,
    Figures,
    FlowStep,
    Heading,
    Section,
    Summary,
    Table,
    section,
)
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.candidates import (
    FURTHER,
    SHOWN,
    candidates_roc,
    candidates_table,
)
from thyrosight.studies.analyses.crops import crop_examples
from thyrosight.studies.analyses.external import external_roc, external_row, external_table
from thyrosight.studies.analyses.part_balance import balance_table, stacked_figure
from thyrosight.studies.analyses.size_groups import SIZE_GROUP, UNKNOWN_SIZE, size_groups_table
from thyrosight.studies.kind import Finished, Report
from thyrosight.studies.kinds.inception_margin.findings import Findings, find
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.measures import pooled_measures
from thyrosight.studies.page import flow_figure, trials_table
from thyrosight.studies.recipe import folder_name
from thyrosight.studies.sentences import chance_words, in_words, methods_rows, tile

_TILES = {"auc": "AUC", "accuracy": "Accuracy", "sensitivity": "Sensitivity", "specificity": "Specificity"}


def report(finished: Finished[Recipe], *, unmatched: Sequence[str]) -> Report:
    """Everything that is said of margins, sizes, features and external sets.

    Args:
        finished: the study.
        unmatched: properties on which training and test part could not be matched.

    Raises:
        NetworkError: the main network could not be trained.
    """
    found = find(finished)
    recipe, main, margins = finished.recipe, found.main, _margins(found)
    shown, pictures = crop_examples(
        finished.setup.cohort, recipe.preparation, recipe.margins, named="paper: Figures 2 and 3"
    )
    flow = (*finished.facts.flow[:-1], *_flow(found))
    sentence = (
        f"Training and test part were not matched on {' and '.join(unmatched)}: the cohort does not record that, or "
        "every image is alike."
    )
    starts = random_starts({main.network.title: main.network})
    outside = {f"external-{folder_name(item.name)}": item.rows for item in found.external}
    return Report(
        key_result=key_result(found, margins),
        sections=_sections(found, margins, shown, flow),
        tiles=[tile(title, main.measures[name]) for name, title in _TILES.items()],
        tiles_note=f"Main choice on the test part: {_main_words(found)}.",
        summary=Summary(table="table-1", columns=("title", *SHOWN), note="test part, 95 % intervals"),
        model=main.network,
        metrics=pooled_measures(main.judged[0].part("test"), options=recipe.statistics),
        limitations=found.limitations,
        unfinished=[*starts, *([sentence] if unmatched else []), *found.unfinished],
        flow=flow,
        single_source=not found.external,
        predictions={d: item.table for d, item in zip(main.network.divisions, main.judged, strict=True)} | outside,
        pictures=pictures,
    )


def _main_words(found: Findings) -> str:
    own = found.finished.recipe.preparation
    return f"{found.main.network.title}, margin {own.margin.value:g} {own.margin.unit}, input {own.size} x {own.size}"


def key_result(found: Findings, margins: Table) -> str:
    """The AUC of the main choice, other margins, what validation speaks for, features, and external sets."""
    area = found.main.measures["auc"]
    parts = [f"{_main_words(found)}: AUC {in_words(area)} on {area.n} test images.", chance_words(area)]
    corrected: list[Any] = [row["delta_auc_p_corrected"] for row in margins.rows if "delta_auc" in row]
    if corrected:
        apart = sum(p < 0.05 for p in corrected)
        parts.append(
            f"Of {len(corrected)} other margins {apart or 'none'} differ{'s' if apart == 1 else ''} from it in AUC "
            "(corrected P below 0.05)."
        )
    parts.append(found.choice)
    if found.features:
        tests: list[Any] = found.features.tests
        low = [test for test in tests if test.get("p_corrected") is not None and test["p_corrected"] < 0.05]
        names = ", ".join(f"{test['feature']} ({test['label']})" for test in low)
        parts.append(
            f"Errors go with {names} (corrected P below 0.05)."
            if low
            else f"No recorded feature goes with errors once {len(tests)} tests are corrected for."
        )
    parts += [f"Outside, on {item.name}: AUC {in_words(item.measures.get('auc'))}." for item in found.external]
    return " ".join(part for part in parts if part)


def _sections(found: Findings, margins: Table, crops: Sequence[Figure], flow: Sequence[FlowStep]) -> list[Section]:
    finished = found.finished
    none: list[Content] = ["No crop is shown: no box of a nodule is known, or the pictures are missing."]
    sections = [
        section("Cohort and division", *_cohort(found, flow)),
        section("Crops", *(crops or none)),
        section("Margins and input sizes", *_sweep(found, margins)),
    ]
    if found.size_groups:
        caption = "Size groups, each with the margin, input size and training chosen for it"
        roc = candidates_roc(
            {group.name: group.chosen for group in found.size_groups},
            name="roc-size-groups",
            caption="ROC curves of the size groups with their chosen configuration; the band is the first one's",
        )
        table = size_groups_table(found.size_groups, caption=caption)
        sections.append(section("Size groups", table, Figures(items=(roc,))))
    if found.features:
        sections.append(section("Features and errors", *_features(found)))
    if found.external:
        sections.append(section("Internal and external", *_external(found)))
    sections.append(section("Training and calibration", *_training(found)))
    sections.append(section("All trials", trials_table(finished.networks, finished.outcomes)))
    return sections


def _cohort(found: Findings, flow: Sequence[FlowStep]) -> list[Content]:
    finished, main = found.finished, found.main
    facts, setup = finished.facts, finished.setup
    parameters = main.network.tested[0].record["parameters"]
    methods = methods_rows(
        facts,
        ("Network", f"{main.network.title}, first weights: {main.network.start}; {parameters:,} parameters"),
        ("Margin in training", str(main.facts["trained"])),
        ("Sweep", f"{len(finished.outcomes)} trials, engine {facts.engine}"),
    )
    figure = stacked_figure(
        setup.cohort,
        setup.split,
        groups=SIZE_GROUP,
        order=(*finished.recipe.sizes.names, UNKNOWN_SIZE),
        column="tirads",
        legend="TI-RADS",
        caption=(
            "TI-RADS categories by nodule size in the training part (with validation) and the test part (images: "
            "{parts}; the paper's Figure 1)"
        ),
    )
    columns = {"label": "label", SIZE_GROUP: "size group", "tirads": "TI-RADS"}
    return [Facts(rows=methods), flow_figure(flow), figure, balance_table(setup.cohort, setup.split, columns)]


def _margins(found: Findings) -> Table:
    unit, size = found.finished.recipe.preparation.margin.unit, found.finished.recipe.preparation.size
    return candidates_table(
        found.margins,
        found.main,
        name="table-1",
        caption=f"Margins, at input size {size} (the paper's Table 1)",
        varied="Margin",
        titles=[f"{item.facts['margin']:g} {unit}" for item in found.margins],
    )


def _sweep(found: Findings, margins: Table) -> list[Content]:
    main, margin = found.main, found.finished.recipe.preparation.margin
    ordered = sorted(found.margins, key=lambda item: item is not main)
    roc = candidates_roc(
        {f"margin {item.facts['margin']:g} {margin.unit}": item for item in ordered},
        name="roc-margins",
        caption="ROC curves of the margins; the band is that of the main choice (the paper's Figure 5)",
    )
    contents: list[Content] = [found.choice, margins]
    if len(found.sizes) > 1:
        sizes = {f"input {item.facts['size']}": item for item in sorted(found.sizes, key=lambda item: item is not main)}
        of_sizes = candidates_roc(sizes, name="roc-input-sizes", caption="ROC curves of the input sizes")
        table = candidates_table(
            found.sizes,
            main,
            name="input-sizes",
            caption=f"Input sizes, at a margin of {margin.value:g} {margin.unit}",
            varied="Input size",
            titles=[f"{item.facts['size']} x {item.facts['size']}" for item in found.sizes],
        )
        contents += [Figures(items=(roc, of_sizes)), Heading(text="Input sizes"), table]
    else:
        contents.append(Figures(items=(roc,)))
    if len(found.shapes) > 1:
        table = candidates_table(
            found.shapes,
            main,
            name="shapes",
            caption="Square crop against the rectangle that the paper rejected",
            varied="Shape",
            titles=[str(item.facts["shape"]) for item in found.shapes],
        )
        contents += [Heading(text="Shape of the crop"), table]
    return contents


def _features(found: Findings) -> list[Content]:
    features = found.features
    assert features is not None, "the section is left out without features"
    return [
        f"Of {found.features_of}: {features.wrong} of {features.images} calls were wrong. A feature that goes with "
        "errors need not be their cause, and features go with one another.",
        Heading(text="Right and wrong calls by feature (the paper's Table 2)"),
        *features.calls.values(),
        Heading(text="Odds of a wrong call (the paper's Table 3)"),
        features.odds,
    ]


def _external(found: Findings) -> list[Content]:
    finished, main = found.finished, found.main
    recipe, facts = finished.recipe, finished.facts
    inside = f"{facts.cohort.get('name', '')} (internal)"
    sources, split = facts.label_sources, facts.split_kind
    rows = [external_row(inside, main.pooled, labels=sources, split=split, measures=main.measures)]
    notes = [
        "The network of the first division, with the calibration and operating point chosen on its own validation "
        "part; internal figures are of the test part of all divisions."
    ]
    for item in found.external:
        rows.append(
            external_row(
                f"{item.name} (external)",
                item.rows,
                labels=item.labels,
                split="external set",
                measures=item.measures,
            )
        )
        boxes = f"{item.without_box} without a box: whole scan area" if item.without_box else "all with a box"
        notes.append(f"{item.name}: {item.rows['group'].nunique()} groups, {boxes}.")
        notes += [f"{item.name}: {item.note}"] if item.note else []
        notes += [f"{item.name}, left out: {count} images, {reason}." for reason, count in item.excluded]
    labels = "; ".join(f"{item.name}: labels {' and '.join(item.labels)}" for item in found.external)
    figure = external_roc(
        {
            name: (table, measures["auc"])
            for name, table, measures in (
                (inside, main.pooled, main.measures),
                *((item.name, item.rows, item.measures) for item in found.external if "auc" in item.measures),
            )
        },
        caption=f"ROC curves of the main network within its cohort and outside ({labels})",
        options=recipe.statistics,
    )
    caption = "The main network within its cohort and on cohorts it never saw"
    table = external_table(rows, caption=caption, measures=SHOWN, further=FURTHER, by_class=True, notes=notes, strong=0)
    return [table, Figures(items=(figure,)) if figure else None]


def _training(found: Findings) -> list[Content]:
    main = found.main
    figure = curves.training_figure(
        {main.network.title: main.network}, caption="Training of the main choice, mean over divisions"
    )
    calibration = curves.calibration_figure(main.pooled, title="the main choice", options=main.options)
    return [figure, Figures(items=(calibration,))]


_TRAINING = (("training", "train"), ("validation", "validation"))


def _flow(found: Findings) -> list[FlowStep]:
    """The end of the flow chart: the parts of the first division, and whose size and features are all known."""
    setup, main = found.finished.setup, found.main
    division, table = setup.split.divisions[0], setup.cohort.table
    rows = {part: setup.split.rows(setup.cohort, division, part) for part in ("train", "validation")}
    tested = table[table["key"].isin(main.pooled["key"])]
    several = len(main.judged) > 1
    excluded = _unknown(tested, found)
    steps = [
        FlowStep(
            text=f"Images used: {_classes(table)} (labels: {', '.join(setup.cohort.label_sources)})",
            n=len(table),
            excluded=tuple((f"{name}: {_classes(rows[part])}", len(rows[part])) for name, part in _TRAINING),
            aside=f"to training ({division.name})" if several else "to training",
        ),
        FlowStep(
            text=f"Images tested: {_classes(tested)}" + " (all divisions)" * several,
            n=len(tested),
            excluded=tuple(excluded),
            aside="in some tables only",
        ),
    ]
    if excluded:
        left = len(tested) - sum(count for _, count in excluded)
        steps.append(FlowStep(text="Images whose recorded properties are all known", n=left))
    return steps


def _unknown(tested: pd.DataFrame, found: Findings) -> list[tuple[str, int]]:
    """Tested images by the first property that is not known of them; properties that no image has are passed over."""
    descriptors = found.descriptors
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
        count = int((rows & open_rows).sum())
        if count:
            counted.append((reason, count))
        open_rows &= ~rows
    return counted


def _classes(rows: pd.DataFrame) -> str:
    return f"{int((rows['label'] == 'benign').sum())} benign, {int((rows['label'] == 'malignant').sum())} malignant"
