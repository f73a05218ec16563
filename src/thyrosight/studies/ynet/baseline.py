"""Who is in the cohort, by true class: the baseline characteristics and Table 2 of the paper."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.errors import StatisticsError
from thyrosight.parts import Part
from thyrosight.statistics import chi_square_test, contingency_table, logistic_regression, mann_whitney_test

_LABELS = ("malignant", "benign")
LEVELS = ("I", "II", "III", "IV", "V", "VI", "VII")
_SIDES = ("right", "left", "middle", "")


class ClassFigures(Part):
    """A line of the baseline table for one class: a count with its share, or a quantity."""

    n: int
    share: float | None = None
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None


class BaselineLine(Part):
    """One line of the baseline table."""

    name: str
    level: str = ""
    """A category of the line above."""
    malignant: ClassFigures | None = None
    benign: ClassFigures | None = None
    p: float | None = None
    method: str = ""


class NeckLevel(Part):
    """Images of one neck level and side by class: a row of Table 2."""

    level: str
    side: str
    malignant: int
    benign: int


def baseline(table: pd.DataFrame) -> list[BaselineLine]:
    """The lines that the cohort's columns allow.

    Patients are compared in sex (Pearson's chi-square, as in the paper) and age (Mann-Whitney); one with lesions of
    both classes counts in both. The axes are compared between lesions, by logistic regression with generalised
    estimating equations over patients.

    Args:
        table: of a cohort with groups.
    """
    patients = table.drop_duplicates(["group", "label"])
    known = bool((table["patient_id"] != UNKNOWN).all())
    lines = [_counts("Patients" if known else "Groups (patients unknown)", patients)]
    if _has(table, "sex"):
        lines += _sex(patients)
    if _has(table, "age"):
        lines.append(_quantity("Age (years)", patients, "age", _by_ranks))
    lines.append(_counts("Images", table))
    for name, column in (("Long axis (mm)", "size_mm"), ("Short axis (mm)", "short_axis_mm")):
        if _has(table, column):
            lines.append(_quantity(name, table, column, _by_regression))
    return lines


def neck_levels(table: pd.DataFrame) -> list[NeckLevel]:
    """Table 2: images by neck level, side and class; empty where no level is recorded.

    A level or side that is not recorded is called so. Sides are not told apart where no column `neck_side` has them.
    """
    if not _has(table, "neck_level"):
        return []
    level = table["neck_level"].astype(object).where(table["neck_level"].notna(), "not recorded").astype(str)
    level = level.str.strip().str.removeprefix("level ").str.removeprefix("Level ")
    side = pd.Series("", index=table.index)
    if _has(table, "neck_side"):
        side = table["neck_side"].astype(object).where(table["neck_side"].notna(), "").astype(str).str.strip()
    counts = pd.crosstab([level, side], table["label"])
    rows = [
        NeckLevel(
            level=str(place[0]),
            side=str(place[1]),
            **{label: int(counts.loc[place].get(label, 0)) for label in _LABELS},
        )
        for place in counts.index
    ]
    return sorted(rows, key=lambda row: (_place(LEVELS, row.level), row.level, _place(_SIDES, row.side), row.side))


def absent_columns(table: pd.DataFrame) -> list[str]:
    """Sentences about the tables that the cohort's columns do not allow."""
    found = []
    wanted = {"sex": "sex", "size_mm": "the long axis", "short_axis_mm": "the short axis"}
    missing = [words for column, words in wanted.items() if not _has(table, column)]
    if missing:
        found.append(
            f"The baseline table lacks {' and '.join(missing)}: the cohort does not record "
            + ("it." if len(missing) == 1 else "them.")
        )
    if not _has(table, "neck_level"):
        found.append("There is no table of neck levels: the cohort does not record them.")
    elif not _has(table, "neck_side"):
        found.append("Neck levels are not parted by side: the cohort does not record it.")
    return found


def _place(order: tuple[str, ...], value: str) -> int:
    return order.index(value) if value in order else len(order)


def _has(table: pd.DataFrame, column: str) -> bool:
    if column not in table:
        return False
    cells = table[column]
    return bool((cells.notna() & (cells.astype(str) != UNKNOWN)).any())


def _counts(name: str, table: pd.DataFrame) -> BaselineLine:
    malignant, benign = (ClassFigures(n=int((table["label"] == label).sum())) for label in _LABELS)
    return BaselineLine(name=name, malignant=malignant, benign=benign)


def _sex(patients: pd.DataFrame) -> list[BaselineLine]:
    known = patients[patients["sex"].isin(["F", "M"])]
    p, method = _tested(_by_counts, known, "sex")
    lines = [BaselineLine(name="Sex", p=p, method=method + _unknown(patients, known))]
    for level, words in (("F", "female"), ("M", "male")):
        figures = {}
        for label in _LABELS:
            own = known[known["label"] == label]
            n = int((own["sex"] == level).sum())
            figures[label] = ClassFigures(n=n, share=n / len(own) if len(own) else None)
        lines.append(BaselineLine(name="Sex", level=words, **figures))
    return lines


_Test = Callable[[pd.DataFrame, str], tuple[float, str]]


def _quantity(name: str, table: pd.DataFrame, column: str, test: _Test) -> BaselineLine:
    known = table[table[column].notna()]
    p, method = _tested(test, known, column)
    malignant, benign = (_figures(known.loc[known["label"] == label, column].astype(float)) for label in _LABELS)
    return BaselineLine(name=name, malignant=malignant, benign=benign, p=p, method=method + _unknown(table, known))


def _figures(values: "pd.Series[Any]") -> ClassFigures:
    if values.empty:
        return ClassFigures(n=0)
    return ClassFigures(
        n=len(values),
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        low=float(values.min()),
        high=float(values.max()),
    )


def _unknown(table: pd.DataFrame, known: pd.DataFrame) -> str:
    missing = len(table) - len(known)
    return f"; unknown for {missing}" if missing else ""


def _tested(test: _Test, table: pd.DataFrame, column: str) -> tuple[float | None, str]:
    """P value and method, or None and the reason."""
    try:
        p, method = test(table, column)
    except StatisticsError as error:
        return None, f"no test: {error}"
    return (None if np.isnan(p) else p), method


def _by_counts(table: pd.DataFrame, column: str) -> tuple[float, str]:
    test = chi_square_test(contingency_table(table[column].to_numpy(str), table["label"].to_numpy(str)))
    return test.p, f"{test.method}, between patients"


def _by_ranks(table: pd.DataFrame, column: str) -> tuple[float, str]:
    a, b = (table.loc[table["label"] == label, column].to_numpy(dtype=float) for label in _LABELS)
    test = mann_whitney_test(a, b)
    return test.p, f"{test.method}, between patients"


def _by_regression(table: pd.DataFrame, column: str) -> tuple[float, str]:
    truth = (table["label"] == "malignant").to_numpy(dtype=int)
    values = {column: table[column].to_numpy(dtype=float)}
    fit = logistic_regression(truth, values, cluster=table["group"].to_numpy(str))
    return fit.odds_ratios[0].p, "logistic GEE over patients, between images"
