"""How well ordered risk categories sort lesions: those of a network, from its probability, and those of readers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort.records.readers import Reading
from thyrosight.documents import Column, Measure, Row, Table, columns, hidden, sentence
from thyrosight.errors import StatisticsError
from thyrosight.statistics import categorisation, compare_categorisations
from thyrosight.studies.analyses.baseline import Characteristic
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import correct_rows, share_of
from thyrosight.studies.verdicts import few_groups
from thyrosight.tirads import RiskCategories

CALIBRATED = "CNN TIRADS"
UNCALIBRATED = "CNN TIRADS, uncalibrated"

Systems = Mapping[str, tuple[Sequence[str], "pd.Series[Any]"]]
"""Per system its categories from least to most suspicious, and each lesion's category ("" for none)."""


def category_systems(lesions: pd.DataFrame, readings: Sequence[Reading], rule: RiskCategories) -> Systems:
    """The categories of the network, calibrated and not, and of each reader who gave categories."""
    found: dict[str, tuple[Sequence[str], pd.Series[Any]]] = {}
    if "risk" in lesions:
        plain = np.allclose(lesions["risk"], lesions["probability"])
        kinds = ((CALIBRATED, "risk"), *(() if plain else ((UNCALIBRATED, "probability"),)))
        for name, column in kinds:
            values = np.clip(lesions[column].to_numpy(dtype=float), 0, 1)
            found[name] = (rule.names, pd.Series(rule.categories(values), index=lesions.index, dtype=object))
    for reading in readings:
        if reading.order:
            found[reading.name] = (reading.order, reading.categories.loc[lesions.index])
    return found


def with_categories(lesions: pd.DataFrame, systems: Systems) -> tuple[pd.DataFrame, list[Characteristic]]:
    """The lesions with a column for each system, and the systems as characteristics with their rates of malignancy."""
    cells = {f"category of {name}": categories for name, (_, categories) in systems.items()}
    items = [
        Characteristic(name, f"category of {name}", "regression", levels={level: level for level in order}, rate=True)
        for name, (order, _) in systems.items()
    ]
    return lesions.assign(**cells), items


def categorisation_table(
    lesions: pd.DataFrame, systems: Systems, *, caption: str, options: Evaluation
) -> tuple[Table | None, list[str]]:
    """How well each system sorts lesions of both classes, and the network's calibrated categories against each other.

    Returns:
        The table, None without a system; and sentences about what could not be computed.
    """
    rows, notes, missing, uncompared = [], [], [], []
    for name, (order, categories) in systems.items():
        truth, places = _places(lesions, order, categories)
        try:
            row, note = _sorted(name, truth, places, order)
        except StatisticsError as error:
            missing.append(f"{name}: {error}")
            continue
        try:
            row |= _against(lesions, systems, name, options)
        except StatisticsError as error:
            uncompared.append(f"{CALIBRATED} against {name}: {error}")
        rows.append(row)
        notes += [sentence(f"{name}: {note}")] if note else []
    if not rows:
        return None, [*missing, *uncompared]
    correct_rows(rows)
    statistics = {"linear_trend": "Linear trend χ²", "likelihood_ratio": "Likelihood ratio χ²", "aic": "AIC"}
    table = Table(
        name="categorisation",
        caption=caption,
        columns=(
            Column(key="system", title="System"),
            Column(key="n", title="n", kind="count"),
            *columns("number", statistics, digits=1),
            Column(key="difference", title="AIC of CNN TIRADS minus this", kind="difference", digits=1),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
        ),
        rows=tuple(rows),
        notes=(
            "Larger chi-squares mean steadier rise (trend) and less mixture (likelihood ratio); a smaller AIC means a "
            "more informative system.",
            *notes,
        ),
    )
    return table, [*missing, *uncompared]


def _places(
    lesions: pd.DataFrame, order: Sequence[str], categories: "pd.Series[Any]"
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Truth and the place of each lesion's category, for lesions that have one."""
    given = categories.loc[lesions.index]
    judged = given[given != ""]
    place = {level: float(place) for place, level in enumerate(order, 1)}
    truth = lesions.loc[judged.index, "truth"].to_numpy(dtype=np.int64)
    return truth, np.array([place[level] for level in judged], dtype=np.float64)


def _sorted(name: str, truth: NDArray[np.int64], places: NDArray[np.float64], order: Sequence[str]) -> tuple[Row, str]:
    """The figures of one system, and what stands in their way."""
    row: Row = {"system": name, "n": len(truth)}
    if len(set(places)) == 1:
        category = order[int(places[0]) - 1]
        undefined: Row = {"linear_trend": None, "likelihood_ratio": None, "aic": None}
        return row | undefined, f"all {len(truth)} nodules are in category {category}, so nothing is sorted"
    result = categorisation(truth, places)
    plain = result.to_dict()
    statistics = {key: plain[key]["statistic"] for key in ("linear_trend", "likelihood_ratio")}
    return row | statistics | {"aic": plain["aic"]}, result.note


def _against(lesions: pd.DataFrame, systems: Systems, name: str, options: Evaluation) -> Row:
    """AIC of the calibrated categories minus that of another system, on lesions that have a category of both.

    Empty where there is nothing to compare: a system of one category sorts nothing, as its own line says.
    """
    if CALIBRATED not in systems or name == CALIBRATED:
        return {}
    own, other = systems[CALIBRATED], systems[name]
    both = lesions[(own[1].loc[lesions.index] != "") & (other[1].loc[lesions.index] != "")]
    truth, ours = _places(both, *own)
    _, theirs = _places(both, *other)
    if min(len(set(ours)), len(set(theirs))) < 2:
        return {}
    if few := few_groups(both):
        raise StatisticsError(few)
    result = compare_categorisations(
        truth, ours, theirs, cluster=both["group"].to_numpy(dtype=str), **options.bootstrapped
    )
    difference = Measure.of(result.aic_difference).model_copy(update={"method": result.method, "n": len(both)})
    return {"difference": difference, "p": None if np.isnan(result.p) else result.p}


def categories_table(
    lesions: pd.DataFrame, systems: Systems, *, caption: str, rule: RiskCategories, options: Evaluation
) -> Table | None:
    """Malignant of all lesions in each category of the network, calibrated beside uncalibrated; None without one."""
    own = {key: systems[name] for key, name in _KEYS.items() if name in systems}
    if not own:
        return None
    rows = []
    for level in rule.names:
        row: Row = {"category": level, "title": f"Category {level}"}
        for key, (_, categories) in own.items():
            there = lesions[categories.loc[lesions.index] == level]
            if rate := share_of(there["truth"], there["group"], options):
                malignant = int(there["truth"].sum())
                row |= {f"{key}_malignant": malignant, f"{key}_total": len(there), f"{key}_rate": rate}
        if len(row) > 2:
            rows.append(row)
    shown = [
        column
        for key in own
        for column in (
            *columns("count", {f"{key}_malignant": f"{_KEYS[key]}: malignant", f"{key}_total": "of"}),
            Column(key=f"{key}_rate", title="Rate, %", kind="percent"),
        )
    ]
    return Table(
        name="categories",
        caption=caption,
        columns=(*hidden("category"), Column(key="title", title="Category"), *shown),
        rows=tuple(rows),
        notes=(
            f"Rule: {rule.text()}. " + ("Calibrated on the validation part." if len(own) > 1 else "Not calibrated."),
        ),
    )


_KEYS = {"calibrated": CALIBRATED, "uncalibrated": UNCALIBRATED}
