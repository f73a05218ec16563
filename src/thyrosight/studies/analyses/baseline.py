"""Baseline characteristics: patients, lesions and categories of two groups side by side, each compared between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.documents import Column, Measure, Row, Share, Table, columns, hidden, sentence
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    LEAST_GROUPS,
    chi_square_test,
    compare_means,
    contingency_table,
    logistic_regression,
    mann_whitney_test,
    proportion_interval,
)
from thyrosight.studies.measures import distribution

_INDENT = "\N{EM SPACE}"
_NO_QUARTILES = dict.fromkeys(("quartile_1", "median", "quartile_3"))


@dataclass(frozen=True)
class Groups:
    """The two groups that are compared: a column of the table, and the titles of its two values.

    The first value is the one whose odds a regression models, and whose share a rate is.
    """

    column: str
    titles: Mapping[str, str]


BY_CLASS = Groups("label", {"malignant": "Malignant", "benign": "Benign"})


@dataclass(frozen=True)
class Characteristic:
    """One characteristic of the table.

    Attributes:
        column: of the table; rows are only counted where empty.
        test: `chi-square` (Pearson), `student` (t test), `ranks` (Mann-Whitney), or `regression`: logistic regression
            with generalised estimating equations over patients, in which a level counts by its place.
        patients: compared between patients (or groups), of whom one with lesions of both groups counts in both.
        levels: title of each value, from the lowest to the highest; a quantity has none.
        rate: give the share of the first group in each level.
    """

    name: str
    column: str = ""
    test: Literal["", "chi-square", "student", "ranks", "regression"] = ""
    patients: bool = False
    levels: Mapping[str, str] = field(default_factory=dict)
    rate: bool = False


SEX = Characteristic("Sex", "sex", "chi-square", patients=True, levels={"F": "Female", "M": "Male"})


def baseline_table(
    rows: pd.DataFrame,
    characteristics: Sequence[Characteristic],
    *,
    caption: str,
    name: str = "baseline",
    groups: Groups = BY_CLASS,
    unit: str = "images",
    notes: Sequence[str] = (),
) -> Table:
    """The characteristics of two groups with P values; those that the table does not record are left out.

    Args:
        rows: of a cohort, with the columns group and patient_id and that of `groups`.
        characteristics: from top to bottom; how each was compared is added to the notes.
        groups: that are compared.
        unit: what a row stands for, in the plural.
    """
    patients = rows.drop_duplicates(["group", groups.column])
    found = [
        row
        for item in characteristics
        for row in _rows(item, patients if item.patients else rows, groups, unit="patients" if item.patients else unit)
    ]
    rated = any(item.rate for item in characteristics)
    return Table(
        name=name,
        caption=caption,
        columns=(
            *hidden("characteristic", "level"),
            Column(key="title", title="Characteristic"),
            *columns("summary", groups.titles, blank=True),
            *columns("rate", {"rate": "Malignancy rate, % (SE)"} if rated else {}, blank=True),
            Column(key="p", title="P", kind="p", blank=True),
            *hidden("test"),
        ),
        rows=tuple(found),
        notes=(*notes, *_ways(found)),
    )


def recorded(rows: pd.DataFrame, column: str) -> bool:
    """Whether a column is there and tells anything."""
    return column in rows and bool(_known(rows[column]).any())


def patients_title(rows: pd.DataFrame) -> str:
    """The name of those behind the rows: patients where all are known, else groups."""
    return "patients" if bool((rows["patient_id"] != UNKNOWN).all()) else "groups (patients unknown)"


def _known(cells: "pd.Series[Any]") -> "pd.Series[bool]":
    return cells.notna() & ~cells.astype(str).isin(["", UNKNOWN])


def _rows(item: Characteristic, rows: pd.DataFrame, groups: Groups, *, unit: str) -> list[Row]:
    start: Row = {"characteristic": item.name, "level": "", "title": item.name}
    if not item.column:
        return [start | {key: int((rows[groups.column] == key).sum()) for key in groups.titles}]
    if not recorded(rows, item.column):
        return []
    told = rows[item.column].isin(item.levels) if item.levels else _known(rows[item.column])
    known = rows[told]
    p, method = _compare(item, known, groups, unit=unit)
    missing = len(rows) - len(known)
    unknown = f"; unknown for {missing}" if missing and not item.rate else ""
    head: Row = start | {"p": p, "test": method + unknown}
    if item.levels:
        return [head, *_levels(item, known, groups)]
    own = {key: known.loc[known[groups.column] == key, item.column].astype(float) for key in groups.titles}
    return [head | {key: distribution(values).model_copy(update=_NO_QUARTILES) for key, values in own.items()}]


def _levels(item: Characteristic, known: pd.DataFrame, groups: Groups) -> list[Row]:
    """The levels that any row has, with their shares of each group."""
    sizes = {key: int((known[groups.column] == key).sum()) for key in groups.titles}
    found = []
    for value, title in item.levels.items():
        at = known.loc[known[item.column] == value, groups.column]
        if at.empty:
            continue
        counts = {key: int((at == key).sum()) for key in groups.titles}
        row: Row = {"characteristic": item.name, "level": title, "title": f"{_INDENT}{title}"}
        row |= {key: Share(n=count, of=sizes[key]) for key, count in counts.items()}
        if item.rate:
            count = next(iter(counts.values()))
            plain = proportion_interval(count, len(at), method="wald").se  # sqrt(p (1 - p) / n), as papers print it
            wilson = Measure.of(proportion_interval(count, len(at), method="wilson"))
            row["rate"] = wilson.model_copy(update={"se": plain or None})  # of none and of all it would be 0
        found.append(row)
    return found


def _compare(item: Characteristic, known: pd.DataFrame, groups: Groups, *, unit: str) -> tuple[float | None, str]:
    """P value and method, or None and the reason."""
    place = {value: float(place) for place, value in enumerate(item.levels, 1)}
    values = known[item.column].map(place) if item.levels else known[item.column]
    numbers = values.to_numpy(dtype=float)
    member = known[groups.column].to_numpy(dtype=str)
    first, second = groups.titles
    fewest = min(int(known.loc[member == name, "group"].nunique()) for name in groups.titles)
    if len(np.unique(values.astype(str))) < 2:
        return None, "not tested: the same everywhere"
    if fewest < LEAST_GROUPS:
        return None, f"not tested: a P value needs {LEAST_GROUPS} patients or groups on each side"
    try:
        if item.test == "regression":
            cluster = known["group"].to_numpy(dtype=str)
            fit = logistic_regression((member == first).astype(int), {item.name: numbers}, cluster=cluster)
            p, method = fit.odds_ratios[0].p, "logistic GEE over patients"
        else:
            if item.test == "chi-square":
                test = chi_square_test(contingency_table(known[item.column].to_numpy(str), member))
            elif item.test == "student":
                test = compare_means(numbers[member == first], numbers[member == second], method="student").test
            else:
                test = mann_whitney_test(numbers[member == first], numbers[member == second])
            p, method = test.p, test.method
    except StatisticsError as error:
        return None, f"not tested: {error}"
    as_number = " (category as a number)" if item.test == "regression" and len(item.levels) > 2 else ""
    return (None if np.isnan(p) else p), f"{method}, between {unit}{as_number}"


def _ways(rows: Sequence[Row]) -> list[str]:
    """How each characteristic was compared, each way named once."""
    ways: dict[str, list[str]] = {}
    for row in rows:
        if row.get("test"):
            ways.setdefault(str(row["test"]), []).append(str(row["characteristic"]))
    told = [sentence(f"{', '.join(names)}: {method}") for method, names in ways.items()]
    return [*told, *(["P values are not corrected for their number."] if sum(_tested(row) for row in rows) > 1 else [])]


def _tested(row: Row) -> bool:
    return row.get("p") is not None
