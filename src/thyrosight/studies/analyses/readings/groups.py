"""Subgroups of readers and of cases: the gain within each, and what may not be read into it."""

from collections.abc import Iterator

import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings
from thyrosight.errors import StatisticsError
from thyrosight.studies.analyses.readings.accuracy import difference, p_of
from thyrosight.studies.analyses.readings.reading_set import ReadingSet
from thyrosight.studies.measures import correct_rows
from thyrosight.studies.verdicts import UNTOLD

_MOST_LEVELS = 8
READER_GROUP = "reader_group"


def subgroups(found: ReadingSet, columns_of_cases: tuple[str, ...]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Each subgroup by its column and level: first groups of readers, then levels of columns of cases."""
    for column in (READER_GROUP, *columns_of_cases):
        known = found.rows.dropna(subset=column)
        levels = sorted(known[column].astype(str).unique())
        if 1 < len(levels) <= _MOST_LEVELS:
            for level in levels:
                yield column, level, known[known[column].astype(str) == level]


def subgroup_table(found: ReadingSet, columns_of_cases: tuple[str, ...]) -> tuple[Table | None, list[str]]:
    """AUC in the reference and in each other arm by subgroup, and sentences on those that allow none."""
    rows: list[Row] = []
    unfinished: list[str] = []
    for column, level, own in subgroups(found, columns_of_cases):
        part = found.only(own)
        name = f"{words(column)}: {level}"
        few = part.few()
        cases = own.drop_duplicates("case")
        head: Row = {
            "column": column, "level": level, "title": name, "readers": len(part.readers), "cases": len(cases),
            "malignant": int((cases["truth"] == 1).sum()),
        }  # fmt: skip
        try:
            result = part.compared("auc", readers="fixed" if len(part.readers) < 2 else None)
        except StatisticsError as error:
            unfinished.append(f"Subgroup {name}: {error}")
            continue
        means = {str(t): Measure.of(e) for t, e in zip(result.tests, result.test_estimates, strict=True)}
        if len(found.arms) == 1:
            rows.append(head | {"reference": means[found.reference]})
            continue
        rows += [
            head
            | {"arm": arm, "reference": means[found.reference], "new": means[arm]}
            | {"difference": difference(result, arm, found.reference)}
            | {"p": None if few else p_of(result, arm, found.reference), "few": few}
            for arm in found.arms[1:]
            if arm in means and found.reference in means
        ]
    if not rows:
        return None, unfinished
    correct_rows(rows)
    for row in rows:
        if isinstance(apart := row.get("difference"), Measure):
            row["verdict"] = UNTOLD if row.pop("few") else found.verdict(apart, p=row.get("p_corrected"))
    return _table(found, rows), unfinished


def _table(found: ReadingSet, rows: list[Row]) -> Table:
    several, pairs = len(found.arms) > 2, len(found.arms) > 1
    return Table(
        name="subgroups",
        caption="AUC of the readers by subgroup",
        columns=(
            Column(key="column", hidden=True),
            Column(key="level", hidden=True),
            Column(key="title", title="Subgroup"),
            Column(key="arm", title="Arm", hidden=not several),
            *columns("count", {"readers": "Readers", "cases": "Cases", "malignant": "Malignant"}),
            Column(key="reference", title=found.reference, kind="area"),
            *(
                (
                    Column(key="new", title="With the arm" if several else found.arms[1], kind="area"),
                    Column(key="difference", title="Difference", kind="difference"),
                    *columns("p", {"p": "P", "p_corrected": "P corrected"}),
                    Column(key="verdict", title="Verdict"),
                )
                if pairs
                else ()
            ),
        ),
        rows=tuple(rows),
        notes=(
            "P values are corrected by Holm over all subgroups. That one subgroup shows a difference and another does "
            "not is no evidence that they differ: the difference between subgroups was not tested.",
        )
        if pairs
        else (),
    )


def words(column: str) -> str:
    """A column's name as it is printed.

    >>> words("reader_group"), words("case_size_group"), words("feature_margin")
    ('Reader group', 'Size group', 'Margin')
    """
    plain = column.removeprefix("case_").removeprefix("feature_").replace("_", " ")
    return plain[:1].upper() + plain[1:]


def subgroup_figure(found: ReadingSet, table: Table) -> Figure | None:
    """The difference in each subgroup; None with one arm or several comparisons."""
    if len(found.arms) != 2:
        return None
    lines = [
        drawings.ForestLine(name=str(row["title"]), estimate=apart)
        for row in table.rows
        if isinstance(apart := row.get("difference"), Measure)
    ]
    if not lines:
        return None
    return Figure(
        name="subgroups",
        caption=f"Difference in AUC by subgroup, {found.arms[1]} minus {found.reference}.",
        drawing=drawings.Forest(lines=tuple(lines), x="Difference in AUC", reference=0),
        wide=True,
    )
