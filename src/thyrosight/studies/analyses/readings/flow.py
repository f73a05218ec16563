"""How many readings there were, which of them are analysed, and who read how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from thyrosight.documents import Column, FlowStep, Measure, Row, Share, Table, columns
from thyrosight.errors import StatisticsError
from thyrosight.readings import Planned
from thyrosight.studies.analyses.readings.accuracy import difference
from thyrosight.studies.analyses.readings.reading_set import ReadingSet


@dataclass(frozen=True, eq=False)
class Counted:
    """All readings of a study, and what of them is left out.

    Attributes:
        rows: every reading of the table: reader, reader_group, case, arm, truth, rating, called, repeat, practice,
            attention, withdrawn.
        planned: how many readings there were to be, without practice, attention and repeats; None where it is not
            known.
        crossed: whether every reader was to read every case in every arm.
    """

    rows: pd.DataFrame
    planned: Planned | None
    crossed: bool

    @property
    def by_reader(self) -> Mapping[str, int]:
        """How many readings each reader was to make; empty where it is not known."""
        return {} if self.planned is None else self.planned.by_reader or {}

    @cached_property
    def aside(self) -> Mapping[str, pd.DataFrame]:
        """Readings of each kind that is not analysed as the others; each counts once, by the first that holds."""
        earlier, found = pd.Series(False, index=self.rows.index), {}
        for flag in _FLAGS:
            own = self.rows[flag].astype(bool)
            found[flag] = self.rows[own & ~earlier]
            earlier |= own
        return found

    @property
    def usual(self) -> pd.DataFrame:
        """All other readings."""
        return self.rows.drop(index=pd.concat(list(self.aside.values())).index)


def flow_steps(counted: Counted, found: ReadingSet) -> tuple[FlowStep, ...]:
    """From the readings that were planned to those that are analysed."""
    rows = counted.rows
    aside = [
        (text, len(counted.aside[flag]))
        for flag, text in (
            ("practice", "practice"),
            ("attention", "attention cases, reported apart"),
            ("withdrawn", "of cases that were withdrawn"),
            ("repeat", "repeated readings, for agreement within readers"),
        )
    ]
    kept = len(rows) - sum(n for _, n in aside)
    unknown = int(counted.usual["truth"].isna().sum())
    empty = kept - unknown - len(found.rows)
    aside += [("no reference standard", unknown), ("no rating", empty)]
    read = FlowStep(
        text="readings in the table",
        n=len(rows),
        excluded=tuple((text, n) for text, n in aside if n),
        aside="not in the main analysis",
    )
    cases = found.rows.drop_duplicates("case")
    malignant = int((cases["truth"] == 1).sum())
    who = f"{len(found.readers)} readers, {len(cases)} cases ({malignant} malignant, {len(cases) - malignant} benign)"
    if counted.planned is None:
        return read, FlowStep(text=f"readings analysed: {who}", n=len(found.rows))
    planned = counted.planned.total
    missing = missing_readings(counted, found)
    text = f"readings analysed of {planned} planned, {missing} missing: {who}"
    return read, FlowStep(text=text, n=len(found.rows))


_FLAGS = ("practice", "attention", "withdrawn", "repeat")


def missing_readings(counted: Counted, found: ReadingSet) -> int:
    """How many planned readings are not analysed; what one reader read beyond the plan makes up for nobody else."""
    if counted.planned is None:
        return 0
    if not counted.by_reader:
        return max(0, counted.planned.total - len(found.rows))
    read = found.rows["reader"].value_counts()
    return sum(max(0, wanted - int(read.get(reader, 0))) for reader, wanted in counted.by_reader.items())


def readers_table(counted: Counted, found: ReadingSet) -> Table:
    """Who read how much: readings that are analysed, missing and repeated ones, and attention cases read rightly.

    Readers of whom nothing is analysed stand last.
    """
    rows: list[Row] = []
    nothing = [reader for reader in counted.by_reader if reader not in found.readers]
    for reader in (*found.readers, *nothing):
        own = found.rows[found.rows["reader"] == reader]
        row: Row = {"reader": reader, "cases": int(own["case"].nunique()), "read": len(own)}
        group = own["reader_group"].dropna()
        row |= {"group": str(group.iloc[0])} if len(group) else {}
        if counted.by_reader:
            planned = counted.by_reader.get(reader, len(own))
            row |= {"missing": Share(n=max(0, planned - len(own)), of=max(planned, len(own)))}
        row["repeated"] = int((found.repeated["reader"] == reader).sum())
        attention = counted.aside["attention"]
        attention = attention[(attention["reader"] == reader) & attention["right"].notna()]
        if len(attention):
            row["attention"] = Share(n=int(attention["right"].sum()), of=len(attention))
        rows.append(row)
    there = {key for row in rows for key in row}
    return Table(
        name="readers",
        caption=f"{len(found.readers)} readers",
        columns=(
            Column(key="reader", title="Reader"),
            *(columns("text", {"group": "Group"}) if "group" in there else ()),
            *columns("count", {"cases": "Cases", "read": "Readings"}),
            *((Column(key="missing", title="Missing", kind="summary"),) if "missing" in there else ()),
            *(columns("count", {"repeated": "Read again"}) if len(found.repeated) else
              (Column(key="repeated", kind="count", hidden=True),)),
            *((Column(key="attention", title="Attention cases right", kind="fraction"),) if "attention" in there
              else ()),
        ),
        rows=tuple(rows),
        notes=("Right: the reader's action, or else a rating above or below the middle, is that of the reference "
               "standard.",) if "attention" in there else (),
    )  # fmt: skip


def missing_table(found: ReadingSet) -> Table | None:
    """The main difference with each way of dealing with missing readings; None where none is missing."""
    arms, readers, cases = len(found.arms), len(found.readers), found.rows["case"].nunique()
    if len(found.rows) >= arms * readers * cases:
        return None
    rows: list[Row] = []
    for policy, title in (("analyse", "All readings that there are"), ("drop-case", "Cases that nobody missed")):
        row: Row = {"policy": policy, "title": title}
        try:
            result = found.compared("auc", missing=policy)
        except StatisticsError as error:
            rows.append(row | {"why": str(error)})
            continue
        means = {str(t): Measure.of(e) for t, e in zip(result.tests, result.test_estimates, strict=True)}
        row |= {"cases": result.cases, "reference": means[found.reference]}
        if arms > 1:
            row["difference"] = difference(result, found.arms[1], found.reference)
        rows.append(row)
    if all("why" in row for row in rows):
        return None
    return Table(
        name="missing",
        caption="Missing readings: AUC with each way of dealing with them",
        columns=(
            Column(key="policy", hidden=True),
            Column(key="title", title="Analysed"),
            Column(key="cases", title="Cases", kind="count"),
            Column(key="reference", title=found.reference, kind="area"),
            *((Column(key="difference", title=f"{found.arms[1]} minus {found.reference}", kind="difference"),)
              if arms > 1 else ()),
            *((Column(key="why", title="Why not"),) if any("why" in row for row in rows) else ()),
        ),
        rows=tuple(rows),
        notes=("Both ways hold only if readings are missing for reasons that have nothing to do with the case.",),
    )  # fmt: skip


def few_readers(readers: Sequence[str]) -> str:
    """Warn that few readers limit the result; empty where there are enough."""
    if len(readers) >= _LEAST_READERS:
        return ""
    return (
        f"Few readers ({len(readers)}): how much readers differ is hardly known, and a result for readers like these "
        "is uncertain."
    )


_LEAST_READERS = 5
