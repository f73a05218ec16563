"""Comparison of two systems of risk categories on the same nodules."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit, xlogy

from thyrosight.errors import StatisticsError
from thyrosight.intervals import p_in_words, value_in_words
from thyrosight.statistics.categories.ordering import categorisation, ordered_categories
from thyrosight.statistics.categories.results import Categorisation
from thyrosight.statistics.categories.trend import fit_trend
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    as_truth,
    require_choice,
    require_same_length,
)


@dataclass(frozen=True, slots=True)
class CategorisationComparison(Result):
    """Two systems of categories on the same nodules.

    Attributes:
        a: the first system.
        b: the second system.
        aic_difference: AIC of `a` minus AIC of `b` (negative: `a` is the more informative) with its interval.
        p: two-sided P value of no difference.
        method: interval and test in words.
    """

    a: Categorisation
    b: Categorisation
    aic_difference: Estimate
    p: float
    method: str

    def __str__(self) -> str:
        d = self.aic_difference
        return (
            f"AIC {self.a.aic:.1f} against {self.b.aic:.1f}: difference "
            f"{value_in_words(d.value, d.low, d.high, digits=1)}, {p_in_words(self.p)}"
            f" ({self.method})"
        )


def compare_categorisations(
    malignant: npt.ArrayLike,
    category_a: npt.ArrayLike,
    category_b: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    order_a: Sequence[str | float] | None = None,
    order_b: Sequence[str | float] | None = None,
    method: str = "bootstrap",
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> CategorisationComparison:
    """Compare two systems of categories on the same nodules by the difference of their AIC.

    Both models have two coefficients and neither contains the other, so the AIC difference is -2 times their log
    likelihood ratio. "vuong" tests it by the variance of the patients' contributions (Vuong, Econometrica 1989).
    "bootstrap" draws patients with replacement and refits both models: the interval holds percentiles, and P counts how
    often the difference changes sign.

    Args:
        malignant: 1 malignant, 0 benign, per nodule.
        category_a: category of each nodule in the first system.
        category_b: the same in the second system.
        cluster: patient of each nodule; None when every nodule comes from another patient.
        order_a: as `order` of `categorisation`, for the first system.
        order_b: the same for the second system.
        method: "bootstrap" or "vuong".
        replicates: bootstrap samples.
        seed: of the random draws.
        confidence: nominal coverage.

    Raises:
        StatisticsError: as `categorisation`; fewer than two patients.
    """
    require_choice(method, ("bootstrap", "vuong"), name="method")
    a = categorisation(malignant, category_a, cluster=cluster, order=order_a, confidence=confidence)
    b = categorisation(malignant, category_b, cluster=cluster, order=order_b, confidence=confidence)
    truth = as_truth(malignant, name="malignant")
    systems = [
        ordered_categories(category, order) for category, order in ((category_a, order_a), (category_b, order_b))
    ]
    patient = as_labels(cluster, name="cluster")[0] if cluster is not None else np.arange(truth.size)
    require_same_length(malignant=truth, category_a=systems[0][1], category_b=systems[1][1], cluster=patient)
    if patient.max() == 0:
        raise StatisticsError("Expected nodules of at least two patients, got one patient.")
    difference, tail = a.aic - b.aic, (1 - confidence) / 2
    if method == "vuong":
        gain = _log_likelihood_gain(truth, *((codes, scores) for _, codes, scores in systems))
        sums = np.bincount(patient, weights=gain - gain.mean())
        se = 2 * float(np.sqrt(np.sum(sums**2)))
        p = 1.0 if difference == 0 else 2 * float(stats.norm.sf(abs(difference) / se)) if se else math.nan
        low, high = (difference + sign * float(stats.norm.isf(tail)) * se for sign in (-1, 1))
        name = "Vuong's test over patients"
    else:
        draws = _bootstrap_differences(truth, systems, patient, replicates=replicates, seed=seed)
        low, high = (float(limit) for limit in np.quantile(draws, [tail, 1 - tail]))
        se, name = float(draws.std(ddof=1)), f"{replicates} bootstrap samples of patients, seed {seed}"
        at_most, at_least = (draws <= 0).sum(), (draws >= 0).sum()
        p = min(1.0, 2 * (1 + float(min(at_most, at_least))) / (1 + draws.size))
    clusters = int(patient.max()) + 1 if cluster is not None else None
    estimate = Estimate(difference, low, high, se, name, truth.size, clusters, confidence)
    return CategorisationComparison(a, b, estimate, p, name)


def _log_likelihood_gain(truth: Integers, a: tuple[Integers, Floats], b: tuple[Integers, Floats]) -> Floats:
    """Return, per nodule, the log likelihood under the model of `a` minus that under the model of `b`."""
    fitted = []
    for codes, scores in (a, b):
        total = np.bincount(codes, minlength=scores.size).astype(np.float64)
        positive = np.bincount(codes, weights=truth, minlength=scores.size).astype(np.float64)
        trend = fit_trend(positive[None], total[None], scores)
        rate = expit(trend.intercept + trend.coefficient * scores)[codes]
        fitted.append(xlogy(truth, rate) + xlogy(1 - truth, 1 - rate))
    return np.asarray(fitted[0] - fitted[1])


def _bootstrap_differences(
    truth: Integers,
    systems: list[tuple[tuple[str | float, ...], Integers, Floats]],
    patient: Integers,
    *,
    replicates: int,
    seed: int,
) -> Floats:
    """Return the AIC difference of the two systems in samples of patients drawn with replacement."""
    clusters = int(patient.max()) + 1
    tables = []
    for levels, codes, _ in systems:
        counts = np.zeros((clusters, 2, len(levels)))
        np.add.at(counts, (patient, truth, codes), 1)
        tables.append(counts.reshape(clusters, -1))
    random = np.random.default_rng(seed)
    parts = []
    for start in range(0, replicates, 200):
        size = min(200, replicates - start)
        weights = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=size).astype(np.float64)
        deviances = []
        for (levels, _, scores), table in zip(systems, tables, strict=True):
            drawn = (weights @ table).reshape(size, 2, len(levels))
            deviances.append(fit_trend(drawn[:, 1], drawn.sum(axis=1), scores).deviance)
        parts.append(deviances[0] - deviances[1])
    return np.concatenate(parts)
