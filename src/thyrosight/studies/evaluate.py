"""From predictions to the figures of a study; every number comes from `thyrosight.statistics`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from thyrosight.networks import ModelSpec, architectures
from thyrosight.statistics import (
    DiagnosticTable,
    auc,
    diagnostic_table,
    mean_over_divisions,
    reliability_curve,
    roc_curve,
)
from thyrosight.studies.differences import compare_pairs
from thyrosight.studies.predictions import DivisionPredictions
from thyrosight.studies.recipe import EvaluationOptions
from thyrosight.studies.result import (
    Comparison,
    Confusion,
    Curve,
    DivisionResult,
    EpochPoint,
    MeanMeasure,
    Measure,
    NetworkResult,
    Reliability,
    ReliabilityBin,
)
from thyrosight.studies.units import Unit

_TABLE_MEASURES = {
    "balanced_accuracy": "balanced_accuracy",
    "accuracy": "accuracy",
    "recall": "sensitivity",
    "specificity": "specificity",
    "precision": "ppv",
    "f1": "f1",
}
_CURVE_POINTS = 200
RANDOM_START = "random weights"


@dataclass(frozen=True, eq=False)
class Judged:
    """A finished unit with its predictions calibrated and thresholded."""

    unit: Unit
    predictions: DivisionPredictions


def evaluate_network(
    judged: Sequence[Judged], *, options: EvaluationOptions, seed: int, against_main: Comparison | None = None
) -> NetworkResult:
    """Everything reported of one network: means over divisions, each division, and all test predictions pooled.

    Pooled means that every test prediction of every division counts once; intervals respect that one patient
    contributes several of them.
    """
    first = judged[0].unit
    entry = architectures()[first.network.architecture]
    pooled = pd.concat([item.predictions.part("test") for item in judged], ignore_index=True)
    return NetworkResult(
        architecture=entry.name,
        title=entry.title,
        role=first.network.role,
        start=start_of(first.spec),
        parameters=first.record["parameters"],
        mean=mean_measures([item.predictions for item in judged], options=options, seed=seed),
        pooled=measures(pooled, options=options, seed=seed),
        divisions=[_division(item, options=options, seed=seed) for item in judged],
        confusion=confusion(pooled),
        roc=roc(pooled, options=options, seed=seed),
        precision_recall=precision_recall(pooled),
        reliability=reliability(pooled, options=options),
        score_benign=pooled.loc[pooled["truth"] == 0, "risk"].tolist(),
        score_malignant=pooled.loc[pooled["truth"] == 1, "risk"].tolist(),
        history=mean_history([item.unit.record["history"] for item in judged]),
        against_main=against_main,
        seconds=sum(item.unit.record["seconds"] for item in judged),
    )


def start_of(spec: ModelSpec) -> str:
    """Where the first weights came from, in words."""
    origin = spec.weights
    return RANDOM_START if origin.kind == "none" else f"{origin.name} ({origin.kind})"


def _division(item: Judged, *, options: EvaluationOptions, seed: int) -> DivisionResult:
    test = item.predictions.part("test")
    record = item.unit.record
    return DivisionResult(
        name=item.unit.division.name,
        train=record["train"],
        validation=len(item.predictions.part("validation")),
        test=len(test),
        test_malignant=int(test["truth"].sum()),
        epochs=record["epochs"],
        best_epoch=record["best_epoch"],
        threshold=item.predictions.threshold,
        threshold_rule=f"{options.operating_point} on the validation part",
        measures=measures(test, options=options, seed=seed),
    )


def measures(table: pd.DataFrame, *, options: EvaluationOptions, seed: int) -> dict[str, Measure]:
    """AUC and the measures at the operating point of `table`'s test predictions, with intervals that respect groups."""
    truth, cluster = table["truth"].to_numpy(), table["group"].to_numpy(dtype=str)
    area = auc(truth, table["risk"].to_numpy(), cluster=cluster, confidence=options.confidence)
    counts = _diagnosis(table, options=options, seed=seed)
    found = {"auc": Measure.of(area)}
    return found | {name: Measure.of(getattr(counts, source)) for name, source in _TABLE_MEASURES.items()}


def mean_measures(
    divisions: Sequence[DivisionPredictions], *, options: EvaluationOptions, seed: int
) -> dict[str, MeanMeasure]:
    """Measures averaged over divisions, with a patient-clustered bootstrap interval and the spread over divisions."""
    means = mean_over_divisions(
        [division.tested() for division in divisions],
        replicates=options.bootstrap,
        confidence=options.confidence,
        seed=seed,
    )
    return {name: MeanMeasure(**mean.to_dict()) for name, mean in means.items()}


