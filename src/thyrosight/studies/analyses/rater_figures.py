"""Figures of network and readers on one set of lesions: ROC curves, risks by class, calibration."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from thyrosight.cohort.records.readers import Reading
from thyrosight.documents import Figure, Measure, drawings
from thyrosight.statistics import roc_curve
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.curves import named, roc_drawing, roc_of
from thyrosight.studies.analyses.diagnosis import NETWORK, reader_judgements
from thyrosight.studies.base import Evaluation

_LEAST_FOR_CALIBRATION = 20
_FITTED = "calibrated on the validation part"
_OUTPUT = "Predicted risk of malignancy"


def raters_figures(
    lesions: pd.DataFrame, readings: Sequence[Reading], areas: Mapping[str, Measure], *, options: Evaluation
) -> list[Figure]:
    """ROC curves of network and readers, risks by class and calibration; none where a class is missing.

    Args:
        lesions: with label, truth, group and, where there is a network, risk and probability.
        areas: AUC by rater, for the legend.
    """
    roc = _roc(lesions, readings, areas, options=options) if lesions["truth"].nunique() == 2 else None
    if roc is None or "risk" not in lesions:
        return [roc] if roc else []
    same = np.allclose(lesions["risk"], lesions["probability"])
    clause = "not calibrated" if same else _FITTED
    by_class = {label: tuple(lesions.loc[lesions["label"] == label, "risk"]) for label in ("benign", "malignant")}
    scores = Figure(
        name="scores",
        caption=f"Risks that the CNN gave ({clause}), by true class.",
        drawing=drawings.Scores(**by_class),
    )
    if len(lesions) < _LEAST_FOR_CALIBRATION:
        return [roc, scores]
    plain = lesions.assign(risk=lesions["probability"])
    before = calibration_figure(
        plain, title="the CNN", calibrated="not calibrated", options=options, score=_OUTPUT if same else "Probability"
    )
    if same:
        return [roc, scores, before]
    return [
        roc,
        scores,
        calibration_figure(lesions, title="the CNN", calibrated=_FITTED, options=options),
        before.model_copy(update={"name": "calibration-before"}),
    ]


def _roc(
    lesions: pd.DataFrame, readings: Sequence[Reading], areas: Mapping[str, Measure], *, options: Evaluation
) -> Figure | None:
    """ROC curves of the network and of each reader; None where nobody judged both classes."""
    curves = []
    if "risk" in lesions:
        curves.append(roc_of(lesions, name=named(NETWORK, areas.get(NETWORK)), options=options))
    for reading in readings:
        judged = lesions[reading.ranks.notna().to_numpy()]
        if judged["truth"].nunique() == 2:
            curves.append(_reader_curve(judged, reading, named(reading.name, areas.get(reading.name))))
    if not curves:
        return None
    caption = (
        "ROC curves of the network and of each reader on the nodules that each judged; AUC with 95 % interval. "
        "Readers' curves join their categories."
        if any(reading.name in areas for reading in readings)
        else "ROC curve of the network with its pointwise band; AUC with 95 % interval."
    )
    return Figure(name="roc", caption=caption, drawing=roc_drawing(curves))


def _reader_curve(judged: pd.DataFrame, reading: Reading, name: str) -> drawings.Curve:
    """Every category of a reader is a point; there is no band."""
    scores = reader_judgements(judged, reading)
    curve = roc_curve(scores.truth, scores.score, replicates=0)
    x, y = (1 - np.asarray(curve.specificity)).tolist(), np.asarray(curve.sensitivity).tolist()
    return drawings.Curve(name=name, x=tuple(x), y=tuple(y))
