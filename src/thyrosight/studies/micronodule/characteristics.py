"""Patients, nodules and categories by true class (Table 1 of the paper)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    chi_square_test,
    compare_means,
    contingency_table,
    logistic_regression,
    proportion_interval,
)
from thyrosight.studies.base import Measure
from thyrosight.studies.micronodule.result import Characteristic, ClassSummary, SizeLine

_LABELS = ("malignant", "benign")


def characteristics(
    nodules: pd.DataFrame, systems: Mapping[str, tuple[Sequence[str], "pd.Series[Any]"]]
) -> list[Characteristic]:
    """The lines of the table.

    Age and sex are compared between patients (Student's t test and Pearson's chi-square, as in the paper); a patient
    with nodules of both classes counts in both. Size and categories are compared between nodules, by logistic
    regression with generalised estimating equations over patients.

    Args:
        nodules: with label, truth, group, patient_id, nodule_mm and, where known, age and sex.
        systems: per name the categories from least to most suspicious, and each nodule's category ("" for none).
    """
    patients = _patients(nodules)
    known = bool((nodules["patient_id"] != UNKNOWN).all())
    lines = [_counts("No. of patients" if known else "No. of groups (patients unknown)", patients)]
    if "age" in nodules and nodules["age"].notna().any():
        lines.append(_mean("Age (years)", patients, "age", _between_patients))
    if "sex" in nodules and nodules["sex"].notna().any():
        lines += _sex(patients)
    unknown = "nodule_id" in nodules and bool((nodules["nodule_id"] == UNKNOWN).all())
    lines.append(_counts("No. of images (nodules unknown)" if unknown else "No. of nodules", nodules))
    if nodules["nodule_mm"].notna().any():
        lines.append(_mean("Nodule size (mm)", nodules, "nodule_mm", _between_nodules))
    for name, (order, categories) in systems.items():
        lines += _levels(name, nodules, order, categories.loc[nodules.index])
    return lines


def compare_sizes(nodules: pd.DataFrame, limit: float) -> list[SizeLine]:
    """Patients and nodules of at most `limit` mm against larger ones; empty where there are not both.

    The tests are those of `characteristics`, with the size in place of the diagnosis.
    """
    known = nodules[nodules["nodule_mm"].notna()]
    small = known["nodule_mm"] <= limit
    if not small.any() or small.all():
        return []
    # The same lines as by diagnosis: "malignant" stands for small, and the diagnosis is a characteristic of its own.
    swapped = known.assign(truth=small.astype(int), label=np.where(small, *_LABELS))
    lines = characteristics(swapped, {"Diagnosis": (("benign", "malignant"), known["label"].astype(object))})
    return [
        SizeLine(name=line.name, level=line.level, small=line.malignant, large=line.benign, p=line.p,
                 method=line.method.replace(" (category as a number)", ""))
        for line in lines
        if line.name != "Nodule size (mm)"
    ]  # fmt: skip


def _patients(nodules: pd.DataFrame) -> pd.DataFrame:
    """One row per patient (or group) and class."""
    return nodules.drop_duplicates(["group", "label"])


def _counts(name: str, table: pd.DataFrame) -> Characteristic:
    malignant, benign = (ClassSummary(n=int((table["label"] == label).sum())) for label in _LABELS)
    return Characteristic(name=name, malignant=malignant, benign=benign)


_Test = Callable[[pd.DataFrame, str], tuple[float, str]]


def _mean(name: str, table: pd.DataFrame, column: str, test: _Test) -> Characteristic:
    """Mean and standard deviation by class."""
    known = table[table[column].notna()]
    summaries = []
    for label in _LABELS:
        values = known.loc[known["label"] == label, column].astype(float)
        summaries.append(
            ClassSummary(
                n=len(values),
                mean=float(values.mean()) if len(values) else None,
                sd=float(values.std(ddof=1)) if len(values) > 1 else None,
            )
        )
    p, method = _tested(test, known, column)
    missing = len(table) - len(known)
    if missing:
        method += f"; unknown for {missing}"
    return Characteristic(name=name, malignant=summaries[0], benign=summaries[1], p=p, method=method)


def _tested(test: _Test, table: pd.DataFrame, column: str) -> tuple[float | None, str]:
    """P value and method, or None and the reason."""
    try:
        p, method = test(table, column)
    except StatisticsError as error:
        return None, f"no test: {error}"
    return (None if np.isnan(p) else p), method


def _between_patients(table: pd.DataFrame, column: str) -> tuple[float, str]:
    a, b = (table.loc[table["label"] == label, column].to_numpy(dtype=float) for label in _LABELS)
    test = compare_means(a, b, method="student").test
    return test.p, f"{test.method}, between patients"


def _between_nodules(table: pd.DataFrame, column: str) -> tuple[float, str]:
    fit = logistic_regression(
        table["truth"].to_numpy(), {column: table[column].to_numpy(dtype=float)}, cluster=table["group"].to_numpy(str)
    )
    return fit.odds_ratios[0].p, "logistic GEE over patients, between nodules"


def _sex(patients: pd.DataFrame) -> list[Characteristic]:
    known = patients[patients["sex"].notna()]
    try:
        test = chi_square_test(contingency_table(known["sex"].to_numpy(str), known["label"].to_numpy(str)))
        p, method = (None if np.isnan(test.p) else test.p), f"{test.method}, between patients"
    except StatisticsError as error:
        p, method = None, f"no test: {error}"
    missing = len(patients) - len(known)
    if missing:
        method += f"; unknown for {missing}"
    lines = [Characteristic(name="Sex", p=p, method=method)]
    for level, name in (("F", "Female"), ("M", "Male")):
        lines.append(Characteristic(name="Sex", level=name, **_shares(known, known["sex"] == level)))
    return lines


def _shares(table: pd.DataFrame, chosen: "pd.Series[bool]") -> dict[str, ClassSummary]:
    found = {}
    for label in _LABELS:
        among = table["label"] == label
        n = int((among & chosen).sum())
        found[label] = ClassSummary(n=n, share=n / int(among.sum()) if among.any() else None)
    return found


def _levels(
    name: str, nodules: pd.DataFrame, order: Sequence[str], categories: "pd.Series[Any]"
) -> list[Characteristic]:
    """The categories of one system with their rates of malignancy."""
    judged = nodules[categories != ""]
    given = categories.loc[judged.index]
    places = given.map({level: float(place) for place, level in enumerate(order, 1)}).astype(float)
    p, method = _tested(_between_nodules, judged.assign(place=places), "place") if len(judged) else (None, "")
    lines = [Characteristic(name=name, p=p, method=f"{method} (category as a number)")]
    for level in order:
        chosen = given == level
        if not chosen.any():
            continue
        rate = proportion_interval(int(judged.loc[chosen, "truth"].sum()), int(chosen.sum()), method="wilson")
        wald = proportion_interval(int(judged.loc[chosen, "truth"].sum()), int(chosen.sum()), method="wald")
        measure = Measure.of(rate).model_copy(update={"se": Measure.of(wald).se})
        lines.append(Characteristic(name=name, level=level, rate=measure, **_shares(judged, chosen)))
    return lines
