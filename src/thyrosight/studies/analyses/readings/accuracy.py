"""How well readers tell malignant from benign in each arm, each reader and all of them, and what the arms differ by."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import pandas as pd

from thyrosight.documents import Column, Measure, Row, Table, columns, hidden
from thyrosight.documents.columns import Kind
from thyrosight.errors import StatisticsError
from thyrosight.statistics import ReaderComparison, diagnostic_table
from thyrosight.studies.analyses.readings.reading_set import METRICS, ReadingSet
from thyrosight.studies.measures import correct_rows

READERS = {"random": "Readers like these", "fixed": "These readers alone"}
"""Whom a result is about, by how readers enter the analysis."""
COUNTS = {
    "true_positive": "True positive",
    "false_negative": "False negative",
    "false_positive": "False positive",
    "true_negative": "True negative",
}


@dataclass(frozen=True, eq=False)
class Compared:
    """One measure of all readers in all arms.

    Attributes:
        metric: one of `METRICS`.
        by_readers: the analysis with readers as random and as fixed; an entry is missing where it is not possible.
        why: in place of a missing analysis.
    """

    metric: str
    by_readers: Mapping[str, ReaderComparison]
    why: Mapping[str, str] = field(default_factory=dict)

    def first(self, preferred: str) -> ReaderComparison | None:
        """The preferred analysis, or the other where that was not possible."""
        return self.by_readers.get(preferred) or next(iter(self.by_readers.values()), None)


def compare_metric(found: ReadingSet, metric: str) -> Compared:
    """One measure with readers as random and as fixed."""
    analyses, why = {}, {}
    for readers in READERS:
        try:
            analyses[readers] = found.compared(metric, readers=readers)
        except StatisticsError as error:
            why[readers] = str(error)
    return Compared(metric, analyses, why)


def slug(arm: str) -> str:
    """An arm as a part of a column's name.

    >>> slug("with AI, v2")
    'with_ai_v2'
    """
    return re.sub(r"[^a-z0-9]+", "_", arm.lower()).strip("_") or "arm"


def difference(result: ReaderComparison, new: str, old: str, *, reader: str | None = None) -> Measure | None:
    """New minus old, of all readers or of one; None where both were not read."""
    everyone = result.differences if reader is None else result.reader_differences
    for one in everyone:
        if one.reader == reader and {str(one.test_a), str(one.test_b)} == {new, old}:
            measure = Measure.of(one.estimate)
            return measure if str(one.test_a) == new else negative(measure)
    return None


def p_of(result: ReaderComparison, new: str, old: str) -> float | None:
    """The P value of the difference of all readers; None where it has none."""
    for one in result.differences:
        if {str(one.test_a), str(one.test_b)} == {new, old}:
            p: float | None = one.to_dict()["p"]
            return p
    return None


def negative(measure: Measure) -> Measure:
    """The difference the other way round."""
    value, low, high = (None if part is None else -part for part in (measure.value, measure.high, measure.low))
    return measure.model_copy(update={"value": value, "low": low, "high": high})


def metric_kinds(metric: str) -> tuple[Kind, Kind]:
    """Kinds of the columns that hold a measure and its differences."""
    return ("area", "difference") if metric == "auc" else ("percent", "points")


def readers_table(found: ReadingSet, compared: Compared) -> Table | None:
    """One measure of each reader in each arm, its differences from the reference, and the mean of all readers last."""
    result = compared.first(found.options.readers)
    if result is None:
        return None
    metric, others = compared.metric, found.arms[1:]
    rows: list[Row] = []
    for reader in found.readers:
        row: Row = {"reader": reader}
        row |= {slug(arm): value for arm in found.arms if (value := _own(found, result, metric, reader, arm))}
        row |= _differences(result, others, found.reference, reader)
        rows.append(row)
    mean: Row = {"reader": "Mean of the readers"}
    mean |= {slug(str(t)): Measure.of(e) for t, e in zip(result.tests, result.test_estimates, strict=True)}
    kind, of_difference = metric_kinds(metric)
    unit = ", %" if kind == "percent" else ""
    return Table(
        name=f"readers-{metric}",
        caption=f"{METRICS[metric]} of each reader",
        columns=(
            Column(key="reader", title="Reader"),
            *columns(kind, {slug(arm): f"{arm}{unit}" for arm in found.arms}),
            *columns(of_difference, {f"{slug(arm)}_less_{slug(found.reference)}": f"{arm} minus {found.reference}"
                                     for arm in others}),
        ),
        rows=(*rows, mean | _differences(result, others, found.reference, None)),
        notes=(*result.notes, *result.component_notes, *_metric_notes(found, metric)),
        strong=len(rows),
    )  # fmt: skip


def _differences(result: ReaderComparison, arms: Sequence[str], reference: str, reader: str | None) -> Row:
    found = {f"{slug(arm)}_less_{slug(reference)}": difference(result, arm, reference, reader=reader) for arm in arms}
    return {key: value for key, value in found.items() if value is not None}


def _own(found: ReadingSet, result: ReaderComparison, metric: str, reader: str, arm: str) -> Measure | None:
    """The measure of one reader in one arm: an area as the analysis has it, a proportion with an interval of its own,
    which keeps within 0 and 1; None where the reader read nothing there."""
    if metric != "auc":
        return proportion(found, found.of_reader(arm, reader), metric)
    names = [str(name) for name in result.readers]
    tests = [str(name) for name in result.tests]
    if reader not in names or arm not in tests:
        return None
    estimate = result.reader_estimates[tests.index(arm)][names.index(reader)]
    return Measure.of(estimate) if estimate.n else None


def proportion(found: ReadingSet, rows: pd.DataFrame, metric: str) -> Measure | None:
    """Sensitivity or specificity of readings at the readers' actions; None without a reading of that class."""
    rows = rows[rows["called"].notna() & (rows["truth"] == (metric == "sensitivity"))]
    if rows.empty:
        return None
    cluster = rows["group"].to_numpy() if found.clustered else None
    table = diagnostic_table(
        rows["truth"].to_numpy(dtype=int),
        rows["called"].to_numpy(dtype=int),
        cluster=cluster,
        confidence=found.evaluation.confidence,
    )
    return Measure.of(getattr(table, metric))


