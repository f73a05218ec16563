"""Figures of networks: ROC and precision-recall curves, calibration, risks by class, divisions, training."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.documents import (
    Calibration,
    CalibrationBin,
    Confusion,
    Counts,
    DivisionDots,
    EpochMean,
    Figure,
    Measure,
    MeasureBars,
    NamedCurve,
    PrecisionRecall,
    RocCurves,
    Scores,
    Training,
    with_interval,
)
from thyrosight.statistics import reliability_curve, roc_curve
from thyrosight.studies.analyses.networks import Evaluated
from thyrosight.studies.base import Evaluation, EvaluationOptions
from thyrosight.studies.measures import MEASURES
from thyrosight.studies.tested import Network

_CURVE_POINTS = 200
_BINS = 10
_LEGEND_LETTERS = 22


def measures_figure(found: Sequence[Evaluated]) -> Figure:
    """The measures of each network side by side."""
    return Figure(
        name="measures",
        caption=(
            "Measures of each network with 95 % intervals, mean over the divisions. The dashed line is the AUC "
            "and balanced accuracy of a guess."
        ),
        drawing=MeasureBars(
            measures=tuple(MEASURES.values()),
            networks={item.title: tuple(item.mean.get(name) for name in MEASURES) for item in found},
        ),
        wide=True,
    )


def roc_figure(found: Sequence[Evaluated], *, options: Evaluation) -> Figure:
    """ROC curves of the pooled test predictions, with the band of the first network."""
    curves = [
        roc_of(
            item.pooled_rows,
            name=named(item.title, item.pooled.get("auc")),
            options=options,
            band=place == 0,
        )
        for place, item in enumerate(found)
    ]
    method = _roc(found[0].pooled_rows, options=options).method
    return Figure(
        name="roc",
        caption=f"ROC curves of the pooled test predictions; AUC with 95 % interval. Band: {found[0].title}, {method}.",
        drawing=RocCurves(curves=tuple(curves)),
    )


def roc_of(rows: pd.DataFrame, *, name: str, options: Evaluation, band: bool = True) -> NamedCurve:
    """The ROC curve of predictions (columns truth, risk, group); its band respects groups."""
    curve = _roc(rows, options=options)
    keep = _thin(len(curve.sensitivity))

    def points(values: Any) -> tuple[float, ...]:
        return tuple(np.asarray(values, dtype=float)[keep].tolist())

    return NamedCurve(
        name=name,
        x=points(1 - np.asarray(curve.specificity)),
        y=points(curve.sensitivity),
        low=points(curve.low) if band else None,
        high=points(curve.high) if band else None,
    )


def _roc(rows: pd.DataFrame, *, options: Evaluation) -> Any:
    return roc_curve(
        rows["truth"].to_numpy(),
        rows["risk"].to_numpy(),
        cluster=rows["group"].to_numpy(dtype=str),
        confidence=options.confidence,
        seed=options.seed,
    )


def precision_recall_figure(found: Sequence[Evaluated]) -> Figure:
    """Precision against recall of the pooled test predictions."""
    share = float(found[0].pooled_rows["truth"].mean())
    return Figure(
        name="precision-recall",
        caption=(
            "Precision against recall of the pooled test predictions. Dashed: calling every image malignant "
            f"({100 * share:.0f} % are)."
        ),
        drawing=PrecisionRecall(
            curves=tuple(_precision_recall(item.pooled_rows, name=item.title) for item in found), prevalence=share
        ),
    )


def _precision_recall(rows: pd.DataFrame, *, name: str) -> NamedCurve:
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(rows["truth"].to_numpy(), rows["risk"].to_numpy())
    keep = _thin(len(recall))
    return NamedCurve(name=name, x=tuple(recall[keep].tolist()), y=tuple(precision[keep].tolist()))


def scores_figure(found: Evaluated) -> Figure:
    """Calibrated risks by true class."""
    rows = found.pooled_rows
    return Figure(
        name="scores",
        caption=f"Calibrated risks that {found.title} gave the test images, by true class.",
        drawing=Scores(
            benign=tuple(rows.loc[rows["truth"] == 0, "risk"].tolist()),
            malignant=tuple(rows.loc[rows["truth"] == 1, "risk"].tolist()),
            thresholds=tuple(found.thresholds),
        ),
    )


def calibration_figure(
    rows: pd.DataFrame, *, title: str, options: EvaluationOptions, score: str = "Calibrated risk of malignancy"
) -> Figure:
    """Predicted against observed risk (columns truth, risk) in ten bins; `score` names the predictions on the axis."""
    truth, risk = rows["truth"].to_numpy(), rows["risk"].to_numpy()
    curve = reliability_curve(truth, risk, bins=_BINS, confidence=options.confidence)
    bins = [
        CalibrationBin(
            predicted=item.mean_probability,
            observed=item.observed.value,
            low=item.observed.low,
            high=item.observed.high,
            n=item.observed.n,
        )
        for item in curve.bins
    ]
    brier = float(np.mean((risk - truth) ** 2))
    return Figure(
        name="calibration",
        caption=(
            f"Predicted against observed risk of {title}: ten bins of about equal numbers; Wilson intervals, which "
            f"take predictions as independent. Brier score {brier:.3f}, expected calibration error "
            f"{curve.expected_calibration_error:.3f}."
        ),
        drawing=Calibration(
            name=title,
            bins=tuple(bins),
            brier=brier,
            expected_calibration_error=curve.expected_calibration_error,
            x_label=f"{score} (mean of bin)",
        ),
    )


def confusion_figure(found: Sequence[Evaluated]) -> Figure:
    """Truth against prediction at the operating points of the divisions."""
    return Figure(
        name="confusion",
        caption=(
            "Truth (rows) against prediction at the operating points of the divisions, pooled test predictions (an "
            "image counts once for each division that tests it)."
        ),
        drawing=Confusion(networks={item.title: counts_of(item.pooled_rows) for item in found}),
        wide=True,
    )


def counts_of(rows: pd.DataFrame) -> Counts:
    """Counts of predictions by truth (columns truth, predicted)."""
    truth, predicted = rows["truth"].to_numpy(dtype=bool), rows["predicted"].to_numpy(dtype=bool)
    return Counts(
        true_positive=int((truth & predicted).sum()),
        false_negative=int((truth & ~predicted).sum()),
        false_positive=int((~truth & predicted).sum()),
        true_negative=int((~truth & ~predicted).sum()),
    )


def divisions_figure(areas: Mapping[str, Sequence[float | None]]) -> Figure:
    """The AUC of each network (by title) on the test part of each division."""
    return Figure(
        name="divisions",
        caption="AUC on the test part of each division; thin lines join the same division, bars are means.",
        drawing=DivisionDots(
            measure="AUC on the test part", networks={title: tuple(values) for title, values in areas.items()}
        ),
        wide=True,
    )


def training_figure(networks: Mapping[str, Network]) -> Figure:
    """Losses and validation AUC by epoch of each network (by title)."""
    several = (
        "Training, mean over the divisions that reached an epoch; bands are one standard deviation. Early stopping "
        "leaves fewer divisions at later epochs."
    )
    return Figure(
        name="training",
        caption=several
        if any(len(network.tested) > 1 for network in networks.values())
        else "Training and validation by epoch.",
        drawing=Training(
            networks={
                title: mean_history([item.record["history"] for item in network.tested])
                for title, network in networks.items()
            }
        ),
        wide=True,
    )


def mean_history(histories: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[EpochMean, ...]:
    """Training curves averaged over the divisions that reached an epoch."""
    rows = pd.concat([pd.DataFrame(list(history)) for history in histories], ignore_index=True)
    points = []
    for epoch, group in rows.groupby("epoch", sort=True):
        areas = group["validation_auc"].dropna()
        points.append(
            EpochMean(
                epoch=int(str(epoch)),
                train_loss=float(group["train_loss"].mean()),
                train_loss_spread=_spread(group["train_loss"]),
                validation_loss=float(group["validation_loss"].mean()),
                validation_loss_spread=_spread(group["validation_loss"]),
                validation_auc=float(areas.mean()) if len(areas) else None,
                validation_auc_spread=_spread(areas) if len(areas) else None,
            )
        )
    return tuple(points)


def _spread(values: "pd.Series[Any]") -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def named(name: str, area: Measure | None) -> str:
    """The name of a curve in the legend, with its AUC; a long name is wrapped."""
    if area is None or area.value is None:
        return name
    text = f"AUC {with_interval(area, digits=2)}"
    return f"{name}, {text}" if len(name) <= _LEGEND_LETTERS else "\n".join([*textwrap.wrap(name, 40), text])


def _thin(count: int) -> Any:
    """Indices of at most `_CURVE_POINTS` evenly spaced points that keep both ends."""
    return np.unique(np.linspace(0, count - 1, min(count, _CURVE_POINTS)).round().astype(int))
