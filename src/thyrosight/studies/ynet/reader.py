"""The original report as a reader on the test images: its measures, and the networks against it."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from thyrosight.errors import StatisticsError
from thyrosight.statistics import adjust_p_values, compare_proportions
from thyrosight.studies.base import Measure
from thyrosight.studies.ynet.evaluate import table_3
from thyrosight.studies.ynet.report_keywords import (
    DICTIONARY,
    KeywordDictionary,
    ReportReading,
    count_readings,
    load_dictionary,
    read_report,
)
from thyrosight.studies.ynet.result import ReportComparison, ReportReader
from thyrosight.studies.ynet.tested import Tested
from thyrosight.studies.ynet.trials import Setup

_MCNEMAR = ("sensitivity", "specificity", "accuracy")
_PREDICTIVE = ("ppv", "npv")


def read_original_reports(
    setup: Setup, found: Sequence[Tested], *, once: bool
) -> tuple[ReportReader | None, list[str]]:
    """Read the reports of the test images by keywords, or say why that cannot be.

    Args:
        setup: of the study.
        found: the networks; those that learn classes are compared with the reports that decide.
        once: whether each image was tested by one division at most.

    Raises:
        RecipeError: the dictionary cannot be read.
    """
    options = setup.recipe.report
    column = options.column
    table = setup.cohort.table
    if column not in table or not table[column].notna().any():
        return None, [f"There is no row of the original report: the cohort has no column {column} with text."]
    words = load_dictionary(Path(options.dictionary)) if options.dictionary else load_dictionary()
    called, readings = _read_all(setup, words)
    decided = called[called["verdict"] != "undecided"]
    if decided.empty:
        counts = ", ".join(f"{name} {n}" for name, n in count_readings(readings).items() if n)
        return None, [f"The original reports decide nothing by these keywords ({counts}); extend the dictionary."]
    reader = ReportReader(
        column=column,
        dictionary=Path(options.dictionary).name
        if options.dictionary
        else f"shipped with ThyroSight ({DICTIONARY.name})",
        images=len(called),
        readings=count_readings(readings),
        decided=_measures(decided, setup, undecided="left out"),
        undecided_wrong=_measures(called, setup, undecided="wrong"),
        undecided_right=_measures(called, setup, undecided="right"),
        comparisons=_comparisons(found, decided, setup, once=once),
    )
    return reader, []


def _read_all(setup: Setup, words: KeywordDictionary) -> tuple[pd.DataFrame, list[ReportReading]]:
    """What the report of each test image says, each image once, however many divisions tested it."""
    tested = {group for division in setup.split.divisions for group in division.test}
    keys = {key for group in tested for key in setup.split.groups[group]}
    table = setup.cohort.table
    rows = table[table["key"].isin(keys)]
    readings = [read_report(text, words) for text in rows[setup.recipe.report.column]]
    called = pd.DataFrame(
        {
            "key": rows["key"].astype(str).tolist(),
            "group": rows["group"].astype(str).tolist(),
            "truth": (rows["label"] == "malignant").astype(int).tolist(),
            "verdict": [reading.verdict for reading in readings],
        }
    )
    return called, readings


def _measures(called: pd.DataFrame, setup: Setup, *, undecided: str) -> dict[str, Measure]:
    """Table 3 with the undecided reports left out, or as wrong or right calls."""
    predicted = (called["verdict"] == "malignant").astype(int)
    open_ones = called["verdict"] == "undecided"
    predicted = predicted.where(~open_ones, called["truth"] if undecided == "right" else 1 - called["truth"])
    table = called.assign(predicted=predicted)
    return table_3(table, options=setup.recipe.evaluation, seed=setup.recipe.seed)


def _comparisons(found: Sequence[Tested], decided: pd.DataFrame, setup: Setup, *, once: bool) -> list[ReportComparison]:
    """Networks against the report on the images whose report decides; P corrected by Holm over all of them."""
    rows = [
        row
        for item in found
        if item.judged
        for row in _against_report(item, decided, confidence=setup.recipe.evaluation.confidence, once=once)
    ]
    known = [row.p for row in rows if row.p is not None]
    values = iter(adjust_p_values(known, method="holm").tolist() if known else [])
    return [row.model_copy(update={"p_corrected": None if row.p is None else next(values)}) for row in rows]


def _against_report(item: Tested, decided: pd.DataFrame, *, confidence: float, once: bool) -> list[ReportComparison]:
    both = item.pooled.merge(decided[["key", "verdict"]], on="key", validate="many_to_one")
    report = (both["verdict"] == "malignant").to_numpy(dtype=int)
    independent = once and both["group"].is_unique
    rows = []
    for quantity in (*_MCNEMAR, *_PREDICTIVE):
        paired = independent and quantity in _MCNEMAR
        try:
            test = compare_proportions(
                both["truth"].to_numpy(),
                both["predicted"].to_numpy(),
                report,
                quantity=quantity,
                method="mcnemar-exact" if paired else "gee",
                cluster=None if independent else both["group"].to_numpy(str),
                confidence=confidence,
            )
        except StatisticsError:
            continue  # a quantity that one of both does not define, such as the NPV where nothing was called benign
        facts = test.to_dict()
        rows.append(
            ReportComparison(
                network=item.network.title,
                quantity=quantity,
                of_network=test.a.value,
                of_report=test.b.value,
                difference=test.difference,
                low=test.low,
                high=test.high,
                p=facts["p"],
                p_corrected=None,
                method=test.method,
                n=test.n,
            )
        )
    return rows
