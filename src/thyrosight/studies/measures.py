"""From predictions to measures: means over divisions, pooled measures, differences. All come from `statistics`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from thyrosight import statistics
from thyrosight.documents import Column, Distribution, Measure, Row
from thyrosight.documents.columns import Kind
from thyrosight.statistics import (
    DiagnosticTable,
    DifferenceOverDivisions,
    DivisionOutcome,
    adjust_p_values,
    auc,
    diagnostic_table,
    difference_over_divisions,
    exact_limits,
    exact_measures,
    gee_proportion,
    mean_over_divisions,
    too_few_together,
)
from thyrosight.statistics.resampling.divisions import ALIKE, EXACT
from thyrosight.studies.base import Evaluation
from thyrosight.studies.verdicts import few_groups, in_classes

MEASURES = {
    "auc": "AUC",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "recall": "Recall (sensitivity)",
    "specificity": "Specificity",
    "precision": "Precision (PPV)",
    "f1": "F1",
}
"""The measures of a study in the order of its tables, with their printed names. The positive class is malignant."""
_SOURCES = {
    "balanced_accuracy": "balanced_accuracy",
    "accuracy": "accuracy",
    "recall": "sensitivity",
    "specificity": "specificity",
    "precision": "ppv",
    "f1": "f1",
}
DIAGNOSTIC = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "accuracy": "Accuracy",
    "ppv": "PPV",
    "npv": "NPV",
    "positive_likelihood_ratio": "+LR",
    "negative_likelihood_ratio": "\N{MINUS SIGN}LR",
}
"""The measures of a diagnostic test in the order of clinical papers, with their printed names."""
PROPORTIONS = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
"""Measures that are printed in per cent."""
Outcomes = Sequence[DivisionOutcome]


def measure_column(name: str, title: str | None = None, *, hidden: bool = False) -> Column:
    """The column of a table that holds a measure; a hidden one stands in the CSV file alone."""
    kind: Kind = "area" if name == "auc" else "share"
    return Column(key=name, title=title or MEASURES.get(name, name), kind=kind, hidden=hidden)


def diagnostic_column(name: str) -> Column:
    """The column of a table that holds the AUC or a measure of `DIAGNOSTIC`."""
    if name in PROPORTIONS:
        return Column(key=name, title=f"{DIAGNOSTIC[name]}, %", kind="percent")
    return measure_column(name) if name == "auc" else Column(key=name, title=DIAGNOSTIC[name], kind="number", digits=2)


def pooled_measures(
    table: pd.DataFrame, *, options: Evaluation, sources: Mapping[str, str] = _SOURCES, interval: str = "bootstrap"
) -> dict[str, Measure]:
    """AUC, and the measures at the operating point, of test predictions; intervals respect groups.

    With fewer groups of a class than `LEAST_GROUPS`, and where an interval would have no width, intervals are exact.

    Args:
        table: predictions with the columns truth, predicted and group; without risk there is no AUC.
        sources: the measures wanted, and their names in `thyrosight.statistics.DiagnosticTable`.
        interval: of the measures at the operating point, "bootstrap" or "gee".
    """
    truth, cluster = table["truth"].to_numpy(), table["group"].to_numpy(dtype=str)
    found = {}
    if "risk" in table:
        area = auc(truth, table["risk"].to_numpy(), cluster=cluster, confidence=options.confidence)
        found["auc"] = Measure.of(area)
    counts: DiagnosticTable = diagnostic_table(
        truth,
        table["predicted"].to_numpy(),
        cluster=cluster,
        interval=interval,
        confidence=options.confidence,
        replicates=options.bootstrap,
        seed=options.seed,
    )
    found |= {name: Measure.of(getattr(counts, source)) for name, source in sources.items()}
    return _exact_where_needed(found, table, options=options, sources={"auc": "auc", **sources})


def area_measure(rows: pd.DataFrame, score: "pd.Series[Any]", *, options: Evaluation) -> Measure:
    """The AUC of a score (rows with the columns truth and group), as in `pooled_measures`.

    Raises:
        StatisticsError: one class only.
    """
    table = rows.assign(risk=np.asarray(score, dtype=float), predicted=0)
    area = auc(table["truth"], table["risk"], cluster=table["group"].to_numpy(dtype=str), confidence=options.confidence)
    return _exact_where_needed({"auc": Measure.of(area)}, table, options=options, sources={"auc": "auc"})["auc"]


def _exact_where_needed(
    found: dict[str, Measure], table: pd.DataFrame, *, options: Evaluation, sources: Mapping[str, str]
) -> dict[str, Measure]:
    """Exact intervals for all measures of too few groups, else for those whose interval has no width."""
    few = few_groups(table)
    needed = [
        name
        for name, measure in found.items()
        if measure.value is not None and (few or (measure.low is not None and measure.low == measure.high))
    ]
    if not needed:
        return found
    score = table["risk"] if "risk" in table else table["predicted"]
    part = DivisionOutcome(
        truth=table["truth"].tolist(),
        score=score.tolist(),
        predicted=table["predicted"].tolist(),
        cluster=table["group"].astype(str).tolist(),
    )
    limits = exact_measures([part], [sources[name] for name in needed], confidence=options.confidence)
    exact = {}
    for name in needed:
        low, high = (limit if np.isfinite(limit) else None for limit in limits[sources[name]])
        words = f"{EXACT}: {few or ALIKE}"
        exact[name] = found[name].model_copy(update={"low": low, "high": high, "se": None, "method": words})
    return found | exact


def exact_difference(rows: pd.DataFrame, first: Any, second: Any, *, quantity: str, options: Evaluation) -> Measure:
    """First minus second in one measure of too few groups, each with its exact interval (`few_groups`).

    Args:
        rows: with the columns truth and group.
        first, second: scores for the quantity auc, else calls.
    """
    parts = [
        DivisionOutcome(
            truth=rows["truth"].tolist(),
            score=np.asarray(values, dtype=float).tolist(),
            predicted=(rows["truth"] if quantity == "auc" else pd.Series(values)).astype(int).tolist(),
            cluster=rows["group"].astype(str).tolist(),
        )
        for values in (first, second)
    ]
    value, low, high = statistics.exact_difference(parts[:1], parts[1:], quantity, confidence=options.confidence)
    return Measure(
        value=_known(value), low=_known(low), high=_known(high), method=f"{EXACT}: {few_groups(rows)}", n=len(rows)
    )


def diagnostic_measures(table: pd.DataFrame, *, options: Evaluation) -> dict[str, Measure]:
    """AUC, where there are risks, and the measures of `DIAGNOSTIC` of test predictions, as `pooled_measures`."""
    own = {name: name for name in DIAGNOSTIC}
    return pooled_measures(table, options=options, sources=own)


def share_of(outcome: "pd.Series[Any]", group: "pd.Series[Any]", options: Evaluation) -> Measure | None:
    """A share (of 0 and 1) with an interval that takes what is of one patient together, an exact one that counts
    patients where these are few; None of none."""
    if outcome.empty:
        return None
    values, clusters = outcome.to_numpy(dtype=int), group.astype(str).to_numpy()
    units, value = len(set(clusters)), float(values.mean())
    if few := too_few_together(units):
        low, high = exact_limits(value, units, confidence=options.confidence)
        return Measure(value=value, low=low, high=high, n=len(values), clusters=units, method=f"{EXACT}: {few}")
    return Measure.of(gee_proportion(values, clusters, confidence=options.confidence))


def mean_measures(
    divisions: Outcomes, *, options: Evaluation, names: Sequence[str] = tuple(_SOURCES)
) -> dict[str, Measure]:
    """AUC and the measures `names` averaged over divisions, with a patient-clustered bootstrap interval and the spread
    over divisions."""
    means = mean_over_divisions(divisions, at_operating_point=names, **options.bootstrapped)
    return {name: _in_classes(Measure.of(mean)) for name, mean in means.items()}


def _in_classes(measure: Measure) -> Measure:
    """A measure whose method speaks of benign and malignant groups."""
    return measure.model_copy(update={"method": in_classes(measure.method)})


@dataclass(frozen=True)
class Compared:
    """A difference between two networks with its P value, and that corrected for the number of comparisons."""

    difference: Measure
    p: float | None
    p_corrected: float | None = None


def compare_pairs(
    pairs: Sequence[tuple[Outcomes, Outcomes]], *, measure: str, over: str, options: Evaluation
) -> list[Compared]:
    """A measure of the first of each pair minus that of the second, averaged over the divisions.

    P values are corrected together; `over` names what they are of, for example "3 comparators".
    """
    differences = [difference_over_divisions(a, b, measure=measure, **options.bootstrapped) for a, b in pairs]
    return corrected(differences, over=over)


def corrected(differences: Sequence[DifferenceOverDivisions], *, over: str) -> list[Compared]:
    """Correct the P values of differences in one measure by Holm; `over` names what they are together."""
    tested = [item.p for item in differences if not np.isnan(item.p)]
    adjusted = iter(adjust_p_values(tested, method="holm").tolist() if tested else [])
    found = []
    for item in differences:
        p, several = _known(item.p), len(tested) > 1
        method = in_classes(item.method)
        method = f"{method}; P corrected by Holm over {over}" if several and p is not None else method
        limits = {"low": _known(item.low), "high": _known(item.high)}
        measure = Measure(value=item.difference, **limits, method=method)
        found.append(Compared(measure, p=p, p_corrected=None if p is None else next(adjusted)))
    return found


def _known(limit: float) -> float | None:
    return None if np.isnan(limit) else limit


def correct_rows(rows: Iterable[Row], key: str = "p") -> None:
    """Add to each row with a P value that corrected by Holm over all of them, as `<key>_corrected`.

    >>> rows = [{"p": 0.01}, {"p": 0.04}, {}]
    >>> correct_rows(rows)
    >>> [row.get("p_corrected") for row in rows]
    [0.02, 0.04, None]
    """
    tested = [row for row in rows if row.get(key) is not None]
    values: Any = [row[key] for row in tested]
    for row, p in zip(tested, adjust_p_values(values, method="holm").tolist() if values else [], strict=True):
        row[f"{key}_corrected"] = p


def distribution(values: "pd.Series[Any]") -> Distribution:
    """Mean, standard deviation, quartiles and range of the values that are known.

    >>> distribution(pd.Series([0.1, 0.2, 0.3, None])).median
    0.2
    """
    known = values.dropna().astype(float)
    if known.empty:
        return Distribution(n=0)
    low, first, median, third, high = (float(value) for value in np.quantile(known, (0, 0.25, 0.5, 0.75, 1)))
    return Distribution(
        n=len(known),
        mean=float(known.mean()),
        sd=float(known.std(ddof=1)) if len(known) > 1 else None,
        low=low,
        quartile_1=first,
        median=median,
        quartile_3=third,
        high=high,
    )
