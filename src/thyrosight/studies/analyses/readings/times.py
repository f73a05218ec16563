"""How long readings take, without and with the model, and as a reader goes on."""

import math

import numpy as np
import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings
from thyrosight.errors import StatisticsError
from thyrosight.statistics import mean_interval
from thyrosight.studies.analyses.readings.accuracy import slug
from thyrosight.studies.analyses.readings.figures import ratio_forest
from thyrosight.studies.analyses.readings.reading_set import ReadingSet
from thyrosight.studies.measures import distribution

_PARTS = 8
"""Stretches of a session whose medians the figure of learning joins."""
_PER = 10
"""Cases for which the change over a session is stated."""


def timed(found: ReadingSet) -> pd.DataFrame:
    """Readings with a time above 0. In a sequential design the time with the model is that of both stages together."""
    rows = found.rows[found.rows["seconds"] > 0]
    if not found.sequential:
        return rows
    first = found.before(found.pairing)[[*found.pairing, "seconds"]]
    both = rows.merge(first, on=found.pairing, how="left", suffixes=("", "_before"))
    later = both["arm"] != found.reference
    together = np.where(later, both["seconds"] + both["seconds_before"], both["seconds"])
    return both.assign(seconds=together).dropna(subset="seconds")


def times_table(found: ReadingSet, rows: pd.DataFrame) -> Table:
    """Median time of each reader in each arm, and the ratio of each arm to the reference, case by case.

    Args:
        rows: as `timed` gives them.
    """
    lines: list[Row] = []
    for reader in [*found.readers, None]:
        own = rows if reader is None else rows[rows["reader"] == reader]
        if own.empty:
            continue
        line: Row = {"reader": reader or "All readings"}
        for arm in found.arms:
            line[slug(arm)] = distribution(own.loc[own["arm"] == arm, "seconds"])
        for arm in found.arms[1:]:
            ratio = time_ratio(own, arm, found.reference, confidence=found.evaluation.confidence)
            if ratio is not None:
                line[f"ratio_{slug(arm)}"] = ratio
        lines.append(line)
    return Table(
        name="times",
        caption="Seconds for a reading: median and quartiles",
        columns=(
            Column(key="reader", title="Reader"),
            *columns("median", {slug(arm): arm for arm in found.arms}, digits=0),
            *columns(
                "number",
                {f"ratio_{slug(arm)}": f"{arm} over {found.reference}" for arm in found.arms[1:]},
                digits=2,
            ),
        ),
        rows=tuple(lines),
        notes=_notes(found, rows),
        strong=len(lines) - 1,
    )


def _notes(found: ReadingSet, rows: pd.DataFrame) -> tuple[str, ...]:
    untimed = len(found.rows) - len(rows)
    return (
        *(
            ("With the model: the time of both stages together, so that it cannot be shorter than without.",)
            if found.sequential
            else ()
        ),
        "Ratio: geometric mean over the cases that a reader read in both arms.",
        *((f"{untimed} readings without a time are left out.",) if untimed else ()),
    )


def time_ratio(rows: pd.DataFrame, arm: str, reference: str, *, confidence: float) -> Measure | None:
    """The geometric mean of the ratios of the times that a reader took for the same case in two arms; readings of one
    patient's cases stand together. None where no case was timed in both."""
    keys = ["reader", "case"]
    narrow = rows[["arm", *keys, "seconds", "group"]]  # the others would be copied with each step
    first, second = (narrow[narrow["arm"] == name].drop_duplicates(keys) for name in (reference, arm))
    both = first.merge(second[[*keys, "seconds"]], on=keys, suffixes=("_a", "_b"))
    if both.empty:
        return None
    logs = np.log(both["seconds_b"].to_numpy() / both["seconds_a"].to_numpy())
    words = "geometric mean of the ratios"
    found = mean_interval(logs, cluster=both["group"].astype(str).to_numpy(), confidence=confidence, method=words)
    low, high = (None if math.isnan(limit) else math.exp(limit) for limit in (found.low, found.high))
    return Measure(
        value=math.exp(found.value),
        low=low,
        high=high,
        method=found.method,
        n=found.n,
        clusters=found.clusters,
        confidence=confidence,
    )


def learning_table(found: ReadingSet, rows: pd.DataFrame) -> Table | None:
    """How the time of a reading changes within a session, in each arm; None where positions are not known."""
    lines: list[Row] = []
    for arm in found.arms:
        slopes = _slopes(rows[(rows["arm"] == arm) & rows["position"].notna()])
        if len(slopes) < 2:
            continue
        try:
            mean = mean_interval(slopes, confidence=found.evaluation.confidence, method="mean of the readers")
        except StatisticsError:
            continue
        value, low, high = (math.exp(_PER * part) - 1 for part in (mean.value, mean.low, mean.high))
        change = Measure(value=value, low=low, high=high, method=mean.method, n=mean.n, confidence=mean.confidence)
        lines.append({"arm": arm, "readers": len(slopes), "change": change})
    if not lines:
        return None
    return Table(
        name="learning",
        caption=f"Change of the time for a reading with every {_PER} further cases of a session",
        columns=(
            Column(key="arm", title="Arm"),
            Column(key="readers", title="Readers", kind="count"),
            Column(key="change", title="Change, %", kind="points"),
        ),
        rows=tuple(lines),
        notes=("A slope of the logarithm of the time on the place in the session for each reader.",),
    )


def _slopes(rows: pd.DataFrame) -> list[float]:
    """Change of the logarithm of the time from one place in a session to the next, for each reader."""
    found = []
    for _, own in rows.groupby("reader"):
        centred = own.assign(log=np.log(own["seconds"]))
        sessions = centred["session"].fillna(0)
        x = centred["position"] - centred.groupby(sessions)["position"].transform("mean")
        y = centred["log"] - centred.groupby(sessions)["log"].transform("mean")
        spread = float((x**2).sum())
        if len(own) > 2 and spread > 0:
            found.append(float((x * y).sum()) / spread)
    return found


def times_figure(found: ReadingSet, table: Table) -> Figure | None:
    """The ratio of times of each reader, and of all; None with one arm."""
    if len(found.arms) < 2:
        return None
    arm = found.arms[1]
    lines = [
        (str(row["reader"]), ratio)
        for row in table.rows
        if isinstance(ratio := row.get(f"ratio_{slug(arm)}"), Measure) and ratio.value is not None
    ]
    if not lines:
        return None
    return ratio_forest(
        lines,
        name="times",
        caption=f"Time for a reading, {arm} over {found.reference}; below 1 readings were faster.",
        x="Ratio of times",
    )


def learning_figure(found: ReadingSet, rows: pd.DataFrame) -> Figure | None:
    """Median time along a session, by arm; None where positions are not known."""
    curves = []
    for arm in found.arms:
        own = rows[(rows["arm"] == arm) & rows["position"].notna()]
        if own["position"].nunique() < _PARTS:
            continue
        part = pd.cut(own["position"], _PARTS, labels=False)
        medians = own.groupby(part).agg(place=("position", "mean"), seconds=("seconds", "median"))
        curves.append(drawings.Curve(name=arm, x=tuple(medians["place"]), y=tuple(medians["seconds"])))
    if not curves:
        return None
    panel = drawings.LinePanel(curves=tuple(curves), x="Place in the session", y="Median time, s", bottom=0)
    return Figure(
        name="learning",
        caption="Median time for a reading along a session, all readers together.",
        drawing=drawings.Lines(panels=(panel,)),
        wide=True,
    )
