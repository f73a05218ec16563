"""How far readers agree with one another, and with themselves when they read a case again."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.documents import Column, Measure, Row, Table, columns
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    Estimate,
    clustered_bootstrap,
    cohen_kappa,
    fleiss_kappa,
    gwet_coefficient,
    intraclass_correlation,
    intraclass_correlation_mixed,
    krippendorff_alpha,
    observed_agreement,
    repeatability,
    too_few_together,
)
from thyrosight.studies.analyses.readings.reading_set import ReadingSet

MOST_LEVELS = 12
"""An answer with more different numbers than this is a measurement, whose agreement is an intraclass correlation."""
_LEAST_CASES = 2
MOST_DRAWS = 500
"""Bootstrap samples of intraclass correlations, at most."""
COEFFICIENTS = {
    "observed": "Observed, %",
    "kappa": "Fleiss' kappa",
    "gwet": "Gwet's AC1",
    "alpha": "Krippendorff's alpha",
    "icc": "ICC",
}


@dataclass(frozen=True)
class Answer:
    """One answer whose agreement is asked for: its column, its name in words, and whether its values have an order."""

    column: str
    title: str
    ordered: bool = False


def answers_of(found: ReadingSet) -> list[Answer]:
    """The answers that readers gave: the action, the rating, and descriptors and further questions with few values."""
    answers = [Answer("called", "Action")] if found.has_calls else []
    answers.append(Answer("rating", found.rating[:1].upper() + found.rating[1:], ordered=True))
    for column in found.rows.columns:
        kind, _, name = str(column).partition("_")
        if kind in ("feature", "q") and 1 < found.rows[column].nunique() <= MOST_LEVELS:
            answers.append(Answer(str(column), name.replace("_", " ").capitalize()))
    return answers


def agreement_table(found: ReadingSet) -> tuple[Table | None, list[str]]:
    """Agreement between the readers on each answer in each arm, and sentences on what could not be computed."""
    rows: list[Row] = []
    unfinished: list[str] = []
    for answer in answers_of(found):
        for arm in found.arms:
            wide, group = crossed(found.of_arm(arm), answer.column)
            if len(wide) < _LEAST_CASES:
                continue
            cells, why = coefficients(found, answer, wide, group)
            unfinished += [f"Agreement on {answer.title} ({arm}): {reason}" for reason in dict.fromkeys(why)]
            if cells:
                rows.append({"answer": answer.title, "arm": arm, "cases": len(wide), **cells})
    if not rows:
        return None, unfinished
    there = {key for row in rows for key in row}
    return Table(
        name="agreement",
        caption="Agreement between the readers",
        columns=(
            *columns("text", {"answer": "Answer", "arm": "Arm"}),
            Column(key="cases", title="Cases", kind="count"),
            *(
                Column(key=key, title=title, kind="percent" if key == "observed" else "area")
                for key, title in COEFFICIENTS.items()
                if key in there
            ),
        ),
        rows=tuple(rows),
        notes=("Agreement may rise with a model because all readers follow it, right or wrong.",)
        if found.aided
        else (),
    ), unfinished


def crossed(rows: pd.DataFrame, column: str) -> tuple[pd.DataFrame, NDArray[np.str_]]:
    """One answer as a table of cases and readers, of cases that two readers answered, and the patient of each case."""
    narrow = rows[["case", "reader", "group", column]]  # the others would be copied with each step
    known = narrow.dropna(subset=column).drop_duplicates(["case", "reader"])
    wide = known.pivot(index="case", columns="reader", values=column)
    wide = wide[wide.notna().sum(axis=1) > 1]
    group = known.groupby("case")["group"].first().reindex(wide.index).astype(str)
    return wide, group.to_numpy(dtype=str)


def coefficients(
    found: ReadingSet, answer: Answer, wide: pd.DataFrame, group: NDArray[np.str_]
) -> tuple[dict[str, Measure], list[str]]:
    """The coefficients that suit an answer, and why others could not be computed."""
    shared: dict[str, Any] = {
        "cluster": group if found.clustered else None,
        "confidence": found.evaluation.confidence,
    }
    values = wide.to_numpy(dtype=object)
    numbers = answer.column == "rating" and wide.stack().nunique() > MOST_LEVELS
    if numbers:
        asked: dict[str, Callable[[], Estimate]] = {"icc": lambda: correlation(wide, found, shared)}
    else:
        table: Any = [[None if pd.isna(cell) else cell for cell in row] for row in values]
        asked = {"observed": lambda: observed_agreement(table, **shared)}
        if answer.ordered:
            asked["alpha"] = lambda: krippendorff_alpha(table, level="ordinal", **shared)
        else:
            asked["kappa"] = lambda: fleiss_kappa(table, **shared)
            asked["gwet"] = lambda: gwet_coefficient(table, **shared)
    cells, why = {}, []
    for key, compute in asked.items():
        try:
            cells[key] = Measure.of(compute())
        except StatisticsError as error:
            why.append(str(error))
    return cells, why


def correlation(wide: pd.DataFrame, found: ReadingSet, shared: dict[str, Any]) -> Estimate:
    """The intraclass correlation of one reading, with readers and cases at random: by analysis of variance, with
    patients drawn where they have several cases, and from a mixed model where cells are missing."""
    values, options = wide.to_numpy(dtype=float), found.evaluation
    few = "" if shared["cluster"] is None else found.few() or too_few_together(len(set(shared["cluster"])))
    if few:  # its closed interval would take the cases of a patient as independent, and a bootstrap draws too few
        plain = (intraclass_correlation_mixed if np.isnan(values).any() else intraclass_correlation)(values, form="2,1")
        bare = plain if isinstance(plain, Estimate) else plain.coefficient
        return replace(bare, low=math.nan, high=math.nan, se=math.nan, method=f"{bare.method}; no interval: {few}")
    draws = min(options.bootstrap, MOST_DRAWS)
    if np.isnan(values).any():
        return intraclass_correlation_mixed(
            values, form="2,1", replicates=draws, seed=options.seed, **shared
        ).coefficient
    whole = intraclass_correlation(values, form="2,1", confidence=shared["confidence"])
    if shared["cluster"] is None:
        return whole
    drawn = clustered_bootstrap(
        lambda rows: intraclass_correlation(rows, form="2,1").value,
        values,
        replicates=draws,
        seed=options.seed,
        **shared,
    )
    return replace(drawn, method=f"{whole.method}, {drawn.method}")


def repeats_table(found: ReadingSet) -> Table | None:
    """Agreement of readers with themselves: each repeated reading against the first one in the same arm."""
    rows: list[Row] = []
    pairs = {arm: repeated_pairs(found, arm) for arm in found.arms}
    for name in [*found.readers, "All readings"]:
        for arm, every in pairs.items():
            own = every if name == "All readings" else every[every["reader"] == name]
            if len(own):
                rows.append({"reader": name, "arm": arm, "cases": len(own), **_within(found, own)})
    if not rows:
        return None
    return Table(
        name="repeats",
        caption="Agreement of readers with themselves on cases read again",
        columns=(
            *columns("text", {"reader": "Reader", "arm": "Arm"}),
            Column(key="cases", title="Cases read again", kind="count"),
            *(
                (Column(key="same", title="Same action, %", kind="percent"), *columns("area", {"kappa": "Kappa"}))
                if found.has_calls
                else ()
            ),
            *columns("number", {"within_sd": "Within-reader SD of the rating"}),
        ),
        rows=tuple(rows),
        notes=(f"Rated was: {found.rating}.",),
    )


def repeated_pairs(found: ReadingSet, arm: str) -> pd.DataFrame:
    """First and repeated reading of the same reader, case and arm, side by side."""
    keys = ["reader", "case"]
    again = found.repeated[found.repeated["arm"] == arm].drop_duplicates(keys)
    first = found.of_arm(arm)[[*keys, "rating", "called"]]
    return again.merge(first, on=keys, suffixes=("_again", "_first"))


def _within(found: ReadingSet, pairs: pd.DataFrame) -> dict[str, Measure]:
    """Agreement on the action, and spread of the rating; cases of one patient, and one case of several readers, stand
    together."""
    cells: dict[str, Measure] = {}
    group, confidence = pairs["group"].astype(str).to_numpy(), found.evaluation.confidence
    several = len(set(group)) < len(group)
    cluster = group if several else None
    called = pairs.dropna(subset=["called_first", "called_again"])
    if found.has_calls and len(called) > 1:
        a, b = (called[f"called_{when}"].to_numpy(dtype=int) for when in ("first", "again"))
        own = called["group"].astype(str).to_numpy() if several else None
        for key, compute in (
            ("same", lambda: observed_agreement(np.column_stack([a, b]), cluster=own, confidence=confidence)),
            ("kappa", lambda: cohen_kappa(a, b, categories=[0, 1], cluster=own, confidence=confidence)),
        ):
            _try(cells, key, compute)
    rated = pairs.dropna(subset=["rating_first", "rating_again"])
    if len(rated) > 1:
        subject = [f"{reader}/{case}" for reader, case in zip(rated["reader"], rated["case"], strict=True)]
        values = np.concatenate([rated["rating_first"], rated["rating_again"]]).astype(float)
        groups = None if cluster is None else np.tile(rated["group"].astype(str), 2)
        _try(
            cells,
            "within_sd",
            lambda: repeatability(values, subject * 2, cluster=groups, confidence=confidence).within_sd,
        )
    return cells


def _try(cells: dict[str, Measure], key: str, compute: Callable[[], Estimate]) -> None:
    """Keep an estimate that the data define."""
    try:
        cells[key] = Measure.of(compute())
    except StatisticsError as error:
        cells[key] = Measure(value=None, method=str(error))
