"""Figures of networks: ROC and precision-recall curves, risks by class, divisions, training."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.documents import Figure, Measure, drawings, with_interval
from thyrosight.statistics import roc_curve
from thyrosight.studies.analyses.networks import Evaluated
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import MEASURES
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.tested import Network
from thyrosight.studies.verdicts import few_groups

_CURVE_POINTS = 200
_LEGEND_LETTERS = 22


def measures_figure(found: Sequence[Evaluated]) -> Figure:
    """The measures of each network side by side."""
    return Figure(
        name="measures",
        caption=(
            "Measures of each network with 95 % intervals, mean over the divisions. The dashed line is the AUC "
            "and balanced accuracy of a guess."
        ),
        drawing=drawings.MeasureBars(
            measures=tuple(MEASURES.values()),
            networks={item.title: tuple(item.mean.get(name) for name in MEASURES) for item in found},
        ),
        wide=True,
    )


def roc_figure(
    rated: Mapping[str, tuple[pd.DataFrame, Measure | None]], *, caption: str, options: Evaluation, name: str = "roc"
) -> Figure:
    """ROC curves with the band of the first.

    Args:
        rated: by printed name: rows with truth, risk and group, and their AUC.
    """
    curves = [
        roc_of(rows, name=named(title, area), options=options, band=place == 0)
        for place, (title, (rows, area)) in enumerate(rated.items())
    ]
    return Figure(name=name, caption=caption, drawing=roc_drawing(curves))


def pooled_roc_figure(found: Sequence[Evaluated], *, options: Evaluation) -> Figure:
    """ROC curves of the pooled test predictions of networks."""
    method = _roc(found[0].pooled_rows, options=options).method
    band = "" if method == "no band" else f" Band: {found[0].title}, {method}."
    caption = f"ROC curves of the pooled test predictions; AUC with 95 % interval.{band}"
    rated = {item.title: (item.pooled_rows, item.pooled.get("auc")) for item in found}
    return roc_figure(rated, caption=caption, options=options)


def band_words(rows: pd.DataFrame, title: str) -> str:
    """Sentence behind a caption that names the curve of the band; empty where too few groups allow no band."""
    return "" if few_groups(rows) else f" Band: {title}."


def roc_drawing(curves: Sequence[drawings.Curve]) -> drawings.Lines:
    """ROC curves: x is 1 - specificity, y sensitivity."""
    x, y = "1 - specificity (false positive rate)", "Sensitivity"
    return drawings.Lines(panels=(drawings.LinePanel(curves=tuple(curves), x=x, y=y, square=True),))


def roc_of(rows: pd.DataFrame, *, name: str, options: Evaluation, band: bool = True) -> drawings.Curve:
    """The ROC curve of predictions (columns truth, risk, group); its band respects groups."""
    curve = _roc(rows, options=options)
    keep = _thin(len(curve.sensitivity))

    def points(values: Any) -> tuple[float, ...]:
        return tuple(np.asarray(values, dtype=float)[keep].tolist())

    band = band and not few_groups(rows)
    return drawings.Curve(
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
        replicates=0 if few_groups(rows) else options.bootstrap,
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
        drawing=drawings.Lines(
            panels=(
                drawings.LinePanel(
                    curves=tuple(_precision_recall(item.pooled_rows, name=item.title) for item in found),
                    x="Recall (sensitivity)",
                    y="Precision (positive predictive value)",
                    square=True,
                    level=share,
                ),
            )
        ),
    )


def _precision_recall(rows: pd.DataFrame, *, name: str) -> drawings.Curve:
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(rows["truth"].to_numpy(), rows["risk"].to_numpy())
    keep = _thin(len(recall))
    return drawings.Curve(name=name, x=tuple(recall[keep].tolist()), y=tuple(precision[keep].tolist()))


def scores_figure(found: Evaluated) -> Figure:
    """Risks by true class."""
    rows, judged = found.pooled_rows, found.network.judged()
    clause = calibration_clause(judged)
    return Figure(
        name="scores",
        caption=f"Risks that {found.title} gave the test images ({clause}), by true class.",
        drawing=drawings.Scores(
            benign=tuple(rows.loc[rows["truth"] == 0, "risk"].tolist()),
            malignant=tuple(rows.loc[rows["truth"] == 1, "risk"].tolist()),
            thresholds=tuple(item.threshold for item in judged),
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
        drawing=drawings.Confusion(networks={item.title: counts_of(item.pooled_rows) for item in found}),
        wide=True,
    )


def counts_of(rows: pd.DataFrame) -> drawings.Counts:
    """Counts of predictions by truth (columns truth, predicted)."""
    truth, predicted = rows["truth"].to_numpy(dtype=bool), rows["predicted"].to_numpy(dtype=bool)
    return drawings.Counts(
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
        drawing=drawings.DivisionDots(
            measure="AUC on the test part", networks={title: tuple(values) for title, values in areas.items()}
        ),
        wide=True,
    )


def training_figure(networks: Mapping[str, Network], *, caption: str = "") -> Figure:
    """Losses of the first network with their spread over the divisions, and the validation AUC of each (by title)."""
    histories = {title: _history(network) for title, network in networks.items()}
    first, history = next(iter(histories.items()))
    losses = [_epochs(history, f"{part}_loss", f"{part} part") for part in ("training", "validation")]
    areas = [_epochs(rows, "validation_auc", title, band=title == first) for title, rows in histories.items()]
    several = (
        "Training, mean over the divisions that reached an epoch; bands are one standard deviation. Early stopping "
        "leaves fewer divisions at later epochs."
    )
    many = any(len(network.tested) > 1 for network in networks.values())
    return Figure(
        name="training",
        caption=caption or (several if many else "Training and validation by epoch."),
        drawing=drawings.Lines(
            panels=(
                drawings.LinePanel(curves=tuple(losses), x="Epoch", y="Loss", title=f"Loss of {first}", bottom=0),
                drawings.LinePanel(
                    curves=tuple(areas),
                    x="Epoch",
                    y="AUC",
                    title="AUC on the validation part",
                    top=1.02 if max(_highest(curve) for curve in areas) > 0.95 else None,
                ),
            )
        ),
        wide=True,
    )


def _highest(curve: drawings.Curve) -> float:
    return max((value for value in (*curve.y, *(curve.high or ())) if value is not None), default=0.0)


def _history(network: Network) -> pd.DataFrame:
    """A row for each epoch of each division."""
    rows = pd.concat([pd.DataFrame(item.record["history"]) for item in network.tested], ignore_index=True)
    return rows.rename(columns={"train_loss": "training_loss"})


def _epochs(history: pd.DataFrame, column: str, name: str, *, band: bool = True) -> drawings.Curve:
    """A measure by epoch, mean over the divisions that have it, with a band of one standard deviation."""
    by_epoch = history.dropna(subset=column).groupby("epoch", sort=True)[column]
    middle, spread = by_epoch.mean(), by_epoch.std(ddof=1).fillna(0)
    return drawings.Curve(
        name=name,
        x=tuple(map(float, middle.index)),
        y=tuple(middle),
        low=tuple(middle - spread) if band else None,
        high=tuple(middle + spread) if band else None,
    )


def named(name: str, area: Measure | None) -> str:
    """The name of a curve in the legend, with its AUC; a long name is wrapped."""
    if area is None or area.value is None:
        return name
    text = f"AUC {with_interval(area, digits=2)}"
    return f"{name}, {text}" if len(name) <= _LEGEND_LETTERS else "\n".join([*textwrap.wrap(name, 40), text])


def _thin(count: int) -> Any:
    """Indices of at most `_CURVE_POINTS` evenly spaced points that keep both ends."""
    return np.unique(np.linspace(0, count - 1, min(count, _CURVE_POINTS)).round().astype(int))
