"""The comparison of two readers or models that searched the same cases."""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.intervals import p_in_words
from thyrosight.statistics.bootstrap import bootstrap_estimate
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.localisation.estimates import (
    drawn_values,
    jackknife_covariance,
    left_out_values,
    localisation_merit,
    method_of,
    units_behind,
)
from thyrosight.statistics.localisation.figures_of_merit import measure
from thyrosight.statistics.localisation.marked import MarkedCases
from thyrosight.statistics.resampling.few_groups import LEAST_GROUPS
from thyrosight.statistics.validation import Floats, require_confidence


@dataclass(frozen=True, slots=True)
class LocalisationComparison(Result):
    """Two readers or models on the same cases, `a` minus `b`.

    Attributes:
        metric: name of the figure of merit.
        a: figure of merit of the first.
        b: of the second.
        difference: a minus b, with its interval.
        p: two-sided P value; NaN with too few patients, and where it is undefined.
        notes: sentences on what limits the comparison.
    """

    metric: str
    a: Estimate
    b: Estimate
    difference: Estimate
    p: float
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        values = f"{self.metric} {self.a.value:.3f} against {self.b.value:.3f}"
        said = f"{values}: difference {self.difference}, {p_in_words(self.p)}"
        return "\n".join([said, *(f"  note: {note}" for note in self.notes)])


def compare_localisation(
    a: MarkedCases,
    b: MarkedCases,
    *,
    metric: str = "wafroc",
    rate: float = 1.0,
    false_marks: str = "all",
    interpolation: str = "step",
    method: str | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> LocalisationComparison:
    """Compare two readers or models that searched the same cases.

    Both figures of merit come from the same drawn (or left-out) patients, so that the difference is paired. The
    jackknife refers it to the t distribution with patients - 1 degrees of freedom. P of the bootstrap is twice the
    smaller share of drawn differences on one side of 0, each share counting one draw more. With fewer patients with a
    lesion, or to compare with, than `LEAST_GROUPS` there is no P value. Options are as for `localisation_merit`.

    Raises:
        StatisticsError: cases, lesions or patients that differ between the two, or as `localisation_merit`.

    >>> from thyrosight.statistics import marked_cases
    >>> lesions = {"case": ["a", "b", "c", "d"], "lesion": ["1", "1", None, None]}
    >>> first, second = (
    ...     marked_cases({"case": ["a", "b", "c"], "lesion": ["1", "1", None], "confidence": rating}, lesions)
    ...     for rating in ([3, 1, 2], [3, 2, 1])
    ... )
    >>> round(compare_localisation(first, second).difference.value, 3)
    -0.25
    """
    require_same_cases([a, b], ["the first", "the second"])
    method = method_of(metric, method)
    require_confidence(confidence)
    of = partial(measure, metric=metric, rate=rate, false_marks=false_marks, interpolation=interpolation)
    measures = [of(one) for one in (a, b)]
    ones = np.ones((1, len(a.cases)))
    value = float(measures[0](ones)[0] - measures[1](ones)[0])
    if method == "bootstrap":
        drawn = drawn_values(measures, a, replicates=replicates, seed=seed)
        clusters = None if a.cluster is None else a.clusters
        found = bootstrap_estimate(value, drawn[0] - drawn[1], n=len(a.cases), clusters=clusters, confidence=confidence)
        p = _bootstrap_p(drawn[0] - drawn[1])
    else:
        left_out = left_out_values(measures, a)
        found, p = _jackknifed(value, left_out[0] - left_out[1], a, confidence)
    merit = partial(
        localisation_merit,
        metric=metric,
        rate=rate,
        false_marks=false_marks,
        interpolation=interpolation,
        method=method,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
    )
    notes = notes_on_few(a, metric)
    return LocalisationComparison(metric, merit(a), merit(b), found, math.nan if notes else p, notes)


def require_same_cases(marked: list[MarkedCases], names: list[str]) -> None:
    """Refuse readers whose cases, lesions or patients differ.

    Raises:
        StatisticsError: with the first difference.
    """
    first = marked[0]
    for one, name in zip(marked[1:], names[1:], strict=True):
        both = f"Expected {names[0]} and {name} to have searched the same cases"
        if first.cases != one.cases:
            raise StatisticsError(f"{both}, but case {min(set(first.cases) ^ set(one.cases))} is of one alone.")
        if first.lesions != one.lesions:
            different = sorted(set(first.lesions) ^ set(one.lesions))
            which = (
                f"lesion {different[0][1]} of case {different[0][0]} is of one alone" if different else "order differs"
            )
            raise StatisticsError(f"{both}, but {which}.")
        if not np.array_equal(first.cluster_of_case, one.cluster_of_case):
            raise StatisticsError(f"{both}, but their patients are not the same.")


def _jackknifed(value: float, left_out: Floats, marked: MarkedCases, confidence: float) -> tuple[Estimate, float]:
    """Return the difference with its t interval, and P."""
    variance, units = float(jackknife_covariance(left_out[None])[0, 0]), left_out.size
    noun, clusters = ("cases", None) if marked.cluster is None else ("patients", marked.clusters)
    words = f"jackknife over {noun}, t with {units - 1} degrees of freedom"
    if math.isnan(variance) or variance <= 1e-14:
        p = 1.0 if abs(value) < 1e-12 and variance <= 1e-14 else math.nan
        words += "; no interval: the difference does not vary"
        return Estimate(value, math.nan, math.nan, math.nan, words, len(marked.cases), clusters, confidence), p
    se = math.sqrt(variance)
    margin = float(stats.t.isf((1 - confidence) / 2, units - 1)) * se
    low, high = max(-1.0, value - margin), min(1.0, value + margin)
    p = 2 * float(stats.t.sf(abs(value) / se, units - 1))
    return Estimate(value, low, high, se, words, len(marked.cases), clusters, confidence), p


def _bootstrap_p(drawn: Floats) -> float:
    """Twice the smaller share of draws at or beyond 0 (Davison & Hinkley 1997, equation 4.11, for the draw added)."""
    known = drawn[~np.isnan(drawn)]
    if known.size < 2:
        return math.nan
    shares = [(int(side.sum()) + 1) / (known.size + 1) for side in (known <= 0, known >= 0)]
    return min(1.0, 2 * min(shares))


def notes_on_few(marked: MarkedCases, metric: str, *, meaning: str = "for a bootstrap or a P value") -> tuple[str, ...]:
    """Return a sentence on each group of patients that is too small, ending in `meaning`: what it is too small for."""
    with_lesion, others = units_behind(marked, metric)
    noun = "cases" if marked.cluster is None else "patients"
    counts = [(with_lesion, "with a lesion"), (others, "to compare with")]
    return tuple(
        f"{count} {noun} {kind} are too few (below {LEAST_GROUPS}) {meaning}."
        for count, kind in counts
        if count is not None and count < LEAST_GROUPS
    )
