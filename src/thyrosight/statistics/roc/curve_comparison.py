"""Two scores of the same nodules compared by a part of their ROC curves, with patients resampled."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.intervals import limits_in_words, p_in_words
from thyrosight.statistics.bootstrap import bootstrap_estimate
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.roc.fixed_rate import figure_at, rate_estimate
from thyrosight.statistics.roc.partial_area import area_in_range, range_along, standardised_area, unscaled_area
from thyrosight.statistics.roc.resampled import Curve, Curves, curves_of, require_rate
from thyrosight.statistics.validation import Floats

_FEWEST = 10  # patients of a class: below, a standard deviation of bootstrap samples is no basis of a test


@dataclass(frozen=True, slots=True)
class CurveComparison(Result):
    """A figure of two ROC curves of the same nodules, and its difference `a` minus `b`.

    Attributes:
        quantity: what is compared, such as "sensitivity at specificity 0.9".
        a: of the first score.
        b: of the second score.
        difference: a minus b.
        low: lower limit of the difference.
        high: upper limit.
        se: standard deviation of the difference over bootstrap samples.
        statistic: difference divided by `se`; NaN where the test is undefined.
        p: two-sided P value from the normal distribution; NaN where undefined.
        method: how it was obtained, and why a test is undefined.
        n: number of nodules.
        clusters: number of patients, or None where nodules were taken as independent.
        confidence: nominal coverage.
    """

    quantity: str
    a: Estimate
    b: Estimate
    difference: float
    low: float
    high: float
    se: float
    statistic: float
    p: float
    method: str
    n: int
    clusters: int | None
    confidence: float = 0.95

    def __str__(self) -> str:
        interval = limits_in_words(self.low, self.high, confidence=self.confidence)
        return (
            f"{self.quantity}: {self.a.value:.3f} against {self.b.value:.3f}, difference {self.difference:.3f}"
            f" ({interval}), {p_in_words(self.p)} ({self.method})"
        )


@dataclass(frozen=True, slots=True)
class PartialAucComparison(Result):
    """Partial areas of two scores of the same nodules.

    Attributes:
        raw: the areas themselves.
        standardised: the areas rescaled so that chance is 0.5 and perfection 1 (McClish 1989); the test is the same,
            as the scale is linear.
        axis: "specificity" or "sensitivity".
        range: lower and upper end of the range.
    """

    raw: CurveComparison
    standardised: CurveComparison
    axis: str
    range: tuple[float, float]

    def __str__(self) -> str:
        return f"{self.raw}\n{self.standardised}"


def compare_partial_auc(
    truth: npt.ArrayLike,
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    *,
    specificity: tuple[float, float] | None = None,
    sensitivity: tuple[float, float] | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> PartialAucComparison:
    """Compare the partial areas under the ROC curves of two scores of the same nodules.

    Both scores are read in the same bootstrap samples; the difference divided by its standard deviation over the
    samples is compared with the normal distribution, as by pROC's `roc.test(method = "bootstrap")` (Robin et al., BMC
    Bioinformatics 2011), and its interval follows from the same standard deviation. Patients are drawn, those with a
    positive nodule and those without one apart. With fewer than 10 patients of either kind there is no P value.

    Args:
        truth: 0 or 1 per nodule.
        score_a: first score, the higher the more likely 1.
        score_b: second score.
        specificity: range such as (0.9, 1).
        sensitivity: range such as (0.8, 1); give either this or `specificity`.
        cluster: patient of each nodule; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the draws.

    Raises:
        StatisticsError: no range or two, an empty range, one class only, lengths that differ, or missing values.

    >>> truth = [0, 0, 0, 0, 1, 1, 1, 1]
    >>> found = compare_partial_auc(truth, [1, 2, 3, 5, 4, 6, 7, 8], [2, 1, 5, 3, 4, 8, 6, 7], specificity=(0.5, 1),
    ...     replicates=200)
    >>> round(found.raw.difference, 3), found.raw.p
    (0.0, nan)
    """
    axis, ends = range_along(specificity, sensitivity)
    curves = curves_of(truth, [score_a, score_b], cluster=cluster, confidence=confidence)

    def figure(curve: Curve) -> float:
        return area_in_range(curve, axis, ends)

    values, drawn = curves.values(figure), curves.drawn(figure, replicates=replicates, seed=seed)
    words = f"{axis} {ends[0]:g} to {ends[1]:g}"

    def compared(scale: Callable[[Floats, tuple[float, float]], Floats], name: str) -> CurveComparison:
        scaled, samples = scale(values, ends), scale(drawn, ends)
        a, b = (
            bootstrap_estimate(
                float(scaled[i]), samples[:, i], n=curves.n, clusters=curves.clusters, confidence=confidence
            )
            for i in (0, 1)
        )
        return _compared(curves, (a, b), samples, f"{name} over {words}")

    return PartialAucComparison(
        compared(unscaled_area, "partial AUC"), compared(standardised_area, "standardised partial AUC"), axis, ends
    )


def compare_sensitivity_at_specificity(
    truth: npt.ArrayLike,
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    *,
    specificity: float = 0.9,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> CurveComparison:
    """Compare the sensitivities of two scores of the same nodules at one specificity, each with its own threshold.

    Test and interval as in `compare_partial_auc`.

    Args:
        truth: 0 or 1 per nodule.
        score_a: first score, the higher the more likely 1.
        score_b: second score.
        specificity: the fixed specificity, between 0 and 1.
        cluster: patient of each nodule; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the draws.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or a specificity outside 0 to 1.

    >>> truth = [0, 0, 0, 0, 1, 1, 1, 1]
    >>> found = compare_sensitivity_at_specificity(truth, [1, 2, 3, 5, 4, 6, 7, 8], [2, 1, 5, 3, 4, 8, 6, 1],
    ...     specificity=0.75, replicates=200)
    >>> found.a.value, found.b.value
    (1.0, 0.75)
    """
    curves = curves_of(truth, [score_a, score_b], cluster=cluster, confidence=confidence)
    rate = require_rate(specificity, name="specificity")
    return _at_fixed(curves, ("specificity", rate), confidence=confidence, replicates=replicates, seed=seed)


def compare_specificity_at_sensitivity(
    truth: npt.ArrayLike,
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    *,
    sensitivity: float = 0.9,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> CurveComparison:
    """Compare the specificities of two scores of the same nodules at one sensitivity, each with its own threshold.

    Test and interval as in `compare_partial_auc`.

    Args:
        truth: 0 or 1 per nodule.
        score_a: first score, the higher the more likely 1.
        score_b: second score.
        sensitivity: the fixed sensitivity, between 0 and 1.
        cluster: patient of each nodule; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the draws.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or a sensitivity outside 0 to 1.

    >>> truth = [0, 0, 0, 0, 1, 1, 1, 1]
    >>> found = compare_specificity_at_sensitivity(truth, [1, 2, 3, 5, 4, 6, 7, 8], [2, 1, 5, 3, 4, 8, 6, 1],
    ...     sensitivity=0.75, replicates=200)
    >>> found.a.value, found.b.value
    (1.0, 0.75)
    """
    curves = curves_of(truth, [score_a, score_b], cluster=cluster, confidence=confidence)
    rate = require_rate(sensitivity, name="sensitivity")
    return _at_fixed(curves, ("sensitivity", rate), confidence=confidence, replicates=replicates, seed=seed)


def _at_fixed(
    curves: Curves, at: tuple[str, float], *, confidence: float, replicates: int, seed: int
) -> CurveComparison:
    figure = figure_at(*at)
    values, drawn = curves.values(figure), curves.drawn(figure, replicates=replicates, seed=seed)
    a, b = (rate_estimate(curves, float(values[i]), drawn[:, i], fixed=at[0], confidence=confidence) for i in (0, 1))
    other = "sensitivity" if at[0] == "specificity" else "specificity"
    return _compared(curves, (a, b), drawn, f"{other} at {at[0]} {at[1]:g}")


def _compared(curves: Curves, estimates: tuple[Estimate, Estimate], drawn: Floats, quantity: str) -> CurveComparison:
    a, b = estimates
    difference = a.value - b.value
    apart = drawn[:, 0] - drawn[:, 1]
    apart = apart[~np.isnan(apart)]
    se = float(apart.std(ddof=1)) if apart.size > 1 else math.nan
    found = CurveComparison(
        quantity=quantity,
        a=a,
        b=b,
        difference=difference,
        low=math.nan,
        high=math.nan,
        se=se,
        statistic=math.nan,
        p=math.nan,
        method=f"bootstrap of {'patients' if curves.clustered else 'nodules'}, {len(drawn)} replicates",
        n=curves.n,
        clusters=curves.clusters,
        confidence=a.confidence,
    )
    if not se > 1e-12:
        return replace(found, method=f"{found.method}; no test: the difference does not vary")
    margin = float(stats.norm.isf((1 - found.confidence) / 2)) * se
    found = replace(found, low=max(-1.0, difference - margin), high=min(1.0, difference + margin))
    if _fewest(curves) < _FEWEST:
        return replace(found, method=f"{found.method}; no test: fewer than {_FEWEST} patients of a class")
    statistic = difference / se
    return replace(found, statistic=statistic, p=2 * float(stats.norm.sf(abs(statistic))))


def _fewest(curves: Curves) -> int:
    """Number of patients with a positive or of patients with a negative nodule, whichever is smaller."""
    ranking = curves.rankings[0]
    truth = np.empty(curves.n, dtype=np.int64)
    truth[ranking.order] = ranking.truth
    return min(np.unique(curves.codes[truth == label]).size for label in (0, 1))
