"""Sensitivity where the specificity is fixed, and the other way round."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.bootstrap import bootstrap_estimate
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.roc.curve import sensitivity_at, specificity_at
from thyrosight.statistics.roc.resampled import Curve, Curves, Figure, curves_of, require_rate
from thyrosight.statistics.validation import Floats


def sensitivity_at_specificity(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    specificity: float = 0.9,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Return the sensitivity at a fixed specificity, read off the ROC curve, which is linear between its points.

    Each bootstrap sample finds its own threshold, so that the interval allows for the threshold being chosen on these
    data; a threshold fixed beforehand belongs to `diagnostic_table`. Patients are drawn, those with a positive nodule
    and those without one apart (as in pROC's `ci.se`); the limits are percentiles.

    Args:
        truth: 0 or 1 per nodule.
        score: the higher, the more likely 1; infinite scores are ranked like any other.
        specificity: the fixed specificity, between 0 and 1.
        cluster: patient of each nodule; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the draws.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or a specificity outside 0 to 1.

    >>> truth, score = [0, 0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 3, 4, 6, 3, 5, 7, 8]
    >>> print(sensitivity_at_specificity(truth, score, specificity=0.8, replicates=500))
    0.750 (95 % interval 0.000 to 1.000; percentile bootstrap, 500 replicates; n = 4)
    """
    curves = curves_of(truth, [score], cluster=cluster, confidence=confidence)
    figure = figure_at("specificity", require_rate(specificity, name="specificity"))
    drawn = curves.drawn(figure, replicates=replicates, seed=seed)[:, 0]
    value = float(curves.values(figure)[0])
    return rate_estimate(curves, value, drawn, fixed="specificity", confidence=confidence)


def specificity_at_sensitivity(
    truth: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    sensitivity: float = 0.9,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Return the specificity at a fixed sensitivity; everything else as in `sensitivity_at_specificity`.

    Args:
        truth: 0 or 1 per nodule.
        score: the higher, the more likely 1.
        sensitivity: the fixed sensitivity, between 0 and 1.
        cluster: patient of each nodule; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the draws.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or a sensitivity outside 0 to 1.

    >>> truth, score = [0, 0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 3, 4, 6, 3, 5, 7, 8]
    >>> print(specificity_at_sensitivity(truth, score, sensitivity=0.75, replicates=500))
    0.800 (95 % interval 0.200 to 1.000; percentile bootstrap, 500 replicates; n = 5)
    """
    curves = curves_of(truth, [score], cluster=cluster, confidence=confidence)
    figure = figure_at("sensitivity", require_rate(sensitivity, name="sensitivity"))
    drawn = curves.drawn(figure, replicates=replicates, seed=seed)[:, 0]
    value = float(curves.values(figure)[0])
    return rate_estimate(curves, value, drawn, fixed="sensitivity", confidence=confidence)


def figure_at(axis: str, rate: float) -> Figure:
    """Return what reads the other rate off a curve where the one called `axis` is fixed."""
    read, place = (sensitivity_at if axis == "specificity" else specificity_at), np.array([rate])

    def figure(curve: Curve) -> float:
        return float(read(place, curve)[0])

    return figure


def rate_estimate(curves: Curves, value: float, drawn: Floats, *, fixed: str, confidence: float) -> Estimate:
    """Return a rate, where the other one is fixed, with percentile limits.

    There are none where all samples agree, which shows a small sample and not certainty.
    """
    ranking = curves.rankings[0]
    n = ranking.positives if fixed == "specificity" else ranking.negatives
    found = bootstrap_estimate(value, drawn, n=n, clusters=curves.clusters, confidence=confidence)
    defined = drawn[~np.isnan(drawn)]
    alike = defined.size > 0 and float(np.ptp(defined)) < 1e-12
    return replace(found, low=math.nan, high=math.nan, se=math.nan) if alike else found
