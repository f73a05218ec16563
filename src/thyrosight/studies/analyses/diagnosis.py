"""Network and readers as diagnostic tests: at a cut-off chosen on these lesions, or at one chosen before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort.records.readers import Reading
from thyrosight.documents import Column, Measure, Row, Table, columns, hidden, sentence
from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_auc, compare_proportions, diagnostic_table, operating_point
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import (
    DIAGNOSTIC,
    PROPORTIONS,
    Compared,
    correct_rows,
    diagnostic_column,
    exact_difference,
    pooled_measures,
)
from thyrosight.studies.predictions import DivisionPredictions
from thyrosight.studies.verdicts import few_groups, margin_note, verdict

QUANTITIES = {**{name: DIAGNOSTIC[name] for name in PROPORTIONS}, "auc": "AUC"}
"""The measures of a diagnostic test, with their printed names."""
COUNTS = {
    "true_positive": "True positive",
    "true_negative": "True negative",
    "false_positive": "False positive",
    "false_negative": "False negative",
}
NETWORK = "CNN"


@dataclass(frozen=True, eq=False)
class Judgements:
    """Scores of one rater for some lesions: the higher the more suspicious. `in_words` says what a cut-off means."""

    rater: str
    truth: NDArray[np.int64]
    score: NDArray[np.float64]
    cluster: NDArray[np.str_]
    in_words: Callable[[float], str]


def network_judgements(lesions: pd.DataFrame) -> Judgements:
    """The calibrated risks of the network (columns truth, risk, group)."""
    return _judgements(NETWORK, lesions, lesions["risk"], lambda threshold: f"risk of at least {100 * threshold:.1f} %")


def reader_judgements(lesions: pd.DataFrame, reading: Reading) -> Judgements:
    """The ranks of a reader, for lesions that the reader judged (columns truth, group)."""
    ranks = reading.ranks.loc[lesions.index]
    words = dict(zip(ranks, reading.categories.loc[lesions.index], strict=True))

    def in_words(threshold: float) -> str:
        above = [rank for rank in words if rank >= threshold]
        if not above:
            return "no category"
        what = f"category {words[min(above)]}" if reading.order else f"rating {words[min(above)]}"
        return what if len(above) == 1 else f"{what} or higher"

    return _judgements(reading.name, lesions, ranks, in_words)


def _judgements(
    rater: str, lesions: pd.DataFrame, scores: "pd.Series[Any]", in_words: Callable[[float], str]
) -> Judgements:
    truth, cluster = lesions["truth"].to_numpy(dtype=np.int64), lesions["group"].to_numpy(dtype=str)
    return Judgements(rater, truth, scores.to_numpy(dtype=float), cluster, in_words)


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """The calls of one rater at a cut-off, and how well they agree with the truth.

    Attributes:
        counts: by the names in `COUNTS`.
        measures: by the names in `QUANTITIES`; the AUC is of the score itself.
        corrected: sensitivity and specificity less the optimism of choosing the cut-off on the same lesions, which a
            bootstrap measures: undefined with too few groups (`few_groups`).
    """

    judged: Judgements
    threshold: float
    counts: Mapping[str, int]
    measures: Mapping[str, Measure]
    corrected: Mapping[str, Measure]

    @property
    def called(self) -> NDArray[np.int64]:
        """1 for each lesion that the rater calls malignant."""
        return (self.judged.score >= self.threshold).astype(np.int64)


def diagnose(judged: Judgements, options: Evaluation, *, threshold: float | None = None) -> Diagnosis:
    """Judge one rater as a diagnostic test, at a cut-off that was chosen elsewhere or is chosen on these lesions.

    Raises:
        StatisticsError: one class only, where the cut-off is to be chosen here.
    """
    truth, score, cluster = judged.truth, judged.score, judged.cluster
    corrected: dict[str, Measure] = {}
    if threshold is None:
        few = few_groups(pd.DataFrame({"truth": truth, "group": cluster}))
        draws = options.bootstrapped | ({"replicates": 0} if few else {})
        point = operating_point(truth, score, rule=options.operating_point, cluster=cluster, **draws)
        threshold = point.threshold
        corrected = {
            "sensitivity": Measure.of(point.corrected_sensitivity),
            "specificity": Measure.of(point.corrected_specificity),
        }
        if few:
            corrected = {name: Measure(value=None, method=few) for name in corrected}
    rows = pd.DataFrame(
        {"truth": truth, "risk": score, "predicted": (score >= threshold).astype(int), "group": cluster}
    )
    table = diagnostic_table(truth, rows["predicted"].to_numpy(), confidence=options.confidence)
    return Diagnosis(
        judged=judged,
        threshold=float(threshold),
        counts={name: int(getattr(table, name)) for name in COUNTS},
        measures=_measures(rows, options),
        corrected=corrected,
    )


def _measures(rows: pd.DataFrame, options: Evaluation) -> dict[str, Measure]:
    """The measures of `QUANTITIES`; without an AUC, and the reason, where there is one class only."""
    own = {name: name for name in PROPORTIONS}
    if rows["truth"].nunique() == 2:
        found = pooled_measures(rows, options=options, sources=own, interval="gee")
        return {name: found[name] for name in QUANTITIES}
    why = f"all are {'malignant' if rows['truth'].all() else 'benign'}"
    found = pooled_measures(rows.drop(columns="risk"), options=options, sources=own, interval="gee")
    return found | {"auc": Measure(value=None, method=why, n=len(rows))}


def difference_of(result: Any) -> Compared:
    """A comparison of `thyrosight.statistics`; undefined numbers become None."""
    return Compared(Measure.of(result), result.to_dict()["p"])


def differences(network: Diagnosis, reader: Diagnosis, options: Evaluation) -> dict[str, Compared]:
    """Network minus reader in each measure, on the same lesions at the cut-offs of both; or why there is none.

    Proportions are compared by logistic regression with generalised estimating equations over patients, the AUC by
    Obuchowski's method for clustered data. Too few patients (`few_groups`) give exact limits and no P value.
    """
    own, other = network.judged, reader.judged
    common: dict[str, Any] = {"cluster": own.cluster, "confidence": options.confidence}
    rows, found = pd.DataFrame({"truth": own.truth, "group": own.cluster}), {}
    few = bool(few_groups(rows))
    for name in QUANTITIES:
        if few:
            scores = (own.score, other.score) if name == "auc" else (network.called, reader.called)
            found[name] = Compared(exact_difference(rows, *scores, quantity=name, options=options), None)
            continue
        try:
            found[name] = difference_of(
                compare_auc(own.truth, own.score, other.score, **common)
                if name == "auc"
                else compare_proportions(own.truth, network.called, reader.called, quantity=name, **common)
            )
        except StatisticsError as error:
            found[name] = Compared(Measure(value=None, method=str(error)), None)
    return found


@dataclass(frozen=True, eq=False)
class NetworkOnSet:
    """One network on one set of lesions at the operating point of its validation part.

    Attributes:
        rows: that were tested, with truth, risk and group.
        against_main: AUC of the main network minus that of this one; None for the main network, and where undefined.
    """

    key: str
    title: str
    rows: pd.DataFrame
    found: Diagnosis
    against_main: Compared | None


def networks_on_set(
    judged: Mapping[str, tuple[str, DivisionPredictions]], part: str, options: Evaluation
) -> list[NetworkOnSet]:
    """Every network on the same lesions.

    Args:
        judged: by key: title and predictions; the first is the main network.
    """
    found: list[NetworkOnSet] = []
    for key, (title, predictions) in judged.items():
        rows = predictions.part(part)
        table = diagnose(network_judgements(rows), options, threshold=predictions.threshold)
        against = _against(found[0].found.judged, table.judged, options) if found else None
        found.append(NetworkOnSet(key, title, rows, table, against))
    return found


def _against(main: Judgements, own: Judgements, options: Evaluation) -> Compared | None:
    rows = pd.DataFrame({"truth": own.truth, "group": own.cluster})
    if few_groups(rows) and rows["truth"].nunique() == 2:
        return Compared(exact_difference(rows, main.score, own.score, quantity="auc", options=options), None)
    try:
        return difference_of(
            compare_auc(own.truth, main.score, own.score, cluster=own.cluster, confidence=options.confidence)
        )
    except StatisticsError:
        return None


def networks_on_set_table(found: Sequence[NetworkOnSet], *, caption: str, options: Evaluation) -> Table:
    """Networks side by side at the operating points of their validation parts."""
    rows: list[Row] = []
    for item in found:
        row: Row = {"network": item.key, "title": item.title, **item.found.measures, **item.found.counts}
        if item.against_main is not None:
            row |= {"p": item.against_main.p, "main_minus_this": item.against_main.difference}
        rows.append(row)
    correct_rows(rows)
    for row, item in zip(rows, found, strict=True):
        if item.against_main is not None:
            p = row.get("p_corrected")
            reached = verdict(item.against_main.difference, options, p=p if isinstance(p, float) else None)
            row["verdict"] = reached
    methods = dict.fromkeys(sentence(item.against_main.difference.method) for item in found if item.against_main)
    margins = [margin_note(options)] if len(found) > 1 else []
    return Table(
        name="networks",
        caption=caption,
        columns=(
            *hidden("network"),
            Column(key="title", title="Network"),
            *(diagnostic_column(name) for name in ("auc", *PROPORTIONS)),
            *columns("p", {"p": "P against main (AUC)", "p_corrected": "P corrected"}),
            Column(key="verdict", title="The main network is", hidden=len(found) < 2),
            Column(key="main_minus_this", title="AUC of the main network minus this", kind="difference", hidden=True),
            *(Column(key=key, title=title, kind="count", hidden=True) for key, title in COUNTS.items()),
        ),
        rows=tuple(rows),
        notes=("The cut-off was chosen before these nodules were seen.", *methods, *margins),
        strong=0,
    )
