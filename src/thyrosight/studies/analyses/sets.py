"""Sets on which one network was tested, within its cohort and outside: discrimination, ROC curves, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, hidden
from thyrosight.errors import StatisticsError
from thyrosight.recalibrating import LEAST_PATIENTS, Answers, out_of_fold
from thyrosight.statistics import brier, calibration_name, calibration_slope, smooth_calibration
from thyrosight.studies.analyses.curves import roc_figure
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import PROPORTIONS, diagnostic_column, pooled_measures
from thyrosight.studies.verdicts import CLASSES, few_groups

MEASURES = ("auc", *PROPORTIONS)
"""Measures that tables of sets print."""
_FURTHER = ("balanced_accuracy", "f1")
_SOURCES = {name: name for name in (*PROPORTIONS, *_FURTHER)}
_SAMPLES = 500
"""Bootstrap samples of a calibration curve."""


@dataclass(frozen=True, eq=False)
class SetTested:
    """Images on which a network was tested.

    Attributes:
        title: printed; it says where the set is from.
        rows: predictions with truth, probability, risk, predicted and group.
        labels: sources of the labels.
        split: its kind, or that the set is external.
        measures: AUC and those at the operating point; empty where the set holds one class only.
        note: to be known of the set.
    """

    title: str
    rows: pd.DataFrame
    labels: Sequence[str]
    split: str
    measures: dict[str, Measure] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def judged(
        cls, title: str, rows: pd.DataFrame, *, labels: Sequence[str], split: str, options: Evaluation, note: str = ""
    ) -> "SetTested":
        """A set with the measures of its predictions; one class only gives none, and a note that says so."""
        try:
            return cls(title, rows, labels, split, pooled_measures(rows, options=options, sources=_SOURCES), note)
        except StatisticsError as error:
            return cls(title, rows, labels, split, note=f"{note} {title}: {error}".strip())

    @property
    def external(self) -> bool:
        """Whether the set is none of the study's own cohort."""
        return self.split == EXTERNAL

    @property
    def counts(self) -> Row:
        """Names and numbers that rows of every table begin with."""
        groups = {label: self.rows.loc[self.rows["truth"] == truth, "group"] for truth, label in enumerate(CLASSES)}
        found: Row = {"set": self.title, "n": len(self.rows), "groups": int(self.rows["group"].nunique())}
        found |= {label: len(own) for label, own in groups.items()}
        return found | {"labels": " and ".join(self.labels), "split": self.split}


EXTERNAL = "external set"


def head(*printed: str) -> list[Column]:
    """The columns of `SetTested.counts`; the set and the named ones are printed."""
    found = [
        Column(key="set", title="Tested on"),
        *columns("count", {"n": "n", "benign": "Benign", "malignant": "Malignant", "groups": "Groups"}),
        *columns("text", {"labels": "Labels", "split": "Split"}),
    ]
    return [column.model_copy(update={"hidden": column.key not in ("set", *printed)}) for column in found]


def sets_table(
    sets: Sequence[SetTested], *, caption: str, notes: Sequence[str] = (), strong: int | None = None
) -> Table:
    """AUC and the measures at the operating point of one network on each set."""
    return Table(
        name="external",
        caption=caption,
        columns=(
            *head("n", "malignant", "labels"),
            *(diagnostic_column(name) for name in MEASURES if name != "accuracy"),
            *hidden("accuracy", *_FURTHER, kind="share"),
        ),
        rows=tuple(item.counts | dict(item.measures) for item in sets),
        notes=tuple(text for text in (*notes, *(item.note for item in sets)) if text),
        strong=strong,
    )


def named_sources(sets: Sequence[SetTested]) -> str:
    """The sources of the labels of external sets, for captions."""
    return "; ".join(f"{item.title}: labels {' and '.join(item.labels)}" for item in sets if item.external)


def sets_roc(sets: Sequence[SetTested], *, caption: str, options: Evaluation) -> Figure | None:
    """ROC curves of one network on every set that holds both classes; None where fewer than two do.

    The band of the first is drawn.
    """
    both = {item.title: (item.rows, item.measures["auc"]) for item in sets if item.rows["truth"].nunique() == 2}
    return roc_figure(both, name="roc-external", caption=caption, options=options) if len(both) > 1 else None


