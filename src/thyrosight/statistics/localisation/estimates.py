"""Figures of merit of a localisation study with intervals over patients."""

import math

import numpy as np
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_estimate, drawn_blocks
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.localisation.figures_of_merit import Measure, measure
from thyrosight.statistics.localisation.marked import MarkedCases
from thyrosight.statistics.roc.area import normal_interval
from thyrosight.statistics.validation import Floats, require_choice, require_confidence

METHODS = ("jackknife", "bootstrap")
NOT_SMOOTH = ("sensitivity", "cpm")
ONE_SIDED = (*NOT_SMOOTH, "pcl")
"""Metrics that stand on cases with a lesion alone."""


def localisation_merit(
    marked: MarkedCases,
    *,
    metric: str = "wafroc",
    rate: float = 1.0,
    false_marks: str = "all",
    interpolation: str = "step",
    method: str | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Return one figure of merit with an interval over patients.

    The jackknife leaves out each patient (or each case without clusters) and gives a logit interval of the t
    distribution. The bootstrap draws patients and gives percentiles. A value of 0 or 1 shows no spread: its interval is
    then exact for the number of patients that it stands on, limit ** patients = (1 - confidence) / 2, and says so.

    Args:
        marked: marks and lesions.
        metric: "wafroc", "afroc", "wafroc1", "afroc1" (false marks of all cases), "inferred-roc", "lroc", "pcl"
            (share of cases with a lesion whose highest mark hits one), "sensitivity" or "cpm".
        rate: false marks per case; for "sensitivity".
        false_marks: cases whose false marks count, "all" or "lesion-free"; for "sensitivity" and "cpm".
        interpolation: "step" reads the last point of the curve within the rate, "linear" the line between points.
        method: "jackknife" (the default of areas and of "pcl") or "bootstrap" (of "sensitivity" and "cpm", for which
            the jackknife does not hold).
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the bootstrap.

    Raises:
        StatisticsError: cases that do not define the metric, or options that do not fit together.

    >>> lesions = {"case": ["a", "b", "c", "d"], "lesion": ["1", "1", None, None]}
    >>> marks = {"case": ["a", "b", "c"], "lesion": ["1", "1", None], "confidence": [3, 1, 2]}
    >>> from thyrosight.statistics import marked_cases
    >>> print(localisation_merit(marked_cases(marks, lesions)))
    0.750 (95 % interval 0.002 to 1.000; jackknife over cases, logit; n = 4)
    """
    method = method_of(metric, method)
    require_confidence(confidence)
    of_cases = measure(marked, metric, rate=rate, false_marks=false_marks, interpolation=interpolation)
    value = float(of_cases(np.ones((1, len(marked.cases))))[0])
    if method == "bootstrap":
        drawn = drawn_values([of_cases], marked, replicates=replicates, seed=seed)[0]
        return estimate_from_draws(value, drawn, marked, metric=metric, confidence=confidence)
    if value in (0.0, 1.0):
        return _without_spread(marked, value, metric, confidence)
    return _jackknifed(marked, value, left_out_values([of_cases], marked)[0], confidence)


def units_behind(marked: MarkedCases, metric: str) -> tuple[int, int | None]:
    """Return the number of patients (or cases) with a lesion and, where the metric needs them, of those compared."""
    unit, ill = marked.cluster_of_case, marked.with_lesion
    with_lesion = np.unique(unit[ill]).size
    if metric in ONE_SIDED:
        return with_lesion, None
    others = np.ones_like(ill) if metric.endswith("1") else ~ill
    return with_lesion, np.unique(unit[others]).size


def independent_units(marked: MarkedCases, metric: str) -> int:
    """Return the number of independent patients with a lesion or, for an area, of pairs in which none occurs twice."""
    with_lesion, others = units_behind(marked, metric)
    return with_lesion if others is None else min(with_lesion, others, marked.clusters // 2)


def drawn_values(measures: list[Measure], marked: MarkedCases, *, replicates: int, seed: int) -> Floats:
    """Return each measure in every bootstrap sample of patients: shape (measures, replicates)."""
    unit = marked.cluster_of_case
    size = len(marked.cases) + marked.lesion_case.size + marked.false_case.size
    parts = [
        np.array([one(block[:, unit]) for one in measures])
        for block in drawn_blocks(marked.clusters, size, replicates, seed)
    ]
    return np.concatenate(parts, axis=1) if parts else np.empty((len(measures), 0))


def left_out_values(measures: list[Measure], marked: MarkedCases) -> Floats:
    """Return each measure without each patient in turn: shape (measures, patients)."""
    unit, clusters = marked.cluster_of_case, marked.clusters
    size = len(marked.cases) + marked.lesion_case.size + marked.false_case.size
    rows = max(1, 250_000 // size)
    parts = []
    for start in range(0, clusters, rows):
        without = np.arange(start, min(start + rows, clusters))
        weights = (unit[None, :] != without[:, None]).astype(np.float64)
        parts.append(np.array([one(weights) for one in measures]))
    return np.concatenate(parts, axis=1)


def jackknife_covariance(left_out: Floats) -> Floats:
    """Return the covariance of measures from their values without each patient, shape (measures, patients).

    (n - 1) / n times the sum of products of deviations from the mean (Efron & Stein, Ann Stat 1981).
    """
    n = left_out.shape[1]
    deviations = left_out - left_out.mean(axis=1, keepdims=True)
    return np.asarray((n - 1) / n * deviations @ deviations.T)


def method_of(metric: str, method: str | None) -> str:
    """Return the method of the interval, by default the metric's own; refuse one that does not hold for it."""
    method = method or ("bootstrap" if metric in NOT_SMOOTH else "jackknife")
    require_choice(method, METHODS, name="method")
    if method == "jackknife" and metric in NOT_SMOOTH:
        raise StatisticsError(f"The jackknife does not hold for {metric!r}, which jumps; use method='bootstrap'.")
    return method


def _jackknifed(marked: MarkedCases, value: float, left_out: Floats, confidence: float) -> Estimate:
    unit = "cases" if marked.cluster is None else "patients"
    clusters = None if marked.cluster is None else marked.clusters
    variance = float(jackknife_covariance(left_out[None])[0, 0])
    words = f"jackknife over {unit}, logit"
    low = high = se = math.nan
    if math.isnan(variance):
        words += "; no interval: without one of them the figure is undefined"
    elif variance <= 1e-14:
        words += "; no interval: it is the same without any of them"
    else:
        se = math.sqrt(variance)
        # normal_interval takes a variance for the normal distribution: widen it to the t distribution.
        wider = variance * _t_over_normal(marked.clusters, confidence) ** 2
        low, high = normal_interval(value, wider, interval="logit", confidence=confidence)
    return Estimate(value, low, high, se, words, len(marked.cases), clusters, confidence)


def _t_over_normal(units: int, confidence: float) -> float:
    tail = (1 - confidence) / 2
    return float(stats.t.isf(tail, units - 1) / stats.norm.isf(tail))


def _without_spread(marked: MarkedCases, value: float, metric: str, confidence: float) -> Estimate:
    """Exact limits of a figure of 0 or 1, which shows no spread."""
    low, high, words = _exact(marked, value, metric, confidence)
    clusters = None if marked.cluster is None else marked.clusters
    return Estimate(value, low, high, math.nan, f"no spread: {words}", len(marked.cases), clusters, confidence)


def _exact(marked: MarkedCases, value: float, metric: str, confidence: float) -> tuple[float, float, str]:
    """Return limits of 0 or 1: if the true figure is A, all of k independent patients succeed with A ** k at most."""
    count = independent_units(marked, metric)
    if not count:
        return math.nan, math.nan, "no interval from one patient"
    limit = ((1 - confidence) / 2) ** (1 / count)
    noun = "cases" if marked.cluster is None else "patients"
    words = f"exact interval of {count} independent {noun if metric in ONE_SIDED else f'pairs of {noun}'}"
    return (limit, 1.0, words) if value == 1 else (0.0, 1 - limit, words)


def estimate_from_draws(
    value: float, drawn: Floats, marked: MarkedCases, *, metric: str, confidence: float
) -> Estimate:
    """Return percentiles; the interval of 0 or 1 reaches at least as far as the exact one of independent patients."""
    clusters = None if marked.cluster is None else marked.clusters
    n = marked.lesion_case.size if metric in NOT_SMOOTH else len(marked.cases)
    if not drawn.size:
        return Estimate(value, math.nan, math.nan, math.nan, "no interval", n, clusters, confidence)
    found = bootstrap_estimate(value, drawn, n=n, clusters=clusters, confidence=confidence)
    if value not in (0.0, 1.0):
        return found
    low, high, words = _exact(marked, value, metric, confidence)
    return Estimate(
        value, min(low, found.low), max(high, found.high), math.nan, f"{found.method}; {words}", n, clusters, confidence
    )
