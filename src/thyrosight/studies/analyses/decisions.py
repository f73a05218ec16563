"""The worth of risks where a biopsy is decided on: decision curves, and biopsies avoided at few missed cancers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings
from thyrosight.statistics import DecisionCurve, decision_curve
from thyrosight.studies.analyses.sets import SetTested, head, named_sources
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import pooled_measures, share_of
from thyrosight.studies.recipe import DecisionOptions
from thyrosight.studies.verdicts import few_groups

BIOPSIED = "biopsied"
"""The column of predictions that is 1 where the risk reaches the cut-off of few missed cancers."""
_CALLS = {"sensitivity": "sensitivity", "specificity": "specificity"}


def curve_of(rows: pd.DataFrame, thresholds: Sequence[float], *, options: Evaluation) -> DecisionCurve:
    """Net benefit of predictions (columns truth, risk and group)."""
    cluster = rows["group"].to_numpy(dtype=str)
    return decision_curve(
        rows["truth"], rows["risk"], np.array(thresholds), cluster=cluster, confidence=options.confidence
    )


def decision_figure(sets: Sequence[SetTested], asked: DecisionOptions, *, options: Evaluation) -> Figure | None:
    """The decision curve of a network on each set of both classes; None without one."""
    both = [item for item in sets if item.rows["truth"].nunique() == 2]
    if not both:
        return None
    named, banded = named_sources(both), not all(few_groups(item.rows) for item in both)
    band = f" Band: pointwise {100 * options.confidence:g} % interval of the network." if banded else ""
    return Figure(
        name="decision",
        caption=(
            f"Decision curves{f' ({named})' if named else ''}. Net benefit: cancers found per image, less benign "
            "biopsies at the odds of the risk from which one acts; it holds for the share of cancers in the set. "
            f"Dashed: no biopsy.{band}"
        ),
        drawing=drawings.Lines(panels=tuple(_panel(item, asked, options=options) for item in both)),
        wide=len(both) > 1,
    )


def _panel(item: SetTested, asked: DecisionOptions, *, options: Evaluation) -> drawings.LinePanel:
    grid = np.arange(1, round(100 * asked.up_to) + 1) / 100
    points = curve_of(item.rows, grid.tolist(), options=options).points
    x, few = tuple(point.threshold for point in points), few_groups(item.rows)
    model, everyone = tuple(point.model.value for point in points), tuple(point.treat_all.value for point in points)
    top = max(*model, *everyone)
    network = drawings.Curve(
        name="network",
        x=x,
        y=model,
        low=None if few else tuple(point.model.low for point in points),
        high=None if few else tuple(point.model.high for point in points),
    )
    return drawings.LinePanel(
        curves=(network, drawings.Curve(name="biopsy of all", x=x, y=everyone)),
        x="Risk from which a biopsy is taken",
        y="Net benefit",
        title=item.title,
        whole=False,
        level=0.0,
        bottom=-0.1 * top,
        top=1.15 * top,
    )


def decisions_table(sets: Sequence[SetTested], asked: DecisionOptions, *, options: Evaluation) -> Table | None:
    """Net benefit of a network and of a biopsy of all at the thresholds asked for, on each set of both classes."""
    rows: list[Row] = []
    for item in sets:
        if item.rows["truth"].nunique() < 2 or not asked.thresholds:
            continue
        bare = (
            {"low": None, "high": None, "se": None, "method": f"no interval: {few}"}
            if (few := few_groups(item.rows))
            else {}
        )
        for point in curve_of(item.rows, asked.thresholds, options=options).points:
            found = {"network": point.model, "everyone": point.treat_all, "avoided": point.interventions_avoided}
            row: Row = {**item.counts, "threshold": point.threshold}
            rows.append(row | {key: Measure.of(one).model_copy(update=bare) for key, one in found.items()})
    if not rows:
        return None
    return Table(
        name="decisions",
        caption="Net benefit by the risk from which a biopsy is taken",
        columns=(
            *head(),
            Column(key="threshold", title="Risk, %", kind="percent"),
            *columns("difference", {"network": "Network", "everyone": "Biopsy of all"}),
            Column(
                key="avoided", title="Biopsies avoided per 100 images, less the price of missed cancers", kind="points"
            ),
        ),
        rows=tuple(rows),
        notes=("A biopsy of none has net benefit 0.",),
        folded=True,
    )


def biopsies_table(sets: Sequence[SetTested], asked: DecisionOptions, *, options: Evaluation) -> Table | None:
    """Cancers missed and biopsies avoided at a cut-off that the validation part chose for few missed cancers."""
    rows = [item.counts | _spared(item.rows, options) for item in sets if BIOPSIED in item.rows and len(item.rows)]
    if not rows:
        return None
    return Table(
        name="biopsies",
        caption=f"Biopsies avoided where at most {100 * asked.missed:g} % of cancers may be missed",
        columns=(
            *head("n", "malignant"),
            *columns(
                "percent",
                {
                    "missed": "Cancers missed, %",
                    "avoided": "Biopsies avoided, %",
                    "benign_avoided": "of benign nodules, %",
                },
            ),
        ),
        rows=tuple(rows),
        notes=(
            "The cut-off is the highest that misses no more in each validation part; what it misses on the test part "
            "may be more.",
        ),
    )


def _spared(rows: pd.DataFrame, options: Evaluation) -> Row:
    called = rows.drop(columns="risk").assign(predicted=rows[BIOPSIED])
    found = pooled_measures(called, options=options, sources=_CALLS)
    avoided = share_of(1 - rows[BIOPSIED], rows["group"], options)
    missed = found["sensitivity"]
    if missed.value is not None:
        low, high = (None if limit is None else 1 - limit for limit in (missed.high, missed.low))
        missed = missed.model_copy(update={"value": 1 - missed.value, "low": low, "high": high})
    return {"missed": missed, "avoided": avoided, "benign_avoided": found["specificity"]}
