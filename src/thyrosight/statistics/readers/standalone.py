"""Readers against one stand-alone system, such as a network, that read the same cases once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.intervals import limits_in_words, p_in_words
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.readers.covariance import METRICS, independent_units, merits
from thyrosight.statistics.readers.design import FACTORIAL, UNBALANCED, ReaderStudy, one_per_case, read_study
from thyrosight.statistics.readers.model import Spread, effects
from thyrosight.statistics.readers.notes import distribution_name, notes_on_design, notes_on_dropped, notes_on_negative
from thyrosight.statistics.validation import (
    Floats,
    as_labels,
    as_numbers,
    require_choice,
    require_confidence,
    require_same_length,
)


@dataclass(frozen=True, slots=True)
class StandaloneComparison(Result):
    """Mean of the readers against the system.

    Attributes:
        metric: "auc", "sensitivity", "specificity" or "accuracy".
        method: in words.
        readers: names of the readers.
        reader_estimates: one per reader.
        mean_reader: mean of the readers.
        system: the stand-alone system.
        difference: mean of the readers minus the system.
        statistic: difference divided by its standard error.
        df: degrees of freedom; infinite for fixed readers.
        p: two-sided P value.
        reader_differences: each reader minus the system.
        notes: what a reader must know of estimates below 0, one sentence each; usually none.
    """

    metric: str
    method: str
    readers: tuple[Any, ...]
    reader_estimates: tuple[Estimate, ...]
    mean_reader: Estimate
    system: Estimate
    difference: Estimate
    statistic: float
    df: float
    p: float
    reader_differences: tuple[Estimate, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.metric}, mean of {len(self.readers)} readers against one system ({self.method})"]
        named = [("mean reader", self.mean_reader), ("system", self.system), ("difference", self.difference)]
        for name, e in [*zip(self.readers, self.reader_estimates, strict=True), *named]:
            lines.append(f"  {name}: {e.value:.3f} ({limits_in_words(e.low, e.high, confidence=e.confidence)})")
        lines[-1] += f", {p_in_words(self.p)}"
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def compare_readers_with_system(
    data: Mapping[str, npt.ArrayLike],
    *,
    metric: str = "auc",
    reader: str,
    case: str,
    truth: str,
    rating: str,
    system: str,
    threshold: float | None = None,
    system_threshold: float | None = None,
    readers: str = "random",
    cluster: str | None = None,
    missing: str = "refuse",
    confidence: float = 0.95,
) -> StandaloneComparison:
    """Compare the mean of several readers with one system that has a single score per case.

    The difference of each reader and the system is taken first; these differences then follow the single-test model of
    Obuchowski and Rockette with the degrees of freedom of Hillis, as for computer-aided detection against radiologists
    (Chakraborty, "Observer Performance Methods", 2017). The system is fixed: the result is about this system and, with
    random readers, about readers like these. `compare_readers`, with the system's scores as the second test of every
    reader, gives the same difference, error and P value. Cases are random; the covariance is DeLong's, or Obuchowski's
    with `cluster`.

    Args:
        data: a long table, one row per reading: names of columns to their values.
        metric: "auc" (empirical), or "sensitivity", "specificity" or "accuracy" at the thresholds.
        reader: column that names the reader.
        case: column that names the case.
        truth: column of 0 and 1.
        rating: column of the readers' ratings, the higher the more likely 1.
        system: column of the system's score of the case, the same in every row of a case.
        threshold: rating from which a reader's call counts as 1; for every metric but "auc".
        system_threshold: the same for the system's score.
        readers: "random" or "fixed".
        cluster: column that names the cluster (patient) of the case.
        missing: as for `compare_readers`; a score of NaN of the system counts as a missing reading. With "analyse" each
            reader is held against the system on the reader's own cases, and the mean difference is that of all readers.
        confidence: nominal coverage.

    Raises:
        StatisticsError: as `compare_readers`; a case with two system scores; cases that not every reader read.
    """
    require_choice(metric, METRICS, name="metric")
    require_choice(readers, ("random", "fixed"), name="readers")
    require_confidence(confidence)
    if (metric != "auc") != (threshold is not None) or (threshold is None) != (system_threshold is None):
        raise StatisticsError("Expected `threshold` and `system_threshold` for every metric but 'auc'.")
    names = {"reader": reader, "case": case, "truth": truth, "rating": rating}
    study = _with_system(data, names, system=system, cluster=cluster, missing=missing)
    r = len(study.readers)
    if readers == "random" and r < 2:
        raise StatisticsError(
            f"One reader ({study.readers[0]}) cannot stand for readers at large; use readers='fixed'."
        )
    if threshold is not None and system_threshold is not None:
        study.ratings[:, :r] -= threshold
        study.ratings[:, r:] -= system_threshold
    values, matrix = merits(study, metric=metric, threshold=0.0, covariance="delong")
    return _result(study, values[0], matrix, metric=metric, readers=readers, confidence=confidence)


def _result(
    study: ReaderStudy, values: Floats, matrix: Floats, *, metric: str, readers: str, confidence: float
) -> StandaloneComparison:
    """Analyse the values of the readers, of the system on each reader's cases where these differ, and of the system.

    `matrix` is the covariance of all of them.
    """
    r, block = len(study.readers), study.reader_block
    unit = np.eye(values.size)
    against = unit[:r] - (unit[r] if values.size == r + 1 else unit[r:-1])
    alone = effects(values[None, :r], matrix[:r, :r], readers=readers, cases="random", block=block)
    differences = against @ matrix @ against.T
    model = effects(
        (against @ values)[None], differences, readers=readers, cases="random", of_differences=True, block=block
    )
    distribution = distribution_name(readers, "random")
    methods = (
        f"Obuchowski-Rockette on differences, {readers} readers, random cases, {distribution}",
        f"Obuchowski-Rockette, {readers} readers, random cases, {distribution}",
        "covariance of cases, normal distribution",
    )
    clusters = None if study.cluster is None else int(study.cluster.max()) + 1
    units = independent_units(study, metric=metric)

    read = (~np.isnan(study.ratings[0])).sum(axis=1).tolist()

    def estimate(value: float, spread: Spread, method: str, *, difference: bool, n: int = study.truth.size) -> Estimate:
        limits = spread.limits_of_difference(value, confidence)
        low, high = limits if difference else spread.limits(value, confidence, units=units)
        return Estimate(value, low, high, spread.se, method, n, clusters, confidence)

    def of_cases(contrast: Floats, n: int, *, difference: bool = False) -> Estimate:
        variance = max(0.0, float(contrast @ matrix @ contrast))
        spread = Spread(math.sqrt(variance), math.inf)
        return estimate(float(contrast @ values), spread, methods[2], difference=difference, n=n)

    spread, value = model.tests[0], float(model.test_means[0])
    statistic, p = spread.test(value)
    return StandaloneComparison(
        metric=metric,
        method=methods[0],
        readers=study.readers,
        reader_estimates=tuple(of_cases(row, n) for row, n in zip(unit[:r], read[:r], strict=True)),
        mean_reader=estimate(float(alone.test_means[0]), alone.tests[0], methods[1], difference=False),
        system=of_cases(unit[-1], study.truth.size),
        difference=estimate(value, spread, methods[0], difference=True),
        statistic=statistic,
        df=spread.df,
        p=p,
        reader_differences=tuple(of_cases(row, n, difference=True) for row, n in zip(against, read[:r], strict=True)),
        notes=(
            *notes_on_dropped(study.dropped, study.truth.size),
            *_notes_on_own_cases(study),
            *notes_on_negative(alone, ["the readers"], readers=readers, cases="random"),
        ),
    )


def _notes_on_own_cases(study: ReaderStudy) -> tuple[str, ...]:
    if study.design != UNBALANCED:
        return ()
    readings = replace(study, ratings=study.ratings[:, : len(study.readers)])
    return (*notes_on_design(readings), "Each reader is held against the system on the reader's own cases.")


def _with_system(
    data: Mapping[str, npt.ArrayLike],
    names: Mapping[str, str],
    *,
    system: str,
    cluster: str | None,
    missing: str,
) -> ReaderStudy:
    """Return the study with the system as one more reader, the last; `names` are the columns by their meaning.

    Where readers read parts of the cases, the system stands before that once more for each of them, on their cases.
    """
    if system not in data:
        raise StatisticsError(f"No column {system!r} among {', '.join(map(repr, data))}.")
    leave_out = missing != "refuse"
    scores = as_numbers(data[system], name=system, finite=False, missing=leave_out)
    one_test = {name: data[name] for name in data if name in (*names.values(), cluster)}
    one_test["test"] = np.zeros(scores.size)
    if leave_out and np.isnan(scores).any():
        ratings = as_numbers(data[names["rating"]], name=names["rating"], finite=False, missing=True)
        require_same_length(**{system: scores, names["rating"]: ratings})
        one_test[names["rating"]] = np.where(np.isnan(scores), np.nan, ratings)
    study = read_study(one_test, test="test", **names, cluster=cluster, missing=missing)
    if study.design != FACTORIAL and missing != "analyse":
        raise StatisticsError(
            "Expected every reader to have read every case that the system scored; compare each with the system on the"
            " cases there are with missing='analyse' (--missing analyse on the command line)."
        )
    cases, distinct = as_labels(data[names["case"]], name=names["case"])
    known = ~np.isnan(scores)
    per_case = one_per_case(scores[known], cases[known], distinct, what=f"{system!r}")[np.isin(distinct, study.cases)]
    whole = per_case[None, None]
    if study.design == FACTORIAL:
        return replace(study, ratings=np.concatenate([study.ratings, whole], axis=1))
    own = np.where(np.isnan(study.ratings), np.nan, whole)
    return replace(study, ratings=np.concatenate([study.ratings, own, whole], axis=1), design=UNBALANCED)
