"""Network and readers as diagnostic tests: at a cut-off chosen on these lesions, or at one chosen before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.documents import Column, Measure, Row, Table, sentence
from thyrosight.errors import StatisticsError
from thyrosight.statistics import Estimate, auc, compare_auc, compare_proportions, diagnostic_table, operating_point
from thyrosight.studies.analyses.readers import Reading
from thyrosight.studies.base import Evaluation, EvaluationOptions
from thyrosight.studies.measures import DIAGNOSTIC, PROPORTIONS, diagnostic_column
from thyrosight.studies.predictions import DivisionPredictions

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
    """Scores of one rater for some lesions.

    Attributes:
        rater: name.
        truth: 1 malignant, 0 benign.
        score: the higher the more suspicious.
        cluster: patient or group of each lesion.
        in_words: says what a threshold on the score means.
    """

    rater: str
    truth: NDArray[np.int64]
    score: NDArray[np.float64]
    cluster: NDArray[np.str_]
    in_words: Callable[[float], str]


def network_judgements(lesions: pd.DataFrame) -> Judgements:
    """The calibrated risks of the network (columns truth, risk, group)."""
    return Judgements(
        NETWORK,
        lesions["truth"].to_numpy(dtype=np.int64),
        lesions["risk"].to_numpy(dtype=float),
        lesions["group"].to_numpy(dtype=str),
        lambda threshold: f"risk of at least {100 * threshold:.1f} %",
    )


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

    return Judgements(
        reading.name,
        lesions["truth"].to_numpy(dtype=np.int64),
        ranks.to_numpy(dtype=float),
        lesions["group"].to_numpy(dtype=str),
        in_words,
    )


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """The calls of one rater at a cut-off, and how well they agree with the truth.

    Attributes:
        rater: name.
        threshold, words: the cut-off, and what it means, for example "category 5 or higher".
        counts: by the names in `COUNTS`.
        measures: by the names in `QUANTITIES`; the AUC is of the score itself.
        corrected: sensitivity and specificity less the optimism of choosing the cut-off on the same lesions.
        n: lesions.
    """

    rater: str
    threshold: float
    words: str
    counts: Mapping[str, int]
    measures: Mapping[str, Measure]
    corrected: Mapping[str, Measure]
    n: int


def diagnose(judged: Judgements, options: Evaluation, *, threshold: float | None = None) -> Diagnosis:
    """Judge one rater as a diagnostic test.

    Args:
        judged: scores and truth.
        options: rule of the cut-off, confidence, bootstrap samples.
        threshold: a cut-off chosen elsewhere; None chooses it on these lesions.

    Raises:
        StatisticsError: one class only, where the cut-off is to be chosen here.
    """
    truth, score, cluster = judged.truth, judged.score, judged.cluster
    corrected: dict[str, Measure] = {}
    if threshold is None:
        point = operating_point(truth, score, rule=options.operating_point, cluster=cluster, **options.bootstrapped)
        threshold = point.threshold
        corrected = {
            "sensitivity": Measure.of(point.corrected_sensitivity),
            "specificity": Measure.of(point.corrected_specificity),
        }
    predicted = (score >= threshold).astype(int)
    table = diagnostic_table(truth, predicted, cluster=cluster, confidence=options.confidence)
    measures = {name: Measure.of(getattr(table, name)) for name in QUANTITIES if name != "auc"}
    return Diagnosis(
        rater=judged.rater,
        threshold=float(threshold),
        words=judged.in_words(float(threshold)),
        counts={name: int(getattr(table, name)) for name in COUNTS},
        measures=measures | {"auc": _area(judged, options)},
        corrected=corrected,
        n=len(truth),
    )


def _area(judged: Judgements, options: EvaluationOptions) -> Measure:
    """The AUC, or why there is none."""
    try:
        found = auc(judged.truth, judged.score, cluster=judged.cluster, confidence=options.confidence)
    except StatisticsError as error:
        nan = float("nan")
        found = Estimate(nan, nan, nan, nan, str(error), len(judged.truth), None, options.confidence)
    return Measure.of(found)


@dataclass(frozen=True)
class Difference:
    """A measure of one rater minus that of another on the same lesions, with its P value, or why there is none."""

    measure: Measure
    p: float | None

    @classmethod
    def of(cls, result: Any) -> "Difference":
        """Take over a comparison of `thyrosight.statistics`; undefined numbers become None."""
        return cls(Measure.of(result), result.to_dict()["p"])


def differences(
    lesions: pd.DataFrame, reading: Reading, options: EvaluationOptions, *, network: Diagnosis, reader: Diagnosis
) -> dict[str, Difference]:
    """Network minus reader in each measure, at the cut-offs of both.

    Proportions are compared by logistic regression with generalised estimating equations over patients, the AUC by
    Obuchowski's method for clustered data.

    Args:
        lesions: that the reader judged, with truth, risk and group.
        reading: of that reader, for at least these rows.
        options: confidence of the intervals.
        network, reader: at their cut-offs on these lesions.
    """
    truth, cluster = lesions["truth"].to_numpy(), lesions["group"].to_numpy(dtype=str)
    risk, ranks = lesions["risk"].to_numpy(dtype=float), reading.ranks.loc[lesions.index].to_numpy(dtype=float)
    called, read = (risk >= network.threshold).astype(int), (ranks >= reader.threshold).astype(int)
    found = {}
    for name in QUANTITIES:
        try:
            result: Any = (
                compare_auc(truth, risk, ranks, cluster=cluster, confidence=options.confidence)
                if name == "auc"
                else compare_proportions(
                    truth, called, read, quantity=name, cluster=cluster, confidence=options.confidence
                )
            )
            found[name] = Difference.of(result)
        except StatisticsError as error:
            found[name] = Difference(Measure(value=None, method=str(error)), None)
    return found


@dataclass(frozen=True, eq=False)
class NetworkOnSet:
    """One network on one set of lesions at the operating point of its validation part.

    Attributes:
        key, title: of the network.
        rows: that were tested, with truth, risk and group.
        found: at that operating point.
        against_main: AUC of the main network minus that of this one; None for the main network, and where undefined.
    """

    key: str
    title: str
    rows: pd.DataFrame
    found: Diagnosis
    against_main: Difference | None


def networks_on_set(
    judged: Mapping[str, tuple[str, DivisionPredictions]], part: str, options: Evaluation
) -> list[NetworkOnSet]:
    """Every network on the same lesions.

    Args:
        judged: by key: title and predictions; the first is the main network.
        part: of the predictions.
        options: confidence of the intervals.
    """
    found: list[NetworkOnSet] = []
    for key, (title, predictions) in judged.items():
        rows = predictions.part(part)
        table = diagnose(network_judgements(rows), options, threshold=predictions.threshold)
        against = _against(found[0].rows, rows, options) if found else None
        found.append(NetworkOnSet(key, title, rows, table, against))
    return found


def _against(main: pd.DataFrame, own: pd.DataFrame, options: EvaluationOptions) -> Difference | None:
    try:
        return Difference.of(
            compare_auc(own["truth"], main["risk"], own["risk"], cluster=own["group"], confidence=options.confidence)
        )
    except StatisticsError:
        return None


def networks_on_set_table(found: Sequence[NetworkOnSet], *, caption: str) -> Table:
    """Networks side by side at the operating points of their validation parts."""
    rows: list[Row] = []
    for item in found:
        row: Row = {"network": item.key, "title": item.title, **item.found.measures, **item.found.counts}
        if item.against_main is not None:
            row |= {"p": item.against_main.p, "main_minus_this": item.against_main.measure}
        rows.append(row)
    methods = dict.fromkeys(sentence(item.against_main.measure.method) for item in found if item.against_main)
    return Table(
        name="networks",
        caption=caption,
        columns=(
            Column(key="network", hidden=True),
            Column(key="title", title="Network"),
            *(diagnostic_column(name) for name in ("auc", *PROPORTIONS)),
            Column(key="p", title="P against main (AUC)", kind="p"),
            Column(key="main_minus_this", title="AUC of the main network minus this", kind="difference", hidden=True),
            *(Column(key=key, title=title, kind="count", hidden=True) for key, title in COUNTS.items()),
        ),
        rows=tuple(rows),
        notes=("The cut-off was chosen before these nodules were seen.", *methods),
        strong=0,
    )