def compare_to_main(
    main: Sequence[Judged],
    comparators: dict[str, list[Judged]],
    *,
    options: EvaluationOptions,
    seed: int,
) -> dict[str, Comparison]:
    """AUC of each comparator minus that of the main network over the same divisions; P values corrected by Holm."""
    own = [item.predictions.tested() for item in main]
    pairs = [([item.predictions.tested() for item in judged], own) for judged in comparators.values()]
    over = f"{len(pairs)} comparators"
    compared = compare_pairs(pairs, measure="auc", over=over, options=options, seed=seed)
    return dict(zip(comparators, compared, strict=True))


def confusion(table: pd.DataFrame) -> Confusion:
    """Counts of the predictions in `table`."""
    truth, predicted = table["truth"].to_numpy(dtype=bool), table["predicted"].to_numpy(dtype=bool)
    return Confusion(
        true_positive=int((truth & predicted).sum()),
        false_negative=int((truth & ~predicted).sum()),
        false_positive=int((~truth & predicted).sum()),
        true_negative=int((~truth & ~predicted).sum()),
    )


def roc(table: pd.DataFrame, *, options: EvaluationOptions, seed: int) -> Curve:
    """ROC curve of pooled predictions (x: 1 - specificity, y: sensitivity); its band respects groups."""
    curve = roc_curve(
        table["truth"].to_numpy(),
        table["risk"].to_numpy(),
        cluster=table["group"].to_numpy(dtype=str),
        confidence=options.confidence,
        seed=seed,
    )
    keep = _thin(len(curve.sensitivity))
    return Curve(
        x=(1 - np.asarray(curve.specificity))[keep].tolist(),
        y=np.asarray(curve.sensitivity)[keep].tolist(),
        low=np.asarray(curve.low)[keep].tolist(),
        high=np.asarray(curve.high)[keep].tolist(),
        method=curve.method,
    )


def precision_recall(table: pd.DataFrame) -> Curve:
    """Precision (y) against recall (x) of pooled predictions."""
    from sklearn.metrics import precision_recall_curve as curve_of

    precision, recall, _ = curve_of(table["truth"].to_numpy(), table["risk"].to_numpy())
    keep = _thin(len(recall))
    return Curve(x=recall[keep].tolist(), y=precision[keep].tolist(), method="every threshold, no interpolation")


def reliability(table: pd.DataFrame, *, options: EvaluationOptions) -> Reliability:
    """Calibration of pooled predictions in ten bins of about equal numbers."""
    truth, risk = table["truth"].to_numpy(), table["risk"].to_numpy()
    curve = reliability_curve(truth, risk, bins=10, confidence=options.confidence)
    bins = [
        ReliabilityBin(
            predicted=item.mean_probability,
            observed=item.observed.value,
            low=item.observed.low,
            high=item.observed.high,
            n=item.observed.n,
        )
        for item in curve.bins
    ]
    return Reliability(
        bins=bins,
        brier=float(np.mean((risk - truth) ** 2)),
        expected_calibration_error=curve.expected_calibration_error,
        method="ten bins of about equal numbers; Wilson intervals, which take predictions as independent",
    )


def _diagnosis(table: pd.DataFrame, *, options: EvaluationOptions, seed: int) -> DiagnosticTable:
    return diagnostic_table(
        table["truth"].to_numpy(),
        table["predicted"].to_numpy(),
        cluster=table["group"].to_numpy(dtype=str),
        interval="bootstrap",
        confidence=options.confidence,
        seed=seed,
    )


def mean_history(histories: Sequence[Sequence[dict[str, float]]]) -> list[EpochPoint]:
    """Average training curves over divisions, epoch by epoch; early stopping leaves fewer divisions at later epochs."""
    rows = pd.concat([pd.DataFrame(history) for history in histories], ignore_index=True)
    points = []
    for epoch, group in rows.groupby("epoch", sort=True):
        areas = group["validation_auc"].dropna()
        points.append(
            EpochPoint(
                epoch=int(str(epoch)),
                divisions=len(group),
                train_loss=float(group["train_loss"].mean()),
                validation_loss=float(group["validation_loss"].mean()),
                validation_auc=float(areas.mean()) if len(areas) else None,
                train_loss_spread=_spread(group["train_loss"]),
                validation_loss_spread=_spread(group["validation_loss"]),
                validation_auc_spread=_spread(areas) if len(areas) else None,
            )
        )
    return points


def _spread(values: pd.Series) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def _thin(count: int) -> np.ndarray:
    """Indices of at most `_CURVE_POINTS` evenly spaced points that keep both ends."""
    return np.unique(np.linspace(0, count - 1, min(count, _CURVE_POINTS)).round().astype(int))
