"""Measures averaged over repeated divisions of one cohort, with intervals that respect patients.

The same patient is tested in several divisions, so neither the divisions nor the predictions are independent. Patients
are therefore resampled once for all divisions together: a patient drawn twice counts twice in every division that
tested it. The interval covers the sampling of patients; the standard deviation over divisions, reported beside it,
shows how much a single division would have misled.

With fewer groups of a class than `LEAST_GROUPS` nothing is drawn: intervals are exact ones of `few_groups`, and there
is no P value. The same intervals stand where every draw is alike, as with a perfect result.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_weights, weighted_auc
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.proportions.confusion import cell_of, measures
from thyrosight.statistics.resampling.border import WIDENED, border_reach
from thyrosight.statistics.resampling.few_groups import (
    Limits,
    exact_difference,
    exact_measures,
    groups_of_classes,
    too_few,
    unit_counts,
    unseen_share,
)
from thyrosight.statistics.resampling.outcomes import DivisionOutcome
from thyrosight.statistics.validation import Floats, Integers, as_labels, as_numbers, as_truth, require_same_length

THRESHOLD_MEASURES = ("accuracy", "balanced_accuracy", "recall", "specificity", "precision", "f1")
EXACT = "exact, counting groups (for the AUC pairs of groups)"
ALIKE = "every bootstrap sample gives the same"
_CALLED = {"recall": "sensitivity", "precision": "ppv"}  # names of machine learning for measures of diagnosis


@dataclass(frozen=True, slots=True)
class MeanOverDivisions(Result):
    """A measure averaged over divisions.

    Attributes:
        value: mean over the divisions.
        low: lower limit of the patient-clustered bootstrap interval of the mean, or of the exact one.
        high: upper limit.
        spread: standard deviation over the divisions; NaN with one division.
        divisions: number of divisions in which the measure is defined.
        method: how the interval was obtained.
        confidence: nominal coverage.
    """

    value: float
    low: float
    high: float
    spread: float
    divisions: int
    method: str
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class DifferenceOverDivisions(Result):
    """Difference (a minus b) of a measure averaged over the same divisions.

    Attributes:
        difference: mean of the differences.
        low: lower limit of the patient-clustered bootstrap interval, or of the exact one.
        high: upper limit.
        p: two-sided bootstrap P value: twice the smaller share of replicates on one side of zero, counting the data;
            beyond zero by what divisions at 0 or 1 may hide, as for the interval. NaN with fewer groups of a class
            than `LEAST_GROUPS`.
        method: how it was obtained.
    """

    difference: float
    low: float
    high: float
    p: float
    method: str


def mean_over_divisions(
    divisions: Sequence[DivisionOutcome],
    *,
    at_operating_point: Sequence[str] = THRESHOLD_MEASURES,
    replicates: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, MeanOverDivisions]:
    """Average the AUC and measures at the operating point over divisions.

    Args:
        divisions: outcomes of one classifier.
        at_operating_point: accuracy, balanced accuracy, recall, specificity, precision and F1, or any names of
            `DiagnosticTable`. A likelihood ratio that is infinite in one division has an infinite mean.
        replicates: bootstrap samples.
        confidence: nominal coverage.
        seed: of the bootstrap.

    Raises:
        StatisticsError: no division, arrays of different length, truth that is not 0 and 1, or an unknown measure.

    >>> score, predicted = [0.1, 0.6, 0.4, 0.9], [0, 1, 0, 1]
    >>> part = DivisionOutcome(truth=[0, 0, 1, 1], score=score, predicted=predicted, cluster=list("abcd"))
    >>> mean_over_divisions([part, part], replicates=200)["auc"].value
    0.75
    """
    observed, drawn = _measures(divisions, replicates=replicates, seed=seed, wanted=at_operating_point)
    why = too_few(*groups_of_classes(divisions))
    tail = 100 * (1 - confidence) / 2
    alike = [name for name, values in drawn.items() if why or _alike(values, tail)]
    exact = exact_measures(divisions, alike, confidence=confidence) if alike else {}
    words = f"mean over divisions, patient-clustered bootstrap ({replicates} replicates, percentile)"
    result = {}
    for name, values in observed.items():
        defined = values[~np.isnan(values)]
        method = f"{EXACT}: {why or ALIKE}"
        low, high = exact[name] if name in exact else _percentiles(drawn[name], (tail, 100 - tail))
        if name not in exact:
            below, above = border_reach(divisions, observed, name, confidence=confidence)
            low, high = max(0.0, low - below) if below else low, min(1.0, high + above) if above else high
            method = f"{words}; {WIDENED}" if below or above else words
        result[name] = MeanOverDivisions(
            value=float(defined.mean()) if defined.size else float("nan"),
            low=low,
            high=high,
            spread=float(defined.std(ddof=1)) if defined.size > 1 and np.isfinite(defined).all() else float("nan"),
            divisions=int(defined.size),
            method=method,
            confidence=confidence,
        )
    return result


def difference_over_divisions(
    a: Sequence[DivisionOutcome],
    b: Sequence[DivisionOutcome],
    *,
    measure: str = "auc",
    replicates: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> DifferenceOverDivisions:
    """Compare two classifiers (a minus b) on the same divisions; patients are resampled alike for both.

    Raises:
        StatisticsError: the two were not tested on the same images of the same divisions, or an unknown measure.
    """
    if measure not in ("auc", *THRESHOLD_MEASURES):
        raise StatisticsError(
            f"Expected `measure` to be auc or one of {', '.join(THRESHOLD_MEASURES)}, got {measure!r}."
        )
    same = len(a) == len(b) and all(
        list(x.cluster) == list(y.cluster) and list(x.truth) == list(y.truth) for x, y in zip(a, b, strict=True)
    )
    if not same:
        raise StatisticsError("Expected both classifiers to be tested on the same images of the same divisions.")
    observed_a, drawn_a = _measures(a, replicates=replicates, seed=seed)
    observed_b, drawn_b = _measures(b, replicates=replicates, seed=seed)
    drawn = drawn_a[measure] - drawn_b[measure]
    drawn = drawn[~np.isnan(drawn)]
    tail = 100 * (1 - confidence) / 2
    (less_a, more_a), (less_b, more_b) = (
        border_reach(parts, observed, measure, confidence=confidence)
        for parts, observed in ((a, observed_a), (b, observed_b))
    )
    below, above = math.hypot(less_a, more_b), math.hypot(more_a, less_b)
    low, high = _percentiles(drawn, (tail, 100 - tail))
    low, high = max(-1.0, low - below), min(1.0, high + above)
    under, over = int((drawn <= below).sum()) + 1, int((drawn >= -above).sum()) + 1
    p = min(1.0, 2 * min(under, over) / (drawn.size + 1))
    mean = f" of the mean over {len(a)} divisions" if len(a) > 1 else ""
    words = f"paired patient-clustered bootstrap{mean} ({replicates} replicates)"
    words += f"; {WIDENED}" if below or above else ""
    why, difference = too_few(*groups_of_classes(a)), float(np.nanmean(observed_a[measure] - observed_b[measure]))
    if why or _alike(drawn, tail):
        words = f"{EXACT}: {why or ALIKE}"
        low, high = (
            _unseen(a, measure=measure, confidence=confidence)
            if difference == 0 and _alike(drawn, tail)
            else exact_difference(a, b, measure, confidence=confidence)[1:]
        )
    return DifferenceOverDivisions(difference, low=low, high=high, p=float("nan") if why else p, method=words)


def _unseen(divisions: Sequence[DivisionOutcome], *, measure: str, confidence: float) -> Limits:
    """Limits of a difference that no group shows: the share of groups, or pairs, that may differ all the same."""
    units = unit_counts(divisions)
    of = "accuracy" if measure in ("balanced_accuracy", "f1") else _CALLED.get(measure, measure)
    share = unseen_share(units[of], confidence=confidence)
    return -share, share


def _alike(drawn: Floats, tail: float) -> bool:
    """Whether bootstrap samples say nothing of what varies: the limits that they give are the same.

    A few samples may differ all the same, as where each division calls all alike and a class is missing in a draw.
    """
    defined = drawn[~np.isnan(drawn)]
    if not defined.size or not np.isfinite(defined).all():
        return False
    low, high = _percentiles(defined, (tail, 100 - tail))
    return high - low <= 1e-12


def _measures(
    divisions: Sequence[DivisionOutcome], *, replicates: int, seed: int, wanted: Sequence[str] = THRESHOLD_MEASURES
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """For each measure: its value in each division, and its mean over divisions in each bootstrap replicate."""
    if not divisions:
        raise StatisticsError("Expected at least one division, got none.")
    names = sorted({str(name) for division in divisions for name in division.cluster})
    weights = bootstrap_weights(names, replicates=replicates, seed=seed)
    place = {name: index for index, name in enumerate(names)}
    observed: dict[str, list[float]] = {name: [] for name in ("auc", *wanted)}
    drawn: dict[str, list[Floats]] = {name: [] for name in observed}
    for division in divisions:
        truth = as_truth(division.truth, both_classes=False)
        score = as_numbers(division.score, name="score")
        predicted = as_truth(division.predicted, name="predicted", both_classes=False)
        codes, _ = as_labels(np.asarray(division.cluster, dtype=str), name="cluster")
        require_same_length(truth=truth, score=score, predicted=predicted, cluster=codes)
        rows = np.array([place[str(name)] for name in division.cluster])
        row_weights = np.vstack([np.ones(truth.size, dtype=weights.dtype), weights[:, rows]])
        values = {"auc": weighted_auc(truth, score, row_weights)} | _threshold_measures(
            truth, predicted, row_weights, wanted
        )
        for name, column in values.items():
            observed[name].append(float(column[0]))
            drawn[name].append(column[1:])
    means = {name: _mean_where_defined(np.array(columns)) for name, columns in drawn.items()}
    return {name: np.array(values) for name, values in observed.items()}, means


def _threshold_measures(
    truth: Integers, predicted: Integers, weights: npt.NDArray[Any], wanted: Sequence[str]
) -> dict[str, Floats]:
    """Measures at the operating point for each row of `weights`; NaN where undefined."""
    indicators = np.eye(4)[cell_of(truth, predicted)]
    found = measures(weights.astype(np.float64) @ indicators)
    unknown = [name for name in wanted if _CALLED.get(name, name) not in found]
    if unknown:
        raise StatisticsError(f"There is no measure {unknown[0]!r}; known are {', '.join((*_CALLED, *found))}.")
    return {name: found[_CALLED.get(name, name)] for name in wanted}


def _ratio(above: Floats, below: Floats) -> Floats:
    result: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return result


def _mean_where_defined(columns: Floats) -> Floats:
    """Mean over the first axis, leaving out NaN; NaN where nothing is defined."""
    defined = ~np.isnan(columns)
    return _ratio(np.where(defined, columns, 0.0).sum(axis=0), defined.sum(axis=0).astype(np.float64))


def _percentiles(values: Floats, percentiles: tuple[float, float]) -> tuple[float, float]:
    defined = values[~np.isnan(values)]
    if not defined.size:
        return float("nan"), float("nan")
    # Infinite values, as likelihood ratios have, forbid interpolation.
    method: Any = "linear" if np.isfinite(defined).all() else "nearest"
    low, high = np.percentile(defined, percentiles, method=method)
    return float(low), float(high)
