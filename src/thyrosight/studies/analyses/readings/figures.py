"""Figures of readers: ROC curves with the points at which they act, differences, and what became of each reader."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.documents import Figure, Measure, Table, drawings, with_interval
from thyrosight.statistics import ReaderComparison, roc_curve
from thyrosight.studies.analyses.curves import roc_drawing
from thyrosight.studies.analyses.readings.accuracy import difference
from thyrosight.studies.analyses.readings.reading_set import METRICS, ReadingSet

_NARROW = 3
"""Arms that a figure in half the width of the page has room for."""
_GRID = np.linspace(0, 1, 201)


def roc_figure(found: ReadingSet, result: ReaderComparison | None) -> Figure | None:
    """For each arm the mean of the readers' ROC curves, and the points at which the readers act."""
    curves = []
    for arm in found.arms:
        mean = mean_curve(found.of_arm(arm))
        if mean is None:
            continue
        area = None
        if result is not None and arm in map(str, result.tests):
            area = Measure.of(result.test_estimates[[str(name) for name in result.tests].index(arm)])
        name = arm if area is None else f"{arm}: AUC {with_interval(area)}"
        curves.append(drawings.Curve(name=name, x=tuple(_GRID), y=tuple(mean)))
    if not curves:
        return None
    marks = [_points(found, arm) for arm in found.arms] if found.has_calls else []
    caption = "Mean of the readers' ROC curves; the area below it is the mean of their areas."
    if marks:
        caption += " Each mark is one reader at the reader's own action."
    return Figure(name="roc", caption=caption, drawing=roc_drawing([*curves, *marks]))


def mean_curve(rows: pd.DataFrame) -> NDArray[np.float64] | None:
    """Sensitivity at each place of a grid of false-positive rates, as the mean of the readers; None without any curve.

    Averaging at the same false-positive rate (Chen & Samuelson, Br J Radiol 2014) keeps the area: it is the mean of
    the readers' areas.
    """
    curves = []
    for _, own in rows.dropna(subset="rating").groupby("reader"):
        if own["truth"].nunique() == 2:
            curve = roc_curve(own["truth"].to_numpy(dtype=int), own["rating"].to_numpy(dtype=float), replicates=0)
            x, y = 1 - np.asarray(curve.specificity), np.asarray(curve.sensitivity)
            order = np.lexsort((y, x))
            curves.append(np.interp(_GRID, x[order], y[order]))
    if not curves:
        return None
    mean: NDArray[np.float64] = np.mean(curves, axis=0)
    return mean


def _points(found: ReadingSet, arm: str) -> drawings.Curve:
    """The readers' own operating points in one arm."""
    rows = found.of_arm(arm).dropna(subset="called")
    x, y = [], []
    for _, own in rows.groupby("reader"):
        if own["truth"].nunique() == 2:
            x.append(float(own.loc[own["truth"] == 0, "called"].mean()))
            y.append(float(own.loc[own["truth"] == 1, "called"].mean()))
    return drawings.Curve(name=f"{arm}: readers' actions", x=tuple(x), y=tuple(y), joined=False)


def forest_figure(found: ReadingSet, result: ReaderComparison, *, metric: str = "auc") -> Figure | None:
    """Gain of each reader, and of all together, from the reference to each other arm."""
    lines: list[drawings.ForestLine] = []
    several = len(found.arms) > 2
    for arm in found.arms[1:]:
        lines += [drawings.ForestLine(name=f"{arm} minus {found.reference}")] if several else []
        for reader in found.readers:
            one = difference(result, arm, found.reference, reader=reader)
            if one is not None:
                lines.append(drawings.ForestLine(name=reader, estimate=one))
        whole = difference(result, arm, found.reference)
        lines.append(drawings.ForestLine(name="Mean of the readers", estimate=whole, bold=True))
    if not lines:
        return None
    return Figure(
        name="differences",
        caption=f"Difference in {METRICS[metric]} of each reader."
        if several
        else f"Difference in {METRICS[metric]} of each reader, {found.arms[1]} minus {found.reference}.",
        drawing=drawings.Forest(lines=tuple(lines), x=f"Difference in {METRICS[metric]}", reference=0),
        wide=True,
    )


def slopes_figure(found: ReadingSet, table: Table) -> Figure | None:
    """The AUC of each reader from arm to arm; a line joins the same reader."""
    keys = [column.key for column in table.columns if column.kind == "area"]
    readers = [row for place, row in enumerate(table.rows) if place != table.strong]
    values: dict[str, tuple[float | None, ...]] = {}
    for arm, key in zip(found.arms, keys, strict=True):
        cells = [row.get(key) for row in readers]
        values[arm] = tuple(cell.value if isinstance(cell, Measure) else None for cell in cells)
    if len(values) < 2:
        return None
    return Figure(
        name="slopes",
        caption="AUC of each reader in each arm; a thin line joins the same reader, a bar is the mean.",
        drawing=drawings.DivisionDots(measure="AUC", networks=values, narrow=len(values) <= _NARROW),
        wide=len(values) > _NARROW,
    )


def ratio_forest(lines: Sequence[tuple[str, Measure]], *, name: str, caption: str, x: str) -> Figure:
    """Ratios on a logarithmic axis; the last line is that of all."""
    drawn = [
        drawings.ForestLine(name=who, estimate=ratio, bold=place == len(lines) - 1)
        for place, (who, ratio) in enumerate(lines)
    ]
    drawing = drawings.Forest(lines=tuple(drawn), x=x, reference=1, digits=2, ratio=True)
    return Figure(name=name, caption=caption, drawing=drawing, wide=True)