def calibration_measures(rows: pd.DataFrame, *, options: Evaluation) -> dict[str, Measure]:
    """Slope and intercept in the large of risks, how far they lie from the calibration curve on average (ICI), and
    their Brier score.

    Args:
        rows: of both classes, with truth, risk and group. With too few groups (`few_groups`) there are no intervals.
    """
    truth, risk = rows["truth"].to_numpy(), rows["risk"].to_numpy(dtype=float)
    common: dict[str, Any] = {"cluster": rows["group"].to_numpy(dtype=str), "confidence": options.confidence}
    line = calibration_slope(truth, risk, **common)
    curve = smooth_calibration(truth, risk, replicates=min(_SAMPLES, options.bootstrap), seed=options.seed, **common)
    score = brier(truth, risk, **common).score
    found = {"slope": line.slope, "intercept": line.intercept_in_the_large, "ici": curve.ici, "brier": score}
    measures = {name: Measure.of(item) for name, item in found.items()}
    if few := few_groups(rows):
        bare = {"low": None, "high": None, "se": None, "method": f"no interval: {few}"}
        return {name: item.model_copy(update=bare) for name, item in measures.items()}
    return measures


def calibration_table(sets: Sequence[SetTested], *, options: Evaluation) -> Table | None:
    """Calibration of the risks of one network on each set of both classes; None without such a set.

    External sets show besides what is left after calibration was fitted anew on the set itself, out of fold.
    """
    method = options.calibration if options.calibration != "none" else "platt"
    both = [item for item in sets if item.rows["truth"].nunique() == 2]
    rows: list[Row] = []
    for item in both:
        row = item.counts | {"risk": float(item.rows["risk"].mean()), "observed": float(item.rows["truth"].mean())}
        anew = recalibrated(item.rows, method=method) if item.external else None
        if anew is not None:
            own = calibration_measures(anew, options=options)
            row |= {f"{name}_anew": measure for name, measure in own.items()}
        rows.append(row | dict(calibration_measures(item.rows, options=options)))
    if not rows:
        return None
    renewed = any("ici_anew" in row for row in rows)
    titles = {"slope": "Slope", "intercept": "Intercept", "ici": "ICI", "brier": "Brier score"}
    named = titles | {f"{name}_anew": f"{title}, recalibrated" for name, title in titles.items()}
    shown = (*titles, *(["ici_anew"] if renewed else []))
    measured = [
        Column(
            key=key,
            title=title,
            kind="difference" if key.startswith("intercept") else "number",
            digits=2 if key.startswith(("slope", "intercept")) else 3,
        )
        for key, title in named.items()
    ]
    notes = [
        "Slope 1, intercept 0 and ICI 0 are ideal: a slope below 1 means risks that are too extreme, an intercept (in "
        "the large) below 0 risks that are too high on average; ICI is the mean distance between risk and calibration "
        "curve.",
        "Brier score: mean squared distance between risk and outcome; 0 is ideal, 0.25 that of 50 % for every nodule.",
    ]
    if any(item.external for item in both):
        notes.append(
            f"Recalibrated: {calibration_name(method)}, fitted on the set itself, each group by a fit without it; it "
            f"needs {LEAST_PATIENTS[method]} groups of each class."
        )
    return Table(
        name="calibration",
        caption="Calibration of the main network's risks on the test part"
        + (" and outside" if renewed or len(rows) > 1 else ""),
        columns=(
            *head("n"),
            *columns("percent", {"risk": "Mean risk, %", "observed": "Malignant, %"}),
            *(column.model_copy(update={"hidden": column.key not in shown}) for column in measured),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def recalibrated(rows: pd.DataFrame, *, method: str) -> pd.DataFrame | None:
    """The rows with risks calibrated anew on themselves, out of fold by group; None with too few groups of a class."""
    groups = rows.groupby("truth")["group"].nunique()
    if len(groups) < 2 or groups.min() < LEAST_PATIENTS[method]:
        return None
    answers = Answers(
        truth=rows["truth"].to_numpy(dtype="int64"),
        probability=rows["probability"].to_numpy(dtype=float),
        group=rows["group"].to_numpy(dtype=str),
    )
    return rows.assign(risk=out_of_fold(answers, method=method))
