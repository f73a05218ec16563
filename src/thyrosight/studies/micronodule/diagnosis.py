"""Network and readers as diagnostic tests on the same nodules (Table 2 of the paper)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    Estimate,
    auc,
    compare_auc,
    compare_proportions,
    diagnostic_table,
    operating_point,
)
from thyrosight.studies.base import Measure
from thyrosight.studies.micronodule.raters import Reading
from thyrosight.studies.micronodule.result import QUANTITIES, Diagnosis, Difference, ReaderTable
from thyrosight.studies.recipe import EvaluationOptions
from thyrosight.studies.result import Confusion

NETWORK = "CNN"
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judgements:
    """Scores of one rater for some nodules.

    Attributes:
        rater: name.
        truth: 1 malignant, 0 benign.
        score: the higher the more suspicious.
        cluster: patient or group of each nodule.
        in_words: says what a threshold on the score means.
    """

    rater: str
    truth: NDArray[np.int64]
    score: Floats
    cluster: NDArray[np.str_]
    in_words: Callable[[float], str]


def network_judgements(nodules: pd.DataFrame, *, name: str = NETWORK) -> Judgements:
    """The calibrated risks of the network."""
    return Judgements(
        name,
        nodules["truth"].to_numpy(dtype=np.int64),
        nodules["risk"].to_numpy(dtype=float),
        nodules["group"].to_numpy(dtype=str),
        lambda threshold: f"risk of at least {100 * threshold:.1f} %",
    )


def reader_judgements(nodules: pd.DataFrame, reading: Reading) -> Judgements:
    """The ranks of a reader, for nodules that the reader judged."""
    ranks = reading.ranks.loc[nodules.index]
    words = dict(zip(ranks, reading.categories.loc[nodules.index], strict=True))

    def in_words(threshold: float) -> str:
        above = [rank for rank in words if rank >= threshold]
        if not above:
            return "no category"
        what = f"category {words[min(above)]}" if reading.order else f"rating {words[min(above)]}"
        return what if len(above) == 1 else f"{what} or higher"

    return Judgements(
        reading.name,
        nodules["truth"].to_numpy(dtype=np.int64),
        ranks.to_numpy(dtype=float),
        nodules["group"].to_numpy(dtype=str),
        in_words,
    )


def diagnose(
    judged: Judgements, options: EvaluationOptions, *, seed: int, threshold: float | None = None, chosen_on: str = ""
) -> Diagnosis:
    """The diagnostic table of one rater.

    Args:
        judged: scores and truth.
        options: rule of the cut-off, confidence, bootstrap samples.
        seed: of the bootstrap.
        threshold: a cut-off chosen elsewhere; None chooses it on these nodules, as the paper does.
        chosen_on: where the cut-off was chosen, in words, if not here.

    Raises:
        StatisticsError: one class only, where the cut-off is to be chosen here.
    """
    truth, score, cluster = judged.truth, judged.score, judged.cluster
    corrected: dict[str, Measure] = {}
    if threshold is None:
        point = operating_point(
            truth,
            score,
            rule=options.operating_point,
            cluster=cluster,
            confidence=options.confidence,
            replicates=options.bootstrap,
            seed=seed,
        )
        threshold, chosen_on = point.threshold, f"these nodules ({options.operating_point})"
        corrected = {
            "sensitivity": Measure.of(point.corrected_sensitivity),
            "specificity": Measure.of(point.corrected_specificity),
        }
    predicted = (score >= threshold).astype(int)
    table = diagnostic_table(truth, predicted, cluster=cluster, confidence=options.confidence)
    measures = {name: Measure.of(getattr(table, name)) for name in QUANTITIES if name != "auc"}
    measures["auc"] = _area(judged, options)
    return Diagnosis(
        rater=judged.rater,
        threshold=float(threshold),
        threshold_text=judged.in_words(float(threshold)),
        chosen_on=chosen_on,
        counts=Confusion(
            true_positive=table.true_positive,
            false_negative=table.false_negative,
            false_positive=table.false_positive,
            true_negative=table.true_negative,
        ),
        measures=measures,
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


def against_reader(
    nodules: pd.DataFrame, reading: Reading, options: EvaluationOptions, *, seed: int
) -> tuple[ReaderTable | None, list[str]]:
    """The network against one reader on the nodules that the reader judged; None where that cannot be done.

    Args:
        nodules: with truth and group, and with risk where there is a network.
        reading: of that reader, for at least these rows.
        options: of the evaluation.
        seed: of the bootstrap.
    """
    judged = nodules[reading.ranks.loc[nodules.index].notna()]
    skipped = len(nodules) - len(judged)
    try:
        radiologist = diagnose(reader_judgements(judged, reading), options, seed=seed)
    except StatisticsError as error:
        return None, [f"{reading.name}: {error}"]
    network, differences = None, []
    if "risk" in judged:
        network = diagnose(network_judgements(judged), options, seed=seed)
        differences = _differences(judged, reading, network, radiologist, options)
    notes = [f"{skipped} nodules that this reader did not judge are left out of both columns"] if skipped else []
    table = ReaderTable(
        reader=reading.name,
        system=reading.system,
        n=len(judged),
        skipped=skipped,
        network=network,
        radiologist=radiologist,
        differences=differences,
        notes=notes,
    )
    return table, []


def _differences(
    judged: pd.DataFrame,
    reading: Reading,
    network: Diagnosis,
    radiologist: Diagnosis,
    options: EvaluationOptions,
) -> list[Difference]:
    """Network minus reader for each measure, with the P value of the paper's tests."""
    truth, cluster = judged["truth"].to_numpy(), judged["group"].to_numpy(dtype=str)
    risk, ranks = judged["risk"].to_numpy(dtype=float), reading.ranks.loc[judged.index].to_numpy(dtype=float)
    called = (risk >= network.threshold).astype(int)
    read = (ranks >= radiologist.threshold).astype(int)
    found = []
    for name in QUANTITIES:
        try:
            result: Any = (
                compare_auc(truth, risk, ranks, cluster=cluster, confidence=options.confidence)
                if name == "auc"
                else compare_proportions(
                    truth, called, read, quantity=name, cluster=cluster, confidence=options.confidence
                )
            )
        except StatisticsError as error:
            found.append(Difference(quantity=name, difference=None, low=None, high=None, p=None, method=str(error)))
            continue
        found.append(difference_of(name, result))
    return found


def difference_of(name: str, result: Any) -> Difference:
    """A comparison of the statistics room as a line of the result; what is undefined becomes None."""
    plain = result.to_dict()
    return Difference(quantity=name, **{key: plain[key] for key in ("difference", "low", "high", "p", "method")})


def shared(readings: Sequence[Reading], nodules: pd.DataFrame) -> pd.DataFrame:
    """The nodules that all readers judged."""
    every = np.ones(len(nodules), dtype=bool)
    for reading in readings:
        every &= reading.ranks.loc[nodules.index].notna().to_numpy()
    return nodules[every]
