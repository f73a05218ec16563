"""Candidates for a choice: networks, each in one view, set against a main one and chosen by their validation part."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, hidden
from thyrosight.statistics import DivisionOutcome, auc
from thyrosight.studies.analyses.curves import roc_figure
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import compare_pairs, diagnostic_column, pooled_measures
from thyrosight.studies.predictions import DivisionPredictions, judge
from thyrosight.studies.tested import Network
from thyrosight.studies.verdicts import best_candidate, margin_note, verdict

SHOWN = ("accuracy", "sensitivity", "specificity", "auc")
"""Measures that tables of candidates print."""
FURTHER = ("balanced_accuracy", "ppv", "f1")
"""Measures in their CSV files alone."""
_SOURCES = {name: name for name in (*SHOWN[:-1], *FURTHER)}


@dataclass(frozen=True, eq=False)
class Candidate:
    """A network in one view, over all divisions.

    Attributes:
        judged: predictions of each division, calibrated and thresholded on its validation part.
        facts: what it is, for hidden columns of tables.
    """

    network: Network
    view: str
    options: Evaluation
    judged: tuple[DivisionPredictions, ...]
    facts: Mapping[str, str | float | int] = field(default_factory=dict)

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """Test predictions of all divisions."""
        return pd.concat([item.part("test") for item in self.judged], ignore_index=True)

    def outcomes(self) -> list[DivisionOutcome]:
        """Each division's test part in the form that the statistics take."""
        return [item.tested() for item in self.judged]

    def validated(self) -> list[DivisionOutcome]:
        """Each division's validation part, uncalibrated."""
        return [item.validated() for item in self.judged]

    def validation_auc(self) -> float | None:
        """Mean uncalibrated AUC over the validation parts; None where none holds both classes."""
        parts = [item.part("validation") for item in self.judged]
        known = [
            auc(p["truth"].to_numpy(), p["probability"].to_numpy()).value for p in parts if p["truth"].nunique() > 1
        ]
        return float(np.mean(known)) if known else None

    def only(self, keys: Iterable[str]) -> "Candidate":
        """The candidate on some images, with calibration and operating point of their own.

        Raises:
            StatisticsError: one class only among the images of a validation part.
        """
        chosen = set(keys)
        raws = [item.raw[item.raw["view"] == self.view] for item in self.network.tested]
        tables = [raw[raw["key"].isin(chosen)].reset_index(drop=True) for raw in raws]
        return replace(self, judged=tuple(judge(table, options=self.options) for table in tables))

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """AUC and the measures at the operating points, of the pooled test predictions."""
        return measures_of(self.pooled, options=self.options)


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidate with the best validation AUC, the first of equal ones; and in words whether the data choose it."""

    best: Candidate
    words: str


def choose(found: Sequence[Candidate], *, what: str, named: str = "words") -> Choice | None:
    """Choose on the validation parts; None where none of them holds both classes.

    Args:
        what: the candidates in the plural, for example "margins".
        named: the fact that names a candidate in words.
    """
    ranked = [item for item in found if item.validation_auc() is not None]
    if not ranked:
        return None
    names = {str(item.facts[named]): item for item in ranked}
    best, words = best_candidate(
        {name: item.validated() for name, item in names.items()}, options=ranked[0].options, what=what
    )
    return Choice(names[best.best], words)


def measures_of(rows: pd.DataFrame, *, options: Evaluation) -> dict[str, Measure]:
    """The measures of `SHOWN` and `FURTHER` of predictions (columns truth, risk, predicted, group)."""
    return pooled_measures(rows, options=options, sources=_SOURCES)


def measure_columns() -> list[Column]:
    """The columns of these measures."""
    return [*(diagnostic_column(name) for name in SHOWN), *hidden(*FURTHER, kind="share")]


def candidates_table(
    found: Mapping[str, Candidate],
    main: Candidate,
    *,
    name: str,
    caption: str,
    varied: str,
    notes: Sequence[str] = (),
) -> Table:
    """Measures of each candidate, and its difference to the main one on the same images.

    P values are corrected by Holm over the rows.

    Args:
        found: by their title in the first column, whose heading is `varied`; the main one among them.
        varied: what differs between the candidates.
        notes: printed below, before those that every such table has.
    """
    others = [item for item in found.values() if item is not main]
    over = "1 row" if len(others) == 1 else f"{len(others)} rows"
    pairs = [(item.outcomes(), main.outcomes()) for item in others]
    compared = {
        measure: compare_pairs(pairs, measure=measure, over=over, options=main.options)
        for measure in ("auc", "accuracy")
    }
    rows: list[Row] = []
    for title, item in found.items():
        row: Row = {"title": title, **item.facts, **item.measures}
        if (validated := item.validation_auc()) is not None:
            row["validation_auc"] = validated
        if item is not main:
            for measure, differences in compared.items():
                one, prefix = differences[others.index(item)], f"delta_{measure}"
                row |= {prefix: one.difference, f"{prefix}_p": one.p, f"{prefix}_p_corrected": one.p_corrected}
            area = compared["auc"][others.index(item)]
            row["verdict"] = verdict(area.difference, main.options, p=area.p_corrected)
        rows.append(row)
    deltas = {"delta_auc_p": "P", "delta_auc_p_corrected": "P corrected"}
    return Table(
        name=name,
        caption=caption,
        columns=(
            *(
                Column(key=key, kind="text" if isinstance(value, str) else "number", hidden=True)
                for key, value in main.facts.items()
            ),
            Column(key="title", title=varied),
            *measure_columns(),
            Column(key="validation_auc", title="Validation AUC", kind="area"),
            Column(key="delta_auc", title="Δ AUC", kind="difference"),
            *columns("p", deltas),
            *columns("text", {"verdict": "Verdict"} if others else {}),
            Column(key="delta_accuracy", title="Δ accuracy, %", kind="points"),
            *hidden("delta_accuracy_p", "delta_accuracy_p_corrected", kind="p"),
        ),
        rows=tuple(rows),
        notes=(
            *notes,
            "Operating points: chosen on the validation part, where that is large enough.",
            *(
                ("Δ: minus the main choice, on the same images; P and verdict of Δ AUC.", margin_note(main.options))
                if others
                else ()
            ),
        ),
        strong=list(found.values()).index(main),
    )


def candidates_roc(found: Mapping[str, Candidate], main: Candidate | None = None, *, name: str, caption: str) -> Figure:
    """ROC curves of candidates by their printed names, the main one first; the band of the first is drawn."""
    ordered = sorted(found.items(), key=lambda pair: pair[1] is not main)
    rated = {title: (item.pooled, item.measures["auc"]) for title, item in ordered}
    return roc_figure(rated, name=name, caption=caption, options=ordered[0][1].options)
