"""From predictions to measures: means over divisions, pooled measures, differences. All come from `statistics`."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from thyrosight.documents import Column, Measure
from thyrosight.statistics import (
    DiagnosticTable,
    DifferenceOverDivisions,
    DivisionOutcome,
    adjust_p_values,
    auc,
    diagnostic_table,
    difference_over_divisions,
    mean_over_divisions,
)
from thyrosight.studies.base import EvaluationOptions

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
Outcomes = Sequence[DivisionOutcome]


def measure_column(name: str, title: str | None = None) -> Column:
    """The column of a table that holds a measure."""
    return Column(key=name, title=title or MEASURES.get(name, name), kind="area" if name == "auc" else "share")


def pooled_measures(table: pd.DataFrame, *, options: EvaluationOptions, seed: int) -> dict[str, Measure]:
    """AUC, and the measures at the operating point, of test predictions; intervals respect groups.

    Args:
        table: predictions with the columns truth, risk, predicted and group.
        options: confidence of the intervals.
        seed: of the bootstrap.
    """
    truth, cluster = table["truth"].to_numpy(), table["group"].to_numpy(dtype=str)
    area = auc(truth, table["risk"].to_numpy(), cluster=cluster, confidence=options.confidence)
    counts: DiagnosticTable = diagnostic_table(
        truth,
        table["predicted"].to_numpy(),
        cluster=cluster,
        interval="bootstrap",
        confidence=options.confidence,
        seed=seed,
    )
    found = {"auc": Measure.of(area)}
    return found | {name: Measure.of(getattr(counts, source)) for name, source in _SOURCES.items()}


def mean_measures(divisions: Outcomes, *, options: EvaluationOptions, seed: int) -> dict[str, Measure]:
    """Measures averaged over divisions, with a patient-clustered bootstrap interval and the spread over divisions."""
    means = mean_over_divisions(divisions, replicates=options.bootstrap, confidence=options.confidence, seed=seed)
    return {name: Measure.of(mean) for name, mean in means.items()}


@dataclass(frozen=True)
class Compared:
    """A difference between two networks with its P value, and that corrected for the number of comparisons."""

    difference: Measure
    p: float | None
    p_corrected: float | None


def compare_pairs(
    pairs: Sequence[tuple[Outcomes, Outcomes]], *, measure: str, over: str, options: EvaluationOptions, seed: int
) -> list[Compared]:
    """A measure of the first of each pair minus that of the second, averaged over the divisions.

    Args:
        pairs: compared with one another, and corrected together.
        measure: for example "auc".
        over: names what is corrected together.
        options: replicates and confidence of the intervals.
        seed: of the bootstrap.
    """
    differences = [
        difference_over_divisions(
            a, b, measure=measure, replicates=options.bootstrap, confidence=options.confidence, seed=seed
        )
        for a, b in pairs
    ]
    return corrected(differences, over=over)


def corrected(differences: Sequence[DifferenceOverDivisions], *, over: str) -> list[Compared]:
    """Correct the P values of differences in one measure by Holm; `over` names what they are together."""
    if not differences:
        return []
    adjusted = adjust_p_values([item.p for item in differences], method="holm").tolist()
    return [
        Compared(
            Measure(
                value=item.difference,
                low=item.low,
                high=item.high,
                method=f"{item.method}; P corrected by Holm over {over}",
            ),
            p=item.p,
            p_corrected=p,
        )
        for item, p in zip(differences, adjusted, strict=True)
    ]
