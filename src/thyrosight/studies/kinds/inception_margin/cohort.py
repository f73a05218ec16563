"""The cohort of a study of crop margins: how it was studied and divided, and who is in which table."""

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from thyrosight.cohort.records.descriptors import Descriptors
from thyrosight.cohort.records.sizes import SIZE_GROUP, UNKNOWN_SIZE
from thyrosight.documents import Facts, FlowStep
from thyrosight.studies.analyses.part_balance import balance_table, stacked_figure
from thyrosight.studies.kind import Findings
from thyrosight.studies.kinds.inception_margin.shapes import shape_words
from thyrosight.studies.kinds.inception_margin.study import Study, main_words
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.page import flow_figure
from thyrosight.studies.sentences import chance_words, classes_words, in_words, methods_rows

_TRAINING: dict[str, Literal["train", "validation"]] = {"training": "train", "validation": "validation"}


def cohort_part(study: Study, flow: Sequence[FlowStep], unmatched: Sequence[str]) -> Findings:
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
        said=[f"{main_words(study)}: AUC {in_words(area)} on {area.n} test images.", chance_words(area)],
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


def flow_steps(study: Study) -> list[FlowStep]:
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