def _metric_notes(found: ReadingSet, metric: str) -> list[str]:
    if metric == "auc":
        return [f"Rated was: {found.rating}."]
    return [f"Called positive: {found.action}. The last row holds the mean of the readers, who count alike."]


def mrmc_table(found: ReadingSet, every: Sequence[Compared], *, name: str, caption: str) -> Table | None:
    """The arms against one another, for readers like these and for these alone; of one arm its mean.

    P values are corrected over the rows of the analysis that the options prefer; the other analysis stands beside it.
    """
    rows: list[Row] = []
    few = found.few()
    for compared in every:
        for readers, result in compared.by_readers.items():
            rows += _comparisons(found, compared.metric, readers, result, few=few)
    if not rows:
        return None
    for title in READERS.values():
        correct_rows([row for row in rows if row["readers"] == title])
    for row in rows:
        if isinstance(apart := row.get("difference"), Measure):
            row["verdict"] = found.verdict(apart, p=row.get("p_corrected"))
    kind, of_difference = metric_kinds(every[0].metric)
    several, first, second = len(found.arms) > 1, "First", "Second"
    if len(found.arms) == 2:
        first, second = found.arms
    unit = ", %" if kind == "percent" else ""
    return Table(
        name=name,
        caption=caption,
        columns=(
            *(columns("text", {"measure": "Measure"}) if len(every) > 1 else hidden("measure")),
            *(columns("text", {"comparison": "Comparison"}) if len(found.arms) > 2 else hidden("comparison")),
            Column(key="readers", title="Result holds for"),
            *columns(kind, {"reference": f"{first}{unit}", "new": f"{second}{unit}"} if several
                     else {"reference": "Mean, %" if unit else "Mean"}),
            *(columns(of_difference, {"difference": f"{second} minus {first}"}) if several else ()),
            *(columns("p", {"p": "P", "p_corrected": "P corrected"}) if several else ()),
            *(columns("text", {"verdict": "Verdict"}) if several else ()),
        ),
        rows=tuple(rows),
        notes=_mrmc_notes(found, rows, few=few),
    )  # fmt: skip


def _comparisons(found: ReadingSet, metric: str, readers: str, result: ReaderComparison, *, few: str) -> list[Row]:
    means = {str(t): Measure.of(e) for t, e in zip(result.tests, result.test_estimates, strict=True)}
    head: Row = {"measure": METRICS[metric], "readers": READERS[readers]}
    if len(found.arms) == 1:
        return [head | {"comparison": found.reference, "reference": means[found.reference]}]
    rows: list[Row] = []
    for old, new in combinations([arm for arm in found.arms if arm in means], 2):
        p = None if few else p_of(result, new, old)
        row = head | {"comparison": f"{old} and {new}"}
        row |= {"reference": means[old], "new": means[new], "difference": difference(result, new, old), "p": p}
        rows.append(row)
    return rows


def _mrmc_notes(found: ReadingSet, rows: Sequence[Row], *, few: str) -> tuple[str, ...]:
    notes = []
    if any("difference" in row for row in rows):
        notes.append(
            f"Verdict: better or worse where the whole interval lies beyond {found.evaluation.margin:g}, the smallest "
            "difference that matters, and the corrected P value is below "
            f"{1 - found.evaluation.confidence:.2g}; practically equal where it lies within."
        )
    if few:
        notes.append(f"No P value and no verdict: {few}; intervals are rough.")
    return tuple(notes)


def calls_table(found: ReadingSet) -> Table:
    """The readers' actions against the truth, counted."""
    rows: list[Row] = []
    for reader in found.readers:
        for arm in found.arms:
            own = found.of_reader(arm, reader).dropna(subset="called")
            if own.empty:
                continue
            truth, called = own["truth"] == 1, own["called"] == 1
            row: Row = {"reader": reader, "arm": arm}
            cells = (truth & called, truth & ~called, ~truth & called, ~truth & ~called)
            rows.append(row | {key: int(cell.sum()) for key, cell in zip(COUNTS, cells, strict=True)})
    return Table(
        name="calls",
        caption="Readers' actions against the truth",
        columns=(*columns("text", {"reader": "Reader", "arm": "Arm"}), *columns("count", COUNTS)),
        rows=tuple(rows),
        notes=(f"Called positive: {found.action}.",),
        folded=True,
    )
