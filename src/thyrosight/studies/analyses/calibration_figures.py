"""Predicted against observed risk: in bins, and as a smooth curve."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.documents import Figure, Measure, drawings, with_interval
from thyrosight.statistics import SmoothCalibration, exact_limits, reliability_curve, smooth_calibration
from thyrosight.studies.base import Evaluation
from thyrosight.studies.verdicts import few_groups

_BINS = 10
_CURVE_SAMPLES = 500
COUNTED = "exact intervals that count groups (patients)"
"""How intervals of bins are made, for captions."""


def calibration_figure(
    rows: pd.DataFrame, *, title: str, calibrated: str, options: Evaluation, score: str = "Predicted risk of malignancy"
) -> Figure:
    """Predicted against observed risk (columns truth, risk, group) in ten bins and as a smooth curve.

    Without one class, or without a curve, bins stand alone; with too few groups (`few_groups`) the curve has no band.

    Args:
        calibrated: whether the risks are (`calibration_clause`).
        score: names the predictions on the axis.
    """
    truth, risk = rows["truth"].to_numpy(), rows["risk"].to_numpy(dtype=float)
    smooth, few = _smooth(rows, options=options), few_groups(rows)
    return Figure(
        name="calibration",
        caption=(
            f"Predicted against observed risk of {title} ({calibrated}): ten bins of about equal numbers, with "
            f"{COUNTED}."
            f"{_smooth_words(smooth, few)}"
        ),
        drawing=drawings.Calibration(
            bins=calibration_bins(
                truth, risk, rows["group"].to_numpy(dtype=str), bins=_BINS, confidence=options.confidence
            ),
            x_label=f"{score} (mean of bin)",
            curve=None if smooth is None else _drawn(smooth, title, band=not few),
        ),
    )


def calibration_bins(
    truth: npt.ArrayLike, risk: npt.NDArray[np.float64], group: "npt.NDArray[np.str_]", *, bins: int, confidence: float
) -> tuple[drawings.CalibrationBin, ...]:
    """Bins of about equal numbers with exact intervals of the observed share, in which a group counts once: images of
    one patient, and an image that several divisions tested, tell little more than one."""
    found = []
    curve = reliability_curve(truth, risk, bins=bins, confidence=confidence)
    for item in curve.bins:
        last = item is curve.bins[-1]
        inside = (risk >= item.low) & ((risk <= item.high) if last else (risk < item.high))
        low, high = exact_limits(item.observed.value, len(set(group[inside])), confidence=confidence)
        found.append(
            drawings.CalibrationBin(
                predicted=item.mean_probability, observed=item.observed.value, low=low, high=high, n=item.observed.n
            )
        )
    return tuple(found)


def _smooth(rows: pd.DataFrame, *, options: Evaluation) -> SmoothCalibration | None:
    """The smooth calibration curve, with groups drawn whole; None where the rows allow none."""
    if rows["truth"].nunique() < 2:
        return None
    found = smooth_calibration(
        rows["truth"].to_numpy(),
        rows["risk"].to_numpy(),
        cluster=rows["group"].to_numpy(dtype=str),
        replicates=min(_CURVE_SAMPLES, options.bootstrap),
        seed=options.seed,
        confidence=options.confidence,
    )
    return found if found.points else None


def _drawn(smooth: SmoothCalibration, title: str, *, band: bool) -> drawings.Curve:
    if band:
        return drawings.Curve.banded(title, ((p.predicted, p.observed, p.low, p.high) for p in smooth.points))
    x, y = (tuple(getattr(point, name) for point in smooth.points) for name in ("predicted", "observed"))
    return drawings.Curve(name=title, x=x, y=y)


def _smooth_words(smooth: SmoothCalibration | None, few: str) -> str:
    """ICI, E50 and E90 in a sentence, and how the curve was drawn; nothing without a curve."""
    if smooth is None:
        return ""
    measures = {"ICI": smooth.ici, "E50": smooth.e50, "E90": smooth.e90}
    shown = {name: Measure(value=one.value) if few else Measure.of(one) for name, one in measures.items()}
    said = ", ".join(f"{name} {with_interval(one)}" for name, one in shown.items())
    band = f"without a band ({few})" if few else "with a bootstrap band over groups"
    return (
        f" Curve: {smooth.method}, {band}; mean, median and 90th percentile of its distance from the prediction: "
        f"{said}. A perfectly calibrated model of this size has an ICI up to {smooth.ici_if_perfect.high:.3f}."
    )
